//! The stats socket's commands about maps and ACLs.

use crate::case::{Case, http};

/// A case with a map of two columns, matched in two ways, and ACLs from a file and from words.
const fn lists(script: &'static str) -> Case {
    http(
        "global: stats socket \"fd@${cli}\" level admin
        #file map: /a 1\\n/b 2\\n
        #file acl: /x\\n/y\\n
        frontend: acl a path -f ${dir}/acl
        frontend: acl b hdr(x) -i foo bar
        frontend: acl c src 10.0.0.0/8
        frontend: http-request deny if a b c
        frontend: http-request return status 200 hdr v %[path,map(${dir}/map,none)] hdr b %[path,map_beg(${dir}/map,none)] hdr w %[path,map(virt@v,none)]",
        script,
    )
    .since(3, 4)
}

cases! {
    what_there_is: lists(r#"
        cli show map => # id (file) description
            |4 (${dir}/map) pattern loaded from file '${dir}/map' used by map at file 'cfg' line 22, by map at file 'cfg' line 22. curr_ver=0 next_ver=0 entry_cnt=4
            |5 (virt@v) pattern loaded from file 'virt@v' used by map at file 'cfg' line 22. curr_ver=0 next_ver=0 entry_cnt=0|
        cli show map ${dir}/map => 0x# /a 1|0x# /b 2|
        cli show map #4 => 0x# /a 1|0x# /b 2|
        cli show map virt@v =>
        cli show acl ${dir}/acl => 0x# /x|0x# /y|
        cli show acl #1 =>
        cli show acl #2 => 0x# foo|0x# bar|
        cli show map #1 => Unknown map identifier. Please use #<id> or <file>.|
        cli show acl nope => Unknown ACL identifier. Please use #<id> or <file>.|
        cli operator;show map => |Permission denied|
    "#),
    looking_up: lists(r#"
        cli get map ${dir}/map /b => type=str, case=sensitive, found=yes, idx=tree, key="/b", value="2", type="str"|type=beg, case=sensitive, found=yes, idx=tree, key="/b", value="2", type="str"|
        cli get map ${dir}/map /bb => type=str, case=sensitive, found=no|type=beg, case=sensitive, found=yes, idx=tree, key="/b", value="2", type="str"|
        cli get acl ${dir}/acl /x => type=str, case=sensitive, match=yes, idx=tree, pattern="/x"|
        cli get acl #2 FOO => type=str, case=insensitive, match=yes, idx=list, pattern="foo"|
        cli get acl #2 nope => type=str, case=insensitive, match=no|
        cli get acl #3 10.2.3.4 => type=ip, case=sensitive, match=yes, idx=tree, pattern="10.0.0.0/8"|
        cli get map x => Missing map identifier and/or key.|
        cli get acl x => Missing ACL identifier and/or key.|
        cli get map x y => Unknown map identifier. Please use #<id> or <file>.|
    "#),
    changing_maps: lists(r#"
        cli add map ${dir}/map /c 3 =>
        cli set map ${dir}/map /a 9 =>
        cli del map ${dir}/map /b =>
        cli show map ${dir}/map => 0x# /a 9|0x# /c 3|
        c> GET /a HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|v: 9|b: 9|w: none||
        c> GET /c HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|v: 3|b: 3|w: none||
        cli add map virt@v /a\\ b 1\\ 2 =>
        cli show map virt@v => 0x# /a b 1 2|
        cli add map ${dir}/map <<|k1 v1|k2  v 2|k3| => Missing value for key 'k3'.|
        cli show map ${dir}/map => 0x# /a 9|0x# /c 3|0x# k1 v1|0x# k2 v 2|
        cli clear map ${dir}/map =>
        cli show map ${dir}/map =>
    "#),
    refusing_changes: lists(r#"
        cli add map ${dir}/map /c => 'add map' expects three parameters (map identifier, key and value) or one parameter (map identifier) and a payload|
        cli add map nope a b => Unknown map identifier. Please use #<id> or <file>.|
        cli add acl #0 => 'add acl' expects two parameters: ACL identifier and pattern.|
        cli add acl ${dir}/map x => This ACL is shared with a map containing samples. You must use the command 'add map' to add values.|
        cli add acl #3 10.0.0.0/99 => '10.0.0.0/99' is not a valid IPv4 or IPv6 address.|
        cli set map ${dir}/map /a => 'set map' expects three parameters: map identifier, key and value.|
        cli set map ${dir}/map /nope x => entry not found.|
        cli set map ${dir}/map #0x7 x => key or pattern not found.|
        cli set map ${dir}/map #0xz x => Malformed identifier. Please use #<id> or <file>.|
        cli del map ${dir}/map /nope => Key not found.|
        cli del map ${dir}/map #0x7 => Key not found.|
        cli del map ${dir}/map => This command expects two parameters: map identifier and key.|
        cli del acl #1 => This command expects two parameters: ACL identifier and key.|
        cli del acl nope x => Unknown map identifier. Please use #<id> or <file>.|
        cli clear map => Missing map identifier.|
        cli clear map #99 => Unknown map identifier. Please use #<id> or <file>.|
        cli clear acl => Missing ACL identifier.|
    "#),
    versions: lists(r#"
        cli add map @1 ${dir}/map /n N => Version number in the future, please use 'prepare map' before.|
        cli prepare map ${dir}/map => New version created: 1|
        cli add map @1 ${dir}/map /n N =>
        cli add map @1 ${dir}/map <<|/m M|/a A| =>
        cli show map @1 ${dir}/map => 0x# /n N|0x# /m M|0x# /a A|
        cli show map ${dir}/map => 0x# /a 1|0x# /b 2|
        c> GET /n HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|v: none|b: none|w: none||
        cli commit map @1 ${dir}/map =>
        cli show map ${dir}/map => 0x# /n N|0x# /m M|0x# /a A|
        c> GET /n HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|v: N|b: N|w: none||
        cli commit map @1 ${dir}/map => Version number out of range.|
        cli commit map ${dir}/map => Missing version number.|
        cli commit map @2 => Missing map identifier.|
        cli prepare acl ${dir}/acl => New version created: 1|
        cli add acl @1 ${dir}/acl /z =>
        cli add acl @2 ${dir}/acl /z => Version number in the future, please use 'prepare acl' before.|
        cli commit acl @1 ${dir}/acl =>
        cli show acl ${dir}/acl => 0x# /z|
        cli prepare map => Unknown map identifier. Please use #<id> or <file>.|
    "#),
}
