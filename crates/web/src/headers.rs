//! What every page tells the browser: to load nothing from elsewhere, to run nothing that stands in the page, to be framed by
//! nobody, to keep nothing of what it shows, and to come back over HTTPS alone where there is HTTPS (law 10).

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

const CONTENT_SECURITY: &str =
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/// What no page of ours uses.
const PERMISSIONS: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), \
                           microphone=(), midi=(), payment=(), usb=()";
/// A year, as browsers ask for it. Only this host: others of the same domain are not ours.
const TRANSPORT_SECURITY: &str = "max-age=31536000";

/// The headers of a server's pages.
#[derive(Clone, Copy, Debug)]
pub struct SecurityHeaders {
    /// Whether browsers reach it over HTTPS, here or at a proxy.
    pub https: bool,
}

impl SecurityHeaders {
    /// Sets them. What a handler itself said of how long its answer may be kept stands.
    pub fn set(self, response: &mut Response) {
        let fixed = [
            (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::X_FRAME_OPTIONS, "DENY"),
            (header::REFERRER_POLICY, "no-referrer"),
            (HeaderName::from_static("permissions-policy"), PERMISSIONS),
            (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
            (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        ];
        let headers = response.headers_mut();
        for (name, value) in fixed {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if self.https {
            let value = HeaderValue::from_static(TRANSPORT_SECURITY);
            headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
        }
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
}

/// Middleware over all pages.
pub async fn guard(State(headers): State<SecurityHeaders>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    headers.set(&mut response);
    response
}
