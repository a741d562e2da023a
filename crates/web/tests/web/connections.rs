//! Connections that say nothing, ask for nothing or read nothing: each ends by itself, and meanwhile others are served.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::{get, post};
use candor_web::server::{self, Serving};

use crate::http2::{
    CONTINUATION, HEADERS, INITIAL_WINDOW, PING, RST_STREAM, frame, get as ask, head, pings_answered,
    preface, preface_with,
};

/// Far longer than any connection may stay, so that a busy machine fails no test.
const PATIENCE: Duration = Duration::from_mins(2);
const HEADER_TIME: Duration = Duration::from_secs(5);

fn start() -> (Serving, SocketAddr) {
    let router = Router::new()
        .route("/", get(|| async { "ok" }))
        .route("/large", get(|| async { "x".repeat(256 * 1024) }))
        .route("/body", post(|body: axum::body::Bytes| async move { body.len().to_string() }));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (server::serve(listener, None, HEADER_TIME, None, router).unwrap(), address)
}

/// What a peer does that asks for nothing more.
#[derive(Clone, Copy)]
enum Then {
    /// Reads what comes, and answers pings.
    Listens,
    /// The same, and pings all the time itself.
    Pings,
}

/// Sends these bytes, and waits for the other side to end the connection.
fn ends_after(address: SocketAddr, bytes: &[u8], then: Then) {
    let mut connection = TcpStream::connect(address).unwrap();
    connection.write_all(bytes).unwrap();
    connection.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    let is_http2 = bytes.starts_with(b"PRI * HTTP/2.0\r\n\r\n");
    let (mut pending, mut buffer) = (Vec::new(), [0; 4096]);
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        match connection.read(&mut buffer) {
            Ok(0) => return,
            Ok(read) if is_http2 => pending.extend(&buffer[..read]),
            Ok(_) => {}
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                if matches!(then, Then::Pings) {
                    // Where it has been ended, the next read says so.
                    let _ended = connection.write_all(&frame(PING, 0, 0, &[7; 8]));
                }
            }
            Err(_) => return,
        }
        for answer in pings_answered(&mut pending) {
            let _ended = connection.write_all(&answer);
        }
    }
    panic!("it is still open: {:?}", String::from_utf8_lossy(&bytes[..bytes.len().min(60)]));
}

fn is_served(address: SocketAddr) {
    let mut connection = TcpStream::connect(address).unwrap();
    connection.set_read_timeout(Some(PATIENCE)).unwrap();
    connection.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

/// What makes no progress, each on a connection of its own.
fn stuck() -> Vec<Vec<u8>> {
    let nothing_may_be_sent = |answers: u32| {
        let asked = (0..answers).flat_map(|number| ask(2 * number + 1, "/large"));
        preface_with(&[(INITIAL_WINDOW, 0)]).into_iter().chain(asked).collect()
    };
    vec![
        b"".to_vec(),
        b"P".to_vec(),
        b"G".to_vec(),
        b"PRI * HTTP/2.0\r\n".to_vec(),
        preface(),
        b"GET / HTTP/1.1\r\nhost: x\r\n\r\n".to_vec(),
        b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: ".to_vec(),
        [preface(), ask(1, "/")].concat(),
        nothing_may_be_sent(1),
        nothing_may_be_sent(90),
        [preface_with(&[(INITIAL_WINDOW, 1)]), ask(1, "/large")].concat(),
        // The head that never ends.
        [preface(), frame(HEADERS, 0, 1, &head("/"))].concat(),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_progress_ends_and_keeps_nobody_out() {
    let (_serving, address) = start();
    let silent = stuck().into_iter().map(|bytes| (bytes, Then::Listens));
    // Pings are no progress: neither one's own nor the answers to them.
    let pinging = [
        [preface(), ask(1, "/")].concat(),
        [preface_with(&[(INITIAL_WINDOW, 0)]), ask(1, "/large"), ask(3, "/large")].concat(),
    ];
    let pinging = pinging.into_iter().map(|bytes| (bytes, Then::Pings));
    let waiting: Vec<_> = silent
        .chain(pinging)
        .map(|(bytes, then)| tokio::task::spawn_blocking(move || ends_after(address, &bytes, then)))
        .collect();
    tokio::task::spawn_blocking(move || is_served(address)).await.unwrap();
    for waiting in waiting {
        waiting.await.unwrap();
    }
}

/// HTTP/1 answers that nobody reads: the sockets' own buffers fill, and then nothing moves.
#[tokio::test(flavor = "multi_thread")]
async fn answers_that_nobody_reads_end() {
    let (_serving, address) = start();
    let asking = b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n".repeat(60);
    tokio::task::spawn_blocking(move || {
        let mut connection = TcpStream::connect(address).unwrap();
        connection.set_write_timeout(Some(Duration::from_secs(1))).unwrap();
        connection.write_all(&asking).unwrap();
        // Whatever was buffered can be read; what was not never comes.
        std::thread::sleep(Duration::from_secs(30));
        connection.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut received = Vec::new();
        let _cut_off = connection.read_to_end(&mut received);
        assert!(received.len() < 60 * 256 * 1024, "all of it was sent to somebody who did not read");
        is_served(address);
    })
    .await
    .unwrap();
}

/// Rapid reset (CVE-2023-44487), a head of endless continuations (CVE-2024-27316), and thousands of fields.
#[tokio::test(flavor = "multi_thread")]
async fn floods_of_frames_and_fields_end_and_keep_nobody_out() {
    let (_serving, address) = start();
    let resets: Vec<u8> = (0..20_000)
        .flat_map(|number| {
            let stream = 2 * number + 1;
            [ask(stream, "/"), frame(RST_STREAM, 0, stream, &[0, 0, 0, 8])].concat()
        })
        .collect();
    let field = [vec![0x00, 1, b'a', 100], vec![b'b'; 100]].concat().repeat(100);
    let continued = [frame(HEADERS, 0, 1, &head("/")), frame(CONTINUATION, 0, 1, &field).repeat(2_000)];
    let fields: Vec<String> = (0..5_000).map(|number| format!("x-{number}: y\r\n")).collect();
    let fields = fields.concat();
    let fields = format!("GET / HTTP/1.1\r\nhost: x\r\n{fields}\r\n");
    for bytes in [[preface(), resets].concat(), [preface(), continued.concat()].concat(), fields.into_bytes()]
    {
        let flooding = tokio::task::spawn_blocking(move || {
            let mut connection = TcpStream::connect(address).unwrap();
            // The other side may end it before all is sent.
            let _cut_off = connection.write_all(&bytes);
            connection.set_read_timeout(Some(PATIENCE)).unwrap();
            let mut received = Vec::new();
            match connection.read_to_end(&mut received) {
                Ok(_) => {}
                Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}"),
            }
        });
        tokio::task::spawn_blocking(move || is_served(address)).await.unwrap();
        flooding.await.unwrap();
    }
}

/// A length that is not true: less comes than was said, or more.
#[tokio::test(flavor = "multi_thread")]
async fn a_length_that_lies_ends_its_own_connection() {
    let (_serving, address) = start();
    let lies = [
        "POST /body HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nabcdeGARBAGE\r\n\r\n",
        "POST /body HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nabcdef",
        "POST /body HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        "POST /body HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999999999999999\r\n\r\n",
    ];
    for lie in lies {
        tokio::task::spawn_blocking(move || {
            ends_after(address, lie.as_bytes(), Then::Listens);
            is_served(address);
        })
        .await
        .unwrap();
    }
}

/// More connections than one address may have: those that say nothing make room for the one that asks.
#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_that_says_nothing_keeps_nobody_out() {
    let (_serving, address) = start();
    tokio::task::spawn_blocking(move || {
        let crowd: Vec<_> = (0..400).map(|_| TcpStream::connect(address).unwrap()).collect();
        is_served(address);
        drop(crowd);
    })
    .await
    .unwrap();
}
