//! A name for every request: in the answer's field `x-request-id`, in problem details, and in every line of the log that is
//! written on its behalf.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::{Instrument, info_span};

use crate::limits::REQUEST_ID_LONGEST;

/// The field that carries it.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A request's name: a proxy's, where it sent one, or ours.
#[derive(Clone, Debug)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// As it is written in answers and logs.
    pub fn as_str(&self) -> &str {
        // Only letters, digits and three signs ever get in.
        self.0.to_str().unwrap_or_default()
    }

    /// A name that somebody sent, where it is short and plain enough to be written into a log.
    fn sent(value: &HeaderValue) -> Option<Self> {
        let bytes = value.as_bytes();
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        let fits = !bytes.is_empty() && bytes.len() <= REQUEST_ID_LONGEST && bytes.iter().all(plain);
        fits.then(|| Self(value.clone()))
    }
}

/// Where names come from: numbers in order behind a prefix of this run, so that no two runs share one.
#[derive(Clone, Debug)]
pub struct RequestIds(Arc<Numbers>);

#[derive(Debug)]
struct Numbers {
    run: u32,
    last: AtomicU64,
}

impl RequestIds {
    /// Names of a run; `run` is any number that differs from the last one's, such as its start in seconds.
    pub fn new(run: u32) -> Self {
        Self(Arc::new(Numbers { run, last: AtomicU64::new(0) }))
    }

    fn next(&self) -> RequestId {
        let number = self.0.last.fetch_add(1, Ordering::Relaxed) + 1;
        let mut text = String::with_capacity(24);
        // Writing to memory cannot fail, and hexadecimal digits are a header's value.
        let _ = write!(text, "{:08x}-{number:08x}", self.0.run);
        RequestId(HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("unnamed")))
    }
}

/// Middleware: names the request, and opens the span that its log lines stand in. The span has the route's pattern, never the
/// path itself, which may name a customer.
pub async fn name_request(State(ids): State<RequestIds>, mut request: Request, next: Next) -> Response {
    let id = request.headers().get(REQUEST_ID).and_then(RequestId::sent).unwrap_or_else(|| ids.next());
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str);
    let span = info_span!("request", id = id.as_str(), method = request.method().as_str(), route);
    request.extensions_mut().insert(id.clone());
    let mut response = next.run(request).instrument(span).await;
    response.headers_mut().insert(REQUEST_ID, id.0);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_order_and_differ_between_runs() {
        let (one, other) = (RequestIds::new(1), RequestIds::new(2));
        assert_eq!(one.next().as_str(), "00000001-00000001");
        assert_eq!(one.next().as_str(), "00000001-00000002");
        assert_eq!(other.next().as_str(), "00000002-00000001");
    }

    /// Guards against a client that writes lines of its own into the log.
    #[test]
    fn a_name_that_was_sent_is_taken_over_only_where_it_is_plain() {
        let taken = |text: &str| HeaderValue::from_str(text).ok().and_then(|value| RequestId::sent(&value));
        assert!(taken("0197c6a1-7f3a-7b60-9f00-5e0d5a4be3d1").is_some());
        for bad in ["", "a b", "a\tb", "\u{1b}[31m", "a=b", &"x".repeat(65)] {
            assert!(taken(bad).is_none(), "{bad:?}");
        }
    }
}
