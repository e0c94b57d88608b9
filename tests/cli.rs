//! The process as those who start it see it: exit statuses, pid file, readiness, signals.
//!
//! Nothing here sleeps: a started process is ready when its pid file, a FIFO, has been read, or
//! when the notification of `-Ws` arrives.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is how a test fails"
)]

#[path = "cli/another_process.rs"]
mod another_process;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

fn tidegate(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidegate"));
    command
        .args(args)
        .stdin(Stdio::null())
        .env("TESTVAR", "abc");
    command
}

/// A directory with a configuration that listens, on a UNIX socket only.
struct Place {
    dir: TempDir,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("stats.sock");
        let text = format!("global\n    stats socket {}\n", socket.display());
        fs::write(dir.path().join("cfg"), text).unwrap();
        Self { dir }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn start(&self, args: &[&str]) -> Running {
        let pid_file = self.path("pid");
        let fifo = rustix::fs::FileType::Fifo;
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mknodat(rustix::fs::CWD, &pid_file, fifo, mode, 0).unwrap();
        let child = tidegate(args)
            .args([Path::new("-f"), &self.path("cfg")])
            .args([Path::new("-p"), &pid_file])
            .env("NOTIFY_SOCKET", self.path("notify"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let pid = fs::read_to_string(&pid_file).unwrap();
        fs::remove_file(&pid_file).unwrap();
        Running {
            child,
            pid: pid.trim_end().parse().unwrap(),
        }
    }
}

/// A process that caught up with its pid file.
struct Running {
    child: Child,
    pid: i32,
}

impl Running {
    fn stop(mut self, signal: rustix::process::Signal) -> (Option<i32>, Option<i32>) {
        assert_eq!(self.pid, self.child.id() as i32);
        send(self.pid, signal);
        let status = self.child.wait().unwrap();
        (status.code(), status.signal())
    }
}

fn send(pid: i32, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(pid, signal).unwrap();
}

fn output(args: &[&str]) -> (i32, Output) {
    let output = tidegate(args).output().unwrap();
    (output.status.code().unwrap(), output)
}

#[track_caller]
fn check_condition(condition: &str, expected: i32) {
    let (code, output) = output(&["-dM", "-dI", "-dW", "-cc", condition]);
    assert_eq!(code, expected, "{condition}: {output:?}");
}

#[test]
fn conditions_are_exit_statuses() {
    check_condition("1", 0);
    check_condition("!(0)", 0);
    check_condition("-1000", 0);
    check_condition("", 1);
    check_condition("feature(THREAD) && !feature(QUIC)", 0);
    check_condition("feature(NO_SUCH_THING)", 1);
    check_condition("version_atleast(3.4-dev2)", 0);
    check_condition("version_atleast(1024)", 1);
    check_condition("streq(\"$TESTVAR\",abc)", 0);
    check_condition("enabled(SPLICE)", 0);
    check_condition("200rrr", 2);
    check_condition("!(0))", 2);
    check_condition("streq(a,\"a)", 2);
}

/// Checks the configuration of a [`Place`] unless `text` replaces it.
#[track_caller]
fn check_load(args: &[&str], text: Option<&str>, code: i32, stdout: &str) {
    let place = Place::new();
    let path = place.path("cfg");
    if let Some(text) = text {
        fs::write(&path, text).unwrap();
    }
    let mut all = args.to_vec();
    let path = path.to_string_lossy();
    all.extend(["-f", &path]);
    let (seen, output) = output(&all);
    assert_eq!(seen, code, "{args:?}: {output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), stdout, "{args:?}");
}

const NO_LISTENER: &str =
    "Configuration file has no error but will not start (no listener) => exit(2).\n";

#[test]
fn check_mode() {
    check_load(&["-c"], None, 0, "");
    check_load(
        &["-c", "-dM", "-dI", "-dW", "-V"],
        None,
        0,
        "Configuration file is valid\n",
    );
    check_load(
        &["-V", "-q", "-c"],
        None,
        0,
        "Configuration file is valid\n",
    );
    check_load(
        &["run", "-V", "-c"],
        None,
        0,
        "Configuration file is valid\n",
    );
    check_load(&["-c"], Some("global\n"), 2, NO_LISTENER);
    check_load(&["-c", "-q"], Some("global\n"), 2, "");
    check_load(&["-c", "-V"], Some("global\n \"open\n"), 1, "");
    check_load(&["-d"], Some("global\n \"open\n"), 1, "");
    check_load(&["-d"], Some("global\n"), 1, "");
}

#[track_caller]
fn check_stderr(args: &[&str], code: i32, parts: &[&str]) {
    let (seen, output) = output(args);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(seen, code, "{args:?}: {stderr}");
    for part in parts {
        assert!(
            stderr.contains(part),
            "{args:?}: {part:?} is not in {stderr}"
        );
    }
}

#[test]
fn what_cannot_work_says_so() {
    check_stderr(&[], 1, &["TG0901", "no configuration file given", "Usage"]);
    check_stderr(&["-z"], 1, &["unknown argument '-z'", "Usage"]);
    check_stderr(
        &["frobnicate"],
        1,
        &["unrecognized subcommand 'frobnicate'"],
    );
    check_stderr(&["chek"], 1, &["did you mean 'check'?"]);
    check_stderr(&["web.cfg"], 1, &["'tidegate check web.cfg'"]);
    check_stderr(&["check", "--offlin"], 1, &["did you mean '--offline'?"]);
    check_stderr(
        &["-f", "/nonexistent/x", "-c"],
        1,
        &["TG0902", "No such file or directory"],
    );
    check_stderr(
        &["-C", "/nonexistent", "-c"],
        1,
        &["Could not change to directory"],
    );
    check_stderr(&["-sf", "1x", "-c"], 1, &["'1x' is not a process id"]);
    check_stderr(&["check"], 1, &["-f <FILE>"]);
    check_stderr(&["-S", "-c", "-f", "x"], 1, &["missing port", "'-c'"]);
    check_stderr(&["-S", "/x", "-f", "x"], 1, &["mode (-W) is not enabled"]);
    check_stderr(&["-dMfoo"], 1, &["unknown pool debugging feature <foo>"]);
    check_stderr(&["-dMhelp"], 0, &[]);
    check_stderr(
        &["-dC", "-dKall", "-c", "-f", "/nonexistent/x"],
        1,
        &["'-dC' prints nothing here", "'-dKall' prints nothing here"],
    );
    check_stderr(&["-q", "-f", "/nonexistent/x", "-c"], 1, &[]);
}

#[test]
fn check_takes_files_as_people_write_them() {
    let place = Place::new();
    let good = place.path("cfg");
    let bad = place.path("bad");
    fs::write(&bad, "global\n maxcon 1\n").unwrap();
    let (good, bad) = (good.to_str().unwrap(), bad.to_str().unwrap());
    let valid = "Configuration file is valid: 0 error(s), 0 warning(s)\n";
    let check = |args: &[&str], code, expected: &str| {
        let (seen, output) = output(args);
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert_eq!(seen, code, "{args:?}: {output:?}");
        let shown = match expected {
            "" => stdout.is_empty() && output.stderr.is_empty(),
            part => stdout.contains(part),
        };
        assert!(shown, "{args:?}: {output:?}");
    };
    check(&["check", good], 0, valid);
    check(&["check", "-f", good], 0, valid);
    check(&["check", "-c", "-V", "-L", "here", "-f", good], 0, valid);
    check(&["check", "-q", good], 0, "");
    check(&["check", "-q", bad], 1, "");
    check(&["check", bad, good], 1, "did you mean 'maxconn'?");
    check(&["check", bad], 1, "once there are no errors");
    check(&["check", "/nonexistent/x"], 1, "TG0902");
    for args in [
        &["--version"][..],
        &["check", "--version"],
        &["-v"],
        &["version"],
    ] {
        check(args, 0, "compatible with HAProxy");
    }
}

#[test]
fn a_failed_load_ends_as_scripts_expect() {
    let place = Place::new();
    let cfg = place.path("cfg");
    fs::write(&cfg, "global\n \"open\n").unwrap();
    let cfg = cfg.to_string_lossy();
    let found = format!("config : Error(s) found in configuration file : {cfg}\n");
    let parts = [found.as_str(), "Fatal errors found in configuration.\n"];
    check_stderr(&["-c", "-f", &cfg], 1, &parts);
}

#[test]
fn interrupts_stop_at_once() {
    use rustix::process::Signal;
    for signal in [Signal::INT, Signal::TERM, Signal::USR1] {
        let place = Place::new();
        let ended = place.start(&["-d", "-dM", "-dI", "-dW"]).stop(signal);
        assert_eq!(ended, (Some(0), None), "{signal:?}");
    }
}

#[test]
fn a_hangup_is_survived() {
    let place = Place::new();
    let running = place.start(&["-db"]);
    send(running.pid, rustix::process::Signal::HUP);
    assert_eq!(running.stop(rustix::process::Signal::INT), (Some(0), None));
}

#[test]
fn systemd_is_told_and_the_status_tells_the_signal() {
    let place = Place::new();
    let notified = UnixDatagram::bind(place.path("notify")).unwrap();
    let socket = place.path("master.sock");
    let running = place.start(&["-d", "-Ws", "-S", socket.to_str().unwrap()]);
    let told = |expected: &str| {
        let mut buf = [0; 256];
        let len = notified.recv(&mut buf).unwrap();
        let text = String::from_utf8_lossy(&buf[..len]).into_owned();
        assert!(text.contains(expected), "{text}");
    };
    told("READY=1");
    send(running.pid, rustix::process::Signal::USR2);
    told("RELOADING=1");
    told("READY=1");
    assert_eq!(
        running.stop(rustix::process::Signal::INT),
        (Some(130), None)
    );
}

/// Checks the exit status of `tidegate check` and parts of what it prints.
#[track_caller]
fn check_findings(text: &str, args: &[&str], code: i32, parts: &[&str]) {
    let dir = tempfile::tempdir().unwrap();
    let cfg = dir.path().join("t.cfg");
    fs::write(&cfg, text).unwrap();
    let (seen, output) = output(&[&["check", "-f", &cfg.to_string_lossy()], args].concat());
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(seen, code, "{args:?}: {stdout}");
    for part in parts {
        assert!(
            stdout.contains(part),
            "{args:?}: {part:?} is not in {stdout}"
        );
    }
    assert!(
        !stdout.contains('\x1b'),
        "colour without a terminal: {stdout}"
    );
}

#[test]
fn findings_are_shown_as_asked() {
    let deprecated = "global\n    master-worker\n";
    check_findings(
        deprecated,
        &[],
        0,
        &["warning[TG0220]", "is valid: 0 error(s), 1 warning(s)"],
    );
    check_findings(deprecated, &["-dW"], 1, &["error[TG0220]"]);
    check_findings(deprecated, &["--deny-warnings"], 1, &["error[TG0220]"]);
    check_findings(deprecated, &["--deny", "tg0220"], 1, &["error[TG0220]"]);
    check_findings(
        deprecated,
        &["--allow", "TG0220", "-dW"],
        0,
        &["is valid: 0 error(s), 0"],
    );
    let allowed = "global\n    # tidegate:allow(TG0220)\n    master-worker\n";
    check_findings(allowed, &["-dW"], 0, &["0 error(s), 0 warning(s)"]);
    let wrong = "global\n    maxcon 5\n";
    check_findings(
        wrong,
        &[],
        1,
        &["error[TG0201]", "did you mean 'maxconn'?", "not valid"],
    );
    check_findings(
        wrong,
        &["--format", "short"],
        1,
        &["t.cfg:2:5: error[TG0201]: unknown"],
    );
    check_findings(
        wrong,
        &["--format", "json"],
        1,
        &["{\"code\":\"TG0201\"", "\"line\":2"],
    );
    check_findings(
        wrong,
        &["--format", "sarif"],
        1,
        &["\"2.1.0\"", "\"startLine\": 2"],
    );
    check_findings(
        &"x\n".repeat(900),
        &["--format", "short"],
        1,
        &["t.cfg:1:1: error[TG0141]"],
    );
    let many = format!("global\n{}", "    maxcon 5\n".repeat(900));
    check_findings(&many, &[], 1, &["... and 700 more", "900 error(s)"]);
    let named = "backend b\n    server s app.invalid:80\n";
    check_findings(
        named,
        &["--offline", "--allow", "TG0802"],
        0,
        &["0 error(s)"],
    );
    check_stderr(
        &["check", "-f", "x", "--deny", "TG0210x"],
        1,
        &["did you mean 'TG0210'?"],
    );
}

#[test]
fn codes_are_explained() {
    let stdout = |args: &[&str]| {
        let (code, output) = output(args);
        assert_eq!(code, 0, "{args:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(
        stdout(&["explain-code", "TG0101"]).starts_with("TG0101: a quote that is not closed\n")
    );
    let list = stdout(&["explain-code"]);
    assert!(list.lines().count() > 90 && list.lines().all(|line| line.starts_with("TG")));
    check_stderr(&["explain-code", "TG01010"], 1, &["did you mean 'TG0101'?"]);
}

#[test]
fn a_daemon_leaves_and_reports_failures() {
    let place = Place::new();
    let mut parent = place.start(&["-D"]);
    assert!(parent.child.wait().unwrap().success());
    assert_ne!(parent.pid, parent.child.id() as i32);
    let stdout = fs::read_link(format!("/proc/{}/fd/1", parent.pid)).unwrap();
    assert_eq!(stdout, Path::new("/dev/null"));
    send(parent.pid, rustix::process::Signal::TERM);

    let cfg = place.path("cfg");
    let args = ["-D", "-p", "/nonexistent/pid", "-f", &cfg.to_string_lossy()];
    check_stderr(&args, 1, &["TG0904", "cannot create pid file"]);
}

#[test]
fn the_demo_serves_from_all_origins_and_logs_it() {
    let mut demo = tidegate(&["demo", "--port", "0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(demo.stdout.take().unwrap()).lines();
    let first = stdout.next().unwrap().unwrap();
    let address = first.split(' ').find(|word| word.starts_with("127.0.0.1:"));
    let mut names: Vec<String> = Vec::new();
    for path in ["/hello", "/hello", "/hello", "/flaky"] {
        let mut client = TcpStream::connect(address.unwrap()).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: demo\r\nConnection: close\r\n\r\n");
        client.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        let body = answer.split("\r\n\r\n").nth(1).unwrap();
        assert!(body.contains(&format!(" got {path} from ")), "{answer}");
        names.push(body.split(' ').nth(1).unwrap().to_owned());
    }
    let (shared, flaky) = names.split_at(3);
    assert!(
        ["one", "two"]
            .iter()
            .all(|name| shared.contains(&(*name).to_owned())),
        "{names:?}"
    );
    assert_eq!(flaky, ["moody"]);
    for what in [
        "entry flaky/moody",
        "circuit breaker flaky/trouble: state closed",
        "rate limit visitors: keys 1",
    ] {
        let seen = stdout.find(|line| line.as_ref().unwrap().contains(what));
        assert!(seen.is_some(), "{what}");
    }
    demo.kill().unwrap();
    demo.wait().unwrap();
}

#[test]
fn the_demo_ends_by_itself_and_shows_its_configuration() {
    let shown = tidegate(&["demo", "--print-config"]).output().unwrap();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/demo.cfg");
    assert_eq!(shown.stdout, fs::read(file).unwrap());
    let output = tidegate(&["demo", "--port", "0", "--for", "2s"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("After 2 seconds: served "), "{text}");
}

#[test]
fn formatting_writes_files_and_checking_lists_them() {
    let place = Place::new();
    let (good, bad) = (place.path("good.cfg"), place.path("bad.cfg"));
    fs::write(&good, "global\n    daemon\n").unwrap();
    fs::write(&bad, "global\n  daemon   # x\n\n\n").unwrap();
    fs::set_permissions(&bad, fs::Permissions::from_mode(0o640)).unwrap();
    let dir = place.dir.path().to_string_lossy().into_owned();
    let (code, seen) = output(&["fmt", "--check", &dir]);
    let listed = format!("{}\n", bad.display());
    assert_eq!((code, seen.stdout), (1, listed.into_bytes()));
    check_stderr(&["fmt", &dir], 1, &["is a directory", "--all"]);
    assert_eq!(output(&["fmt", "--check", &dir]).0, 1);
    let (code, seen) = output(&["fmt", "--all", &dir]);
    let listed = format!("{}\n", bad.display());
    assert_eq!((code, seen.stdout), (0, listed.into_bytes()));
    assert_eq!(
        fs::read_to_string(&bad).unwrap(),
        "global\n    daemon # x\n"
    );
    assert_eq!(
        fs::metadata(&bad).unwrap().permissions().mode() & 0o777,
        0o640
    );
    assert!(!place.path(".bad.cfg.fmt").exists());
    assert_eq!(output(&["fmt", "--check", &dir]).0, 0);
    check_stderr(
        &["fmt", "/nonexistent/x"],
        1,
        &["/nonexistent/x: No such file"],
    );
}

#[test]
fn stdin_is_formatted_to_stdout() {
    let mut fmt = tidegate(&["fmt"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = fmt.stdin.take().unwrap();
    stdin.write_all(b" global\ndaemon\n").unwrap();
    drop(stdin);
    let output = fmt.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(output.stdout, b"global\n    daemon\n");
}

#[track_caller]
fn check_keywords(args: &[&str], parts: &[&str]) {
    let mut all = vec!["keywords"];
    all.extend(args);
    let (code, output) = output(&all);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(code, 0, "{args:?}");
    for part in parts {
        assert!(text.contains(part), "{args:?}: {part:?} is not there");
    }
}

#[test]
fn the_vocabulary_is_listed() {
    check_keywords(
        &[],
        &["works", "no-effect", "not-yet", "removed", "tune.bufsize"],
    );
    check_keywords(&["--status", "removed"], &["reqrep", "http-request"]);
    check_keywords(&["--class", "fetch", "--format", "json"], &["\"req.hdr\""]);
    check_keywords(&["--format", "markdown"], &["# Compatibility"]);
}

/// A request over an abstract UNIX socket, and the status of its answer.
fn status_of(name: &str) -> String {
    use std::os::linux::net::SocketAddrExt;
    let mut padded = name.as_bytes().to_vec();
    padded.resize(107, 0);
    let address = std::os::unix::net::SocketAddr::from_abstract_name(padded).unwrap();
    let mut stream = std::os::unix::net::UnixStream::connect_addr(&address).unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.lines().next().unwrap_or_default().to_owned()
}

/// What a command socket answers.
fn command(socket: &Path, command: &str) -> String {
    let mut stream = std::os::unix::net::UnixStream::connect(socket).unwrap();
    stream.write_all(format!("{command}\n").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_master_replaces_its_worker() {
    let place = Place::new();
    let socket = place.path("master.sock");
    let name = format!("tidegate-master-{}", std::process::id());
    let config = |action: &str| {
        let text = format!(
            "frontend fe\n    mode http\n    timeout client 5s\n    bind abns@{name}\n    \
             http-request {action}\n"
        );
        fs::write(place.path("cfg"), text).unwrap();
    };
    config("return status 200");
    let master = place.start(&["-W", "-S", socket.to_str().unwrap()]);
    assert_eq!(status_of(&name), "HTTP/1.1 200 OK");
    assert_eq!(command(&socket, "@1 show version"), "3.4.0\n\n");
    config("deny");
    assert_eq!(
        command(&socket, "reload"),
        "Success=1\n--\nLoading success.\n"
    );
    // Until the old worker has left either may accept.
    while command(&socket, "show proc").contains("# old workers") {}
    assert_eq!(status_of(&name), "HTTP/1.1 403 Forbidden");
    config("nonsense");
    let refused = command(&socket, "reload");
    assert!(refused.starts_with("Success=0\n--\nerror[TG"), "{refused}");
    assert_eq!(status_of(&name), "HTTP/1.1 403 Forbidden");
    let shown = command(&socket, "show proc");
    let first = format!("{:<15} master          2 [failed: 1]", master.pid);
    assert!(shown.lines().nth(1).unwrap().starts_with(&first), "{shown}");
    let stopped = master.stop(rustix::process::Signal::TERM);
    assert_eq!(stopped, (Some(143), None));
}

/// A process with a table of 2,000 entries, which it shares with local peers if there are `peers`; its stats
/// socket.
fn with_entries(place: &Place, args: &[&str], peers: bool) -> (Running, PathBuf) {
    let socket = place.path("stats.sock");
    let mut text = format!(
        "global\n    localpeer A\n    stats socket {} level admin expose-fd listeners\n\
         backend t\n    stick-table type string size 10k expire 1h store gpc0,gpc0_rate(1h)",
        socket.display(),
    );
    if peers {
        let path = place.path("peers.sock");
        text.push_str(&format!(
            " peers mesh\npeers mesh\n    bind unix@{}\n    server A",
            path.display()
        ));
    }
    fs::write(place.path("cfg"), text + "\n").unwrap();
    let running = place.start(args);
    for batch in (0..2_000).collect::<Vec<u32>>().chunks(100) {
        let set = |key: &u32| format!("set table t key k{key} data.gpc0 {key}");
        let line: Vec<String> = batch.iter().map(set).collect();
        command(&socket, &line.join(";"));
    }
    (running, socket)
}

/// Whether the entries are there.
fn has_entries(socket: &Path) -> bool {
    [1, 1_000, 1_999].into_iter().all(|key| {
        let shown = command(socket, &format!("show table t key k{key}"));
        shown.contains(&format!("gpc0={key} "))
    })
}

#[test]
fn tables_go_on_in_the_next_worker() {
    let place = Place::new();
    let master_socket = place.path("master.sock");
    let args = ["-W", "-S", master_socket.to_str().unwrap()];
    let (master, socket) = with_entries(&place, &args, false);
    assert_eq!(
        command(&master_socket, "reload"),
        "Success=1\n--\nLoading success.\n"
    );
    while command(&master_socket, "show proc").contains("# old workers") {}
    assert!(has_entries(&socket));
    let stopped = master.stop(rustix::process::Signal::TERM);
    assert_eq!(stopped, (Some(143), None));
}

#[test]
fn tables_go_on_in_the_process_that_takes_over() {
    let place = Place::new();
    let (mut old, socket) = with_entries(&place, &[], false);
    let pid = old.pid.to_string();
    let new = place.start(&["-x", socket.to_str().unwrap(), "-sf", &pid]);
    assert_eq!(old.child.wait().unwrap().code(), Some(0));
    assert!(has_entries(&socket));
    assert_eq!(new.stop(rustix::process::Signal::TERM).0, Some(0));
}

/// Without `-x`, as HAProxy does it: the old process connects to the new one as its local peer.
#[test]
fn a_process_that_leaves_teaches_the_next_one() {
    let place = Place::new();
    let (mut old, socket) = with_entries(&place, &[], true);
    let pid = old.pid.to_string();
    let new = place.start(&["-sf", &pid]);
    assert_eq!(old.child.wait().unwrap().code(), Some(0));
    assert!(has_entries(&socket));
    let learned = command(&socket, "show peers");
    // A lesson of the local peer was begun and was whole, as HAProxy's bits say.
    assert!(
        learned.contains(" flags=0x11000003 resync_timeout=<PAST>"),
        "{learned}"
    );
    // Nobody is there to be taught.
    assert_eq!(new.stop(rustix::process::Signal::USR1).0, Some(0));
}

/// Whoever answers the questions of a new process with nonsense keeps it from its tables only.
#[test]
fn tables_that_cannot_be_read_are_empty() {
    let place = Place::new();
    let (old, socket) = with_entries(&place, &[], false);
    let between = place.path("between.sock");
    let listener = std::os::unix::net::UnixListener::bind(&between).unwrap();
    let old_socket = socket.clone();
    let liar = std::thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        let mut asked = [0; 10];
        stream.read_exact(&mut asked).unwrap();
        assert_eq!(&asked, b"_getsocks\n");
        // None.
        stream.write_all(&0_i32.to_ne_bytes()).unwrap();
        let mut stream = listener.accept().unwrap().0;
        let mut asked = [0; 11];
        stream.read_exact(&mut asked).unwrap();
        assert_eq!(&asked, b"_gettables\n");
        let mut first = std::os::unix::net::UnixStream::connect(old_socket).unwrap();
        first.write_all(&asked).unwrap();
        let mut tables = Vec::new();
        first.read_to_end(&mut tables).unwrap();
        stream.write_all(&tables[..tables.len() / 2]).unwrap();
    });
    let new = place.start(&["-x", between.to_str().unwrap()]);
    liar.join().unwrap();
    let shown = command(&socket, "show table");
    assert!(
        shown.starts_with("# table: t, type: string, size:10240, used:"),
        "{shown}"
    );
    for running in [old, new] {
        assert_eq!(running.stop(rustix::process::Signal::TERM).0, Some(0));
    }
}

#[test]
fn a_master_ends_when_its_worker_does() {
    let place = Place::new();
    let socket = place.path("master.sock");
    let mut master = place.start(&["-W", "-S", socket.to_str().unwrap()]);
    let shown = command(&socket, "show proc");
    let worker = shown.lines().nth(3).unwrap().split(' ').next().unwrap();
    send(worker.parse().unwrap(), rustix::process::Signal::KILL);
    assert_eq!(master.child.wait().unwrap().code(), Some(137));
}

#[test]
fn a_new_process_takes_the_sockets_of_the_old_one() {
    let place = Place::new();
    let socket = place.path("stats.sock");
    let name = format!("tidegate-take-over-{}", std::process::id());
    let config = |status| {
        let text = format!(
            "global\n    stats socket {} level admin expose-fd listeners\n\
             frontend fe\n    mode http\n    timeout client 5s\n    bind abns@{name}\n    \
             http-request return status {status}\n",
            socket.display()
        );
        fs::write(place.path("cfg"), text).unwrap();
    };
    config(200);
    let mut old = place.start(&[]);
    assert_eq!(status_of(&name), "HTTP/1.1 200 OK");
    config(403);
    let pid = old.pid.to_string();
    // Nobody else could have this abstract name while the old process listens there.
    let new = place.start(&["-x", socket.to_str().unwrap(), "-sf", &pid]);
    assert_eq!(old.child.wait().unwrap().code(), Some(0));
    assert_eq!(status_of(&name), "HTTP/1.1 403 Forbidden");
    assert_eq!(new.stop(rustix::process::Signal::TERM).0, Some(0));
}

#[test]
fn an_old_process_that_gives_nothing_is_an_error() {
    let place = Place::new();
    let check = |path: &Path| {
        let (code, output) = output(&[
            "-db",
            "-x",
            path.to_str().unwrap(),
            "-f",
            place.path("cfg").to_str().unwrap(),
        ]);
        assert_eq!(code, 1, "{output:?}");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.contains("TG0930"), "{stderr}");
    };
    check(&place.path("nobody"));
    let running = place.start(&[]);
    check(&place.path("stats.sock"));
    running.stop(rustix::process::Signal::TERM);
}
