//! `/setup`: the page behind a one-time link, where an administrator's account is made.

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use tower_sessions::Session;

use super::ask::QueryParams;
use super::failure::Failure;
use super::layout::Page;
use super::staff::MaybeStaff;
use crate::AppState;
use crate::accounts::{SetupFault, SetupForm, create_account, link_is_valid};
use crate::limits::{ACCOUNT_NAME_LONGEST, LINK_HOURS, PASSWORD_SHORTEST};

/// Shows the form, where the link is still good.
pub async fn page(
    State(state): State<AppState>,
    reader: MaybeStaff,
    asked: QueryParams,
) -> Result<Response, Failure> {
    let token = asked.parameter("token").unwrap_or_default();
    if link_is_valid(&state.access, token).await? {
        return Ok(form(token, "", None, &reader).into_response());
    }
    Ok((StatusCode::GONE, over(&reader)).into_response())
}

/// Makes the account and signs it in.
pub async fn post(
    State(state): State<AppState>,
    session: Session,
    reader: MaybeStaff,
    Form(given): Form<SetupForm>,
) -> Result<Response, Failure> {
    let (token, name) = (given.token.clone(), given.name.clone());
    match create_account(&state.access, &session, given).await {
        Ok(_) => Ok(Redirect::to("/").into_response()),
        Err(SetupFault::Store(error)) => Err(error.into()),
        Err(SetupFault::LinkNotValid) => Ok((StatusCode::GONE, over(&reader)).into_response()),
        Err(fault) => {
            let status = match fault {
                SetupFault::Busy => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            };
            Ok((status, form(&token, &name, Some(&fault.to_string()), &reader)).into_response())
        }
    }
}

fn form(token: &str, name: &str, fault: Option<&str>, reader: &MaybeStaff) -> Markup {
    let content = html! {
        div class="narrow head" {
            h1 { "Set up this collector" }
            p class="lead" { "Choose the name and the password of its administrator." }
        }
        form class="form narrow" method="post" action="/setup" {
            @if let Some(fault) = fault { p class="fault" role="alert" { "No account was made: " (fault) "." } }
            input type="hidden" name="token" value=(token);
            div class="field" {
                label for="name" { "Name" }
                input id="name" name="name" value=(name) autocomplete="username" required
                    maxlength=(ACCOUNT_NAME_LONGEST);
            }
            div class="field" {
                label for="password" { "Password" }
                input id="password" name="password" type="password" autocomplete="new-password" required
                    minlength=(PASSWORD_SHORTEST) aria-describedby="password-hint";
                p id="password-hint" class="hint" {
                    "At least " (PASSWORD_SHORTEST) " characters. A few words are easier to remember than random symbols."
                }
            }
            div { button { "Create account" } }
        }
    };
    framed("Set up", content, reader)
}

fn over(reader: &MaybeStaff) -> Markup {
    framed(
        "Link not valid",
        html! {
            div class="head" {
                h1 { "This link is not valid" }
                p class="lead" {
                    "It was used already, a newer one was made, or its " (LINK_HOURS) " hours are over. Make a new one where "
                    "the collector runs: " code { "candor-collector account link --data DIR" } "."
                }
                p { a href="/login" { "To the sign-in page" } }
            }
        },
        reader,
    )
}

fn framed(title: &str, content: Markup, reader: &MaybeStaff) -> Markup {
    Page { title, part: None, reader: reader.reader(), kept: "", shows_policy: false, content }.into_markup()
}
