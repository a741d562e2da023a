//! What goes wrong on a page, said to people. What goes wrong at an endpoint is said in problem details, by `ingest`.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::html;

use super::layout::Page;
use crate::store::StoreError;

/// Why a page cannot be shown.
#[derive(Debug)]
pub enum Failure {
    /// There is no such page; what was looked for.
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
        match self {
            Self::NotFound(what) => {
                let said = format!(
                    "There is no {what} here. The address may be mistyped, or it may never have been."
                );
                page(StatusCode::NOT_FOUND, "Not found", &said)
            }
            Self::StaleForm => page(
                StatusCode::FORBIDDEN,
                "This form is too old",
                "The form was made for another session. Go back, load the page again, and send it once more.",
            ),
            Self::Broken(error) => {
                tracing::error!(%error, "a page could not be made");
                page(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "The collector failed",
                    "The page could not be made. Reports are taken in all the same. The collector's log says what \
                     happened; try again in a moment.",
                )
            }
        }
    }
}

/// A page that says what happened.
fn page(status: StatusCode, title: &str, said: &str) -> Response {
    let content = html! {
        div class="head" {
            h1 { (title) }
            p class="lead" { (said) }
            p { a href="/" { "To the overview" } " · " a href="/policies" { "To the policies" } }
        }
    };
    let page = Page { title, part: None, reader: None, kept: "", shows_policy: false, content };
    (status, page.into_markup()).into_response()
}
