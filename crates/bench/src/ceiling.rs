//! The ceiling: the least that any collector on this HTTP stack must do for a report.
//!
//! It reads the body into the same types and makes it durable together with its neighbours, in a file that was allocated
//! beforehand; it answers with as many bytes as the collector does. It checks no signature and no policy, keeps no order,
//! and cannot be asked what it holds.

use std::fs::File;
use std::net::SocketAddr;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use candor_policy::Report;
use candor_policy::limits::SUBMISSION_BYTES;
use hyper_util::rt::TokioTimer;
use tokio::sync::{mpsc, oneshot};

/// Bytes that an answer's header has anyway: status line, type, length of three digits, date, the padding's name, end.
pub(crate) const USUAL_FIELD_BYTES: usize = 122;
/// Most reports that one write makes durable.
const GROUP: usize = 1024;
/// Reports that wait for the writer; more than any load here has under way.
const QUEUE: usize = 8192;

/// How long a client may take over a request's header, and how many requests an HTTP/2 connection may have open; as the
/// collector has it.
const HEADER_TIME: Duration = Duration::from_secs(10);
const STREAMS: u32 = 200;

/// What the ceiling is told.
#[derive(clap::Args)]
pub(crate) struct CeilingSettings {
    /// Where to listen
    #[arg(long)]
    listen: SocketAddr,
    /// The file that reports are written to
    #[arg(long)]
    file: PathBuf,
    /// How large the file is; full, it is written from its start again
    #[arg(long, default_value_t = 256 * 1024 * 1024)]
    file_bytes: u64,
    /// How many bytes an answer's body has
    #[arg(long)]
    answer_bytes: usize,
    /// How many bytes an answer's header has beyond the usual fields
    #[arg(long)]
    header_bytes: usize,
}

struct Entry {
    body: Bytes,
    durable: oneshot::Sender<()>,
}

#[derive(Clone)]
struct Ceiling {
    entries: mpsc::Sender<Entry>,
    answer: Bytes,
    padding: HeaderValue,
}

/// Serves until the process is ended.
///
/// # Errors
/// Where the address or the file cannot be used.
pub(crate) fn serve(settings: &CeilingSettings) -> anyhow::Result<()> {
    let file = allocate(&settings.file, settings.file_bytes)?;
    let (entries, waiting) = mpsc::channel(QUEUE);
    let file_bytes = settings.file_bytes;
    std::thread::spawn(move || write(&file, file_bytes, waiting));
    let ceiling = Ceiling {
        entries,
        answer: Bytes::from(vec![b' '; settings.answer_bytes]),
        padding: HeaderValue::from_bytes(&vec![b'x'; settings.header_bytes])?,
    };
    let router = Router::new()
        .route("/readyz", get(|| async { "ready" }))
        .route(candor_policy::wire_paths::REPORTS, post(take))
        .layer(axum::extract::DefaultBodyLimit::max(SUBMISSION_BYTES))
        .with_state(ceiling);
    let runtime = tokio::runtime::Runtime::new().context("cannot start the workers")?;
    runtime.block_on(async {
        let mut server = axum_server::bind(settings.listen);
        // The bounds without which no collector could face the Internet.
        let builder = server.http_builder();
        builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIME);
        builder.http2().timer(TokioTimer::new()).max_concurrent_streams(STREAMS);
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        server.serve(service).await.context("the ceiling broke off")
    })
}

/// Takes a report: parsed, durable, answered.
async fn take(State(ceiling): State<Ceiling>, body: Bytes) -> Response {
    if Report::parse(&body).is_err() {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let (durable, is_durable) = oneshot::channel();
    if ceiling.entries.send(Entry { body, durable }).await.is_err() || is_durable.await.is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::HeaderName::from_static("x-padding"), ceiling.padding),
    ];
    (headers, ceiling.answer).into_response()
}

/// Blocks that are written once are not allocated again while the clock runs.
fn allocate(path: &Path, bytes: u64) -> anyhow::Result<File> {
    let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    let zeros = vec![0; 1 << 20];
    for at in (0..bytes).step_by(zeros.len()) {
        file.write_all_at(&zeros, at)?;
    }
    file.sync_all()?;
    Ok(file)
}

/// Writes whatever waits, together, and makes it durable; then says so to each.
fn write(file: &File, file_bytes: u64, mut waiting: mpsc::Receiver<Entry>) {
    let (mut group, mut bytes, mut at) = (Vec::with_capacity(GROUP), Vec::new(), 0);
    while let Some(first) = waiting.blocking_recv() {
        group.push(first);
        while group.len() < GROUP
            && let Ok(next) = waiting.try_recv()
        {
            group.push(next);
        }
        bytes.clear();
        for entry in &group {
            bytes.extend_from_slice(&entry.body);
        }
        if at + bytes.len() as u64 > file_bytes {
            at = 0;
        }
        if file.write_all_at(&bytes, at).and_then(|()| file.sync_data()).is_err() {
            return;
        }
        at += bytes.len() as u64;
        for entry in group.drain(..) {
            // A sender that went away needs no answer.
            let _ = entry.durable.send(());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use candor_policy::Policy;

    use super::*;
    use crate::load::{Connection, closed, open};
    use crate::requests::Requests;
    use crate::server::free_address;
    use candor_fleet::SystemClock;

    fn requests(count: usize) -> Vec<Bytes> {
        let manifest = include_str!("../../../examples/policies/lucity-data-collection.toml");
        let now = candor_policy::Clock::now(&SystemClock);
        let policy = Arc::new(Policy::read(manifest).unwrap());
        let requests = Requests::prepare(policy, now, 5000.0).unwrap();
        requests.sign(0..count, &SystemClock).unwrap()
    }

    async fn reach(address: SocketAddr) -> Connection {
        loop {
            match Connection::open(address).await {
                Ok(connection) => return connection,
                Err(_) => tokio::task::yield_now().await,
            }
        }
    }

    #[tokio::test]
    async fn every_report_is_written_and_answered_in_the_size_that_was_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let listen = free_address().unwrap();
        let file = folder.path().join("ceiling");
        let settings = CeilingSettings {
            listen,
            file: file.clone(),
            file_bytes: 4 << 20,
            answer_bytes: 300,
            header_bytes: 200,
        };
        std::thread::spawn(move || serve(&settings));
        let mut connection = reach(listen).await;
        let requests = requests(300);
        let answer = connection.exchange(&requests[0]).await.unwrap();
        assert_eq!((answer.status, answer.body_bytes), (200, 300));
        assert_eq!(answer.header_bytes, 200 + USUAL_FIELD_BYTES);
        assert_eq!(closed(listen, &requests[1..200], 8).await.unwrap().waits.len(), 199);
        assert_eq!(open(listen, &requests[200..], 8, 5000.0).await.unwrap().waits.len(), 100);
        let bodies: usize = requests.iter().map(|request| body(request).len()).sum();
        let written = std::fs::read(file).unwrap();
        assert_eq!(written.iter().rposition(|byte| *byte != 0), Some(bodies - 1));
    }

    fn body(request: &[u8]) -> &[u8] {
        let end = request.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        &request[end + 4..]
    }
}
