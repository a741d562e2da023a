//! The wire: a small server that checks every request as a collector must, and is not always in a good mood.

#![expect(clippy::unwrap_used, reason = "helpers of tests; what is not there fails the test")]

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Read as _;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use candor_fleet::{Settings, SimulationSettings, Summary, SystemClock, simulate};
use candor_policy::message::{Claim, Message, SignatureFields, read};
use candor_policy::{
    Digest, Enrolled, Enrolment, InstallationId, Policy, Problem, ProblemCode, PublicKey, Receipt, Report,
    admit,
};
use jiff::Timestamp;
use uuid::Uuid;

/// What the server remembers.
#[derive(Default)]
struct Held {
    keys: HashMap<String, PublicKey>,
    reports: HashSet<Uuid>,
    /// Compressed and plain bodies, refusals by code.
    seen: BTreeMap<&'static str, u64>,
    requests: u64,
}

#[derive(Clone)]
struct Collector {
    policy: Arc<Policy>,
    held: Arc<Mutex<Held>>,
    /// One in this many requests is answered with 503.
    moody: u64,
}

fn policy() -> Arc<Policy> {
    let path = format!("{}/../../examples/policies/lucity-data-collection.toml", env!("CARGO_MANIFEST_DIR"));
    Arc::new(Policy::read(&std::fs::read_to_string(path).unwrap()).unwrap())
}

fn claim(path: &str, headers: &HeaderMap, body: &[u8]) -> Claim {
    let field = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let (content_type, content_encoding) = (field("content-type").unwrap(), field("content-encoding"));
    let message = Message {
        method: "POST",
        path,
        content_type: &content_type,
        content_encoding: content_encoding.as_deref(),
        body,
    };
    let fields = SignatureFields {
        content_digest: field("content-digest").unwrap(),
        signature_input: field("signature-input").unwrap(),
        signature: field("signature").unwrap(),
    };
    read(&message, &fields).unwrap().0
}

fn refuse(code: ProblemCode) -> Response {
    let status = StatusCode::from_u16(code.status()).unwrap();
    let body = serde_json::to_vec(&Problem::new(code, "so it is")).unwrap();
    (status, [("content-type", "application/problem+json"), ("retry-after", "0")], body).into_response()
}

async fn enrol(State(collector): State<Collector>, headers: HeaderMap, body: Bytes) -> Response {
    let enrolment: Enrolment = serde_json::from_slice(&body).unwrap();
    let claim = claim(candor_policy::wire_paths::INSTALLATIONS, &headers, &body);
    claim.verify(&enrolment.public_key).unwrap();
    let installation = InstallationId::of(&enrolment.public_key);
    assert_eq!(claim.key_id, installation.as_str());
    collector.held.lock().unwrap().keys.insert(claim.key_id, enrolment.public_key);
    serde_json::to_vec(&Enrolled { installation }).unwrap().into_response()
}

async fn take(State(collector): State<Collector>, headers: HeaderMap, body: Bytes) -> Response {
    let claim = claim(candor_policy::wire_paths::REPORTS, &headers, &body);
    let mut held = collector.held.lock().unwrap();
    held.requests += 1;
    if held.requests.is_multiple_of(collector.moody) {
        *held.seen.entry("refused").or_default() += 1;
        return refuse(ProblemCode::Unavailable);
    }
    let Some(key) = held.keys.get(&claim.key_id) else { return refuse(ProblemCode::UnknownInstallation) };
    claim.verify(key).unwrap();
    let compressed = headers.contains_key("content-encoding");
    *held.seen.entry(if compressed { "gzip" } else { "plain" }).or_default() += 1;
    let mut json = Vec::new();
    if compressed {
        flate2::read::GzDecoder::new(&*body).read_to_end(&mut json).unwrap();
    } else {
        json.extend_from_slice(&body);
    }
    let Ok((admitted, outcomes)) = admit(&collector.policy, Report::parse(&json).unwrap()) else {
        return refuse(ProblemCode::UnknownPolicy);
    };
    assert_eq!(admitted.report().installation.as_str(), claim.key_id);
    let receipt = Receipt {
        report_id: admitted.report().report_id,
        received_digest: Digest::of(&json),
        stored_digest: admitted.digest(),
        received_at: Timestamp::UNIX_EPOCH,
        duplicate: !held.reports.insert(admitted.report().report_id),
        accepted: admitted.accepted(),
        outcomes,
    };
    serde_json::to_vec(&receipt).unwrap().into_response()
}

async fn serve(collector: Collector) -> String {
    let router = Router::new()
        .route(candor_policy::wire_paths::INSTALLATIONS, post(enrol))
        .route(candor_policy::wire_paths::REPORTS, post(take))
        .with_state(collector);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

fn collector(moody: u64) -> Collector {
    Collector { policy: policy(), held: Arc::default(), moody }
}

async fn simulated(address: &str, policy: Arc<Policy>) -> anyhow::Result<Summary> {
    let settings = SimulationSettings {
        collector: address.to_owned(),
        seed: 7,
        base: Settings { installations: 12, months: 24, until: "2026-11-21T00:00:00Z".parse().unwrap() },
        in_flight: 4,
        quiet: true,
        clock: Arc::new(SystemClock),
    };
    simulate(&settings, policy).await
}

#[tokio::test]
async fn every_report_arrives_signed_as_it_was_admitted_and_once() {
    let collector = collector(u64::MAX);
    let address = serve(collector.clone()).await;
    let summary = simulated(&address, policy()).await.unwrap();
    assert!(summary.is_clean(), "{summary:?}");
    assert_eq!(summary.stored, summary.reports);
    assert!(summary.reports > 100 && summary.outcomes["accepted"] > summary.reports);
    {
        let held = collector.held.lock().unwrap();
        assert_eq!(held.reports.len() as u64, summary.reports);
        assert!(held.seen["gzip"] > 0 && held.seen["plain"] > 0, "{:?}", held.seen);
    }
    let again = simulated(&address, policy()).await.unwrap();
    assert!(again.is_clean());
    assert_eq!((again.stored, again.duplicates), (0, summary.reports));
}

#[tokio::test]
async fn a_collector_that_asks_for_patience_gets_everything_later() {
    let collector = collector(5);
    let address = serve(collector.clone()).await;
    let summary = simulated(&address, policy()).await.unwrap();
    assert!(summary.is_clean(), "{summary:?}");
    assert!(collector.held.lock().unwrap().seen["refused"] > 20);
}

#[tokio::test]
async fn a_policy_that_is_not_published_ends_the_simulation_at_once() {
    let address = serve(collector(u64::MAX)).await;
    let manifest = format!("{}\n# another digest\n", policy().manifest);
    let error = simulated(&address, Arc::new(Policy::read(&manifest).unwrap())).await.unwrap_err();
    assert!(format!("{error:#}").contains("unknown-policy"), "{error:#}");
}
