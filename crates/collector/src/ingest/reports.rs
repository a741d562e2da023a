//! `POST /v1/reports`: takes a report in and answers with a signed receipt once it is durable.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use candor_policy::limits::{CLOCK_SKEW_SECONDS, PERIOD_AGE_DAYS, REPORT_BYTES};
use candor_policy::{Admitted, Digest, Outcome, ProblemCode, Receipt, Report, admit};
use jiff::{SignedDuration, Timestamp};

use super::Refused;
use super::address::{ClientAddress, address_to_keep};
use super::body::{Received, receive};
use super::known::KnownInstallation;
use super::signed_at::check_clock;
use crate::AppState;
use crate::store::{Body, NewReport, Submitted};

/// Where reports are sent.
pub const PATH: &str = "/v1/reports";

/// The handler.
pub async fn post(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    request: Request,
) -> Response {
    let started = Instant::now();
    match take_in(&state, request, address).await {
        Ok(response) => {
            state.meters.accepted(started.elapsed());
            response
        }
        Err(refused) => refused.answer(&state),
    }
}

async fn take_in(state: &AppState, request: Request, address: Option<IpAddr>) -> Result<Response, Refused> {
    let received = receive(request, PATH, &state.config.caps).await?;
    let (Parsed { report, json, digest }, received) = parse(state, received).await?;
    let installation = authenticate(state, &received, &report).await?;
    let known = state.known.policy(&state.store, &report.policy).await?;
    check_period(&report, state.clock.now())?;
    let address = address_to_keep(&known.policy, &report, address);
    let policy = known.number;
    let (admitted, outcomes, digests, body) = received
        .work(move || {
            let (admitted, outcomes) = admit(&known.policy, report)?;
            check_size(&admitted)?;
            // Most reports are kept as they came.
            let stored = if admitted.body() == json { digest } else { admitted.digest() };
            let body = Body::of(admitted.body());
            Ok((admitted, outcomes, Digests { received: digest, stored }, body))
        })
        .await?;
    let new = NewReport {
        report_id: admitted.report().report_id,
        installation: installation.number,
        policy,
        period_end: admitted.report().period.end,
        received_digest: digests.received,
        stored_digest: digests.stored,
        accepted: admitted.accepted(),
        outcomes: outcomes.clone(),
        address,
        body,
    };
    let submitted = state.store.submit(new).await?;
    let receipt = receipt(state, &admitted, digests, outcomes, submitted, installation.number)?;
    state.signer.answer(&receipt).await
}

/// A report as it arrived.
struct Parsed {
    report: Report,
    json: Bytes,
    digest: Digest,
}

/// Of a report's JSON: as it arrived, and as it is kept.
struct Digests {
    received: Digest,
    stored: Digest,
}

/// Decompresses and parses.
async fn parse(state: &AppState, received: Received) -> Result<(Parsed, Arc<Received>), Refused> {
    let most = state.config.caps.report_bytes;
    let received = Arc::new(received);
    let body = received.clone();
    let parsed = received
        .work(move || {
            let json = body.decompress(most)?;
            let report = Report::parse(&json)
                .map_err(|error| Refused::new(ProblemCode::MalformedReport, error.to_string()))?;
            let digest = body.digest_of(&json);
            Ok(Parsed { report, json, digest })
        })
        .await?;
    Ok((parsed, received))
}

/// Holds the signature against the key of the installation that the report names.
async fn authenticate(
    state: &AppState,
    received: &Arc<Received>,
    report: &Report,
) -> Result<Arc<KnownInstallation>, Refused> {
    let claim = &received.claim;
    let installation = state.known.installation(&state.store, &claim.key_id).await?;
    state.verifier.verify(received, &installation).await?;
    state.throttles.reports.pass(&installation.number)?;
    check_clock(state, claim)?;
    if report.installation.as_str() != claim.key_id {
        let detail = "the report was signed by another installation than the one that it names";
        return Err(Refused::new(ProblemCode::WrongInstallation, detail));
    }
    Ok(installation)
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

/// Redaction may make a report longer than it came; what is kept must be readable within the same bound.
fn check_size(admitted: &Admitted) -> Result<(), Refused> {
    if admitted.body().len() <= REPORT_BYTES {
        return Ok(());
    }
    let detail = format!("the report has more than {REPORT_BYTES} bytes once its values are redacted");
    Err(Refused::new(ProblemCode::TooLarge, detail))
}

/// The collector's word on what it holds: the new report, or the one that it held already.
fn receipt(
    state: &AppState,
    admitted: &Admitted,
    digests: Digests,
    outcomes: Vec<Outcome>,
    submitted: Submitted,
    installation: i64,
) -> Result<Receipt, Refused> {
    let report_id = admitted.report().report_id;
    match submitted {
        Submitted::Written { received_at } => Ok(Receipt {
            report_id,
            received_digest: digests.received,
            stored_digest: digests.stored,
            received_at,
            duplicate: false,
            accepted: admitted.accepted(),
            outcomes,
        }),
        Submitted::Held(held) if held.installation == installation => {
            state.meters.repeated();
            Ok(Receipt {
                report_id,
                received_digest: held.received_digest,
                stored_digest: held.stored_digest,
                received_at: held.received_at,
                duplicate: true,
                accepted: held.accepted,
                outcomes: held.outcomes,
            })
        }
        Submitted::Held(_) => Err(Refused::new(
            ProblemCode::WrongInstallation,
            "a report of this name is held already, and another installation sent it",
        )),
    }
}
