//! How reports travel: enrolment, signature, compression, HTTP, and trying again where the collector asks for it.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use candor_policy::message::{Message, sign};
use candor_policy::{Admitted, Clock, Enrolment, Outcome, Problem, ProblemCode, PublicKey, Receipt, Retry};
use flate2::{Compression, write::GzEncoder};

use crate::held_back::HeldBack;
use crate::installation::Installation;
use crate::vouchers::Vouchers;

/// Bodies from this size on travel compressed; below, gzip's header eats most of what it saves.
const COMPRESS_FROM_BYTES: usize = 1400;
/// How often a report is tried before it counts as not delivered.
const ATTEMPTS: u32 = 8;
/// The wait after the first refusal; it doubles with each further one.
const FIRST_WAIT: Duration = Duration::from_millis(100);
/// The longest wait between two attempts, whatever `Retry-After` says: a simulation is watched.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// From this status on it is the collector that asks for patience.
const TOO_MANY_REQUESTS: u16 = 429;
/// The longest that one request may take.
const REQUEST_DEADLINE: Duration = Duration::from_secs(30);

/// Where reports go, and by whose clock they are signed.
#[derive(Clone)]
pub struct SenderSettings {
    /// Such as `http://127.0.0.1:8787`.
    pub collector: String,
    /// Whether to keep standard error empty.
    pub quiet: bool,
    /// The sender's clock.
    pub clock: Arc<dyn Clock>,
}

/// Sends reports of any installation.
#[derive(Clone)]
pub struct Sender {
    client: reqwest::Client,
    collector: String,
    clock: Arc<dyn Clock>,
    held_back: Arc<HeldBack>,
    vouchers: Option<Arc<Vouchers>>,
}

/// What became of a report that the collector took.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Whether the collector held it already.
    pub duplicate: bool,
    /// Whether the collector holds the very bytes that were sent.
    pub unchanged: bool,
    /// How many values were accepted as they came.
    pub accepted: u64,
    /// What became of the others.
    pub outcomes: Vec<Outcome>,
}

/// Why a report was not delivered.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The collector refused it for good.
    #[error("the collector refused it: {0}")]
    Refused(ProblemCode),
    /// The collector could not be reached, or asked for patience until the attempts ran out.
    #[error("the collector did not take it in {ATTEMPTS} attempts; the last one: {0}")]
    GaveUp(String),
    /// The collector answered with something that is not a receipt.
    #[error("the collector's answer is not a receipt: {0}")]
    NoReceipt(String),
    /// The HTTP client could not be set up.
    #[error("the HTTP client could not be set up: {0}")]
    Client(reqwest::Error),
}

/// What one attempt came to.
enum Attempt {
    Answered(Bytes),
    Refused(ProblemCode),
    /// More than the collector's caps allow from one address or installation.
    HeldBack {
        wait: Option<Duration>,
    },
    Again {
        why: String,
        wait: Option<Duration>,
    },
}

impl Sender {
    /// A sender with its own connections.
    ///
    /// # Errors
    /// [`SendError::Client`] where the HTTP client cannot be set up.
    pub fn new(settings: &SenderSettings) -> Result<Self, SendError> {
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(REQUEST_DEADLINE)
            .tcp_nodelay(true)
            .build()
            .map_err(SendError::Client)?;
        Ok(Self {
            client,
            collector: settings.collector.trim_end_matches('/').to_owned(),
            clock: Arc::clone(&settings.clock),
            held_back: Arc::new(HeldBack::new(settings.quiet)),
            vouchers: None,
        })
    }

    /// The same sender, whose installations show these vouchers when they enrol.
    pub fn with_vouchers(self, vouchers: Vouchers) -> Self {
        Self { vouchers: Some(Arc::new(vouchers)), ..self }
    }

    /// How often the collector asked to come back later because a cap was reached.
    pub fn held_back(&self) -> &HeldBack {
        &self.held_back
    }

    /// Makes an installation's key known.
    ///
    /// # Errors
    /// [`SendError`] where the collector does not take it.
    pub async fn enrol(&self, site: &Installation) -> Result<(), SendError> {
        let public_key = PublicKey::from_bytes(site.key.verifying_key().to_bytes());
        let part = self.vouchers.as_ref().and_then(|vouchers| vouchers.part(site));
        let voucher = part.map(|part| part.proof(&public_key));
        let body = serde_json::to_vec(&Enrolment { public_key, voucher }).unwrap_or_default();
        self.deliver(site, candor_policy::wire_paths::INSTALLATIONS, body.into(), None).await.map(drop)
    }

    /// Sends a report; enrols first where the collector does not know the key.
    ///
    /// # Errors
    /// [`SendError`] where the collector does not take it.
    pub async fn send(&self, site: &Installation, report: &Admitted) -> Result<Delivery, SendError> {
        let (body, encoding) = encode(report.body());
        let answer =
            match self.deliver(site, candor_policy::wire_paths::REPORTS, body.clone(), encoding).await {
                Err(SendError::Refused(code)) if code.retry() == Retry::AfterEnrolment => {
                    self.enrol(site).await?;
                    self.deliver(site, candor_policy::wire_paths::REPORTS, body, encoding).await?
                }
                answer => answer?,
            };
        let receipt: Receipt =
            serde_json::from_slice(&answer).map_err(|error| SendError::NoReceipt(error.to_string()))?;
        if receipt.report_id != report.report().report_id {
            return Err(SendError::NoReceipt(format!("it names report {}", receipt.report_id)));
        }
        Ok(Delivery {
            duplicate: receipt.duplicate,
            unchanged: receipt.stored_digest == report.digest() && receipt.received_digest == report.digest(),
            accepted: receipt.accepted,
            outcomes: receipt.outcomes,
        })
    }

    async fn deliver(
        &self,
        site: &Installation,
        path: &str,
        body: Bytes,
        encoding: Option<&str>,
    ) -> Result<Bytes, SendError> {
        let (mut last, mut attempt) = (String::new(), 0);
        while attempt < ATTEMPTS {
            let wait = match self.attempt(site, path, body.clone(), encoding).await {
                Attempt::Answered(answer) => return Ok(answer),
                Attempt::Refused(code) => return Err(SendError::Refused(code)),
                // Being held back is not a failed attempt: the cap lets it through later.
                Attempt::HeldBack { wait } => {
                    self.held_back.count(path);
                    wait.unwrap_or(LONGEST_WAIT)
                }
                Attempt::Again { why, wait } => {
                    last = why;
                    attempt += 1;
                    wait.unwrap_or(FIRST_WAIT * 2u32.pow(attempt - 1))
                }
            };
            tokio::time::sleep(wait.min(LONGEST_WAIT)).await;
        }
        Err(SendError::GaveUp(last))
    }

    async fn attempt(&self, site: &Installation, path: &str, body: Bytes, encoding: Option<&str>) -> Attempt {
        let message = Message {
            method: "POST",
            path,
            content_type: "application/json",
            content_encoding: encoding,
            body: &body,
        };
        let fields = sign(&message, &site.key, site.id.as_str(), self.clock.now());
        let mut request = self
            .client
            .post(format!("{}{path}", self.collector))
            .header("content-type", "application/json")
            .header("content-digest", fields.content_digest)
            .header("signature-input", fields.signature_input)
            .header("signature", fields.signature)
            .header("accept-encoding", "identity");
        if let Some(encoding) = encoding {
            request = request.header("content-encoding", encoding);
        }
        match request.body(body).send().await {
            Ok(response) => read(response).await,
            Err(error) => Attempt::Again { why: whole(&error), wait: None },
        }
    }
}

/// An error with everything that caused it.
fn whole(error: &dyn std::error::Error) -> String {
    std::iter::successors(error.source(), |cause| cause.source())
        .fold(error.to_string(), |said, cause| format!("{said}: {cause}"))
}

async fn read(response: reqwest::Response) -> Attempt {
    let status = response.status();
    let wait = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
    let wait = wait.map(Duration::from_secs);
    let body = match response.bytes().await {
        Ok(body) => body,
        Err(error) => return Attempt::Again { why: error.to_string(), wait },
    };
    if status.is_success() {
        return Attempt::Answered(body);
    }
    match serde_json::from_slice::<Problem>(&body) {
        Ok(problem) if problem.code == ProblemCode::RateLimited => Attempt::HeldBack { wait },
        // A policy that is not published, or a wrong clock, is not mended by waiting here.
        Ok(problem) if problem.code.retry() == Retry::Later && problem.status >= TOO_MANY_REQUESTS => {
            Attempt::Again { why: format!("{}: {}", problem.code, problem.detail), wait }
        }
        Ok(problem) => Attempt::Refused(problem.code),
        Err(_) => Attempt::Again { why: format!("status {status}"), wait },
    }
}

/// The body as it travels.
fn encode(body: &[u8]) -> (Bytes, Option<&'static str>) {
    if body.len() < COMPRESS_FROM_BYTES {
        return (Bytes::copy_from_slice(body), None);
    }
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 3), Compression::fast());
    match encoder.write_all(body).and_then(|()| encoder.finish()) {
        Ok(compressed) => (compressed.into(), Some("gzip")),
        Err(_) => (Bytes::copy_from_slice(body), None),
    }
}
