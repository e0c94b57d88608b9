//! The statistics page in a real browser: it renders, sorts, filters and changes a server.
//!
//! Runs where a `chromium` is on `PATH`; elsewhere it says so and looks at the text only. A screenshot
//! is kept as `target/tmp/statistics.png`. The browser is driven over its debugging pipe: messages of
//! JSON that end with a NUL.

use crate::support::peer::Peer;
use crate::support::tidegate;
use crate::support::topology::Topology;
use base64::Engine as _;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

const CONFIG: &str = "\
global
    nbthread 1
    stats socket \"fd@${cli}\" level admin
defaults
    mode http
    timeout client 20s
    timeout server 20s
    timeout connect 20s
frontend fe
    bind \"fd@${fe}\"
    stats enable
    stats uri /stats
    stats admin if TRUE
    http-request rate-limit average 100000 key src name everybody
    default_backend web
backend web
    server alpha ${s} weight 3
    server beta ${s} weight 20
    server gamma ${s} weight 1
backend other
    server delta ${s}
";

/// A browser with one page.
struct Browser {
    process: Child,
    commands: File,
    answers: File,
    /// What was read and is not a whole message yet.
    rest: Vec<u8>,
    session: String,
    sent: u64,
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Browser {
    /// Starts one; `None` without a browser on this machine.
    fn start(dir: &Path) -> Option<Self> {
        Command::new("chromium")
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .ok()
            .filter(|status| status.success())?;
        let pipes = [dir.join("commands"), dir.join("answers")];
        let made = Command::new("mkfifo").args(&pipes).status();
        assert!(made.is_ok_and(|status| status.success()), "no pipes");
        let [to, from] = &pipes;
        let script = "exec chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
                      --remote-debugging-pipe --user-data-dir=\"$3\" --window-size=1500,800 \
                      3<\"$1\" 4>\"$2\"";
        let process = Command::new("sh")
            .args(["-c", script, "sh"])
            .args([to, from, &dir.join("profile")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        let mut browser = Self {
            process,
            commands: File::options().write(true).open(to).expect("a pipe"),
            answers: File::open(from).expect("a pipe"),
            rest: Vec::new(),
            session: String::new(),
            sent: 0,
        };
        let target = browser.ask("Target.createTarget", json!({"url": "about:blank"}));
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let attached = browser.ask("Target.attachToTarget", attach);
        browser.session = attached["sessionId"]
            .as_str()
            .expect("a session")
            .to_owned();
        Some(browser)
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.sent += 1;
        let mut message = json!({"id": self.sent, "method": method, "params": params});
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.commands
            .write_all(&bytes)
            .expect("a browser that reads");
        loop {
            let answer = self.message();
            if answer["id"] == json!(self.sent) {
                assert!(answer["error"].is_null(), "{method}: {answer}");
                return answer["result"].clone();
            }
        }
    }

    fn message(&mut self) -> Value {
        loop {
            if let Some(end) = self.rest.iter().position(|byte| *byte == 0) {
                let whole: Vec<u8> = self.rest.drain(..=end).collect();
                return serde_json::from_slice(&whole[..end]).expect("JSON");
            }
            let mut piece = [0; 65536];
            let length = self.answers.read(&mut piece).expect("an answer");
            assert!(length > 0, "the browser has ended");
            self.rest.extend_from_slice(&piece[..length]);
        }
    }

    /// The value of an expression on the page.
    fn value(&mut self, expression: &str) -> Value {
        let params = json!({
            "expression": expression, "returnByValue": true, "awaitPromise": true
        });
        let result = self.ask("Runtime.evaluate", params);
        assert!(
            result["exceptionDetails"].is_null(),
            "{expression}: {result}"
        );
        result["result"]["value"].clone()
    }

    /// Waits until the page was loaded and an expression is true there.
    fn wait_for(&mut self, expression: &str) {
        let mut frames = 0;
        let is_so = format!("document.readyState == 'complete' && !!({expression})");
        while self.value(&is_so) != json!(true) {
            frames += 1;
            assert!(frames < 1000, "never: {expression}");
            // A promise that the browser resolves a little later.
            self.value("new Promise(done => setTimeout(done, 20))");
        }
    }
}

fn get(topology: &Topology, target: &str) -> String {
    let mut client = Peer::new(topology.connect("fe"));
    let request = format!("GET {target} HTTP/1.0\r\nhost: a\r\n\r\n");
    client.send(request.into_bytes());
    String::from_utf8(client.rest().expect("an answer")).expect("text")
}

#[test]
fn people_see_sort_filter_and_change_servers() {
    let topology = Topology::start(&tidegate(), CONFIG);
    let answer = get(&topology, "/stats");
    let nonce = answer.split("script-src 'nonce-").nth(1).expect("a policy");
    let nonce = nonce.split('\'').next().expect("a nonce");
    assert!(answer.contains(&format!("<script nonce=\"{nonce}\">")));
    assert!(
        !get(&topology, "/stats").contains(nonce),
        "a nonce is used once"
    );
    let Some(mut page) = Browser::start(topology.dir.path()) else {
        println!("no chromium on this machine: only the text of the page was looked at");
        return;
    };
    let url = format!("http://127.0.0.1:{}/stats", topology.port("fe"));
    page.ask("Page.navigate", json!({"url": url}));
    page.wait_for("document.querySelectorAll('tr.server').length == 5");
    let names = "[...document.querySelectorAll('tr.server')].filter(r => r.offsetParent).map(r => r.cells[1].textContent).join(' ')";
    let of_web = "[...document.querySelectorAll('#web ~ form tr.server')].map(r => r.cells[1].textContent).join(' ')";
    assert_eq!(page.value(of_web), json!("alpha beta gamma"));
    // Sorted by name the other way round, then by weight.
    page.value("[...document.querySelectorAll('#web ~ form thead th')].forEach(h => h.textContent == 'Name' && (h.click(), h.click()))");
    assert_eq!(page.value(of_web), json!("gamma beta alpha"));
    page.value("[...document.querySelectorAll('#web ~ form thead th')].forEach(h => h.textContent == 'Weight' && h.click())");
    assert_eq!(page.value(of_web), json!("gamma alpha beta"));
    let filter = |text: &str| {
        format!(
            "q = document.querySelector('input[name=scope]'); q.value = '{text}'; q.dispatchEvent(new Event('input')); 0"
        )
    };
    page.value(&filter("ALPHA"));
    assert_eq!(page.value(names), json!("alpha"));
    page.value(&filter("other"));
    assert_eq!(page.value(names), json!("delta"));
    page.value(&filter(""));
    page.value(
        "document.querySelector('input[value=beta]').checked = true; \
         f = document.querySelector('#web ~ form'); f.action.value; \
         f.querySelector('select').value = 'maint'; f.querySelector('button').click(); 0",
    );
    page.wait_for("document.querySelector('.outcome[data-code=DONE]')");
    let state = "document.querySelector('input[value=beta]').closest('tr').querySelector('.state').textContent";
    let shown = page.value(state);
    assert!(
        shown.as_str().is_some_and(|text| text.starts_with("MAINT")),
        "{shown}"
    );
    let shot = page.ask("Page.captureScreenshot", json!({"format": "png"}));
    let data = shot["data"].as_str().expect("a picture");
    let picture = base64::engine::general_purpose::STANDARD
        .decode(data)
        .expect("base64");
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("statistics.png");
    std::fs::write(&path, picture).expect("a file");
}
