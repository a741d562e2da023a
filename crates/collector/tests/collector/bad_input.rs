//! Every refusal: its status, its body, and that it costs nothing else.

use std::io::{Read, Write};
use std::time::Duration;

use candor_policy::limits::{CLOCK_SKEW_SECONDS, PERIOD_AGE_DAYS};
use candor_policy::{Clock, InstallationId, Policy, ProblemCode, PublicKey};
use candor_web::TrustedProxy;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::support::{Answer, Site, Submission, TestApp, gzip, manifest, zstd};

async fn ready() -> (TestApp, Policy, Site) {
    let app = TestApp::start().await;
    let policy = app.publish(&manifest(None)).await;
    let site = Site::enrolled(&app, 1).await;
    (app, policy, site)
}

/// Holds an answer against its code, its media type and the snapshot of its body; and then a good report still passes.
async fn refused(app: &TestApp, site: &Site, policy: &Policy, answer: Answer, code: ProblemCode) {
    assert_eq!(answer.header("content-type"), "application/problem+json", "{answer:?}");
    let body = unnamed(&answer);
    assert_eq!((answer.status, body["code"].as_str()), (code.status(), Some(code.word())), "{body}");
    insta::with_settings!({ snapshot_suffix => code.word() }, {
        insta::assert_json_snapshot!("refusal", body);
    });
    let next = site.post(app, &site.report(policy, 999)).await;
    assert_eq!(next.status, 200, "{next:?}");
    assert_eq!(next.json()["duplicate"], false, "nothing was held before");
}

/// A refusal's body without the request's name, which is the one in the header.
fn unnamed(answer: &Answer) -> Value {
    let mut body = answer.json();
    let name = body.as_object_mut().and_then(|fields| fields.remove("request_id"));
    assert_eq!(name, Some(json!(answer.header("x-request-id"))), "{answer:?}");
    body
}

fn bytes(report: &Value) -> Vec<u8> {
    serde_json::to_vec(report).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_truncated_report_is_malformed() {
    let (app, policy, site) = ready().await;
    let mut body = bytes(&site.report(&policy, 1));
    body.truncate(300);
    let answer = site.send(&app, site.submission(&app, body)).await;
    refused(&app, &site, &policy, answer, ProblemCode::MalformedReport).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encoding_that_lies_is_malformed() {
    let (app, policy, site) = ready().await;
    let submission = site.submission(&app, bytes(&site.report(&policy, 1)));
    let answer = site.send(&app, Submission { encoding: Some("zstd"), ..submission }).await;
    refused(&app, &site, &policy, answer, ProblemCode::MalformedEncoding).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_that_cannot_be_read_is_malformed() {
    let (app, policy, site) = ready().await;
    let submission = site.submission(&app, bytes(&site.report(&policy, 1)));
    let forge =
        |fields: &mut candor_policy::message::SignatureFields| fields.signature = "candor=:AA:".into();
    let answer = site.send(&app, Submission { forge, ..submission }).await;
    refused(&app, &site, &policy, answer, ProblemCode::MalformedSignature).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_body_than_the_signed_one_is_refused() {
    let (app, policy, site) = ready().await;
    let submission = site.submission(&app, bytes(&site.report(&policy, 1)));
    let request = site
        .request(&app.url(candor_policy::wire_paths::REPORTS), submission)
        .body(bytes(&site.report(&policy, 2)));
    let answer = Answer::read(request.send().await.unwrap()).await;
    refused(&app, &site, &policy, answer, ProblemCode::DigestMismatch).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_that_never_enrolled_is_unknown() {
    let (app, policy, site) = ready().await;
    let stranger = Site::new(2);
    let answer = stranger.post(&app, &stranger.report(&policy, 1)).await;
    refused(&app, &site, &policy, answer, ProblemCode::UnknownInstallation).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_key_makes_a_bad_signature() {
    let (app, policy, site) = ready().await;
    let submission = site.submission(&app, bytes(&site.report(&policy, 1)));
    let answer = site.send(&app, Submission { key: Site::new(2).key, ..submission }).await;
    refused(&app, &site, &policy, answer, ProblemCode::BadSignature).await;
}

/// Whoever has not the key learns of no other fault, and uses up nothing of what its owner may send.
#[tokio::test(flavor = "multi_thread")]
async fn a_bad_signature_is_all_that_a_forger_is_told() {
    let app = TestApp::with(|config| config.caps.reports_burst = 1).await;
    let policy = app.publish(&manifest(None)).await;
    let site = Site::enrolled(&app, 1).await;
    let mut unpublished = site.report(&policy, 1);
    unpublished["policy"]["digest"] = json!(format!("sha-256:{}", "0".repeat(64)));
    let mut of_another = site.report(&policy, 2);
    of_another["installation"] = json!(Site::new(3).name.as_str());
    for body in [bytes(&unpublished), bytes(&of_another), report_of(&site, &policy, 3, 40_000)] {
        let submission = site.submission(&app, body);
        let answer = site.send(&app, Submission { key: Site::new(2).key, ..submission }).await;
        assert_eq!(answer.json()["code"], ProblemCode::BadSignature.word());
    }
    assert_eq!(site.post(&app, &site.report(&policy, 4)).await.status, 200);
}

/// The neutral point as a key: one and the same signature would hold for it over any message.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_for_which_anybody_can_sign_is_not_enrolled() {
    let (app, policy, site) = ready().await;
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let weak = PublicKey::from_bytes(neutral);
    let body = bytes(&json!({ "public_key": weak.to_string() }));
    let submission = Submission {
        path: candor_policy::wire_paths::INSTALLATIONS,
        key_id: InstallationId::of(&weak).to_string(),
        // The neutral point again, and the number nought.
        forge: |fields| fields.signature = format!("candor=:AQAA{}A==:", "A".repeat(81)),
        ..site.submission(&app, body)
    };
    let answer = site.send(&app, submission).await;
    refused(&app, &site, &policy, answer, ProblemCode::BadSignature).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reports_for_another_installation() {
    let (app, policy, site) = ready().await;
    let other = Site::enrolled(&app, 2).await;
    let answer = other.post(&app, &site.report(&policy, 1)).await;
    refused(&app, &site, &policy, answer, ProblemCode::WrongInstallation).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_body_is_refused_on_the_wire() {
    // Small enough that the client can write all of it, though nobody reads it.
    let most = 64 * 1024;
    let app = TestApp::with(|config| config.caps.submission_bytes = most).await;
    let policy = app.publish(&manifest(None)).await;
    let site = Site::enrolled(&app, 1).await;
    let mut report = site.report(&policy, 1);
    report["facts"]["noise"] = Value::String("x".repeat(most));
    let answer = site.post(&app, &report).await;
    refused(&app, &site, &policy, answer, ProblemCode::TooLarge).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compression_bomb_costs_one_reports_memory() {
    let (app, policy, site) = ready().await;
    let before = resident_kilobytes();
    let bomb = vec![b' '; 512 * 1024 * 1024];
    let (as_gzip, as_zstd) = (gzip(&bomb), zstd(&bomb));
    drop(bomb);
    for (encoding, body) in [("gzip", as_gzip), ("zstd", as_zstd)] {
        assert!(body.len() < candor_policy::limits::SUBMISSION_BYTES, "{} bytes", body.len());
        let submission = site.submission(&app, body);
        let answer = site.send(&app, Submission { encoding: Some(encoding), ..submission }).await;
        assert_eq!((answer.status, &answer.json()["code"]), (413, &json!("too-large")), "{encoding}");
    }
    let grown = resident_kilobytes().saturating_sub(before);
    assert!(grown < 200_000, "{grown} kB more than before");
    let next = site.post(&app, &site.report(&policy, 999)).await;
    assert_eq!(next.status, 200);
}

/// What this process holds in memory.
fn resident_kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or_default()
}

/// A report of this many bytes of JSON, with 1,000 values that redaction makes longer.
fn report_of(site: &Site, policy: &Policy, number: u128, size_bytes: usize) -> Vec<u8> {
    let mut options = serde_json::Map::new();
    for place in 0..1_000 {
        options.insert(format!("AOPTIONS.PIN{place:04}"), json!(0));
    }
    let mut place = 0;
    loop {
        let mut report = site.report(policy, number);
        report["facts"]["options"] = Value::Object(options.clone());
        let missing = size_bytes - bytes(&report).len();
        if missing < 600 {
            return bytes(&report);
        }
        // As many as are sure to fit; a row has 512 bytes at the most, its name and its signs.
        for _ in 0..missing / 600 {
            options.insert(format!("WKOPTIONS.NOTE{place:05}"), json!("plain words ".repeat(42)));
            place += 1;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_redaction_makes_too_long_loses_its_last_values_by_name() {
    let (app, policy, site) = ready().await;
    let most = candor_policy::limits::REPORT_BYTES;
    for (number, size_bytes, is_shortened) in [(1, most, true), (2, most - 30_000, false)] {
        let body = gzip(&report_of(&site, &policy, number, size_bytes));
        let submission = site.submission(&app, body);
        let answer = site.send(&app, Submission { encoding: Some("gzip"), ..submission }).await;
        assert_eq!(answer.status, 200, "{}", answer.json());
        let is_said = answer.json()["outcomes"].to_string().contains("too-large");
        assert_eq!(is_said, is_shortened, "{}", answer.json());
    }
    app.projected().await;
    assert_eq!(app.rows("SELECT count(*) FROM reports").await, [["2"]]);
    let pins = "SELECT count(*) FROM facts WHERE key LIKE 'AOPTIONS.PIN%' AND state = 'in-use'";
    assert_eq!(app.rows(pins).await, [["2000"]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_json_is_taken() {
    let (app, policy, site) = ready().await;
    let submission = site.submission(&app, bytes(&site.report(&policy, 1)));
    let answer = site.send(&app, Submission { content_type: "text/plain".into(), ..submission }).await;
    refused(&app, &site, &policy, answer, ProblemCode::UnsupportedMediaType).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_known_encodings_are_taken() {
    let (app, policy, site) = ready().await;
    let submission = site.submission(&app, bytes(&site.report(&policy, 1)));
    let answer = site.send(&app, Submission { encoding: Some("br"), ..submission }).await;
    refused(&app, &site, &policy, answer, ProblemCode::UnsupportedEncoding).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_was_never_published_is_unknown() {
    let (app, policy, site) = ready().await;
    let mut report = site.report(&policy, 1);
    report["policy"]["digest"] = json!(format!("sha-256:{}", "0".repeat(64)));
    let answer = site.post(&app, &report).await;
    refused(&app, &site, &policy, answer, ProblemCode::UnknownPolicy).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_the_policy_does_not_have_is_unknown() {
    let (app, policy, site) = ready().await;
    let mut report = site.report(&policy, 1);
    report["source"] = json!("elsewhere");
    let answer = site.post(&app, &report).await;
    refused(&app, &site, &policy, answer, ProblemCode::UnknownSource).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_is_none_is_an_invalid_header() {
    let (app, policy, site) = ready().await;
    let mut report = site.report(&policy, 1);
    report["version"] = json!("");
    let answer = site.post(&app, &report).await;
    refused(&app, &site, &policy, answer, ProblemCode::InvalidHeader).await;
}

/// Both sides of the bound, and that what lies just within it passes.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_off_is_refused_behind_and_ahead() {
    let (app, policy, site) = ready().await;
    let signed = async |number: u128, off_seconds: i64| {
        let created = app.now().saturating_add(SignedDuration::from_secs(off_seconds)).unwrap();
        let submission = site.submission(&app, bytes(&site.report(&policy, number)));
        site.send(&app, Submission { created, ..submission }).await
    };
    for (number, within) in [(1, CLOCK_SKEW_SECONDS), (2, -CLOCK_SKEW_SECONDS)] {
        assert_eq!(signed(number, within).await.status, 200, "{within} seconds off");
    }
    let ahead = signed(3, CLOCK_SKEW_SECONDS + 1).await;
    assert_eq!((ahead.status, &ahead.json()["code"]), (422, &json!("clock-skew")));
    let behind = signed(4, -CLOCK_SKEW_SECONDS - 1).await;
    assert_eq!((behind.status, &behind.json()["code"]), (422, &json!("clock-skew")));
    // A year, so that the snapshot of the body reads well.
    let answer = signed(5, -365 * 24 * 3600).await;
    refused(&app, &site, &policy, answer, ProblemCode::ClockSkew).await;
}

/// Both sides of the bound, and that what lies just within it passes.
#[tokio::test(flavor = "multi_thread")]
async fn a_period_to_come_or_long_past_is_out_of_range() {
    let (app, policy, site) = ready().await;
    let ending = async |number: u128, end: Timestamp| {
        let mut report = site.report(&policy, number);
        report["period"] = json!({ "start": end, "end": end });
        site.post(&app, &report).await
    };
    let second = SignedDuration::from_secs(1);
    let latest = app.now().saturating_add(SignedDuration::from_secs(CLOCK_SKEW_SECONDS)).unwrap();
    let earliest = app.now().saturating_sub(SignedDuration::from_hours(24 * PERIOD_AGE_DAYS)).unwrap();
    for (number, within) in [(1, latest), (2, earliest)] {
        assert_eq!(ending(number, within).await.status, 200, "{within}");
    }
    let ahead = ending(3, latest.saturating_add(second).unwrap()).await;
    assert_eq!((ahead.status, &ahead.json()["code"]), (422, &json!("period-out-of-range")));
    let behind = ending(4, earliest.saturating_sub(second).unwrap()).await;
    assert_eq!((behind.status, &behind.json()["code"]), (422, &json!("period-out-of-range")));
    let answer = ending(5, "2027-05-01T00:00:00Z".parse().unwrap()).await;
    refused(&app, &site, &policy, answer, ProblemCode::PeriodOutOfRange).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_told_to_wait_and_others_pass() {
    let app = TestApp::with(|config| config.caps.reports_burst = 3).await;
    let policy = app.publish(&manifest(None)).await;
    let (flood, other) = (Site::enrolled(&app, 1).await, Site::enrolled(&app, 2).await);
    for number in 0..3 {
        assert_eq!(flood.post(&app, &flood.report(&policy, number)).await.status, 200);
    }
    let answer = flood.post(&app, &flood.report(&policy, 4)).await;
    let wait: i64 = answer.header("retry-after").parse().unwrap();
    refused(&app, &other, &policy, answer, ProblemCode::RateLimited).await;
    app.clock.advance(SignedDuration::from_secs(wait));
    assert_eq!(flood.post(&app, &flood.report(&policy, 4)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_report_counts_as_one() {
    let app = TestApp::with(|config| config.caps.reports_burst = 2).await;
    let policy = app.publish(&manifest(None)).await;
    let site = Site::enrolled(&app, 1).await;
    for (number, status) in [(1, 200), (2, 200), (3, 429)] {
        let submission = site.submission(&app, report_of(&site, &policy, number, 40_000));
        assert_eq!(site.send(&app, submission).await.status, status, "report {number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_cannot_keep_the_others_from_enrolling() {
    let app = TestApp::with(|config| {
        config.trusted_proxy = TrustedProxy::new("X-Forwarded-For", &["127.0.0.1/32".into()]).ok();
        config.caps.enrolments_burst = 3;
    })
    .await;
    let enrol = async |byte: u8, address: &str| {
        let enrolment = Site::new(byte).enrolment(&app);
        let forwarded_for = Some(address.to_owned());
        Site::new(byte).send(&app, Submission { forwarded_for, ..enrolment }).await.status
    };
    for byte in 1..=3 {
        assert_eq!(enrol(byte, "203.0.113.7").await, 200);
    }
    assert_eq!(enrol(4, "203.0.113.7").await, 429);
    assert_eq!(enrol(4, "203.0.113.8").await, 200, "who comes from elsewhere has a share of their own");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_body_ends() {
    let app = TestApp::with(|config| config.caps.body_time = Duration::from_millis(200)).await;
    let policy = app.publish(&manifest(None)).await;
    let site = Site::enrolled(&app, 1).await;
    let submission = site.submission(&app, bytes(&site.report(&policy, 1)));
    let (sender, receiver) = tokio::sync::mpsc::channel::<Result<bytes::Bytes, std::io::Error>>(1);
    sender.send(Ok("{".into())).await.unwrap();
    let body = reqwest::Body::wrap(Endless(receiver));
    let request = site.request(&app.url(candor_policy::wire_paths::REPORTS), submission).body(body);
    let answer = Answer::read(request.send().await.unwrap()).await;
    refused(&app, &site, &policy, answer, ProblemCode::TooSlow).await;
    drop(sender);
}

/// A body that never ends by itself.
struct Endless(tokio::sync::mpsc::Receiver<Result<bytes::Bytes, std::io::Error>>);

impl http_body::Body for Endless {
    type Data = bytes::Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Self::Data>, Self::Error>>> {
        self.0.poll_recv(context).map(|next| next.map(|next| next.map(http_body::Frame::data)))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_header_ends() {
    let app = TestApp::with(|config| config.caps.header_time = Duration::from_millis(200)).await;
    let address = app.running().listening;
    let read = tokio::task::spawn_blocking(move || {
        let mut connection = std::net::TcpStream::connect(address).unwrap();
        connection.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        connection.write_all(b"POST /v1/reports HTTP/1.1\r\nHost: x\r\nX-Slow: ").unwrap();
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).map(|_| answer)
    });
    let answer = read.await.unwrap().expect("the collector closes the connection");
    assert!(!answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_at_an_address_and_a_wrong_method_are_problems() {
    let (app, policy, site) = ready().await;
    let answer = app.get("/v1/nothing").await;
    refused(&app, &site, &policy, answer, ProblemCode::NotFound).await;
    let answer = app.get(candor_policy::wire_paths::REPORTS).await;
    assert_eq!((answer.status, &answer.json()["code"]), (405, &json!("method-not-allowed")));
    assert_eq!(answer.header("allow"), "POST");
    insta::with_settings!({ snapshot_suffix => "method-not-allowed" }, {
        insta::assert_json_snapshot!("refusal", unnamed(&answer));
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn every_encoding_arrives_as_the_same_report() {
    let (app, policy, site) = ready().await;
    let mut digests = Vec::new();
    for (number, encoding) in [(1, None), (2, Some("gzip")), (3, Some("zstd")), (4, Some("identity"))] {
        let mut report = site.report(&policy, number);
        report["report_id"] = site.report(&policy, number)["report_id"].clone();
        let json = bytes(&report);
        let expected = candor_policy::Digest::of(&json).to_string();
        let body = match encoding {
            Some("gzip") => gzip(&json),
            Some("zstd") => zstd(&json),
            _ => json,
        };
        let answer = site.send(&app, Submission { encoding, ..site.submission(&app, body) }).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.json()["received_digest"], json!(expected), "{encoding:?}");
        digests.push(answer.json()["accepted"].clone());
    }
    assert!(digests.iter().all(|accepted| *accepted == digests[0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn enrolment_is_idempotent_and_proves_the_key() {
    let app = TestApp::start().await;
    let site = Site::new(1);
    let (first, second) = (site.enrol(&app).await, site.enrol(&app).await);
    assert_eq!((first.status, second.status), (200, 200));
    assert_eq!(first.json(), second.json());
    assert_eq!(app.store().installations().count().await.unwrap(), 1);

    let body = bytes(&json!({ "public_key": candor_policy::PublicKey::from_bytes([9; 32]).to_string() }));
    let stolen = Submission { path: candor_policy::wire_paths::INSTALLATIONS, ..site.submission(&app, body) };
    let answer = site.send(&app, stolen).await;
    assert_eq!((answer.status, &answer.json()["code"]), (403, &json!("wrong-installation")));
}
