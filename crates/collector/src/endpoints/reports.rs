//! `POST /v1/reports`: takes a report in and answers with a signed receipt once it is durable.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use candor_policy::limits::{CLOCK_SKEW_SECONDS, PERIOD_AGE_DAYS};
use candor_policy::message::Claim;
use candor_policy::{Digest, PolicyReference, ProblemCode, Receipt, Report, admit};
use candor_web::limits::SMALL_BYTES;
use candor_web::{ClientAddress, Refused};
use jiff::{SignedDuration, Timestamp};

use super::address::address_to_keep;
use super::body::{Plain, Received, SignedRequest, work_aside};
use super::signed_at::check_clock;
use crate::AppState;
use crate::ingest::{CachedInstallation, CachedPolicy, InHand, Submission};
use crate::store::{Body, NewReport};

/// Where reports are sent.
pub const PATH: &str = candor_policy::wire_paths::REPORTS;

/// The handler.
pub async fn post(
    State(state): State<AppState>,
    address: ClientAddress,
    request: Request,
) -> Result<Response, Refused> {
    let started = Instant::now();
    let response = take_in(&state, request, address).await?;
    state.meters.accepted(started.elapsed());
    Ok(response)
}

async fn take_in(
    state: &AppState,
    request: Request,
    ClientAddress(address): ClientAddress,
) -> Result<Response, Refused> {
    let request = SignedRequest::open(state, request, PATH).await?;
    if let Some(refused) = state.disk.refusal() {
        return request.refuse(refused).await;
    }
    // Whoever is not known costs a look-up: nothing that they send is kept.
    let installation = match state.installations.find(&state.store, &request.claim.key_id).await {
        Ok(installation) => installation,
        Err(unknown) => return request.refuse(unknown).await,
    };
    let sender = Subject { installation, address };
    let answer = submit(state, &sender, request).await;
    let receipt = answer.inspect_err(|refused| sender.note_forged(state, refused))?;
    if receipt.duplicate {
        state.meters.repeated();
    }
    state.signer.answer(&receipt)
}

/// Who says to send a report, and from where.
#[derive(Clone)]
struct Subject {
    installation: Arc<CachedInstallation>,
    address: Option<IpAddr>,
}

/// Small reports are read before their signature is checked, together with others: reading one costs less than checking it alone.
/// Everything else is proven first, and waits for its turn.
async fn submit(state: &AppState, sender: &Subject, mut request: SignedRequest) -> Result<Receipt, Refused> {
    if sender.may_be_forged(state) || !request.read_small().await? {
        let _in_hand = match sender.prove(state, &request.claim) {
            Ok(in_hand) => in_hand,
            Err(refused) => return request.refuse(refused).await,
        };
        request.read_large().await?;
        let (claim, received) = request.into_read();
        return expand(state, sender, claim, received).await;
    }
    let (claim, received) = request.into_read();
    received.check_digest()?;
    let plain = received.decompress_small(state.intake.plain.small());
    let (report, _held) = match plain {
        Ok(None) => {
            let _in_hand = sender.prove(state, &claim)?;
            return expand(state, sender, claim, received).await;
        }
        Ok(Some(plain)) => {
            drop(received);
            let held = plain.held;
            (check(state, sender, &claim, plain.json, plain.digest, Place::Here).await, Some(held))
        }
        // Whoever did not sign is told nothing of it.
        Err(refused) => (Err(refused), None),
    };
    let installation = sender.installation.clone();
    state.acknowledger.acknowledge(Submission { installation, claim: Some(claim), report }).await
}

/// Expands and takes in what was proven to be the installation's own.
async fn expand(
    state: &AppState,
    sender: &Subject,
    claim: Claim,
    received: Received,
) -> Result<Receipt, Refused> {
    let turn = state.intake.turn().await?;
    let (most, held) = (state.config.caps.report_bytes, state.intake.plain.large());
    let plain = work_aside(move || {
        received.check_digest()?;
        received.decompress(most, held)
    });
    let Plain { json, digest, held: _held } = plain.await?;
    let report = check(state, sender, &claim, json, digest, Place::Aside).await;
    // What waits to be acknowledged is small again: its JSON, which is held.
    drop(turn);
    let installation = sender.installation.clone();
    state.acknowledger.acknowledge(Submission { installation, claim: None, report }).await
}

impl Subject {
    /// Whether so much was sent from this address under names of others that signatures come first.
    fn may_be_forged(&self, state: &AppState) -> bool {
        state.throttles.forgeries.check(ClientAddress(self.address).sender()).is_err()
    }

    fn note_forged(&self, state: &AppState, refused: &Refused) {
        if matches!(refused.code(), ProblemCode::BadSignature | ProblemCode::DigestMismatch) {
            // Where no more fits, signatures come first already.
            let _full = state.throttles.forgeries.take(ClientAddress(self.address).sender(), SMALL_BYTES);
        }
    }

    /// Holds the signature against the key, and the installation against what it may send.
    fn prove(&self, state: &AppState, claim: &Claim) -> Result<InHand, Refused> {
        claim.verify_with(&self.installation.key)?;
        state.throttles.reports.check(self.installation.number)?;
        state.intake.take_in_hand(self.installation.number)
    }
}

/// Where a report is worked on.
#[derive(Clone, Copy)]
enum Place {
    /// On the thread that serves requests.
    Here,
    /// On one that may block.
    Aside,
}

/// What is kept of a report. Its tree never outlives the call that reads it: where the policy is not ready, the report is read again
/// once that is.
async fn check(
    state: &AppState,
    sender: &Subject,
    claim: &Claim,
    json: Bytes,
    digest: Digest,
    place: Place,
) -> Result<NewReport, Refused> {
    state.blocked.pass(sender.installation.number)?;
    check_clock(state, claim)?;
    let mut policy = None;
    loop {
        let (json, sender, now) = (json.clone(), sender.clone(), state.clock.now());
        let (state_of_work, ready) = (state.clone(), policy.take());
        let look = move || look(&state_of_work, &sender, &json, digest, now, ready);
        let looked = match place {
            Place::Here => look(),
            Place::Aside => work_aside(look).await,
        };
        match looked? {
            Looked::At(report) => return Ok(report),
            Looked::Needs(named) => policy = Some(state.policies.find(&state.store, &named).await?),
        }
    }
}

enum Looked {
    /// It may be kept.
    At(NewReport),
    /// It can only be judged under this policy, which is not ready.
    Needs(PolicyReference),
}

fn look(
    state: &AppState,
    sender: &Subject,
    json: &Bytes,
    digest: Digest,
    now: Timestamp,
    ready: Option<Arc<CachedPolicy>>,
) -> Result<Looked, Refused> {
    let report =
        Report::parse(json).map_err(|error| Refused::new(ProblemCode::MalformedReport, error.to_string()))?;
    if report.installation != sender.installation.name {
        let detail = "the report was signed by another installation than the one that it names";
        return Err(Refused::new(ProblemCode::WrongInstallation, detail));
    }
    let Some(cached) = ready.or_else(|| state.policies.ready(&report.policy)) else {
        return Ok(Looked::Needs(report.policy));
    };
    check_period(&report, now)?;
    let address = address_to_keep(&cached.policy, &report, sender.address);
    let (admitted, outcomes) = admit(&cached.policy, report)?;
    Ok(Looked::At(NewReport {
        report_id: admitted.report().report_id,
        installation: sender.installation.number,
        policy: cached.number,
        period_end: admitted.report().period.end,
        received_digest: digest,
        // Most reports are kept as they came.
        stored_digest: if admitted.body() == *json { digest } else { admitted.digest() },
        accepted: admitted.accepted(),
        outcomes,
        address,
        body: Body::of(admitted.body()),
    }))
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
