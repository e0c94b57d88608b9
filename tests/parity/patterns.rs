//! Conditions: every matching method, with words, flags and files.
//!
//! A case is a list of letters and conditions; the answer's body is the letters of those that hold.

use crate::case::http;

/// Rules that collect the letters of conditions that hold, and answer with them.
macro_rules! conditions {
    ($($letter:literal $condition:literal)*) => {
        concat!(
            $("frontend: http-request set-header x-got \"%[req.hdr(x-got)]", $letter, "\" if ", $condition, "\n",)*
            "frontend: http-request return status 200 content-type text/plain lf-string \"%[req.hdr(x-got)]\"\n",
            "#file words: GET\\n# no\\n\\n  two words\\nthree\n",
            "#file pairs: one 1\\ntwo 2\\n# three 3\\nfour\n",
            "#file nets: 10.0.0.0/8\\n127.0.0.0/24\\n::1\n",
            "#file paths: /api\\n/API/V2\\n",
        )
    };
}

cases! {
    whole_texts: http(conditions! {
        "a" "{ path /api/v1/Users.png }"
        "b" "{ path /api/v1/users.png }"
        "c" "{ path -i /API/v1/users.png }"
        "d" "{ path -m str /x /api/v1/Users.png }"
        "e" "{ path,lower /api/v1/users.png }"
        "f" "{ hdr(host) -i www.example.com:80 }"
        "g" "{ hdr(x-list) b }"
        "h" "{ hdr(x-list) -m str -- -b }"
        "i" "{ req.fhdr(x-list) \"a, b ,c\" }"
        "j" "{ path -m found }"
        "k" "{ hdr(x-none) -m found }"
        "l" "!{ hdr(x-none) -m found }"
        "m" "{ hdr(x-none) anything }"
        "n" "!{ hdr(x-none) anything }"
        "o" "{ method GET }"
        "p" "{ method POST GET }"
        "q" "{ method get }"
        "r" "{ method -i get }"
    }, r#"
        c> GET /api/v1/Users.png?x=1 HTTP/1.1|host: Www.Example.COM:80|x-list: a, b ,c||
        c< HTTP/1.1 200 OK|content-length: 12|content-type: text/plain||acdefgijlnop
    "#),
    parts_of_texts: http(conditions! {
        "a" "{ path_beg /api }"
        "b" "{ path_beg /API }"
        "c" "{ path_beg -i /API }"
        "d" "{ path_beg /x /api/v }"
        "e" "{ path_end .png }"
        "f" "{ path_end -i .PNG .gif }"
        "g" "{ path_end /api/v1/Users.png }"
        "h" "{ path_end x/api/v1/Users.png }"
        "i" "{ path_sub v1 }"
        "j" "{ path_sub -i users zzz }"
        "k" "{ path_sub users }"
        "l" "{ path_dir v1 }"
        "m" "{ path_dir /v1/ }"
        "n" "{ path_dir api/v1 }"
        "o" "{ path_dir api/ }"
        "p" "{ path_dir Users }"
        "q" "{ path_dir -i USERS.PNG }"
        "r" "{ hdr_dom(host) Example }"
        "s" "{ hdr_dom(host) example }"
        "t" "{ hdr_dom(host) -i .example.com }"
        "u" "{ hdr_dom(host) 80 }"
        "v" "{ hdr_dom(host) -i example.co }"
        "w" "{ hdr_dom(host) -i www.example.com:80 }"
        "x" "{ path_dir / }"
        "y" "{ path_len 17 }"
        "z" "{ path_len ge 18 }"
    }, r#"
        c> GET /api/v1/Users.png?x=1 HTTP/1.1|host: Www.Example.COM:80||
        c< HTTP/1.1 200 OK|content-length: 18|content-type: text/plain||acdefgijlmnoqrtuwy
    "#),
    expressions: http(conditions! {
        "a" "{ path_reg ^/api/v[0-9]+/ }"
        "b" "{ path_reg ^/api/v[0-9]$ }"
        "c" "{ path_reg -i users\\.PNG$ }"
        "d" "{ path_reg users }"
        "e" "{ path_reg (x|v)1 }"
        "f" "{ path -m reg ^/(api|img)/.*\\.png$ }"
        "g" "{ path_reg ^$ . }"
        "h" "{ hdr_reg(host) -i ^(www\\.)?example\\.com(:[0-9]{1,5})?$ }"
        "i" "{ path_reg \\d{2} }"
        "j" "{ path_reg [[:upper:]] }"
    }, r#"
        c> GET /api/v1/Users.png?x=1 HTTP/1.1|host: Www.Example.COM:80||
        c< HTTP/1.1 200 OK|content-length: 7|content-type: text/plain||acefghj
    "#),
    integers: http(conditions! {
        "a" "{ hdr_val(x-n) 7 }"
        "b" "{ hdr_val(x-n) 1 2 7 }"
        "c" "{ hdr_val(x-n) 1:6 }"
        "d" "{ hdr_val(x-n) 1:7 }"
        "e" "{ hdr_val(x-n) 8: }"
        "f" "{ hdr_val(x-n) 7: }"
        "g" "{ hdr_val(x-n) :6 }"
        "h" "{ hdr_val(x-n) :7 }"
        "i" "{ hdr_val(x-n) gt 6 }"
        "j" "{ hdr_val(x-n) gt 7 }"
        "k" "{ hdr_val(x-n) ge 7 }"
        "l" "{ hdr_val(x-n) lt 7 }"
        "m" "{ hdr_val(x-n) le 7 }"
        "n" "{ hdr_val(x-n) eq 7 }"
        "o" "{ hdr_val(x-n) gt 10 lt 8 }"
        "p" "{ hdr_val(x-n) gt 100 7 }"
        "q" "{ hdr_val(x-n) 1-9 }"
        "r" "{ hdr_val(x-n) -- -9 }"
        "s" "{ hdr_val(x-minus) -- -5 }"
        "t" "{ hdr_val(x-minus) lt 0 }"
        "u" "{ hdr_val(x-minus) lt 0 gt 10 }"
        "v" "{ hdr_cnt(x-n) 1 }"
        "w" "{ hdr_val(x-n) -m bool }"
        "x" "{ hdr_val(x-zero) -m bool }"
        "y" "{ hdr_val(x-zero) 0 }"
        "z" "{ hdr_val(x-n) -m str 07 7 }"
    }, r#"
        c> GET / HTTP/1.1|host: a|x-n: 7|x-minus: -5|x-zero: 0||
        c< HTTP/1.1 200 OK|content-length: 19|content-type: text/plain||abdfhikmnoqrstuvwyz
    "#),
    addresses: http(conditions! {
        "a" "{ src 127.0.0.1 }"
        "b" "{ src 127.0.0.0/8 }"
        "c" "{ src 127.0.0.2/8 }"
        "d" "{ src 127.0.0.0/255.0.0.0 }"
        "e" "{ src 10.0.0.1/0.0.0.255 }"
        "f" "{ src 10.0.0.0/8 }"
        "g" "{ src 10.0.0.0/8 127.0.0.1 }"
        "h" "{ src 0.0.0.0/0 }"
        "i" "{ src ::/0 }"
        "j" "{ src ::ffff:127.0.0.0/104 }"
        "k" "{ src ::1 }"
        "l" "{ hdr_ip(x-ip) 192.0.2.0/24 }"
        "m" "{ hdr_ip(x-ip) 2001:db8::/32 }"
        "n" "{ hdr_ip(x-v6) 2001:db8::/32 }"
        "o" "{ hdr_ip(x-v6) 2001:db8::7 10.0.0.0/8 }"
        "p" "{ hdr_ip(x-mapped) 192.0.2.0/24 }"
        "q" "{ hdr_ip(x-6to4) 192.0.2.0/24 }"
        "r" "{ req.hdr(x-ip) -m ip 192.0.2.7 }"
        "s" "{ req.hdr(x-none) -m ip 0.0.0.0/0 }"
        "t" "{ src -m str 127.0.0.1 }"
        "u" "{ src -m beg 127. }"
        "v" "{ src -n 127.0.0.1 }"
        "w" "LOCALHOST"
        "x" "{ src,ipmask(8) 127.0.0.0 }"
    }, r#"
        c> GET / HTTP/1.1|host: a|x-ip: 192.0.2.7|x-v6: 2001:db8::7|x-mapped: ::ffff:192.0.2.9|x-6to4: 2002:c000:0207::1||
        c< HTTP/1.1 200 OK|content-length: 20|content-type: text/plain||abcdeghijlnopqrtuvwx
    "#),
    binary: http(conditions! {
        "a" "{ path -m bin 2f6162 }"
        "b" "{ path -m bin 2F6162 }"
        "c" "{ path -m bin 2f61 }"
        "d" "{ path -m bin 00 2f6162 }"
        "e" "{ path,hex -m str 2F6162 }"
        "f" "{ str(a) -m bin 61 }"
    }, r#"
        c> GET /ab HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 5|content-type: text/plain||abdef
    "#),
    files: http(conditions! {
        "a" "{ method -f ${dir}/words }"
        "b" "{ str(three) -f ${dir}/words }"
        "c" "{ str(THREE) -f ${dir}/words }"
        "d" "{ str(THREE) -i -f ${dir}/words }"
        "e" "{ str(THREE) -f ${dir}/words -i }"
        "f" "{ str(THREE) -f ${dir}/words -i three }"
        "g" "{ str(\"two words\") -f ${dir}/words }"
        "h" "{ str(\"# no\") -f ${dir}/words }"
        "i" "{ str(four) -M -f ${dir}/pairs }"
        "j" "{ str(one) -M -f ${dir}/pairs }"
        "k" "{ str(three) -M -f ${dir}/pairs }"
        "l" "{ str(\"one 1\") -M -f ${dir}/pairs }"
        "m" "{ src -f ${dir}/nets }"
        "n" "{ src -f ${dir}/nets -f ${dir}/nets 1.2.3.4 }"
        "o" "{ path_beg -f ${dir}/paths }"
        "p" "{ path_beg -i -f ${dir}/paths }"
        "q" "{ path_sub -f ${dir}/paths -f ${dir}/words }"
        "r" "{ str(x) -f ${dir}/words x }"
        "s" "{ str(x) -f ${dir}/words -- -x x }"
        "t" "{ path -m end -f ${dir}/paths }"
        "u" "{ path -f virt@none -f opt@${dir}/none /Api }"
        "v" "{ str(three) -f file@${dir}/words }"
        "w" "{ str(three) -f opt@${dir}/words }"
    }, r#"
        c> GET /Api HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 15|content-type: text/plain||abdfgijmnprsuvw
    "#).since(3, 4),
    several_values: http(conditions! {
        "a" "{ hdr(x-a) two }"
        "b" "{ hdr(x-a) -m beg th }"
        "c" "{ hdr(x-a,1) two }"
        "d" "{ hdr(x-a,-1) three }"
        "e" "{ hdr(x-a,2) three }"
        "f" "{ hdr_len(x-a) 5 }"
        "g" "{ hdr_len(x-a) gt 5 }"
        "h" "{ hdr_cnt(x-a) 3 }"
        "i" "{ hdr_sub(x-a) -i HRE }"
        "j" "{ urlp(q) 1 }"
        "k" "{ urlp(r) -m found }"
        "l" "{ urlp(s) -m found }"
        "m" "{ urlp_beg(q) 1 2 }"
        "n" "{ url_beg /p }"
        "o" "{ url_end q=1&r= }"
        "p" "{ base_sub a/p }"
    }, r#"
        c> GET /p?q=1&r= HTTP/1.1|host: a|x-a: one, two|x-a: three||
        c< HTTP/1.1 200 OK|content-length: 12|content-type: text/plain||abdfhijkmnop
    "#),
    lists_change: http("frontend: http-request add-acl(virt@seen) %[req.hdr(x-k)] if { path /add }
        frontend: http-request del-acl(virt@seen) %[req.hdr(x-k)] if { path /del }
        frontend: http-request return status 200 content-type text/plain string yes if { req.hdr(x-k) -f virt@seen }
        frontend: http-request return status 200 content-type text/plain string nets if { req.hdr(x-k) -m ip -f virt@nets }
        frontend: http-request add-acl(virt@nets) %[req.hdr(x-k)] if { path /net }
        frontend: http-request return status 200 content-type text/plain string no", r#"
        c> GET / HTTP/1.1|host: a|x-k: one||
        c< HTTP/1.1 200 OK|content-length: 2|content-type: text/plain||no
        c> GET /add HTTP/1.1|host: a|x-k: one||
        c< HTTP/1.1 200 OK|content-length: 3|content-type: text/plain||yes
        c> GET /add HTTP/1.1|host: a|x-k: one||
        c< HTTP/1.1 200 OK|content-length: 3|content-type: text/plain||yes
        c> GET / HTTP/1.1|host: a|x-k: two||
        c< HTTP/1.1 200 OK|content-length: 2|content-type: text/plain||no
        c> GET /del HTTP/1.1|host: a|x-k: one||
        c< HTTP/1.1 200 OK|content-length: 2|content-type: text/plain||no
        c> GET /net HTTP/1.1|host: a|x-k: nonsense||
        c< HTTP/1.1 200 OK|content-length: 2|content-type: text/plain||no
        c> GET /net HTTP/1.1|host: a|x-k: 10.0.0.0/8||
        c< HTTP/1.1 200 OK|content-length: 2|content-type: text/plain||no
        c> GET / HTTP/1.1|host: a|x-k: 10.1.2.3||
        c< HTTP/1.1 200 OK|content-length: 4|content-type: text/plain||nets
        c> GET / HTTP/1.1|host: a|x-k: nonsense||
        c< HTTP/1.1 200 OK|content-length: 2|content-type: text/plain||no
    "#).since(3, 4),
}
