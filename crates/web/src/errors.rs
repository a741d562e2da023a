//! What goes wrong is said once, here: as a page to a browser, with the navigation of whoever is signed in, and as problem
//! details to everybody else. Both carry the request's name.
//!
//! Handlers return [`crate::Refused`]. What the router and the extractors of axum refuse by themselves, as plain text or with no
//! text at all, is turned into the same.

use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use candor_policy::{Problem, ProblemCode};

use crate::headers::SecurityHeaders;
use crate::page::Frame;
use crate::problem::problem_details;
use crate::request_id::RequestId;

/// A program that has pages: it knows the frame for whoever asks.
pub trait Framing: Clone + Send + Sync + 'static {
    /// The frame for the sender of this request.
    fn frame(&self, request: &Parts) -> impl Future<Output = Frame> + Send;

    /// The headers of its pages.
    fn headers(&self) -> SecurityHeaders;
}

/// Middleware over everything that a program answers.
pub async fn answer_errors<F: Framing>(State(framing): State<F>, request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().cloned();
    let browser = accepts_pages(request.headers()).then(|| parts_of(&request));
    let uri = request.uri().clone();
    let response = next.run(request).await;
    let Some(problem) = problem_of(&response, uri.path()) else { return response };
    let id = id.as_ref().map(RequestId::as_str);
    let mut answer = match browser {
        None => problem_details(&Problem { request_id: id.map(str::to_owned), ..problem.clone() }),
        Some(parts) => {
            let frame = framing.frame(&parts).await;
            let mut page = frame.error(&problem.title, &sentence(&problem.detail), id);
            framing.headers().set(&mut page);
            page
        }
    };
    *answer.status_mut() = response.status();
    keep_headers(&mut answer, response);
    answer.extensions_mut().insert(problem);
    answer
}

/// Whether somebody looks at the answer: browsers name the type, and programs do not.
pub fn accepts_pages(headers: &HeaderMap) -> bool {
    let mut accepted = headers.get_all(ACCEPT).iter().filter_map(|line| line.to_str().ok());
    accepted.any(|line| line.contains("text/html"))
}

/// The request without its body.
fn parts_of(request: &Request) -> Parts {
    let mut copy = axum::http::Request::new(());
    copy.method_mut().clone_from(request.method());
    copy.uri_mut().clone_from(request.uri());
    copy.headers_mut().clone_from(request.headers());
    copy.into_parts().0
}

/// What an answer says that went wrong; nothing where it is an answer, or a page or a document that says so itself.
fn problem_of(response: &Response, path: &str) -> Option<Problem> {
    if let Some(problem) = response.extensions().get::<Problem>() {
        return Some(problem.clone());
    }
    let status = response.status();
    let is_bare =
        response.headers().get(CONTENT_TYPE).is_none_or(|value| value.as_bytes().starts_with(b"text/plain"));
    if !(is_bare && (status.is_client_error() || status.is_server_error())) {
        return None;
    }
    let (code, detail) = bare_problem(status, path);
    Some(Problem { status: status.as_u16(), ..Problem::new(code, detail) })
}

/// The problem behind a status that came alone.
fn bare_problem(status: StatusCode, path: &str) -> (ProblemCode, String) {
    let (code, detail) = match status {
        StatusCode::NOT_FOUND => return (ProblemCode::NotFound, format!("there is nothing at {path}")),
        StatusCode::METHOD_NOT_ALLOWED => {
            let detail = format!("{path} does not take this method; see the field Allow");
            return (ProblemCode::MethodNotAllowed, detail);
        }
        StatusCode::UNAUTHORIZED => (ProblemCode::NotSignedIn, "sign in first"),
        StatusCode::FORBIDDEN => (ProblemCode::NotAllowed, "you have no right to this"),
        StatusCode::REQUEST_TIMEOUT => (ProblemCode::TooSlow, "the request did not arrive in time"),
        StatusCode::PAYLOAD_TOO_LARGE => {
            (ProblemCode::TooLarge, "the request's body is larger than is allowed here")
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            (ProblemCode::UnsupportedMediaType, "the request's body has another type than is expected here")
        }
        StatusCode::TOO_MANY_REQUESTS => {
            (ProblemCode::RateLimited, "there were too many requests; try again later")
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            (ProblemCode::Unavailable, "the server is busy; try again in a moment")
        }
        status if status.is_server_error() => {
            (ProblemCode::Internal, "the log of the server says what happened")
        }
        _ => (ProblemCode::MalformedRequest, "the request cannot be read; check its address and its fields"),
    };
    (code, detail.to_owned())
}

/// A detail as a sentence of a page.
fn sentence(detail: &str) -> String {
    let mut letters = detail.chars();
    let text: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    if text.ends_with(['.', '!', '?']) { text } else { format!("{text}.") }
}

/// Takes over what the first answer said beside its body: `Allow`, `Retry-After`, cookies.
fn keep_headers(answer: &mut Response, first: Response) {
    let of_the_body = [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_ENCODING, TRANSFER_ENCODING];
    let (parts, _) = first.into_parts();
    let own: Vec<HeaderName> = answer.headers().keys().cloned().collect();
    for (name, value) in &parts.headers {
        if !of_the_body.contains(name) && !own.contains(name) {
            answer.headers_mut().append(name, value.clone());
        }
    }
}
