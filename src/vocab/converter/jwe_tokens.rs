//! Keys and tokens that say `hello`, for the tests of `jwe`.

/// Of 2048 bits.
pub(in crate::vocab) const RSA: &str = "\
{\"kty\":\"RSA\",\"n\":\"5-cH1D7KJ3f1f0uWUlcIVNB2KkoGhCgLa_2DmQ3UjWC0yzjRWaYeojTRYy-ZkTKaS9jwHv\
o4fUf7_KtfcxbdK2fxJnTbDUaD-T8whorrdhGIZhwyM3L-DjNboRt6OHiBeuynoIyZB649jmpQt5mGfBHf_a-OSM\
qmbDgb2TwssoIRYM4kR07x_0H9UyzvRYg9DGO5acSXr5TPR3D1fedbG_q6fM-B0kQXM2GNF5f3uq5GHLP9jw1eIe\
UogHEV-J1jCBlMOnpS7qyE_wrDDBhoFZug2jgRLTbUGllu3Yehm8iWMinlVLzF8N9kt38oJf3MaZwjvuJ8EOdw69\
ySbSnJQw\",\"e\":\"AQAB\",\"d\":\"Ima5WJj_8B7xgjK6V_ilOb-658cXdF9kYl63OOs-TsK7zzHcjIoCHVnsfeQ_yb\
RSA1JpPI8t9hfJn8_kVvRbVucSdPv8ytldFopzLmJJT7iGHW-tWsiCO6UOwLWMyffGbW_R5hU1VlhYtVm8I6BYvO\
sB6WYzm0TEr2UbbHxqvQgaJI9XAzEkJzVCJVoLJ_8aH5svKeL_ZCzrGhE-fWV_4uz-GtquXQ1JyWX5gF7O6HtOC_\
xXbPMo9CX7eoA96bijfV_g9u97PDs75aag4L390G_eA51_bkoW8tibDjcNgBGAwEAzGAxjzHO1265jnicEvVW6LP\
CahVDlnbsC7s-dEQ\",\"p\":\"_ldNWOUAGhg4cpN2tvY2YmFIKz5kbJOIJ78pE62cFyvzlhCKLyfylqp-8Yw9tjBdu\
UJkaGFUqPmUqboxfBWsCr3Z72vL-XD90bvTO8QVc1swEPPjXrt7rLFUk0j4mRzqPbv_o6mH54Aox62SAQYZ1WDyn\
-M6armcmTUg6cCElU0\",\"q\":\"6WpCtv0wXj1DiskUvRMrq2j61KiNy2NZMb_iirC_noIzP2QWUINbK5HKrKatU4R\
2nMaoLd7QuZl3AKGaA7CHWlf08HS4FoKD4Yft_thkvQ0O94Dpp_g_adj-l-KoG9iv39CQcSpMaeza_wKMAY-S_y_\
9a_vQUTl_9MSRMbYBUM8\",\"dp\":\"QdHV8mtQ22_pK719u1t8N3l1c7txwadsVNzjhHQpMNXu86bUG9_6p4L31wqz\
7bIWjxrfYSPPBOuRzVqh87qoCx-Whp8e6i6TgPNadt0HsBKpHbn_3UQnfUlm2bbIntccx10fivsUcJR5-TKx1hH-\
HXo5T6c-NuBR5lQZcGSh6wE\",\"dq\":\"IWLflAj3CCO_K3TDkJ_TWTs01YIedf8J3QHTR38siWGaLvED-BQx0DOUR\
8m3dQC3bolDuPvr4wA-c0qqGuj_Ez8Ne-9V_XJBptqoghE1p4zcnS5FPY9Wkq9FCziSTxlZXqwYXPdt4qDMWjllC\
TweDH4yw2VLULLmyH3tPq0H1yU\",\"qi\":\"gWaje0B8yrTaDLNCKEUJYa1EKMWRFBXAEcEp6JdBiflYWx5IJAxKAV\
UzbL1f0ZDD4EdNtViJEwGOdVzaXeyM3FubxFx2F3dLjcWkfsTLC68OUrk0D8ej1oS1A26_qMVNoIeQTGxb3liaoy\
ENfg4EMYcq1mmbf5HUWR1SAmRq7jM\"}";

/// Of the curve P-256.
pub(in crate::vocab) const P256: &str = "\
{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"VBsZJymO1di4HITUZPySFTDF8BT-2U4YnBi53Re5CMw\",\"y\":\"2HIBjXa\
3knSn6PPDImiTM04AGY05r6oDRoDlSdRFGOQ\",\"d\":\"qb3a72mWUuqxzI4se3JccZ6ZK2OOTI-gIEsOebKKUZc\"}";

/// Of the curve P-384.
pub(in crate::vocab) const P384: &str = "\
{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"0yvUh2ZaCkSmTRSjMfNE7MvjU6Gqo6kE31UcjmIDMcw7-hLFqJznDDaAj\
IV2cQat\",\"y\":\"k2a-eUYF-2Pbb02cr4QMAbdyWciyqlRus60DFdnn5L20vSesGKOGft6qD_rc5b-B\",\"d\":\"A_4\
4G-aASXHD3N_h4yW9xLhTsFKUNINESzDH0kvWfi5N2h-0FdYk68hbRrdT5uFI\"}";

/// Of the curve P-521.
pub(in crate::vocab) const P521: &str = "\
{\"kty\":\"EC\",\"crv\":\"P-521\",\"x\":\"AXU7TepkjOLfY_dVkip6k07BYllLDKbvXmxW0Wx5aUPUrPd9SB7ytSnUJ\
Lmogy90KskpGuQDKfnoJEaFJnpsFPqf\",\"y\":\"AVM_MAxIfA9v4TmD4BFukHUTmH9egqIeunUWPSRc8g8fVchMgT\
fwoO9PZCWIBWFL5wtrtVe4F37AibJEChJ_bPUo\",\"d\":\"AFXCtnOzSRM0fYTYfxs5Dqhic0DDXvFIcMHupeQyahY\
1Zr7osfuTrXlCEiaCImfvtX1UlK3XWZ2epOEQgPRGfTf1\"}";

/// The same key as `P256`, as PKCS #8.
pub(in crate::vocab) const P256_PEM: &str = "\
-----BEGIN PRIVATE KEY-----\n\
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgqb3a72mWUuqxzI4s\n\
e3JccZ6ZK2OOTI+gIEsOebKKUZehRANCAARUGxknKY7V2LgchNRk/JIVMMXwFP7Z\n\
ThicGLndF7kIzNhyAY12t5J0p+jzwyJokzNOABmNOa+qA0aA5UnURRjk\n\
-----END PRIVATE KEY-----\n\
";

/// The same key, as RFC 5915 has it.
pub(in crate::vocab) const P256_SEC1: &str = "\
-----BEGIN EC PRIVATE KEY-----\n\
MHcCAQEEIKm92u9pllLqscyOLHtyXHGemStjjkyPoCBLDnmyilGXoAoGCCqGSM49\n\
AwEHoUQDQgAEVBsZJymO1di4HITUZPySFTDF8BT+2U4YnBi53Re5CMzYcgGNdreS\n\
dKfo88MiaJMzTgAZjTmvqgNGgOVJ1EUY5A==\n\
-----END EC PRIVATE KEY-----\n\
";

/// The same key as `RSA`, as PKCS #8.
pub(in crate::vocab) const RSA_PEM: &str = "\
-----BEGIN PRIVATE KEY-----\n\
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDn5wfUPsond/V/\n\
S5ZSVwhU0HYqSgaEKAtr/YOZDdSNYLTLONFZph6iNNFjL5mRMppL2PAe+jh9R/v8\n\
q19zFt0rZ/EmdNsNRoP5PzCGiut2EYhmHDIzcv4OM1uhG3o4eIF67KegjJkHrj2O\n\
alC3mYZ8Ed/9r45IyqZsOBvZPCyyghFgziRHTvH/Qf1TLO9FiD0MY7lpxJevlM9H\n\
cPV951sb+rp8z4HSRBczYY0Xl/e6rkYcs/2PDV4h5SiAcRX4nWMIGUw6elLurIT/\n\
CsMMGGgVm6DaOBEtNtQaWW7dh6GbyJYyKeVUvMXw32S3fygl/cxpnCO+4nwQ53Dr\n\
3JJtKclDAgMBAAECggEAIma5WJj/8B7xgjK6V/ilOb+658cXdF9kYl63OOs+TsK7\n\
zzHcjIoCHVnsfeQ/ybRSA1JpPI8t9hfJn8/kVvRbVucSdPv8ytldFopzLmJJT7iG\n\
HW+tWsiCO6UOwLWMyffGbW/R5hU1VlhYtVm8I6BYvOsB6WYzm0TEr2UbbHxqvQga\n\
JI9XAzEkJzVCJVoLJ/8aH5svKeL/ZCzrGhE+fWV/4uz+GtquXQ1JyWX5gF7O6HtO\n\
C/xXbPMo9CX7eoA96bijfV/g9u97PDs75aag4L390G/eA51/bkoW8tibDjcNgBGA\n\
wEAzGAxjzHO1265jnicEvVW6LPCahVDlnbsC7s+dEQKBgQD+V01Y5QAaGDhyk3a2\n\
9jZiYUgrPmRsk4gnvykTrZwXK/OWEIovJ/KWqn7xjD22MF25QmRoYVSo+ZSpujF8\n\
FawKvdnva8v5cP3Ru9M7xBVzWzAQ8+Neu3ussVSTSPiZHOo9u/+jqYfngCjHrZIB\n\
BhnVYPKf4zpquZyZNSDpwISVTQKBgQDpakK2/TBePUOKyRS9EyuraPrUqI3LY1kx\n\
v+KKsL+egjM/ZBZQg1srkcqspq1ThHacxqgt3tC5mXcAoZoDsIdaV/TwdLgWgoPh\n\
h+3+2GS9DQ73gOmn+D9p2P6X4qgb2K/f0JBxKkxp7Nr/AowBj5L/L/1r+9BROX/0\n\
xJExtgFQzwKBgEHR1fJrUNtv6Su9fbtbfDd5dXO7ccGnbFTc44R0KTDV7vOm1Bvf\n\
+qeC99cKs+2yFo8a32EjzwTrkc1aofO6qAsfloafHuouk4DzWnbdB7ASqR25/91E\n\
J31JZtm2yJ7XHMddH4r7FHCUefkysdYR/h16OU+nPjbgUeZUGXBkoesBAoGAIWLf\n\
lAj3CCO/K3TDkJ/TWTs01YIedf8J3QHTR38siWGaLvED+BQx0DOUR8m3dQC3bolD\n\
uPvr4wA+c0qqGuj/Ez8Ne+9V/XJBptqoghE1p4zcnS5FPY9Wkq9FCziSTxlZXqwY\n\
XPdt4qDMWjllCTweDH4yw2VLULLmyH3tPq0H1yUCgYEAgWaje0B8yrTaDLNCKEUJ\n\
Ya1EKMWRFBXAEcEp6JdBiflYWx5IJAxKAVUzbL1f0ZDD4EdNtViJEwGOdVzaXeyM\n\
3FubxFx2F3dLjcWkfsTLC68OUrk0D8ej1oS1A26/qMVNoIeQTGxb3liaoyENfg4E\n\
MYcq1mmbf5HUWR1SAmRq7jM=\n\
-----END PRIVATE KEY-----\n\
";

/// The same key, as PKCS #1 has it.
pub(in crate::vocab) const RSA_PKCS1: &str = "\
-----BEGIN RSA PRIVATE KEY-----\n\
MIIEowIBAAKCAQEA5+cH1D7KJ3f1f0uWUlcIVNB2KkoGhCgLa/2DmQ3UjWC0yzjR\n\
WaYeojTRYy+ZkTKaS9jwHvo4fUf7/KtfcxbdK2fxJnTbDUaD+T8whorrdhGIZhwy\n\
M3L+DjNboRt6OHiBeuynoIyZB649jmpQt5mGfBHf/a+OSMqmbDgb2TwssoIRYM4k\n\
R07x/0H9UyzvRYg9DGO5acSXr5TPR3D1fedbG/q6fM+B0kQXM2GNF5f3uq5GHLP9\n\
jw1eIeUogHEV+J1jCBlMOnpS7qyE/wrDDBhoFZug2jgRLTbUGllu3Yehm8iWMinl\n\
VLzF8N9kt38oJf3MaZwjvuJ8EOdw69ySbSnJQwIDAQABAoIBACJmuViY//Ae8YIy\n\
ulf4pTm/uufHF3RfZGJetzjrPk7Cu88x3IyKAh1Z7H3kP8m0UgNSaTyPLfYXyZ/P\n\
5Fb0W1bnEnT7/MrZXRaKcy5iSU+4hh1vrVrIgjulDsC1jMn3xm1v0eYVNVZYWLVZ\n\
vCOgWLzrAelmM5tExK9lG2x8ar0IGiSPVwMxJCc1QiVaCyf/Gh+bLyni/2Qs6xoR\n\
Pn1lf+Ls/hrarl0NScll+YBezuh7Tgv8V2zzKPQl+3qAPem4o31f4Pbvezw7O+Wm\n\
oOC9/dBv3gOdf25KFvLYmw43DYARgMBAMxgMY8xztduuY54nBL1VuizwmoVQ5Z27\n\
Au7PnRECgYEA/ldNWOUAGhg4cpN2tvY2YmFIKz5kbJOIJ78pE62cFyvzlhCKLyfy\n\
lqp+8Yw9tjBduUJkaGFUqPmUqboxfBWsCr3Z72vL+XD90bvTO8QVc1swEPPjXrt7\n\
rLFUk0j4mRzqPbv/o6mH54Aox62SAQYZ1WDyn+M6armcmTUg6cCElU0CgYEA6WpC\n\
tv0wXj1DiskUvRMrq2j61KiNy2NZMb/iirC/noIzP2QWUINbK5HKrKatU4R2nMao\n\
Ld7QuZl3AKGaA7CHWlf08HS4FoKD4Yft/thkvQ0O94Dpp/g/adj+l+KoG9iv39CQ\n\
cSpMaeza/wKMAY+S/y/9a/vQUTl/9MSRMbYBUM8CgYBB0dXya1Dbb+krvX27W3w3\n\
eXVzu3HBp2xU3OOEdCkw1e7zptQb3/qngvfXCrPtshaPGt9hI88E65HNWqHzuqgL\n\
H5aGnx7qLpOA81p23QewEqkduf/dRCd9SWbZtsie1xzHXR+K+xRwlHn5MrHWEf4d\n\
ejlPpz424FHmVBlwZKHrAQKBgCFi35QI9wgjvyt0w5Cf01k7NNWCHnX/Cd0B00d/\n\
LIlhmi7xA/gUMdAzlEfJt3UAt26JQ7j76+MAPnNKqhro/xM/DXvvVf1yQabaqIIR\n\
NaeM3J0uRT2PVpKvRQs4kk8ZWV6sGFz3beKgzFo5ZQk8Hgx+MsNlS1Cy5sh97T6t\n\
B9clAoGBAIFmo3tAfMq02gyzQihFCWGtRCjFkRQVwBHBKeiXQYn5WFseSCQMSgFV\n\
M2y9X9GQw+BHTbVYiRMBjnVc2l3sjNxbm8Rcdhd3S43FpH7EywuvDlK5NA/Ho9aE\n\
tQNuv6jFTaCHkExsW95YmqMhDX4OBDGHKtZpm3+R1FkdUgJkau4z\n\
-----END RSA PRIVATE KEY-----\n\
";

/// Of 64 bytes; shorter keys are its first bytes.
pub(in crate::vocab) const SECRET: &str = "\
{\"kty\":\"oct\",\"k\":\"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLi8wMTIzND\
U2Nzg5Ojs8PT4_QA\"}";

/// Algorithms, key, token.
pub(in crate::vocab) const TOKENS: &[(&str, &str, &str)] = &[
    (
        "dir A128GCM",
        SECRET,
        "\
         eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AV_u0hm2ALZQ_Vgy.8VSl-uY.K9C6s_kfiOp0Aq\
         dZDyqNkA",
    ),
    (
        "dir A192GCM",
        SECRET,
        "\
         eyJhbGciOiJkaXIiLCJlbmMiOiJBMTkyR0NNIn0..X9XhsA2NeC6NtZl8.Ky3ZXhc.u5L4vPqQR71XyD\
         fv2f8z2w",
    ),
    (
        "dir A256GCM",
        SECRET,
        "\
         eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..bhaZo56RnV_meRSo.dtkBAr8.jPsv5-Ah5CsoDa\
         I5PY_8dg",
    ),
    (
        "dir A128CBC-HS256",
        SECRET,
        "\
         eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0..xj3TFvfdPA8ww5oerdNkUA.vfW6qL_X\
         RnxKSMk6yQ0EqA.bKvAKebF99bSOSXQuPrGAw",
    ),
    (
        "dir A192CBC-HS384",
        SECRET,
        "\
         eyJhbGciOiJkaXIiLCJlbmMiOiJBMTkyQ0JDLUhTMzg0In0..8pWctFgOLVkmZZox0epzOQ.blrd2V6F\
         6kLwD006_IzXWw.Br1ZV3WVo5wJbwbpqiaNCZ4DySo6FIbR",
    ),
    (
        "dir A256CBC-HS512",
        SECRET,
        "\
         eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2Q0JDLUhTNTEyIn0..DQ4JarY7dbtZALkbnv1y5A.xjC6Xcm_\
         tXe7eKPSbmVXiw.D_PochibD_PvdfQ123S111mFu4-asku97HLgrN5hfjk",
    ),
    (
        "A128KW",
        SECRET,
        "\
         eyJhbGciOiJBMTI4S1ciLCJlbmMiOiJBMTI4R0NNIn0.YYb4LRPUItzJLzTIlXAW1NNMcwe-3O7N.mlE\
         ZoCY7RsvvAEZH.MfUwjk8.OqjRKykiabBWAOixNHKUFw",
    ),
    (
        "A192KW",
        SECRET,
        "\
         eyJhbGciOiJBMTkyS1ciLCJlbmMiOiJBMTI4R0NNIn0.D3wYJrbah9KUFuYBEZDL58mScy4wYrpr.dj8\
         RNvkE0P13OQES.9OZp1XA.lywj47WBGKxlmA7K4TQWqQ",
    ),
    (
        "A256KW",
        SECRET,
        "\
         eyJhbGciOiJBMjU2S1ciLCJlbmMiOiJBMTI4R0NNIn0.vzqvg-kxuszN9blWvlYHfAVM9ZXwOeh-.oef\
         GSLsRrxGFpTrO.5Oeu3lA.GWtuc3lSjB50FRfjNIrngw",
    ),
    (
        "A128GCMKW",
        SECRET,
        "\
         eyJhbGciOiJBMTI4R0NNS1ciLCJlbmMiOiJBMjU2R0NNIiwiaXYiOiJoLUt3STMzeE41dG1vbExSIiwi\
         dGFnIjoia2Jlc01GdjN5Mk9XY1F5WVJXT0ZkQSJ9.IVHnadAZINDfUBwXkz9nNsVOGJxNXVEtTlsfzZ8\
         I5AQ.7zHcsaicWVQoa9gI.vEMEW8E.BtjL3Z7FZXExPjzKM3ZIQQ",
    ),
    (
        "A192GCMKW",
        SECRET,
        "\
         eyJhbGciOiJBMTkyR0NNS1ciLCJlbmMiOiJBMjU2R0NNIiwiaXYiOiJpSVQ5blNWRC15cXRuaGlyIiwi\
         dGFnIjoic1VqMHF4MF8zcUFOU0ZZWnNuRkw3USJ9.ryLcNpgydIjapAOWrP_zL37S3g5YHMhzcwIQ_Xc\
         JFNc.CLgRrdSvNUP_ZDb2.rTOfF0E.Dr6-kjny77kWvAvBYaMK-Q",
    ),
    (
        "A256GCMKW",
        SECRET,
        "\
         eyJhbGciOiJBMjU2R0NNS1ciLCJlbmMiOiJBMjU2R0NNIiwiaXYiOiJxUFc0R2Vob2k4VlFwM1gxIiwi\
         dGFnIjoiRUpEVVVvR2VFMjFCM2pMcXM0NWxUdyJ9.9-CSpurjaLPzMLnI7GglB6M_b0poB0K-QH9F5bD\
         NJgc.8dYiqgXWFy14mYZS.DOAh8uM.tQ_bjnl6xYfjuAIfCEezLg",
    ),
    (
        "RSA-OAEP",
        RSA,
        "\
         eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkExMjhDQkMtSFMyNTYifQ.iADvEQugc9fcCdYXQ9oMTL-yq\
         3uifyBwXfIDXDDheq4J6Nbou5S6q2N6Vw-n2xw7jeiiD_ePlzedYm8TpFABE7vfXuAW79wgZSEqPAjAd\
         YZMxf2nbjHjnkEH6grYU6y4yDDC-HUkQD0FpkyFe7F2I_wzcUycDBKBhklLYWmYjdO2_5eAgTlgmvvxB\
         gkuTsQUuqqzbgDJH9kMYHvlqHfMNRSe9QuQtuIqog3BGFNLh_j1N1AnmuCi-Ce2ZTZ07QfLBPC7rhrEO\
         H5kHCWbY986MdKIbXVbAAIjnM1IV5b3udSPfNgdeMSihELoWE0K_bzu8w3VL1Q6Jx_f5uOQjkuhUQ.6E\
         S3HsCasfSSVHfucOskpg.b5hunRdTLHJfaDMj2JYSLQ.zQxmrc0frxqAtjjIo1nR6Q",
    ),
    (
        "RSA-OAEP-256",
        RSA,
        "\
         eyJhbGciOiJSU0EtT0FFUC0yNTYiLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0.x4bW1LANH7sFMR54TKDQ\
         8SFS1qd6QYI6w_YM75Yhf6SWnp2C4nBBJDd1z-FSUafsmfx__h62DA_C7hoaUPD_N6MQzt_HCAklz0_2\
         oR9G72X8M_43mUhrzW55zJgykA7MsdyPKeQyOeuUPmFowFVBM3rjiiQi6TfcbQb7raT770iFG1gbsOFo\
         LFVu9lWRlVnWEfrPzD2jgADkwiTfmnUV6iyHpV1Ug3drorJgnDyFSTj8l-bwCHxYaRS0P4W1JolfiZue\
         Ww_vtyesXZtqvj9Hgr4-2Jsw819g1VlDIoAg8pSYG4AWi1kAK-YtTgbSKnUEceJh35wRy5jw1M1B0yoa\
         ZA.DLXTtbYKZFNXlkO778_Jyw.5Uck79QaN6o1tJd2RqQCWg.0-UwaAOU0ZmgZIk6kLr9nw",
    ),
    (
        "ECDH-ES A128GCM P-256",
        P256,
        "\
         eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTEyOEdDTSIsImVwayI6eyJrdHkiOiJFQyIsImNydiI6IlAt\
         MjU2IiwieCI6IjdQN3ZORmRSTWlhTWNqOWI3dl9LbUd5YVNMeG9PX2J0Qk94LXZWZHM4STQiLCJ5Ijoi\
         VVNQek5tYndjbTJ1LTVVSjIxRC1YNlNPUEtITDRoR2dkUllZZ195WEhITSJ9fQ..qkcryeTfOPz0kXyW\
         .gLh5k8s.Lqr9a9jSfZ1vjhm-iIHUpA",
    ),
    (
        "ECDH-ES A192CBC-HS384 P-384",
        P384,
        "\
         eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTE5MkNCQy1IUzM4NCIsImVwayI6eyJrdHkiOiJFQyIsImNy\
         diI6IlAtMzg0IiwieCI6InRGQnpGdEZQMWlpNlBXVVFhRUQ5YjJTaURsMXdzUXFtdGZFUnFFSUtrRTRM\
         TTRuYV9OQVFVa3FGaWQzelRvQWoiLCJ5IjoicGFRUFgxVHA3M3hVd0NTbTZDdXhCNkNNRmNtdTRfMG1y\
         UU1QeDltVzFRQ25pUFZqdXJGTklzaVFBeFJMNjV1ayJ9fQ..Ek1_PPK-51PnJffMBBa7dA.tnvWz_hhP\
         xSv1WZL2bRAMA.XVqLqecrt5rcpoRQwqZXSVEOWwSxaJXG",
    ),
    (
        "ECDH-ES A256CBC-HS512 P-521",
        P521,
        "\
         eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkNCQy1IUzUxMiIsImVwayI6eyJrdHkiOiJFQyIsImNy\
         diI6IlAtNTIxIiwieCI6IkFJd0x0QVZCNWZ3VklOOHRfS2dfZjhubWlmRFVTdVczT1JGWDdNNWpYWGtI\
         Q0xRLVNqanpOQ0JmVlVzUGZuNXhKWFZUdTAyelJQN3Y2ZFVtWFQ4WEZHTk4iLCJ5IjoiQU9oX1N1YVhB\
         a29meEVnNWJtNzZtTmN5ZndhNTE2bmlvQzItaURjQ1lyNHRlVDlKMTVnUGV2LUQxX01VZkhib0FrV0R0\
         TzZRRUNpeDdnLUswQ1hYanpTdSJ9fQ..dKZuW1mRpS6luChO2fGyYg._bxvzcc_naASIZdo1EgoJg.m3\
         nR3R3v_G9fd5PIMivbCjqwLHfYhi9isUls75Y1cWw",
    ),
    (
        "ECDH-ES+A128KW A128GCM P-256",
        P256,
        "\
         eyJhbGciOiJFQ0RILUVTK0ExMjhLVyIsImVuYyI6IkExMjhHQ00iLCJlcGsiOnsia3R5IjoiRUMiLCJj\
         cnYiOiJQLTI1NiIsIngiOiJRTjg3VlpNWjcybmRfSGdDcnNGdm1USTdfOXJsdWsxX2pkZWlaQnYyQU5Z\
         IiwieSI6Ii1PVXc2STk2WUFiVWtyMWZyOTU1V0J6TEFxOEdXRjRSZDV5c09mS0VlUkEifX0.5l2U3DfF\
         3zjcM9TJxjfCSNuE8Ja4tkrn.V_MrVla_xuFzq5uY.Kqg--4g.SQJGz0GhE_tgUYeHGLaDBQ",
    ),
    (
        "ECDH-ES+A192KW A192GCM P-384",
        P384,
        "\
         eyJhbGciOiJFQ0RILUVTK0ExOTJLVyIsImVuYyI6IkExOTJHQ00iLCJlcGsiOnsia3R5IjoiRUMiLCJj\
         cnYiOiJQLTM4NCIsIngiOiI3b0VvZm1QaUJUZHVMUU1hMUU4SUZyNVIydUNFanVsSkpyU2FaYVJCV0U4\
         TEVJUmp5TkZPMEVFbm9sSGdzRXpIIiwieSI6IjhsbTRudmFHRHlQcW9xN0tUcHpsc3o3TWdGX0xHY1Jr\
         czcxNEIxSDFTSHpNWTFLeDNpb19aZWlkdk1BVkFmamkifX0.wlGAQTRWDW4jvaSALcSg5MEKfjUaaSlH\
         A2yjo4BGnDI.CCiqW4rPi0BL4pYw.PqcvPIY.2YjKW62K_lC5W2F7r6nGNg",
    ),
    (
        "ECDH-ES+A256KW A256GCM P-521",
        P521,
        "\
         eyJhbGciOiJFQ0RILUVTK0EyNTZLVyIsImVuYyI6IkEyNTZHQ00iLCJlcGsiOnsia3R5IjoiRUMiLCJj\
         cnYiOiJQLTUyMSIsIngiOiJBV1RVS0FlZ2h5UlBSN0t1R3dXNDdhWE1vTk80SFE2QTJVbkFsV0NrbkUz\
         RnRxd2RTUU9IZERrQ2JWaWVXd2pQaG4yMmRZVkhrOEloTHlOaVBsTlpXYlFGIiwieSI6IkFYM1ljdmdJ\
         WXJYaVBUSTJXU2hnOHNxUUdLTkM3UDN1ZnZva1I2RXZZT2xSUUthYlNBSVRnTTY0MUs1T2NsQUl6NmVq\
         ZTJaZ2FoU1ZHLXd5bzJ2T1ZacTMifX0.21saNFCYzg3JisxnkenuTJsw3CfH8ts71nbJgfRE1q0vD5kI\
         Ph0jfA.Feu-5gTg-Z4m147P.CGV2yXw.eErI5of3FNDHp5cfT90ixA",
    ),
    (
        "ECDH-ES apu",
        P256,
        "\
         eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSIsImFwdSI6IlFXeHBZMlUiLCJhcHYiOiJRbTlp\
         IiwiZXBrIjp7Imt0eSI6IkVDIiwiY3J2IjoiUC0yNTYiLCJ4IjoiSVpHRXBDTVVMVkZrTnlNR2N5OTU4\
         UjY3bUNYQWtnY1A1NnZqNUhZbVV4TSIsInkiOiJ4ZWZoaWk4Tkh2cDBqU2ZNV0ZtTW94ajlSNktZSkUw\
         a3JheHJlM21yelRFIn19..2t1qG6d_Q-_6rNDD.UpGQUx4.zQcwpNzCt_uDj5OBtxQyUw",
    ),
];

/// A token for `RSA` with the algorithm that is not supported.
pub(in crate::vocab) const RSA1_5: &str = "\
eyJhbGciOiJSU0ExXzUiLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0.1Jx1HF4nzGoXrl7AQyZ3SzIif_-HYbY721Oc\
-b02rliSaxgC16p8J9tBZTZPrMCs42MCX98v0kcLjov-uGE-ZFBfimcE2mQjoXoGatmtH4UrlmM-_4cL6Gj8G6yb\
IZtLhGjH08imxJDeZCvY3uue5DgZXETw-ubWyBGyv9XTv69jHgKmIY_lkYdjk4CUwHS6xeIuqlF4HF2sN-rSXkBa\
FzikghKriTmx0SMSkSLL0vGjRD5MatfjbKPZrKNSI5y-fowgVAZn0jBF8CizPjkCqGT2q6sPaqf7yWQvMuateLm4\
lHx9jpQunkFKEEhvy6YULUDLCACC7nYyv63yScCjTQ.KKfQ7IP9IUXzNusC2kiOfQ.RV9-Beui0rNqwuhJNHYATA\
.wRcFHMaFJeyblE_98JUtig";
