//! `POST /v1/reports`: takes a report in and answers with a signed receipt once it is durable.

use std::net::IpAddr;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use candor_policy::limits::{CLOCK_SKEW_SECONDS, PERIOD_AGE_DAYS};
use candor_policy::message::Claim;
use candor_policy::{Digest, ProblemCode, Report, admit};
use candor_web::{ClientAddress, Refused};
use jiff::{SignedDuration, Timestamp};

use super::address::address_to_keep;
use super::body::{Received, receive, work_on};
use super::signed_at::check_clock;
use crate::AppState;
use crate::ingest::Submission;
use crate::store::{Body, NewReport};

/// Where reports are sent.
pub const PATH: &str = candor_policy::wire_paths::REPORTS;

/// The handler.
pub async fn post(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    request: Request,
) -> Result<Response, Refused> {
    let started = Instant::now();
    let response = take_in(&state, request, address).await?;
    state.meters.accepted(started.elapsed());
    Ok(response)
}

async fn take_in(state: &AppState, request: Request, address: Option<IpAddr>) -> Result<Response, Refused> {
    let (claim, received) = receive(request, PATH, &state.config.caps).await?;
    let arrived = parse(received, state.config.caps.report_bytes).await?;
    let installation = state.installations.find(&state.store, &claim.key_id).await?;
    // The signature is verified last, together with its neighbours'. Whoever did not sign is told nothing else.
    let report = check(state, &claim, arrived, installation.number, address).await;
    let receipt = state.acknowledger.acknowledge(Submission { installation, claim, report }).await?;
    if receipt.duplicate {
        state.meters.repeated();
    }
    state.signer.answer(&receipt)
}

/// A report as it arrived.
struct Arrived {
    report: Report,
    json: Bytes,
    digest: Digest,
}

/// Decompresses and parses.
async fn parse(received: Received, most: usize) -> Result<Arrived, Refused> {
    work_on(received.body.len(), move || {
        let json = received.decompress(most)?;
        let report = Report::parse(&json)
            .map_err(|error| Refused::new(ProblemCode::MalformedReport, error.to_string()))?;
        let digest = received.digest_of(&json);
        Ok(Arrived { report, json, digest })
    })
    .await
}

/// What is kept of a report from this installation.
async fn check(
    state: &AppState,
    claim: &Claim,
    arrived: Arrived,
    installation: i64,
    address: Option<IpAddr>,
) -> Result<NewReport, Refused> {
    let Arrived { report, json, digest } = arrived;
    check_clock(state, claim)?;
    if report.installation.as_str() != claim.key_id {
        let detail = "the report was signed by another installation than the one that it names";
        return Err(Refused::new(ProblemCode::WrongInstallation, detail));
    }
    let cached = state.policies.find(&state.store, &report.policy).await?;
    check_period(&report, state.clock.now())?;
    let address = address_to_keep(&cached.policy, &report, address);
    work_on(json.len(), move || {
        let (admitted, outcomes) = admit(&cached.policy, report)?;
        Ok(NewReport {
            report_id: admitted.report().report_id,
            installation,
            policy: cached.number,
            period_end: admitted.report().period.end,
            received_digest: digest,
            // Most reports are kept as they came.
            stored_digest: if admitted.body() == json { digest } else { admitted.digest() },
            accepted: admitted.accepted(),
            outcomes,
            address,
            body: Body::of(admitted.body()),
        })
    })
    .await
}

fn check_period(report: &Report, now: Timestamp) -> Result<(), Refused> {
    let end = report.period.end;
    let latest = now.saturating_add(SignedDuration::from_secs(CLOCK_SKEW_SECONDS));
    let earliest = now.saturating_sub(SignedDuration::from_hours(24 * PERIOD_AGE_DAYS));
    if latest.is_ok_and(|latest| end <= latest) && earliest.is_ok_and(|earliest| end >= earliest) {
        return Ok(());
    }
    let detail =
        format!("the period ends at {end}; here it is {now}, and {PERIOD_AGE_DAYS} days back are allowed");
    Err(Refused::new(ProblemCode::PeriodOutOfRange, detail))
}
