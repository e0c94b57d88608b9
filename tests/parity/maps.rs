//! Maps: which entry is found, what it gives, and how maps change.
//!
//! A case is a list of expressions; the answer's body is their values, one in each line.

use crate::case::http;

macro_rules! values {
    ($($expression:literal)*) => {
        concat!(
            "frontend: http-request return status 200 content-type text/plain lf-string \"", $("<%[", $expression, "]>",)* "\"\n",
            "#file texts: one 1\\ntwo\\t 2 \\nthree 3 and more  \\none again\\nempty\\n# no 0\\n\n",
            "#file parts: /a a\\n/a/b ab\\n/a/b/c abc\\nb/c bc\\n/a again\n",
            "#file hosts: first.domain.tld first\\ndomain.tld domain\\nsecond.domain.tld second\\nfirst.domain.tld late\n",
            "#file regs: ^/([a-z]+)/([0-9]+) \\\\2-\\\\1\\n^/a late\\n[0-9]$ digit\\n\n",
            "#file ints: 5 five\\n1:9 few\\n:0 none\\n10: many\\n\n",
            "#file nets: 10.0.0.0/8 eight\\n10.1.0.0/16 sixteen\\n10.1.2.3 one\\n2001:db8::/32 doc\\n10.1.0.0/16 late\\n0.0.0.9/0.0.0.255 odd\n",
            "#file sints: a 1\\nb -2\\nc +3\\nd\n",
            "#file addrs: a 192.0.2.1\\nb 2001:db8::1\n",
        )
    };
}

cases! {
    texts: http(values! {
        "str(one),map(${dir}/texts)"
        "str(two),map_str(${dir}/texts)"
        "str(three),map(${dir}/texts)"
        "str(empty),map(${dir}/texts,x)"
        "str(ONE),map(${dir}/texts)"
        "str(ONE),map(${dir}/texts,default)"
        "str(),map(${dir}/texts,default)"
        "str(#),map(${dir}/texts,default)"
        "str(one),map_str_key(${dir}/texts)"
        "str(one),map(file@${dir}/texts)"
        "str(one),map(opt@${dir}/none,not)"
        "str(one),map(virt@map,not)"
    }, r#"
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 67|content-type: text/plain||<1><2><3 and more><><><default><default><default><one><1><not><not>
    "#).since(3, 4),
    parts: http(values! {
        "str(/a/b/c/d),map_beg(${dir}/parts)"
        "str(/a/b/d),map_beg(${dir}/parts)"
        "str(/a),map_beg(${dir}/parts)"
        "str(/b),map_beg(${dir}/parts,-)"
        "str(/a/b/c/d),map_beg_key(${dir}/parts)"
        "str(x/a/b/c),map_end(${dir}/parts)"
        "str(x/a/b),map_end(${dir}/parts)"
        "str(x/a/b/c),map_sub(${dir}/parts)"
        "str(xb/c),map_sub(${dir}/parts)"
        "str(/x/a/b/c),map_dir(${dir}/parts)"
        "str(/x/b/c),map_dir(${dir}/parts)"
        "str(/x/b/c),map_dir_key(${dir}/parts)"
        "str(first.domain.tld),map_dom(${dir}/hosts)"
        "str(second.domain.tld),map_dom(${dir}/hosts)"
        "str(www.second.domain.tld:80),map_dom_key(${dir}/hosts)"
        "str(second.domain.tld),map_end(${dir}/hosts)"
        "str(second.domain.tld),map(${dir}/hosts)"
        "str(first.domain.tld),map(${dir}/hosts)"
    }, r#"
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 101|content-type: text/plain||<abc><ab><a><-></a/b/c><abc><ab><a><bc><a><bc><b/c><first><domain><domain.tld><domain><second><first>
    "#).since(3, 4),
    expressions: http(values! {
        "str(/abc/12),map_reg(${dir}/regs)"
        "str(/abc/12),map_regm(${dir}/regs)"
        "str(/abc),map_regm(${dir}/regs)"
        "str(/x1),map_reg(${dir}/regs)"
        "str(/x),map_reg(${dir}/regs,none)"
        "str(/x),map_regm(${dir}/regs,none)"
        "str(/x1),map_reg_key(${dir}/regs)"
    }, r#"
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 48|content-type: text/plain||<\\2-\\1><12-abc><late><digit><none><none><[0-9]$>
    "#).since(3, 4),
    integers: http(values! {
        "int(5),map_int(${dir}/ints)"
        "int(6),map_int(${dir}/ints)"
        "int(-6),map_int(${dir}/ints)"
        "int(600),map_int(${dir}/ints)"
        "int(600),map_int_key(${dir}/ints)"
        "str(7),map_int(${dir}/ints)"
        "str(x),map_int(${dir}/ints)"
        "str(a),map_str_int(${dir}/sints)"
        "str(b),map_str_int(${dir}/sints),add(1)"
        "str(c),map_str_int(${dir}/sints)"
        "str(d),map_str_int(${dir}/sints)"
        "str(e),map_str_int(${dir}/sints,-9)"
        "str(ab),map_beg_int(${dir}/sints)"
    }, r#"
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 59|content-type: text/plain||<five><few><none><many><10:><few><none><1><-1><3><0><-9><1>
    "#).since(3, 4),
    addresses: http(values! {
        "ipv4(10.9.9.9),map_ip(${dir}/nets)"
        "ipv4(10.1.9.8),map_ip(${dir}/nets)"
        "ipv4(10.1.2.3),map_ip(${dir}/nets)"
        "ipv4(11.1.2.3),map_ip(${dir}/nets,none)"
        "ipv4(11.1.2.9),map_ip(${dir}/nets,none)"
        "ipv4(10.1.2.9),map_ip(${dir}/nets,none)"
        "str(2001:db8::5),map_ip(${dir}/nets)"
        "str(::ffff:10.1.2.3),map_ip(${dir}/nets)"
        "ipv4(10.1.9.9),map_ip_key(${dir}/nets)"
        "str(10.1.9.9),map_ip(${dir}/nets)"
        "str(nothing),map_ip(${dir}/nets,none)"
        "str(a),map_str_ip(${dir}/addrs)"
        "str(b),map_str_ip(${dir}/addrs)"
        "str(c),map_str_ip(${dir}/addrs,::1)"
        "str(a),map_str_ip(${dir}/addrs),ipmask(16)"
    }, r#"
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 115|content-type: text/plain||<eight><sixteen><one><none><odd><sixteen><doc><one><10.1.0.0/16><sixteen><><192.0.2.1><2001:db8::1><::1><192.0.0.0>
    "#).since(3, 4),
    maps_change: http("frontend: http-request set-map(virt@m) %[req.hdr(x-k)] %[req.hdr(x-v)] if { path /set }
        frontend: http-request del-map(virt@m) %[req.hdr(x-k)] if { path /del }
        frontend: http-request return status 200 content-type text/plain lf-string <%[req.hdr(x-k),map(virt@m,none)]><%[req.hdr(x-k),map_beg(virt@m,none)]>", r#"
        c> GET / HTTP/1.1|host: a|x-k: one||
        c< HTTP/1.1 200 OK|content-length: 12|content-type: text/plain||<none><none>
        c> GET /set HTTP/1.1|host: a|x-k: one|x-v: 1||
        c< HTTP/1.1 200 OK|content-length: 6|content-type: text/plain||<1><1>
        c> GET /set HTTP/1.1|host: a|x-k: one|x-v: another value||
        c< HTTP/1.1 200 OK|content-length: 30|content-type: text/plain||<another value><another value>
        c> GET / HTTP/1.1|host: a|x-k: one two||
        c< HTTP/1.1 200 OK|content-length: 21|content-type: text/plain||<none><another value>
        c> GET /del HTTP/1.1|host: a|x-k: one||
        c< HTTP/1.1 200 OK|content-length: 12|content-type: text/plain||<none><none>
        c> GET /del HTTP/1.1|host: a|x-k: one||
        c< HTTP/1.1 200 OK|content-length: 12|content-type: text/plain||<none><none>
    "#).since(3, 4),
    maps_change_with_the_response: http("frontend: http-request set-header x-was %[path,map(virt@m,none)]
        frontend: http-response set-map(virt@m) /a %[status] if { status 201 }
        frontend: http-after-response del-map(virt@m) /a if { status 202 }", r#"
        c> GET /a HTTP/1.1|host: a||
        s< GET /a HTTP/1.1|host: a|x-was: none||
        s> HTTP/1.1 201 Created|content-length: 0||
        c< HTTP/1.1 201 Created|content-length: 0||
        c> GET /a HTTP/1.1|host: a||
        s< GET /a HTTP/1.1|host: a|x-was: 201||
        s> HTTP/1.1 202 Accepted|content-length: 0||
        c< HTTP/1.1 202 Accepted|content-length: 0||
        c> GET /a HTTP/1.1|host: a||
        s< GET /a HTTP/1.1|host: a|x-was: none||
    "#).since(3, 4),
}
