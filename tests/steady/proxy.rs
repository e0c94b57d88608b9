//! The proxy in this process, through the library: text, configuration, worker.

use crate::compiled::compiled;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::AsRawFd;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use tidegate::clock::Clock;
use tidegate::observe::log::{LogIdentity, Logger};
use tidegate::proxy::{self, RunEnvironment, Stop};
use tokio::sync::watch;

/// A running proxy; dropping it stops it and waits for its end.
pub(crate) struct Proxy {
    /// Where it accepts.
    pub(crate) address: SocketAddr,
    stop: Arc<watch::Sender<Stop>>,
    thread: Option<JoinHandle<()>>,
}

impl Proxy {
    /// Serves `config`, in which `${fe}` is the number of an inherited listening socket.
    pub(crate) fn start(config: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address");
        let config = config.replace("${fe}", &listener.as_raw_fd().to_string());
        let config = compiled(config);
        let clock = Clock::system();
        let identity = LogIdentity {
            tag: b"tidegate".as_slice().into(),
            hostname: None,
            pid: std::process::id(),
        };
        let logger = Logger::new(clock.clone(), identity);
        let log = logger.handle();
        let stop = Arc::new(watch::channel(Stop::Not).0);
        let (_, orders) = proxy::orders();
        let (ready, is_ready) = mpsc::channel();
        let environment = RunEnvironment {
            clock,
            log: log.clone(),
            stop: Arc::clone(&stop),
            orders,
            load: Box::new(|| Err("nothing to load again".to_owned())),
            tell: Box::new(|_, _| ()),
            legacy: proxy::Legacy::default(),
            findings: String::new(),
            warnings: 0,
            visitors: tokio::sync::mpsc::unbounded_channel().1,
            no_splice: false,
            no_reuse_port: false,
            control: tidegate::runtime_api::serve,
            bound: Box::new(move |_| {
                // The proxy has its own descriptor of the same socket.
                drop(listener);
                logger.start().expect("a thread");
                Ok(())
            }),
            ready: Box::new(move || ready.send(()).expect("the test waits")),
        };
        let thread = thread::spawn(move || {
            proxy::run(config, environment).expect("a proxy that starts");
            log.shutdown();
        });
        is_ready.recv().expect("a proxy that accepts");
        Self {
            address,
            stop,
            thread: Some(thread),
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // Nobody listens any more if it has failed already.
        let _ = self.stop.send(Stop::Now);
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || thread::panicking(), "the proxy panicked");
        }
    }
}
