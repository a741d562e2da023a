//! The extractor that a page for the staff starts with: whoever is not signed in is sent to the sign-in page.

use axum::extract::FromRequestParts;
use axum::http::Method;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use candor_policy::ProblemCode;
use tower_sessions::Session;

use super::sessions::{ACCOUNT, CSRF, session_failed};
use crate::AppState;
use candor_web::escaped;
use crate::ingest::Refused;
use crate::store::{Account, StoreError};

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who.
    pub account: Account,
    /// The token that every form of this session must carry.
    pub csrf: String,
}

impl SignedIn {
    /// Holds a form's token against the session's.
    ///
    /// # Errors
    /// [`Refused`] where the form was not made for this session.
    pub fn check_csrf(&self, token: &str) -> Result<(), Refused> {
        // Compared by digest: the time it takes says nothing of where two tokens differ.
        if candor_policy::Digest::of(token.as_bytes()) == candor_policy::Digest::of(self.csrf.as_bytes()) {
            return Ok(());
        }
        Err(Refused::new(ProblemCode::NotAllowed, "the form is not of this session; load the page again"))
    }

    async fn find(state: &AppState, session: &Session) -> Result<Option<Self>, StoreError> {
        let number: Option<i64> = session.get(ACCOUNT).await.map_err(session_failed)?;
        let csrf: Option<String> = session.get(CSRF).await.map_err(session_failed)?;
        let Some((number, csrf)) = number.zip(csrf) else { return Ok(None) };
        Ok(state.store.accounts().numbered(number).await?.map(|account| Self { account, csrf }))
    }
}

impl FromRequestParts<AppState> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let session = Session::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
        match Self::find(state, &session).await {
            Ok(Some(signed_in)) => Ok(signed_in),
            Ok(None) => Err(turned_away(parts, state)),
            Err(error) => Err(Refused::from(error).answer(state)),
        }
    }
}

/// A page leads to the sign-in page and back; anything else is refused.
fn turned_away(parts: &Parts, state: &AppState) -> Response {
    if parts.method != Method::GET {
        return Refused::new(ProblemCode::NotAllowed, "sign in first").answer(state);
    }
    let wanted = parts.uri.path_and_query().map_or("/", |wanted| wanted.as_str());
    Redirect::to(&format!("/login?next={}", escaped(wanted))).into_response()
}
