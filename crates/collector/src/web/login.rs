//! `/login` and `/logout`.

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
use super::layout::Page;
use super::staff::MaybeStaff;
use crate::AppState;
use crate::accounts::{Credentials, SignInFault, SignedIn, sign_in, sign_out};

/// What the sign-in form sends.
#[derive(Deserialize)]
pub struct LoginForm {
    name: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// What the sign-out form sends.
#[derive(Deserialize)]
pub struct LogoutForm {
    csrf: String,
}

/// Shows the form.
pub async fn page(reader: MaybeStaff, asked: QueryParams) -> Markup {
    form(asked.parameter("next").unwrap_or("/"), "", None, &reader)
}

/// Signs somebody in and leads to where they wanted to go.
pub async fn post(
    State(state): State<AppState>,
    session: Session,
    reader: MaybeStaff,
    address: ClientAddress,
    Form(given): Form<LoginForm>,
) -> Result<Response, Failure> {
    let credentials = Credentials { name: given.name.clone(), password: given.password };
    match sign_in(&state.access, &session, credentials, address).await {
        Ok(_) => Ok(Redirect::to(on_this_origin(&given.next)).into_response()),
        Err(SignInFault::Store(error)) => Err(error.into()),
        Err(fault) => {
            let status = match fault {
                SignInFault::TooOften(_) => StatusCode::TOO_MANY_REQUESTS,
                SignInFault::Busy => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            };
            Ok((status, form(&given.next, &given.name, Some(&fault.to_string()), &reader)).into_response())
        }
    }
}

/// Signs somebody out.
pub async fn out(
    State(state): State<AppState>,
    session: Session,
    who: SignedIn,
    Form(given): Form<LogoutForm>,
) -> Result<Response, Failure> {
    who.check_csrf(&given.csrf).map_err(|_| Failure::StaleForm)?;
    sign_out(&state.access, &session, &who).await?;
    Ok(Redirect::to("/login").into_response())
}

/// A path on this origin, or the overview: a link to the sign-in page must not lead anywhere else.
fn on_this_origin(next: &str) -> &str {
    let second = next.chars().nth(1);
    let is_path = next.starts_with('/') && !matches!(second, Some('/' | '\\'));
    if is_path && !next.chars().any(|letter| letter.is_control() || letter == '\\') { next } else { "/" }
}

fn form(next: &str, name: &str, fault: Option<&str>, reader: &MaybeStaff) -> Markup {
    let content = html! {
        div class="narrow head" {
            h1 { "Sign in" }
            p class="quiet" { "For the vendor's staff. The " a href="/policies" { "collection policies" } " are open to everybody." }
        }
        form class="form narrow" method="post" action="/login" {
            @if let Some(fault) = fault { p class="fault" role="alert" { "Not signed in: " (fault) "." } }
            input type="hidden" name="next" value=(next);
            div class="field" {
                label for="name" { "Name" }
                input id="name" name="name" value=(name) autocomplete="username" required;
            }
            div class="field" {
                label for="password" { "Password" }
                input id="password" name="password" type="password" autocomplete="current-password" required;
            }
            div { button { "Sign in" } }
        }
    };
    let reader = reader.reader();
    Page { title: "Sign in", part: None, reader, kept: "", shows_policy: false, content }.into_markup()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_nowhere_else() {
        for good in ["/", "/customers/a?from=2026-01", "/policies"] {
            assert_eq!(on_this_origin(good), good);
        }
        for bad in [
            "",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "evil",
            "/\t/evil.example",
            "/a\\b",
        ] {
            assert_eq!(on_this_origin(bad), "/", "{bad}");
        }
    }
}
