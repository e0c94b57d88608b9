//! Programs that people use with a stats socket: socat in scripts, hatop on a terminal. Each runs where
//! it is installed; elsewhere the test says so.

use crate::proxy;
use crate::support::peer::Peer;
use crate::support::tidegate;
use crate::support::topology::{Surroundings, Topology};
use std::process::{Command, Stdio};

/// A proxy whose stats socket is the file `admin`, and one of TCP.
fn start() -> Topology {
    let config = format!(
        "global\n    stats socket ${{dir}}/admin level admin\n    stats socket \"fd@${{cli}}\" level admin\n{}",
        proxy("").replace(
            "frontend fe\n",
            "frontend fe\n    http-request deny if { src -f ${dir}/list } { path,map(${dir}/map) 1 }\n"
        )
    );
    let place = Surroundings::of(&config);
    for name in ["list", "map"] {
        std::fs::write(place.dir.path().join(name), "").expect("a file in the directory");
    }
    let topology = place.start(&tidegate(), &["-db"]);
    // Answered once the sockets are there.
    let mut peer = Peer::new(topology.connect("cli"));
    peer.send(b"echo here\n".to_vec());
    assert_eq!(peer.rest().as_deref(), Ok(b"here\n\n".as_slice()));
    topology
}

fn is_installed(program: &str) -> bool {
    let found = Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .stdout(Stdio::null())
        .status();
    let is = found.is_ok_and(|status| status.success());
    if !is {
        println!("no {program} on this machine: nothing was tried with it");
    }
    is
}

/// What a script prints in the directory of the sockets.
fn printed(topology: &Topology, script: &str) -> String {
    let output = Command::new("sh")
        .args(["-euc", script])
        .current_dir(topology.dir.path())
        .env("PORT", topology.port("cli").to_string())
        .stdin(Stdio::null())
        .output()
        .expect("a shell");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}\n{errors}");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn socat_in_scripts() {
    if !is_installed("socat") {
        return;
    }
    let topology = start();
    let check = |script: &str, expected: &str| {
        assert_eq!(printed(&topology, script), expected, "{script}");
    };
    check(
        "echo 'show stat' | socat stdio unix-connect:admin | cut -d, -f1,2,18 | grep .",
        "# pxname,svname,status\nfe,FRONTEND,OPEN\nbe,s,no check\nbe,BACKEND,UP\n",
    );
    check(
        "echo 'show info' | socat - ./admin | awk -F': ' '$1 == \"Nbthread\" { print $2 }'",
        "1\n",
    );
    check(
        "for state in maint drain ready; do
             echo \"set server be/s state $state\" | socat - ./admin
             echo 'show servers state be' | socat - ./admin | awk '$4 == \"s\" { print $6, $7 }'
         done",
        "\n0 1\n\n2 8\n\n2 0\n",
    );
    check(
        "echo 'disable server be/s; get weight be/s; enable server be/s' | socat - TCP:127.0.0.1:$PORT",
        "\n1 (initial 1)\n\n\n",
    );
    check(
        "printf 'add acl %s/list 192.0.2.1\\nshow version\\n' \"$PWD\" | socat - ./admin",
        "\n",
    );
    check(
        "printf 'prompt i\\nadd map %s/map <<\\n/a 1\\n/b 2\\n\\nshow map %s/map\\nquit\\n' \"$PWD\" \"$PWD\" |
             socat - ./admin | awk 'NF == 3 { print $2, $3 }'",
        "/a 1\n/b 2\n",
    );
    check(
        "echo 'show acl '$PWD/list | socat -t 5 - ./admin | awk 'NF { print $2 }'",
        "192.0.2.1\n",
    );
    check(
        "head -c 100000 /dev/zero | tr '\\0' a | socat - ./admin | head -c 24",
        "The command line is too ",
    );
    let json = printed(&topology, "echo 'show stat json' | socat - ./admin");
    let json: serde_json::Value = serde_json::from_str(json.trim()).expect("JSON");
    assert_eq!(json.as_array().map(Vec::len), Some(3));
}

/// On a terminal of its own, until it is told to end.
#[test]
fn hatop_on_a_terminal() {
    if !is_installed("hatop") || !is_installed("script") {
        return;
    }
    let topology = start();
    let shown = printed(
        &topology,
        "{ until grep -qs FRONTEND typed; do sleep 0.1; done; printf q; } |
             TERM=xterm timeout 20 script -qfec 'stty cols 120 rows 40; hatop -s ./admin' typed >/dev/null
         cat typed",
    );
    for expected in ["fe", "be", "FRONTEND", "BACKEND"] {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    assert!(!shown.contains("Traceback"), "{shown}");
}
