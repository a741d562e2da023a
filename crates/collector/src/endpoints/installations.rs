//! `POST /v1/installations`: makes an installation's key known. The request is signed with that very key, and the answer with
//! the collector's: nothing follows to what merely answers.

use axum::extract::{Request, State};
use axum::response::Response;
use candor_policy::{Enrolled, Enrolment, InstallationId, ProblemCode};
use candor_web::{ClientAddress, Refused};

use super::body::receive;
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
    let (claim, received) = receive(request, PATH, &state.config.caps).await?;
    let json = received.decompress(state.config.caps.report_bytes)?;
    let enrolment: Enrolment = serde_json::from_slice(&json)
        .map_err(|error| Refused::new(ProblemCode::MalformedReport, format!("not an enrolment: {error}")))?;
    let name = InstallationId::of(&enrolment.public_key);
    if claim.key_id != name.as_str() {
        let detail = "the request was signed under another name than the one that follows from the key";
        return Err(Refused::new(ProblemCode::WrongInstallation, detail));
    }
    // The strict check: it refuses keys of small order too, for which anybody can sign.
    claim.verify(&enrolment.public_key)?;
    check_clock(&state, &claim)?;
    state.throttles.enrolments.pass(address.sender())?;
    let enrolled = state.store.installations().enrol(&enrolment.public_key, state.clock.now()).await?;
    state.signer.answer(&Enrolled { installation: enrolled.name })
}
