//! `/setup`: the page behind a one-time link, where an account is created or chooses a new password.

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
use crate::accounts::{SetupFault, SetupForm, link_purpose, use_link};
use crate::limits::{ACCOUNT_NAME_LONGEST, LINK_HOURS, PASSWORD_SHORTEST};
use crate::store::LinkPurpose;

/// Shows the form, where the link is still good.
pub async fn page(
    State(state): State<AppState>,
    reader: MaybeStaff,
    asked: QueryParams,
) -> Result<Response, Failure> {
    let token = asked.parameter("token").unwrap_or_default();
    Ok(match link_purpose(&state.access, token).await? {
        Some(purpose) => form(&purpose, token, "", None, &reader).into_response(),
        None => (StatusCode::GONE, over(&reader)).into_response(),
    })
}

/// Does what the link is for, and signs the account in.
pub async fn post(
    State(state): State<AppState>,
    session: Session,
    reader: MaybeStaff,
    Form(given): Form<SetupForm>,
) -> Result<Response, Failure> {
    let (token, name) = (given.token.clone(), given.name.clone());
    let fault = match use_link(&state.access, &session, given).await {
        Ok(_) => return Ok(Redirect::to("/").into_response()),
        Err(SetupFault::Store(error)) => return Err(error.into()),
        Err(fault) => fault,
    };
    let purpose = link_purpose(&state.access, &token).await?;
    let Some(purpose) = purpose.filter(|_| !matches!(fault, SetupFault::LinkNotValid)) else {
        return Ok((StatusCode::GONE, over(&reader)).into_response());
    };
    let status = match fault {
        SetupFault::Busy => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Ok((status, form(&purpose, &token, &name, Some(&fault.to_string()), &reader)).into_response())
}

fn form(purpose: &LinkPurpose, token: &str, name: &str, fault: Option<&str>, reader: &MaybeStaff) -> Markup {
    let (title, lead, button) = match purpose {
        LinkPurpose::NewAccount => (
            "Set up this collector",
            "Choose the name and the password of its administrator.".to_owned(),
            "Create account",
        ),
        LinkPurpose::NewPassword(account) => (
            "Choose a new password",
            format!("For {}. All sessions of this account end.", account.name),
            "Set password",
        ),
    };
    let content = html! {
        div class="narrow head" {
            h1 { (title) }
            p class="lead" { (lead) }
        }
        form class="form narrow" method="post" action="/setup" {
            @if let Some(fault) = fault { p class="fault" role="alert" { "Nothing was changed: " (fault) "." } }
            input type="hidden" name="token" value=(token);
            @match purpose {
                LinkPurpose::NewAccount => {
                    div class="field" {
                        label for="name" { "Name" }
                        input id="name" name="name" value=(name) autocomplete="username" required
                            maxlength=(ACCOUNT_NAME_LONGEST);
                    }
                }
                // Password managers file the new password under it.
                LinkPurpose::NewPassword(account) => {
                    input type="hidden" name="name" value=(account.name) autocomplete="username";
                }
            }
            (new_password("password", "Password"))
            div { button { (button) } }
        }
    };
    framed(title, content, reader)
}

/// The field for a password that is being chosen.
pub(super) fn new_password(name: &str, label: &str) -> Markup {
    let hint = format!("{name}-hint");
    html! {
        div class="field" {
            label for=(name) { (label) }
            input id=(name) name=(name) type="password" autocomplete="new-password" required
                minlength=(PASSWORD_SHORTEST) aria-describedby=(hint);
            p id=(hint) class="hint" {
                "At least " (PASSWORD_SHORTEST) " characters. A few words are easier to remember than random symbols."
            }
        }
    }
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
