//! `show info` and the head of `show stat`: names and order are HAProxy's, for programs that count on them.

use crate::case::{Case, http};

const fn shown(script: &'static str) -> Case {
    http(
        "global: stats socket \"fd@${cli}\" level admin
        global: maxconn 77
        global: maxconnrate 5000
        global: maxsessrate 4000
        global: maxcomprate 2
        global: node here
        global: description test",
        script,
    )
    .since(3, 4)
}

cases! {
    the_process: shown(r#"
        info Name=HAProxy Version Release_date Nbthread=1 Nbproc=1 Process_num=1 Pid Uptime
        info Uptime_sec Memmax_MB=0 PoolAlloc_MB PoolUsed_MB PoolFailed Ulimit-n Maxsock Maxconn=77
        info Hard_maxconn=77 CurrConns CumConns CumReq MaxSslConns=0 CurrSslConns CumSslConns
        info Maxpipes PipesUsed PipesFree ConnRate ConnRateLimit=5000 MaxConnRate SessRate
        info SessRateLimit=4000 MaxSessRate SslRate SslRateLimit MaxSslRate SslFrontendKeyRate
        info SslFrontendMaxKeyRate SslFrontendSessionReuse_pct SslBackendKeyRate SslBackendMaxKeyRate
        info SslCacheLookups SslCacheMisses CompressBpsIn CompressBpsOut CompressBpsRateLim=2048
        info Tasks Run_queue Idle_pct node=here description Stopping=0 Jobs Unstoppable_Jobs
        info Listeners=2 ActivePeers=0 ConnectedPeers DroppedLogs BusyPolling FailedResolutions
        info TotalBytesOut TotalSplicedBytesOut BytesOutRate DebugCommandsIssued CumRecvLogs
        info Build_info Memmax_bytes PoolAlloc_bytes PoolUsed_bytes Start_time_sec Tainted
        info TotalWarnings MaxconnReached BootTime_ms Niced_tasks CurrStreams CumStreams
        info BlockedTrafficWarnings PatternsAdded PatternsFreed NbThreadGroups=1
        cli set rate-limit http-compression global 3;set rate-limit sessions global 7;set rate-limit connections global 8 => ||
        cli set maxconn global 50 =>
        info Maxconn=50 Hard_maxconn=77 ConnRateLimit=8 SessRateLimit=7 CompressBpsRateLim=3072
        cli set maxconn global 78 => Value out of range.|
        cli set maxconn global 0 =>
        info Maxconn=77
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        info CurrConns=1
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
    "#),
    what_was_counted: http("global: stats socket \"fd@${cli}\" level admin
        global: maxconn 2
        frontend: acl known src 192.0.2.1 192.0.2.2
        frontend: acl listed path -f ${dir}/list
        frontend: http-request deny if known listed
        #file list: /a\\n/b\\n", r#"
        info MaxconnReached=0 PatternsAdded=4 PatternsFreed=0
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        info MaxconnReached=1
        cli add acl ${dir}/list /c;del acl ${dir}/list /a => |
        info PatternsAdded=5 PatternsFreed=1
        cli prepare acl ${dir}/list => New version created: 1|
        cli add acl @1 ${dir}/list /d;add acl @1 ${dir}/list /e => |
        info PatternsAdded=7 PatternsFreed=1
        cli commit acl @1 ${dir}/list =>
        info PatternsAdded=7 PatternsFreed=3
        cli clear acl ${dir}/list =>
        info PatternsAdded=7 PatternsFreed=5
    "#).differs("HAProxy counts four patterns of ACLs of its own, and the connection that asks", r#"
        info MaxconnReached=0 PatternsAdded=8 PatternsFreed=0
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        info MaxconnReached=2
        cli add acl ${dir}/list /c;del acl ${dir}/list /a => |
        info PatternsAdded=9 PatternsFreed=1
        cli prepare acl ${dir}/list => New version created: 1|
        cli add acl @1 ${dir}/list /d;add acl @1 ${dir}/list /e => |
        info PatternsAdded=11 PatternsFreed=1
        cli commit acl @1 ${dir}/list =>
        info PatternsAdded=11 PatternsFreed=3
        cli clear acl ${dir}/list =>
        info PatternsAdded=11 PatternsFreed=5
    "#).since(3, 4),
    columns: shown(r#"
        a> show stat\n
        a= # pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight,act,bck,chkfail,chkdown,lastchg,downtime,qlimit,pid,iid,sid,throttle,lbtot,tracked,type,rate,rate_lim,rate_max,check_status,check_code,check_duration,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,hanafail,req_rate,req_rate_max,req_tot,cli_abrt,srv_abrt,comp_in,comp_out,comp_byp,comp_rsp,lastsess,last_chk,last_agt,qtime,ctime,rtime,ttime,agent_status,agent_code,agent_duration,check_desc,agent_desc,check_rise,check_fall,check_health,agent_rise,agent_fall,agent_health,addr,cookie,mode,algo,conn_rate,conn_rate_max,conn_tot,intercepted,dcon,dses,wrew,connect,reuse,cache_lookups,cache_hits,srv_icur,src_ilim,qtime_max,ctime_max,rtime_max,ttime_max,eint,idle_conn_cur,safe_conn_cur,used_conn_cur,need_conn_est,uweight,agg_server_status,agg_server_check_status,agg_check_status,srid,sess_other,h1sess,h2sess,h3sess,req_other,h1req,h2req,h3req,proto,priv_idle_cur,reqbin,reqbout,resbin,resbout,-,
    "#),
    rows: shown(r#"
        cli show stat nope 1 1 => No such proxy.|
        stat fe/FRONTEND qcur= scur=0 slim=77 rate_lim=0 algo= cookie= addr= agg_server_status= ssl_sess=0 h2_open_connections=0
        stat be/s qlimit= act=1 bck=0 check_status= agent_status= last_chk= throttle= tracked= pid=1 iid=3 sid=1 mode=http type=2
        stat be/BACKEND slim=8 act=1 bck=0 weight=1 uweight=1 lastsess=-1 downtime=0 iid=3 sid=0 type=1
    "#),
}
