//! `/account`: one's own account. Another password, and signing out everywhere.

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use candor_web::ClientAddress;
use maud::{Markup, html};
use serde::Deserialize;
use tower_sessions::Session;

use super::ask::QueryParams;
use super::failure::Failure;
use super::layout::{Page, Reader};
use super::setup::new_password;
use crate::AppState;
use crate::accounts::{ChangeFault, SignInFault, SignedIn, change_password, sign_out_everywhere};

/// What the form for another password sends.
#[derive(Deserialize)]
pub struct PasswordForm {
    csrf: String,
    present: String,
    new: String,
}

/// What the form that signs out everywhere sends.
#[derive(Deserialize)]
pub struct SessionsForm {
    csrf: String,
}

/// Shows the page.
pub async fn page(who: SignedIn, asked: QueryParams) -> Markup {
    let said = match asked.parameter("changed") {
        Some(_) => Said::Changed,
        None => Said::Nothing,
    };
    shown(&who, &said)
}

/// What the page has to say of the last form.
enum Said {
    Nothing,
    Changed,
    NotChanged(String),
}

/// Changes the password.
pub async fn password(
    State(state): State<AppState>,
    session: Session,
    who: SignedIn,
    address: ClientAddress,
    Form(given): Form<PasswordForm>,
) -> Result<Response, Failure> {
    who.check_csrf(&given.csrf).map_err(|_| Failure::StaleForm)?;
    let changed = change_password(&state.access, &session, &who, given.present, given.new, address).await;
    let (status, fault) = match changed {
        Ok(()) => return Ok(Redirect::to("/account?changed=yes").into_response()),
        Err(ChangeFault::Present(SignInFault::Store(error))) => return Err(error.into()),
        Err(fault @ ChangeFault::Present(SignInFault::TooOften(_))) => (StatusCode::TOO_MANY_REQUESTS, fault),
        Err(fault @ ChangeFault::Present(SignInFault::Busy)) => (StatusCode::SERVICE_UNAVAILABLE, fault),
        Err(fault) => (StatusCode::UNPROCESSABLE_ENTITY, fault),
    };
    Ok((status, shown(&who, &Said::NotChanged(fault.to_string()))).into_response())
}

/// Ends all sessions.
pub async fn sessions(
    State(state): State<AppState>,
    session: Session,
    who: SignedIn,
    Form(given): Form<SessionsForm>,
) -> Result<Response, Failure> {
    who.check_csrf(&given.csrf).map_err(|_| Failure::StaleForm)?;
    sign_out_everywhere(&state.access, &session, &who).await?;
    Ok(Redirect::to("/login").into_response())
}

fn shown(who: &SignedIn, said: &Said) -> Markup {
    let content = html! {
        div class="narrow head" {
            h1 { (who.account.name) }
            p class="lead" { "Signed in as " (who.account.role.word()) "." }
        }
        form class="form narrow" method="post" action="/account/password" {
            h2 { "Change password" }
            @match said {
                Said::Nothing => {}
                Said::Changed => { p role="status" { "The password was changed." } }
                Said::NotChanged(fault) => { p class="fault" role="alert" { "The password was not changed: " (fault) "." } }
            }
            p class="quiet" { "Every other browser that is signed in to this account is signed out." }
            input type="hidden" name="csrf" value=(who.csrf);
            div class="field" {
                label for="present" { "Present password" }
                input id="present" name="present" type="password" autocomplete="current-password" required;
            }
            (new_password("new", "New password"))
            div { button { "Change password" } }
        }
        form class="form narrow" method="post" action="/account/sessions" {
            h2 { "Sign out everywhere" }
            p class="quiet" { "Ends all sessions of this account, this one too." }
            input type="hidden" name="csrf" value=(who.csrf);
            div { button class="plain" { "Sign out everywhere" } }
        }
    };
    let reader = Reader { name: who.account.name.clone(), csrf: who.csrf.clone() };
    Page { title: "Account", part: None, reader: Some(&reader), kept: "", shows_policy: false, content }
        .into_markup()
}
