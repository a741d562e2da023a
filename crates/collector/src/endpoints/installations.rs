//! `POST /v1/installations`: makes an installation's key known. The request is signed with that very key, and the answer with
//! the collector's: nothing follows to what merely answers.

use axum::extract::{Request, State};
use axum::response::Response;
use candor_policy::voucher::{Certificate, VoucherAnswer, VoucherFault};
use candor_policy::{Enrolled, Enrolment, InstallationId, ProblemCode};
use candor_web::{ClientAddress, Refused};
use jiff::tz::TimeZone;

use super::body::receive_small;
use super::signed_at::check_clock;
use crate::AppState;
use crate::ingest::blocked;
use crate::store::Enrolling;

/// Where keys are enrolled.
pub const PATH: &str = candor_policy::wire_paths::INSTALLATIONS;

/// The handler.
pub async fn post(
    State(state): State<AppState>,
    address: ClientAddress,
    request: Request,
) -> Result<Response, Refused> {
    // It is signed by a key that nobody knows yet, so its sender's address is what it counts for.
    state.throttles.enrolments.pass(address.sender())?;
    if let Some(refused) = state.disk.refusal() {
        return Err(refused);
    }
    let (claim, plain) = receive_small(&state, request, PATH).await?;
    let enrolment: Enrolment = serde_json::from_slice(&plain.json)
        .map_err(|error| Refused::new(ProblemCode::MalformedReport, format!("not an enrolment: {error}")))?;
    let name = InstallationId::of(&enrolment.public_key);
    if claim.key_id != name.as_str() {
        let detail = "the request was signed under another name than the one that follows from the key";
        return Err(Refused::new(ProblemCode::WrongInstallation, detail));
    }
    // The strict check: it refuses keys of small order too, for which anybody can sign.
    claim.verify(&enrolment.public_key)?;
    check_clock(&state, &claim)?;
    let shown = verify(&state, &enrolment).await?;
    let (voucher, fault) = shown.map_or((None, None), |shown| match shown {
        Ok(voucher) => (Some(voucher), None),
        Err(fault) => (None, Some(VoucherAnswer::from(&fault))),
    });
    let installations = state.store.installations();
    match installations.enrol(&enrolment.public_key, voucher, state.clock.now()).await? {
        Enrolling::Enrolled(enrolled, answer) => {
            state.signer.answer(&Enrolled { installation: enrolled.name, voucher: answer.or(fault) })
        }
        Enrolling::Blocked => Err(blocked()),
    }
}

/// Holds the voucher, where one is shown, against the voucher keys of the newest version of each policy. One that does not hold
/// costs the installation its verification, and not its enrolment: the site may be honest, and its voucher old.
async fn verify(
    state: &AppState,
    enrolment: &Enrolment,
) -> Result<Option<Result<Certificate, VoucherFault>>, Refused> {
    let Some(proof) = &enrolment.voucher else { return Ok(None) };
    let issuers = state.policies.voucher_keys(&state.store).await?;
    let today = state.clock.now().to_zoned(TimeZone::UTC).date();
    Ok(Some(proof.verify(&enrolment.public_key, &issuers, today)))
}
