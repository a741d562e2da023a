//! The clock that requests are held against.

use candor_policy::ProblemCode;
use candor_policy::limits::CLOCK_SKEW_SECONDS;
use candor_policy::message::Claim;
use candor_web::Refused;

use crate::AppState;

/// Refuses what was signed at another time than now.
pub fn check_clock(state: &AppState, claim: &Claim) -> Result<(), Refused> {
    let now = state.clock.now();
    let off_seconds = claim.created.as_second().abs_diff(now.as_second());
    if off_seconds <= CLOCK_SKEW_SECONDS.unsigned_abs() {
        return Ok(());
    }
    let detail = format!(
        "signed at {}, and here it is {now}; {} hours are allowed between",
        claim.created,
        CLOCK_SKEW_SECONDS / 3600
    );
    Err(Refused::new(ProblemCode::ClockSkew, detail))
}
