//! Forms come from our own pages: a request that changes something and that a browser says comes from elsewhere is
//! refused. This stands beside the session's token; it also covers the sign-in page, which has no session yet.

use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::Response;
use candor_policy::ProblemCode;

use crate::AppState;
use crate::ingest::Refused;

/// Middleware for the pages.
pub async fn same_origin(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let changes_nothing = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if changes_nothing || is_ours(request.headers()) {
        return next.run(request).await;
    }
    Refused::new(ProblemCode::NotAllowed, "the form was sent from another site").answer(&state)
}

fn is_ours(headers: &HeaderMap) -> bool {
    let field = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = field("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    // Older browsers and other clients: where an origin is named, it is our host.
    match field(ORIGIN.as_str()) {
        None => true,
        Some(origin) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == field(HOST.as_str())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_site_is_told_from_ours() {
        let ours = |fields: &[(&'static str, &str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in fields {
                headers.insert(*name, value.parse().unwrap());
            }
            is_ours(&headers)
        };
        assert!(ours(&[("sec-fetch-site", "same-origin"), ("origin", "null")]));
        assert!(!ours(&[("sec-fetch-site", "cross-site")]));
        assert!(!ours(&[("sec-fetch-site", "same-site")]));
        assert!(ours(&[("origin", "https://a.example"), ("host", "a.example")]));
        assert!(!ours(&[("origin", "https://b.example"), ("host", "a.example")]));
        assert!(!ours(&[("origin", "null"), ("host", "a.example")]));
        assert!(ours(&[("host", "a.example")]));
    }
}
