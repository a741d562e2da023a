//! `POST /v1/installations`: makes an installation's key known. The request is signed with that very key, and the answer with
//! the collector's: nothing follows to what merely answers.

use axum::extract::{Request, State};
use axum::response::Response;
use candor_policy::{Enrolled, Enrolment, InstallationId, ProblemCode};
use candor_web::{ClientAddress, Refused};

use super::body::receive_small;
use super::signed_at::check_clock;
use crate::AppState;

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
    let enrolled = state.store.installations().enrol(&enrolment.public_key, state.clock.now()).await?;
    state.signer.answer(&Enrolled { installation: enrolled.name })
}
