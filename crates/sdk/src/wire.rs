//! One request and its answer: signed, compressed where that helps, bounded in time and size.
//!
//! It knows HTTP and nothing of spools or consent. Redirects are not followed: a signed report goes where the policy says.

use std::io::{Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use candor_policy::message::{Message, sign};
use candor_policy::succession::SUCCESSION_FIELD;
use candor_policy::{Enrolled, InstallationId, Problem, ProblemCode, PublicKey};
use jiff::Timestamp;
use ureq::http::{HeaderMap, Uri};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Proxy};

use crate::environment::Environment;
use crate::folder::read_bounded;
use crate::key::InstallationKey;
use crate::limits::{ANSWER_BYTES, CERTIFICATES_BYTES, COMPRESS_FROM};
use crate::settings::{MachineSettings, is_loopback};
use crate::unanswered::Unanswered;
use crate::{SignedReceipt, no_proxy};

const JSON: &str = "application/json";

/// A way to the collector.
#[derive(Debug)]
pub struct Wire {
    agent: Agent,
    /// Where reports go, without a closing slash.
    pub url: String,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// When the collector wants to be asked again.
    pub retry_after: Option<RetryAfter>,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// `Retry-After` (RFC 9110, section 10.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// That many seconds from now.
    Seconds(i64),
    /// Not before that moment.
    At(Timestamp),
}

/// Why there is no way to the collector; for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct WireFault(pub String);

impl Wire {
    /// The way that policy, settings and environment lay down.
    pub fn new(url: &str, settings: &MachineSettings, environment: &Environment) -> Result<Self, WireFault> {
        let url = settings.collector_url.as_deref().unwrap_or(url).trim_end_matches('/').to_owned();
        let roots = settings.ca_file.as_deref().map_or(Ok(RootCerts::PlatformVerifier), roots_from)?;
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("candor/", env!("CARGO_PKG_VERSION")))
            .proxy(proxy(&url, settings, environment)?)
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .build();
        Ok(Self { agent: config.into(), url })
    }

    /// Posts JSON to a path of the collector, signed, within the time that is left.
    pub fn post(
        &self,
        path: &str,
        json: &[u8],
        key: &InstallationKey,
        now: Timestamp,
        until: Instant,
    ) -> Result<Answer, Unanswered> {
        let compressed = compress(json);
        let (body, encoding) = compressed.as_deref().map_or((json, None), |small| (small, Some("gzip")));
        // The path as the collector sees it: a proxy before it may have taken a prefix off.
        let message = Message { method: "POST", path, content_type: JSON, content_encoding: encoding, body };
        let fields = sign(&message, key.secret(), key.installation.as_str(), now);
        let left = until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        let mut request =
            self.agent.post(format!("{}{path}", self.url)).config().timeout_global(Some(left)).build();
        request = request
            .header("Content-Type", JSON)
            // Without it, any coding is allowed (RFC 9110, section 12.5.3), also those that are not understood here.
            .header("Accept-Encoding", "identity")
            .header("Content-Digest", fields.content_digest)
            .header("Signature-Input", fields.signature_input)
            .header("Signature", fields.signature);
        if let Some(encoding) = encoding {
            request = request.header("Content-Encoding", encoding);
        }
        let mut response = request
            .send(body)
            .map_err(|error| Unanswered::of(&self.url, self.agent.config().proxy(), &error))?;
        let body = response.body_mut().with_config().limit(ANSWER_BYTES).read_to_vec();
        let body = body.map_err(|error| Unanswered::broken_off(&self.url, &error))?;
        let headers = std::mem::take(response.headers_mut());
        let body = decoded(&headers, body);
        let retry_after = header(&headers, "retry-after").and_then(read_retry_after);
        Ok(Answer { status: response.status().as_u16(), retry_after, headers, body })
    }
}

impl Answer {
    /// The receipt that it carries, to be verified.
    pub fn receipt(&self) -> Option<SignedReceipt> {
        let field = |name| header(&self.headers, name).map(str::to_owned);
        Some(SignedReceipt {
            body: String::from_utf8(self.body.clone()).ok()?,
            content_digest: field("content-digest")?,
            signature_input: field("signature-input")?,
            signature: field("signature")?,
            succession: field(SUCCESSION_FIELD),
        })
    }

    /// What the collector of this key says of the enrolment, where it enrols this installation.
    pub fn enrolled(&self, installation: &InstallationId, collector: &PublicKey) -> Option<Enrolled> {
        let said = self.receipt().and_then(|signed| signed.verify_as::<Enrolled>(collector).ok());
        said.filter(|enrolled| enrolled.installation == *installation)
    }

    /// The collector's own refusal; nothing where the answer comes from something else on the way, such as a proxy.
    pub fn problem(&self) -> Option<Problem> {
        let is_problem = header(&self.headers, "content-type")?.starts_with("application/problem+json");
        let problem: Problem = is_problem.then(|| serde_json::from_slice(&self.body).ok())??;
        (problem.code.status() == self.status).then_some(problem)
    }

    /// What the answer is, for people.
    pub fn describe(&self, url: &str) -> String {
        format!("{url} answered {} without a receipt or a reason", self.status)
    }
}

/// The body without the compression that something on the way has added all the same. What cannot be decompressed, or would be
/// too long, stays as it came, and is then no answer of the collector's.
fn decoded(headers: &HeaderMap, body: Vec<u8>) -> Vec<u8> {
    let coding = header(headers, "content-encoding").unwrap_or_default().trim().to_ascii_lowercase();
    if !matches!(coding.as_str(), "gzip" | "x-gzip") {
        return body;
    }
    let mut plain = Vec::new();
    let read = flate2::read::MultiGzDecoder::new(&body[..]).take(ANSWER_BYTES + 1).read_to_end(&mut plain);
    if read.is_ok() && plain.len() as u64 <= ANSWER_BYTES { plain } else { body }
}

/// A refusal that asks for an enrolment.
pub fn asks_for_enrolment(problem: &Problem) -> bool {
    problem.code == ProblemCode::UnknownInstallation
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

fn read_retry_after(text: &str) -> Option<RetryAfter> {
    if let Ok(seconds) = text.trim().parse::<u32>() {
        return Some(RetryAfter::Seconds(seconds.into()));
    }
    let at = jiff::fmt::rfc2822::parse(text.trim()).ok()?;
    Some(RetryAfter::At(at.timestamp()))
}

/// The body compressed with gzip, where that makes it smaller.
fn compress(body: &[u8]) -> Option<Vec<u8>> {
    if body.len() < COMPRESS_FROM {
        return None;
    }
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(body).ok()?;
    encoder.finish().ok().filter(|small| small.len() < body.len())
}

fn roots_from(file: &Path) -> Result<RootCerts, WireFault> {
    let fault = |what: String| WireFault(format!("{}: {what}", file.display()));
    let pem = read_bounded(file, CERTIFICATES_BYTES).map_err(|error| WireFault(error.to_string()))?;
    let pem = pem.ok_or_else(|| fault("the file is not there".to_owned()))?;
    let mut certificates = Vec::new();
    for item in parse_pem(&pem) {
        if let PemItem::Certificate(certificate) = item.map_err(|error| fault(error.to_string()))? {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() {
        return Err(fault("it holds no certificate".to_owned()));
    }
    Ok(RootCerts::from(certificates))
}

/// The proxy for a collector: none for one on this machine; the settings' before the environment's; `NO_PROXY` counts for
/// both.
fn proxy(
    collector: &str,
    settings: &MachineSettings,
    environment: &Environment,
) -> Result<Option<Proxy>, WireFault> {
    let uri: Uri = collector.parse().map_err(|_| WireFault(format!("not a valid URL: `{collector}`")))?;
    if uri.host().is_some_and(is_loopback) {
        return Ok(None);
    }
    if environment
        .first(&["NO_PROXY", "no_proxy"])
        .is_some_and(|exceptions| no_proxy::covers(exceptions, &uri))
    {
        return Ok(None);
    }
    // Only loopback is ever spoken to without TLS, so the variables for plain HTTP do not matter here.
    let variables = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let Some(text) = settings.proxy.as_deref().or_else(|| environment.first(&variables)) else {
        return Ok(None);
    };
    // The text may hold a password, so it is not repeated.
    let fault = |_| WireFault("the proxy's address cannot be understood".to_owned());
    let plain = Proxy::new(text).map_err(fault)?;
    let mut proxy = Proxy::builder(plain.protocol()).host(plain.host()).port(plain.port());
    if let Some(name) = plain.username() {
        proxy = proxy.username(name);
    }
    if let Some(password) = plain.password() {
        proxy = proxy.password(password);
    }
    proxy.build().map(Some).map_err(fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(url: &str, settings: &MachineSettings, variables: &[(&str, &str)]) -> Option<String> {
        let environment = Environment::of(variables.iter().copied());
        let proxy = proxy(url, settings, &environment).unwrap()?;
        (!proxy.is_no_proxy(&url.parse().unwrap())).then(|| format!("{}:{}", proxy.host(), proxy.port()))
    }

    #[test]
    fn settings_come_before_the_environment_and_exceptions_count_for_both() {
        let none = MachineSettings::default();
        let own = MachineSettings { proxy: Some("http://own:8080".to_owned()), ..MachineSettings::default() };
        let variables =
            [("HTTPS_PROXY", "http://user:secret@env:3128"), ("NO_PROXY", "localhost, inside.example")];
        assert_eq!(host("https://collector.example", &none, &variables).as_deref(), Some("env:3128"));
        assert_eq!(host("https://collector.example", &own, &variables).as_deref(), Some("own:8080"));
        assert_eq!(host("https://a.inside.example", &own, &variables), None);
        assert_eq!(host("http://127.0.0.1:9", &own, &variables), None);
        assert_eq!(host("https://collector.example", &none, &[]), None);
    }

    #[test]
    fn a_time_to_try_again_is_read_in_both_forms() {
        assert_eq!(read_retry_after("120"), Some(RetryAfter::Seconds(120)));
        let at = "1994-11-06T08:49:37Z".parse().unwrap();
        assert_eq!(read_retry_after("Sun, 06 Nov 1994 08:49:37 GMT"), Some(RetryAfter::At(at)));
        assert_eq!(read_retry_after("soon"), None);
    }

    #[test]
    fn an_answer_that_was_compressed_on_the_way_is_read_within_its_bound() {
        let headers = HeaderMap::from_iter([(
            ureq::http::header::CONTENT_ENCODING,
            ureq::http::HeaderValue::from_static("gzip"),
        )]);
        let answer = b"{\"a receipt\": true}".repeat(100);
        let small = compress(&answer).unwrap();
        assert_eq!(decoded(&headers, small.clone()), answer);
        assert_eq!(decoded(&HeaderMap::new(), small.clone()), small);
        let bomb = compress(&vec![b'x'; 2 * ANSWER_BYTES as usize]).unwrap();
        assert_eq!(decoded(&headers, bomb.clone()), bomb);
    }

    #[test]
    fn only_what_gets_smaller_is_compressed() {
        assert_eq!(compress(b"short"), None);
        assert!(compress(&[b'a'; 4096]).unwrap().len() < 100);
    }

    #[test]
    fn a_certificate_file_without_certificates_is_named() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("ca.pem");
        std::fs::write(&file, "nothing").unwrap();
        assert!(roots_from(&file).unwrap_err().0.contains("ca.pem: it holds no certificate"));
    }
}
