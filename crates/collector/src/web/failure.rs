//! What goes wrong on a page, said to people. `candor_web::errors` puts it into the frame, or into problem details.

use axum::response::{IntoResponse, Response};
use candor_policy::ProblemCode;
use candor_web::Refused;
use candor_web::limits::RETRY_AFTER_SECONDS;

use crate::store::StoreError;

/// Why a page cannot be shown.
#[derive(Debug)]
pub enum Failure {
    /// What was looked for, such as "figure of that name", does not exist.
    NotFound(String),
    /// The form does not belong to this session, or is too old.
    StaleForm,
    /// The collector's own fault.
    Broken(StoreError),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Broken(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let refused = match self {
            Self::NotFound(what) => Refused::new(
                ProblemCode::NotFound,
                format!("no {what} was found: check the spelling, or start from one of the pages below"),
            ),
            Self::StaleForm => Refused::new(
                ProblemCode::NotAllowed,
                "the form was made for another session; go back, load the page again, and send it once more",
            ),
            Self::Broken(error @ (StoreError::DiskFull | StoreError::Replaced(_) | StoreError::NotOpen)) => {
                tracing::error!(%error, "a page could not be made");
                let detail = format!("the page cannot be made now: {error}");
                Refused::later(ProblemCode::Unavailable, detail, RETRY_AFTER_SECONDS)
            }
            Self::Broken(error) => {
                tracing::error!(%error, "a page could not be made");
                let detail = "the page could not be made; reports are taken in all the same. The collector's log says what \
                              happened; try again in a moment";
                Refused::new(ProblemCode::Internal, detail)
            }
        };
        refused.into_response()
    }
}
