//! Bodies: read within a time and a size, and within what all requests together may hold; decompressed within a size.

use std::io::Read;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use candor_policy::ProblemCode;
use http_body::Body as _;
use http_body_util::BodyExt;
use tokio::time::{Instant, timeout_at};

use crate::budget::Held;
use crate::limits::{EXPANSION_FACTOR, RETRY_AFTER_SECONDS, SMALL_BYTES, ZSTD_WINDOW_LOG};
use crate::problem::Refused;

/// What a body may cost before it is decompressed.
#[derive(Clone, Copy, Debug)]
pub struct BodyCaps {
    /// Largest body on the wire, bytes.
    pub wire_bytes: usize,
    /// How long it may take.
    pub time: Duration,
}

/// A body on its way in. What has arrived of it is counted in a [`Budget`](crate::budget::Budget).
pub struct Arriving {
    body: Body,
    announced: Option<usize>,
    /// The first part as it came, which is most often all of it.
    first: Bytes,
    /// All parts, once there are two: a part of one byte would hold on to the buffer that it was read into.
    joined: Vec<u8>,
    held: Held,
    caps: BodyCaps,
    until: Instant,
}

/// How a body is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// It is not.
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
}

impl Encoding {
    /// The encoding, and how the sender wrote it.
    ///
    /// # Errors
    /// [`Refused`] where it is another, or more than one.
    pub fn of(headers: &HeaderMap) -> Result<(Self, Option<&str>), Refused> {
        let refuse =
            || Refused::new(ProblemCode::UnsupportedEncoding, "send identity, gzip or zstd, and one of them");
        let Some(value) = headers.get(CONTENT_ENCODING) else { return Ok((Self::Identity, None)) };
        let written = value.to_str().map_err(|_| refuse())?;
        let encoding = match written.trim().to_ascii_lowercase().as_str() {
            "identity" => Self::Identity,
            "gzip" | "x-gzip" => Self::Gzip,
            "zstd" => Self::Zstd,
            _ => return Err(refuse()),
        };
        Ok((encoding, Some(written)))
    }

    /// The body, decompressed, where it is small and stays so: no larger than [`SMALL_BYTES`], and not grown more than
    /// [`EXPANSION_FACTOR`] times.
    ///
    /// # Errors
    /// [`Refused`] where it does not decompress.
    pub fn decompress_small(self, body: &Bytes) -> Result<Option<Bytes>, Refused> {
        if body.len() > SMALL_BYTES {
            return Ok(None);
        }
        let most = SMALL_BYTES.min(body.len() * EXPANSION_FACTOR);
        match self.decompress(body, most) {
            Err(refused) if refused.code() == ProblemCode::TooLarge => Ok(None),
            small => small.map(Some),
        }
    }

    /// The body, decompressed.
    ///
    /// # Errors
    /// [`Refused`] where it does not decompress, or to more than `most` bytes.
    pub fn decompress(self, body: &Bytes, most: usize) -> Result<Bytes, Refused> {
        match self {
            Self::Identity if body.len() > most => Err(too_large(most, "after decompression")),
            Self::Identity => Ok(body.clone()),
            Self::Gzip => bounded(flate2::read::MultiGzDecoder::new(&**body), most, "gzip"),
            Self::Zstd => {
                let decoder = zstd::stream::read::Decoder::new(&**body).and_then(|mut decoder| {
                    decoder.window_log_max(ZSTD_WINDOW_LOG)?;
                    Ok(decoder)
                });
                bounded(decoder.map_err(|error| malformed("zstd", &error))?, most, "zstd")
            }
        }
    }
}

/// The media type of a body that must be JSON, as the sender wrote it.
///
/// # Errors
/// [`Refused`] where it is another.
pub fn json_type(headers: &HeaderMap) -> Result<&str, Refused> {
    let written = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = written.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Ok(written);
    }
    Err(Refused::new(ProblemCode::UnsupportedMediaType, "send application/json"))
}

impl Arriving {
    /// A body of which nothing was read yet.
    ///
    /// # Errors
    /// [`Refused`] where it announces too much.
    pub fn new(body: Body, headers: &HeaderMap, caps: BodyCaps, held: Held) -> Result<Self, Refused> {
        let announced: Option<usize> = headers
            .get(CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok())
            .and_then(|text| text.parse().ok());
        if announced.is_some_and(|announced| announced > caps.wire_bytes) {
            return Err(too_large(caps.wire_bytes, "on the wire"));
        }
        let until = Instant::now() + caps.time;
        Ok(Self { body, announced, first: Bytes::new(), joined: Vec::new(), held, caps, until })
    }

    /// How many bytes it announces; nothing where it does not say.
    pub fn announced(&self) -> Option<usize> {
        self.announced
    }

    /// Reads on until there are more than `most` bytes, or all. Returns whether these are all.
    ///
    /// # Errors
    /// [`Refused`] where it is too large, too slow or cut off, or where other requests hold all the memory there is.
    pub async fn read(&mut self, most: usize) -> Result<bool, Refused> {
        while self.arrived_bytes() <= most {
            let Some(part) = self.next().await? else { return Ok(true) };
            if self.arrived_bytes() + part.len() > self.caps.wire_bytes {
                return Err(too_large(self.caps.wire_bytes, "on the wire"));
            }
            self.held.grow(part.len())?;
            if self.arrived_bytes() == 0 {
                self.first = part;
                continue;
            }
            self.joined.extend_from_slice(&std::mem::take(&mut self.first));
            self.joined.extend_from_slice(&part);
        }
        Ok(false)
    }

    /// Reads on for the reason alone that a sender who is still sending may not hear the answer, and keeps nothing.
    pub async fn discard(mut self) {
        let mut bytes = self.arrived_bytes();
        (self.first, self.joined) = (Bytes::new(), Vec::new());
        self.held.shrink_to(0);
        while bytes <= self.caps.wire_bytes
            && let Ok(Some(part)) = self.next().await
        {
            bytes += part.len();
        }
    }

    /// Counts as large from here on: other requests have a part of the memory for themselves.
    pub fn become_large(&mut self) {
        self.held.become_large();
    }

    /// What was read, and what it holds of the budget.
    pub fn into_whole(self) -> (Bytes, Held) {
        let whole = if self.joined.is_empty() { self.first } else { self.joined.into() };
        (whole, self.held)
    }

    fn arrived_bytes(&self) -> usize {
        self.first.len() + self.joined.len()
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Refused> {
        if self.body.is_end_stream() {
            return Ok(None);
        }
        let time = self.caps.time;
        match timeout_at(self.until, self.body.frame()).await {
            Ok(None) => Ok(None),
            Ok(Some(Ok(frame))) => Ok(Some(frame.into_data().unwrap_or_default())),
            Ok(Some(Err(_))) => {
                Err(Refused::new(ProblemCode::DigestMismatch, "the body ended before its time"))
            }
            Err(_) => {
                Err(Refused::new(ProblemCode::TooSlow, format!("the body did not arrive within {time:?}")))
            }
        }
    }
}

/// Works on a thread that may block.
///
/// # Errors
/// What the work returns.
pub async fn work_aside<T, F>(work: F) -> Result<T, Refused>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, Refused> + Send + 'static,
{
    // It fails only where the runtime is stopping.
    tokio::task::spawn_blocking(work).await.map_err(|_| {
        Refused::later(
            ProblemCode::Unavailable,
            "the server is stopping; nothing was stored",
            RETRY_AFTER_SECONDS,
        )
    })?
}

/// Reads a decompressor to its end, and no further than the cap.
fn bounded(decoder: impl Read, most: usize, name: &str) -> Result<Bytes, Refused> {
    let mut json = Vec::new();
    let reading = decoder.take(most as u64 + 1).read_to_end(&mut json);
    if json.len() > most {
        return Err(too_large(most, "after decompression"));
    }
    reading.map_err(|error| malformed(name, &error))?;
    Ok(json.into())
}

fn malformed(name: &str, error: &std::io::Error) -> Refused {
    Refused::new(ProblemCode::MalformedEncoding, format!("the body is not {name}: {error}"))
}

fn too_large(most: usize, when: &str) -> Refused {
    Refused::new(ProblemCode::TooLarge, format!("the body has more than {most} bytes {when}"))
}
