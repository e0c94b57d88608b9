//! Keys and signatures of `e30.e30` (two empty objects) for the tests of `jwt`. The private keys are gone.

/// Of 2048 bits.
pub(in crate::vocab) const RSA: &str = "\
-----BEGIN PUBLIC KEY-----\n\
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAxp9Z9C77hWsDlkQGCKVN\n\
+sS10c8qhJBTkOfo+vySKbcUuDLU0gUAo3jO2Cgejpu7vdSfR7XamR/feB5Qy6c8\n\
3FMKhrqrozOyFD+3KkKsSwNWwo0rV3UDrwJVM1VaVWn6VloxMa3+n3yGULf5/FE3\n\
gKjR9y6xvUAE3OpvSg0UgjezRdGA0tQDVDcdsjPWrHBJc2aHRHQZXKr6DbEkXCmv\n\
do9gwNNUkjwYT7kNkYKTLmOaSZ2Y9SvfbLdjmdZwaP0oObWyjxganxo/eTo9azUL\n\
hRMlYC6bxNGKtIp77t+rnKaOk/o51ppwtvg6sq1ZgGJK4ZbAj01fZMtQWgVrIpb3\n\
PwIDAQAB\n\
-----END PUBLIC KEY-----\n";

/// Of the curve P-256.
pub(in crate::vocab) const P256: &str = "\
-----BEGIN PUBLIC KEY-----\n\
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEJf6oNxZcN4TqaG/vcv4KypiaCkcD\n\
Q7QB3msU1BvP8wUVGDtkLj46QIPysP/YlM+rv0Re98MKFieFA7K6Y+dxJw==\n\
-----END PUBLIC KEY-----\n";

/// A certificate with that key.
pub(in crate::vocab) const CERTIFICATE: &str = "\
-----BEGIN CERTIFICATE-----\n\
MIIBbzCCARWgAwIBAgIUElgUS/Q+DJzAYWmc+Z72/lXxDW8wCgYIKoZIzj0EAwIw\n\
DDEKMAgGA1UEAwwBdDAgFw0yNjExMjIyMDU2MjZaGA8yMTI2MTAyOTIwNTYyNlow\n\
DDEKMAgGA1UEAwwBdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABCX+qDcWXDeE\n\
6mhv73L+CsqYmgpHA0O0Ad5rFNQbz/MFFRg7ZC4+OkCD8rD/2JTPq79EXvfDChYn\n\
hQOyumPncSejUzBRMB0GA1UdDgQWBBQH9aFhtcbAIEN1q80aWgMhosEZhjAfBgNV\n\
HSMEGDAWgBQH9aFhtcbAIEN1q80aWgMhosEZhjAPBgNVHRMBAf8EBTADAQH/MAoG\n\
CCqGSM49BAMCA0gAMEUCIQDQ29SsXQ8sowoOJDyTP/5nRiF+ejqB2uGIX12kW4Rf\n\
2AIgYAMCnIWHUibKAlRkFyg6QuR+0CzSBKk2hQwo3WKePEw=\n\
-----END CERTIFICATE-----\n";

/// Of the curve P-384.
pub(in crate::vocab) const P384: &str = "\
-----BEGIN PUBLIC KEY-----\n\
MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEcYIji99yjrAs9UMd6eQMnoHFG8kg9GWE\n\
EJz0wjOMAgEvNvyd3B/snMP0X+LjWwPsJyd1SrJkrxY23OowIgmnxx6OwZuUSfW8\n\
drFKc68qqhiPqib2V3shAypBhRuSlvB/\n\
-----END PUBLIC KEY-----\n";

/// Of the curve P-521.
pub(in crate::vocab) const P521: &str = "\
-----BEGIN PUBLIC KEY-----\n\
MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQBDV2arouIrkB61LWm6oqARDrfgX3L\n\
PuyRkYDc0LUtv8zV1pfqSUJzzVRlGxZRXqFolpmjl4y9pUcXZX50VdCw+HcAja8D\n\
hHp+Lx4OhfA1VOUKsIZOGCuX+x2cB0pxNsYLxiW0IbvaHzml3M1euXn/3KOPWSal\n\
aP1jxc85oJ/myPZJjsE=\n\
-----END PUBLIC KEY-----\n";

/// Algorithm, key, signature.
pub(in crate::vocab) const SIGNED: &[(&str, &str, &str)] = &[
    (
        "RS256",
        RSA,
        "\
         PjIAeuKrOXLqKK57bj9UmNgyNgeXSw1dZ1dTc1V4onAqc44EXWIglzRHF48liJmrWWRIGOsX_XtYteal\
         3r_vMa8ZFKhA-ur1xaIGA2Ljuw82oj4U_pkcznixA233GzZGril-Fw_34PG_pPpqooOaVhJOAO_Jutuz\
         kIzjfbxEEUVS2vZJjxgDk5JKhSIQj97i4Q7fewhTE__1HJGPEdhZmxSpzm7Z8vBKu987FtNg0cUL_FGt\
         7-tA1K5ZdHavfuu_cf9w7JntR4l9leB36R6_bWbi4qcdPZqYwC0U1CwhqWbYMUBFIyV9z2lbg-qcD5mZ\
         UjW3b-b6Z5inyeit5oJfEg",
    ),
    (
        "RS384",
        RSA,
        "\
         DvTSRANBPO2oBPcZMm7IGxsOT-huKWluUW6N6CgMJ_BRtvufh6eKX6pMAl2fVWw0wCShgayLvm3-eRSL\
         AAB208rdFSbsFg2oThGGkxuwdmcSEGEmdLohc_hplaMC3T_wZNGl-pEkpIr-jIvllVXbDX9sjkHw1-SP\
         5qcVrOREEsmi1yZQaGf8AUFUu6BpGnDmTbyiUeqQvsLwkEhzRkhcYuQFbLqQ3F1Zse4DxioWXtLIVBij\
         efpceydct4DLjyFHTlaO__h8Xbv9d6e6kGpn8YR4aUu5_dqh4afsBSmyiA_GDzJ_R5R2m9i_dPvEZqff\
         43jG7R4PoVd7n_S1kxNz3A",
    ),
    (
        "RS512",
        RSA,
        "\
         uX1LTMlrqkOZHACy1xhKFFMMStfUtB6ZUW4PQdOLMfKjxdMgNfn2Eb6b876Iw1SDHZd7GHV2L0n0OY9m\
         Gt8FA3fLAL_7Czapa73H5NNRxx6BsKj3rpOx9vp50j3T-VrQ3djfYkg2HP4bTpbtxjv3pzVVkU3d-34R\
         5WTXMMhGNOge6hsBjR0uRqqHeaB4yh_HvEUuhvRC7yRTZVjVeQ74Gl5XgA03rkXCtjeBNkHCvJvmsbWc\
         SbdjFCYiEoq85DDA3Lkqb0To-C2ajsUaYZHPElVTwAQggCpGQI6Pw_RSWzfJ-_hV8ecs632Z7pZR05yI\
         NcHJbXz6x5q-4LFEsFl6fw",
    ),
    (
        "PS256",
        RSA,
        "\
         EgB3uyPLVsfQPCyidi3wJrdx0rVnlORNB_MPTeg45ZMnM-SklsucfXHywdePKegtohZjTcoGF14hve1L\
         q1ZQ_AnGuRXMG5iW8SYd_AbhZqZVWqp8qtPZDjqjXZxE-f0wxh_iOzNqwqzblUR5rx3sDmCtYci8ecVq\
         Jm79wGujEI1SguyZiU_0WcaH9dOrYpipVup1p_UWo5tdRQ_JCMRIBJF4jJdaD32BmVoI8LCS2t-WfT6A\
         SuCD4rkYuC4tQX8cxa5tLBEScAnBMbtAhrUuRpC4HViKw3s9wTs0NyuEbYmEWsOhuP8fxJaLLO2B-2sZ\
         YFyluk5-7DKKxLMW1J2xkQ",
    ),
    (
        "PS384",
        RSA,
        "\
         SOK4JLYHJMvwQSaJPD0Ehw9xhaURM8AZ7ZAFuJnR94IARz-DPTleTFD4qK5y0QTpSZaDUoj_SgktGL8-\
         2UDLwuGUvo9tz36zfYNcFmdFuvsmaV6nnPylOLfgHBPJLs95dueTYVle3Wr7N_NJ3Vs-FUF6s0wus8Bf\
         axo2YkVFFFbpeSjWlVcHkJD9F10H-Yu_-XfCg_4bocQsubI55e40cJPCdXpkybHwmBTA1tIAGAS4O7Pq\
         jrH61-WW427zssBMmndEAzAZuT1SQ8otOHgzGT2blP-uBiX11o14Vao3tqCeWQh-WRQVXB8P4mOv0cqz\
         VmmvRzWoxFOG2ZpDMgcFHw",
    ),
    (
        "PS512",
        RSA,
        "\
         mIeaQCEPQyUwuusbMw4WAyL1vR6USXYpGSaP0g3rsRctDZbdQsIcvrVq556ATmw1SKYYkn22_wWTILeg\
         D8zR-RJsaLEMxNEwQTeIBu2BnH8Uxrkk7YtgY2JjQteA7WG2uuxX4pwTN2iZ8_wjCKOfPrfCEdnDth_Y\
         0VPiucYlwbk_4CrserR9JUSz1MNzwuSwFbAXcRSpStlICi8McH9f_zXYdFf3TtjT3pXaBctTv7vzIt8Y\
         Jj6MDXMmjd-aGc8RwxeML5_ZASmhPlFHG1x5MYzb1YtIZVDtFQ6zJ4TtkPOesuKatmgCL2kyoln8SChR\
         6GHWn4bU7PqZBbJcrjSczw",
    ),
    (
        "ES256",
        P256,
        "\
         CPkawpNElc30-rkYKpqrf_-TAv677QDR216NUSQwLxbVBml1eJWpj5qK65KHZxzeGpKZBP0VyRpN5FH_\
         Vkp8ng",
    ),
    (
        "ES384",
        P384,
        "\
         GBvHldLSp8o-t9LFR-NomtksDgR01TRgUpRvKvg2d55X-yKWyIJBCoqMWkK5ZcZRKN4ctlj0AR80LAFD\
         kvQBQiMrFjvRQfNvkkZjVjP9py6A4zh0zwvGXH-UwuLMnGBn",
    ),
    (
        "ES512",
        P521,
        "\
         AdLyB6NsXd283Nnh30uniJTuoMgtzH_kVE4y3bPfd-yA6ECv_w_vBhaBavIjrVwC6deKX__NZZn1-wts\
         hPCH7dtqAfF6qnzD9BK1P5oODQi_lsYfOENoOz57LoC4W5scFe5k7dHg53QhvZw1yAUXgTHQzGRctuN2\
         go0N-28sLcjmI0jN",
    ),
];
