//! The load: raw HTTP/1.1 over connections that stay open, as cheap as it can be, so that one core of it is enough.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use bytes::Bytes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// How much of an answer is read at a time.
const READ_BYTES: usize = 16 * 1024;
/// A load that goes on for longer than this has failed.
const LONGEST: Duration = Duration::from_mins(2);

/// What a load came to.
#[derive(Debug, Default)]
pub(crate) struct Load {
    /// From the first request to the last answer.
    pub(crate) elapsed: Duration,
    /// How long each report waited to be acknowledged.
    pub(crate) waits: Vec<Duration>,
}

/// One connection that stays open.
pub(crate) struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

/// An answer's status and sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) header_bytes: usize,
    pub(crate) body_bytes: usize,
}

impl Connection {
    pub(crate) async fn open(to: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(to).await.with_context(|| format!("cannot connect to {to}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, read: Vec::with_capacity(READ_BYTES) })
    }

    /// Sends a request and reads its whole answer.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> anyhow::Result<Answer> {
        self.stream.write_all(request).await.context("cannot send")?;
        self.read.clear();
        loop {
            let read = self.stream.read_buf(&mut self.read).await.context("cannot read the answer")?;
            ensure!(read > 0, "the server hung up");
            if let Some(answer) = parse(&self.read)?
                && self.read.len() >= answer.header_bytes + answer.body_bytes
            {
                return Ok(answer);
            }
        }
    }
}

/// The status line and the body's length, once the header is there.
fn parse(read: &[u8]) -> anyhow::Result<Option<Answer>> {
    let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let header = std::str::from_utf8(&read[..end]).context("the answer's header is not text")?;
    let mut lines = header.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|word| word.parse().ok());
    let length = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    Ok(Some(Answer {
        status: status.context("the answer has no status")?,
        header_bytes: end + 4,
        body_bytes: length.context("the answer has no length")?,
    }))
}

/// Closed loop: each connection sends its next report as soon as the last one is acknowledged.
pub(crate) async fn closed(to: SocketAddr, requests: &[Bytes], connections: usize) -> anyhow::Result<Load> {
    let opened = open_all(to, connections).await?;
    let queue = Arc::new(Mutex::new(requests.iter().cloned().collect::<VecDeque<_>>()));
    let mut workers = JoinSet::new();
    let started = Instant::now();
    for mut connection in opened {
        let queue = Arc::clone(&queue);
        workers.spawn(async move {
            let mut waits = Vec::new();
            while let Some(request) = next(&queue) {
                let sent = Instant::now();
                acknowledged(&mut connection, &request).await?;
                waits.push(sent.elapsed());
            }
            anyhow::Ok(waits)
        });
    }
    gather(workers, started, requests.len()).await
}

/// Open loop: each report has its moment, `rate` a second, whatever became of the ones before. A wait counts from that
/// moment, so that a server that stands still pays for everything that it keeps waiting.
pub(crate) async fn open(
    to: SocketAddr,
    requests: &[Bytes],
    connections: usize,
    rate: f64,
) -> anyhow::Result<Load> {
    let opened = open_all(to, connections).await?;
    let due = Arc::new(Due::default());
    let mut workers = JoinSet::new();
    for mut connection in opened {
        let due = Arc::clone(&due);
        workers.spawn(async move {
            let mut waits = Vec::new();
            while let Some((moment, request)) = due.next().await {
                acknowledged(&mut connection, &request).await?;
                waits.push(moment.elapsed());
            }
            anyhow::Ok(waits)
        });
    }
    let started = Instant::now();
    for (index, request) in requests.iter().enumerate() {
        let moment = started + Duration::from_secs_f64(index as f64 / rate);
        // The runtime's timers are a millisecond apart; this core has nothing else to do.
        while Instant::now() < moment {
            tokio::task::yield_now().await;
        }
        due.add(moment, request.clone());
    }
    due.close();
    gather(workers, started, requests.len()).await
}

async fn open_all(to: SocketAddr, connections: usize) -> anyhow::Result<Vec<Connection>> {
    let mut opened = Vec::with_capacity(connections);
    for _ in 0..connections {
        opened.push(Connection::open(to).await?);
    }
    Ok(opened)
}

async fn acknowledged(connection: &mut Connection, request: &[u8]) -> anyhow::Result<()> {
    let answer = connection.exchange(request).await?;
    ensure!(
        answer.status == 200,
        "answered with {}: {}",
        answer.status,
        String::from_utf8_lossy(&connection.read[answer.header_bytes..])
    );
    Ok(())
}

async fn gather(
    mut workers: JoinSet<anyhow::Result<Vec<Duration>>>,
    started: Instant,
    expected: usize,
) -> anyhow::Result<Load> {
    let mut load = Load::default();
    let all = async {
        while let Some(done) = workers.join_next().await {
            load.waits.extend(done.context("a connection broke off")??);
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(LONGEST, all).await.context("the load did not end")??;
    load.elapsed = started.elapsed();
    ensure!(load.waits.len() == expected, "{} of {expected} reports were acknowledged", load.waits.len());
    Ok(load)
}

fn next(queue: &Mutex<VecDeque<Bytes>>) -> Option<Bytes> {
    queue.lock().ok()?.pop_front()
}

/// Reports whose moment has come.
#[derive(Default)]
struct Due {
    waiting: Mutex<(VecDeque<(Instant, Bytes)>, bool)>,
    added: Notify,
}

impl Due {
    fn add(&self, moment: Instant, request: Bytes) {
        if let Ok(mut waiting) = self.waiting.lock() {
            waiting.0.push_back((moment, request));
        }
        self.added.notify_one();
    }

    /// No more will come.
    fn close(&self) {
        if let Ok(mut waiting) = self.waiting.lock() {
            waiting.1 = true;
        }
        self.added.notify_waiters();
    }

    async fn next(&self) -> Option<(Instant, Bytes)> {
        loop {
            let added = self.added.notified();
            tokio::pin!(added);
            // From here on no notice is missed.
            added.as_mut().enable();
            {
                let mut waiting = self.waiting.lock().ok()?;
                if let Some(next) = waiting.0.pop_front() {
                    return Some(next);
                }
                if waiting.1 {
                    return None;
                }
            }
            added.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_by_its_length_in_whatever_case_it_is_named() {
        let read = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nx: y\r\n\r\nhello";
        let answer = parse(read).unwrap().unwrap();
        assert_eq!(answer, Answer { status: 200, header_bytes: read.len() - 5, body_bytes: 5 });
        assert_eq!(parse(b"HTTP/1.1 200 OK\r\ncontent-len").unwrap(), None);
        assert!(parse(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}
