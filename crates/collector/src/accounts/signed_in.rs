//! The extractor that a page for the staff starts with: whoever is not signed in is sent to the sign-in page.

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse, Redirect, Response};
use candor_policy::ProblemCode;
use candor_web::errors::accepts_pages;
use candor_web::{Refused, csrf, escaped};
use tower_sessions::Session;

use super::access::Access;
use super::sessions::{ACCOUNT, CSRF, session_failed, session_of};
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
        if csrf::is_token(token, &self.csrf) {
            return Ok(());
        }
        Err(Refused::new(ProblemCode::NotAllowed, "the form is not of this session; load the page again"))
    }

    async fn find(access: &Access, session: &Session) -> Result<Option<Self>, StoreError> {
        let number: Option<i64> = session.get(ACCOUNT).await.map_err(session_failed)?;
        let csrf: Option<String> = session.get(CSRF).await.map_err(session_failed)?;
        let Some((number, csrf)) = number.zip(csrf) else { return Ok(None) };
        Ok(access.store.accounts().numbered(number).await?.map(|account| Self { account, csrf }))
    }
}

impl<S> FromRequestParts<S> for SignedIn
where
    S: Send + Sync,
    Access: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let session = Session::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
        match Self::find(&Access::from_ref(state), &session).await {
            Ok(Some(signed_in)) => Ok(signed_in),
            Ok(None) => Err(turned_away(parts)),
            Err(error) => Err(Refused::from(error).into_response()),
        }
    }
}

/// Whoever is signed in by a request's cookie, wherever no session was opened for it. Where the store fails, nobody is.
pub async fn signed_in(access: &Access, headers: &HeaderMap) -> Option<SignedIn> {
    let session = session_of(access, headers)?;
    SignedIn::find(access, &session).await.ok().flatten()
}

/// A browser that wants a page is led to the sign-in page and back; everybody else is refused.
fn turned_away(parts: &Parts) -> Response {
    if parts.method != Method::GET || !accepts_pages(&parts.headers) {
        return Refused::new(ProblemCode::NotSignedIn, "sign in first").into_response();
    }
    let wanted = parts.uri.path_and_query().map_or("/", |wanted| wanted.as_str());
    Redirect::to(&format!("/login?next={}", escaped(wanted))).into_response()
}
