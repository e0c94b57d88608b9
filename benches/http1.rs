//! The wire layer's costs: what every request pays twice.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use tidegate::http1::{Body, Connection, HeadLimits, RequestHead, ResponseHead, WriteOptions};

const LIMITS: HeadLimits = HeadLimits {
    max_size: 15_360,
    max_headers: 101,
};

const SMALL: &[u8] = b"GET /hello HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: wrk/4.1.0\r\n\
Accept: */*\r\nConnection: keep-alive\r\n\r\n";

const BROWSER: &[u8] = b"GET /static/app/main.7f3a.js?v=20260101 HTTP/1.1\r\nHost: www.example.com\r\n\
Connection: keep-alive\r\nsec-ch-ua: \"Chromium\";v=\"130\", \"Not?A_Brand\";v=\"99\"\r\n\
sec-ch-ua-mobile: ?0\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
Chrome/130.0.0.0 Safari/537.36\r\nAccept: */*\r\nSec-Fetch-Site: same-origin\r\n\
Sec-Fetch-Mode: no-cors\r\nReferer: https://www.example.com/app/index.html\r\n\
Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-GB,en;q=0.9,de;q=0.8\r\n\
Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; consent=1\r\n\r\n";

const RESPONSE: &[u8] =
    b"HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Sun, 22 Nov 2026 17:00:00 GMT\r\n\
Content-Type: text/plain\r\nContent-Length: 12\r\nConnection: keep-alive\r\n\r\n";

fn parsed(input: &[u8]) -> RequestHead {
    let mut head = RequestHead::default();
    head.parse(input, LIMITS).expect("a good head");
    head
}

fn heads(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("head");
    for (name, input) in [("4 headers", SMALL), ("12 headers", BROWSER)] {
        let mut head = RequestHead::default();
        group.bench_function(format!("parse {name}"), |b| {
            b.iter(|| head.parse(black_box(input), LIMITS));
        });
        let head = parsed(input);
        let mut out = Vec::with_capacity(4096);
        let options = WriteOptions::default();
        group.bench_function(format!("write {name}"), |b| {
            b.iter(|| {
                out.clear();
                black_box(&head).write_to(&mut out, &options);
            });
        });
    }
    let mut head = ResponseHead::default();
    group.bench_function("parse response", |b| {
        b.iter(|| head.parse(black_box(RESPONSE), LIMITS));
    });
    group.finish();
}

fn edits(criterion: &mut Criterion) {
    let mut head = RequestHead::default();
    let mut out = Vec::with_capacity(4096);
    let options = WriteOptions {
        connection: Connection::Close,
        ..WriteOptions::default()
    };
    criterion.bench_function("head/parse, four edits, write 12 headers", |b| {
        b.iter(|| {
            out.clear();
            head.parse(black_box(BROWSER), LIMITS).expect("a good head");
            head.set_header(b"x-forwarded-for", b"192.0.2.1")
                .expect("fits");
            head.set_header(b"x-forwarded-proto", b"https")
                .expect("fits");
            head.remove_header(b"cookie");
            head.set_path(b"/assets/main.js").expect("fits");
            head.write_to(&mut out, &options);
        });
    });
}

/// 16 kB of chunks of this size, in canonical form.
fn chunks(size: usize) -> Vec<u8> {
    let mut input = Vec::new();
    while input.len() + size + 12 < 16_384 {
        input.extend_from_slice(format!("{size:x}\r\n").as_bytes());
        input.resize(input.len() + size, b'x');
        input.extend_from_slice(b"\r\n");
    }
    input.extend_from_slice(b"0\r\n\r\n");
    input
}

fn bodies(criterion: &mut Criterion) {
    let head = parsed(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    let mut group = criterion.benchmark_group("chunked 16 kB");
    group.throughput(Throughput::Bytes(16_384));
    for size in [16, 256, 4000] {
        let input = chunks(size);
        for (name, body) in [("kept", head.body()), ("unframed", head.body().unframed())] {
            group.bench_function(format!("{name} by {size}"), |b| {
                b.iter_batched_ref(
                    || (body.clone(), input.clone()),
                    |(body, input): &mut (Body, Vec<u8>)| body.advance(input),
                    BatchSize::SmallInput,
                );
            });
        }
    }
    group.finish();
}

criterion_group!(benches, heads, edits, bodies);
criterion_main!(benches);
