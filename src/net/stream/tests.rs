//! Streams over loopback, the peer being a plain blocking socket.

use super::*;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixListener;

/// Our side as if accepted, and the peer as a plain blocking socket.
fn pair() -> (Stream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let peer = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (ours, from) = listener.accept().unwrap();
    ours.set_nonblocking(true).unwrap();
    (Stream::accepted(ours.into(), Endpoint::Inet(from)), peer)
}

async fn read(stream: &mut Stream, buffer: &mut Buffer) -> ReadOutcome {
    poll_fn(|cx| stream.poll_read(cx, buffer)).await.unwrap()
}

async fn write(stream: &mut Stream, bytes: &[u8]) -> usize {
    poll_fn(|cx| stream.poll_write(cx, bytes)).await.unwrap()
}

/// Polls once with a waker that does nothing.
fn once<T>(poll: impl FnOnce(&mut Context<'_>) -> Poll<T>) -> Option<T> {
    match poll(&mut Context::from_waker(std::task::Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_short_exchange_never_registers_with_the_reactor() {
    let (mut stream, mut peer) = pair();
    peer.write_all(b"ping").unwrap();
    let mut buffer = Buffer::new(16);
    assert_eq!(read(&mut stream, &mut buffer).await, ReadOutcome::Data(4));
    assert_eq!(write(&mut stream, b"pong").await, 4);
    assert!(matches!(stream.io, Io::Direct(_)));
    drop(stream);
    let mut all = Vec::new();
    peer.read_to_end(&mut all).unwrap();
    assert_eq!((buffer.data(), all), (&b"ping"[..], b"pong".to_vec()));
}

#[tokio::test(flavor = "current_thread")]
async fn reads_fill_the_buffer_then_report_full_then_the_end() {
    let (mut stream, mut peer) = pair();
    peer.write_all(b"abcdef").unwrap();
    peer.shutdown(std::net::Shutdown::Write).unwrap();
    let mut buffer = Buffer::new(4);
    assert_eq!(read(&mut stream, &mut buffer).await, ReadOutcome::Data(4));
    assert_eq!(read(&mut stream, &mut buffer).await, ReadOutcome::Full);
    buffer.consume(3);
    assert_eq!(read(&mut stream, &mut buffer).await, ReadOutcome::Data(2));
    assert_eq!(buffer.data(), b"def");
    assert_eq!(read(&mut stream, &mut buffer).await, ReadOutcome::Eof);
    assert_eq!(read(&mut stream, &mut buffer).await, ReadOutcome::Eof);
}

#[tokio::test(flavor = "current_thread")]
async fn waits_for_bytes_that_come_later() {
    let (mut stream, mut peer) = pair();
    let mut buffer = Buffer::new(16);
    assert_eq!(
        once(|cx| stream.poll_read(cx, &mut buffer)).map(Result::ok),
        None
    );
    for text in [&b"one"[..], b"two"] {
        peer.write_all(text).unwrap();
        assert_eq!(read(&mut stream, &mut buffer).await, ReadOutcome::Data(3));
        assert_eq!(
            once(|cx| stream.poll_read(cx, &mut buffer)).map(Result::ok),
            None
        );
    }
    assert_eq!(buffer.data(), b"onetwo");
}

#[tokio::test(flavor = "current_thread")]
async fn writes_until_the_peer_is_full_and_resumes_when_it_reads() {
    let (mut stream, mut peer) = pair();
    let chunk = vec![b'x'; 1 << 16];
    let mut written = 0usize;
    let slices = [IoSlice::new(&chunk), IoSlice::new(&chunk)];
    while let Some(n) = once(|cx| stream.poll_write_vectored(cx, &slices)) {
        written += n.unwrap();
    }
    assert_eq!(
        once(|cx| stream.poll_write(cx, &chunk)).map(Result::ok),
        None
    );
    let mut seen = vec![0; written];
    peer.read_exact(&mut seen).unwrap();
    let more = write(&mut stream, b"end").await;
    stream.shutdown_write().unwrap();
    let mut rest = Vec::new();
    peer.read_to_end(&mut rest).unwrap();
    assert_eq!((more, rest), (3, b"end".to_vec()));
}

#[tokio::test(flavor = "current_thread")]
async fn the_end_follows_the_last_write_at_once_and_only_the_whole_of_it() {
    let (mut stream, mut peer) = pair();
    let all = vec![b'x'; 1 << 23];
    stream.end_with_next_write();
    let mut sent = 0;
    while let Some(n) = once(|cx| stream.poll_write(cx, all.get(sent..).unwrap())) {
        sent += n.unwrap();
    }
    assert!(sent < all.len(), "the socket takes no more");
    let mut seen = Vec::new();
    let reader = std::thread::spawn(move || peer.read_to_end(&mut seen).map(|_| seen));
    while sent < all.len() {
        sent += write(&mut stream, all.get(sent..).unwrap()).await;
    }
    assert_eq!(reader.join().unwrap().unwrap(), all);
}

#[tokio::test(flavor = "current_thread")]
async fn an_idle_connection_is_quiet_until_bytes_or_the_end() {
    for junk in [&b""[..], b"junk"] {
        let (mut stream, mut peer) = pair();
        assert!(stream.is_quiet());
        assert_eq!(once(|cx| stream.poll_activity(cx)), None);
        tokio::task::yield_now().await;
        assert!(stream.is_quiet());
        peer.write_all(junk).unwrap();
        drop(peer);
        let expected = match junk.len() {
            0 => Activity::Closed,
            _ => Activity::Data,
        };
        assert_eq!(poll_fn(|cx| stream.poll_activity(cx)).await, expected);
        assert!(!stream.is_quiet());
        let mut buffer = Buffer::new(8);
        read(&mut stream, &mut buffer).await;
        assert_eq!(buffer.data(), junk);
    }
}

#[tokio::test(flavor = "current_thread")]
async fn connects_to_tcp_from_a_chosen_source_and_sets_nodelay_before_the_second_send() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = listener.local_addr().unwrap();
    let options = ConnectOptions {
        source: Some("127.0.0.2:0".parse().unwrap()),
        sends_first: true,
    };
    let mut stream = connect(&ServerAddr::Tcp(to), options).await.unwrap();
    let (mut peer, from) = listener.accept().unwrap();
    assert_eq!(from.ip().to_string(), "127.0.0.2");
    assert_eq!(
        (stream.local(), stream.peer()),
        (Endpoint::Inet(from), Endpoint::Inet(to))
    );
    let nodelay = |stream: &Stream| sockopt::tcp_nodelay(stream.fd().unwrap()).unwrap();
    write(&mut stream, b"a").await;
    assert!(!nodelay(&stream));
    write(&mut stream, b"b").await;
    assert!(nodelay(&stream));
    peer.write_all(b"c").unwrap();
    let mut buffer = Buffer::new(4);
    assert_eq!(read(&mut stream, &mut buffer).await, ReadOutcome::Data(1));
}

#[tokio::test(flavor = "current_thread")]
async fn a_first_write_may_stand_for_waiting_to_connect() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = ServerAddr::Tcp(listener.local_addr().unwrap());
    let mut stream = Stream::connect(&to, ConnectOptions::default()).unwrap();
    assert_eq!(write(&mut stream, b"x").await, 1);
    assert!(!stream.is_connecting());
}

#[tokio::test(flavor = "current_thread")]
async fn a_refused_connection_says_so() {
    let to = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        ServerAddr::Tcp(listener.local_addr().unwrap())
    };
    let error = connect(&to, ConnectOptions::default()).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    let mut stream = Stream::connect(&to, ConnectOptions::default()).unwrap();
    let sent = poll_fn(|cx| stream.poll_write(cx, b"x")).await;
    assert_eq!(sent.unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
    assert!(stream.is_connecting());
}

#[tokio::test(flavor = "current_thread")]
async fn connects_to_a_unix_path() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s");
    let _listener = UnixListener::bind(&path).unwrap();
    let mut stream = connect(&ServerAddr::Unix(path), ConnectOptions::default())
        .await
        .unwrap();
    assert_eq!(write(&mut stream, b"x").await, 1);
    assert_eq!(
        (stream.peer(), stream.local()),
        (Endpoint::Unix, Endpoint::Unix)
    );
    let missing = ServerAddr::Unix(dir.path().join("none"));
    assert!(connect(&missing, ConnectOptions::default()).await.is_err());
}

#[tokio::test(flavor = "current_thread")]
async fn abort_resets_the_peer() {
    let (stream, mut peer) = pair();
    stream.abort();
    let error = peer.read(&mut [0]).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
}
