//! Bodies: read within a time and a size, decompressed within a size. A compression bomb costs one body's memory.

use std::io::Read;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use candor_policy::ProblemCode;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::limits::{BLOCKING_FROM_BYTES, RETRY_AFTER_SECONDS, ZSTD_WINDOW_LOG};
use crate::problem::Refused;

/// What a body may cost before it is decompressed.
#[derive(Clone, Copy, Debug)]
pub struct BodyCaps {
    /// Largest body on the wire, bytes.
    pub wire_bytes: usize,
    /// How long it may take.
    pub time: Duration,
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

/// Reads a body to its end.
///
/// # Errors
/// [`Refused`] where it is too large, too slow or cut off. One that announces too much is not read at all.
pub async fn read(body: Body, headers: &HeaderMap, caps: BodyCaps) -> Result<Bytes, Refused> {
    let BodyCaps { wire_bytes, time } = caps;
    let announced: Option<usize> =
        headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
    if announced.is_some_and(|announced| announced > wire_bytes) {
        return Err(too_large(wire_bytes, "on the wire"));
    }
    let reading = Limited::new(body, wire_bytes).collect();
    match tokio::time::timeout(time, reading).await {
        Ok(Ok(read)) => Ok(read.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large(wire_bytes, "on the wire")),
        Ok(Err(_)) => Err(Refused::new(ProblemCode::DigestMismatch, "the body ended before its time")),
        Err(_) => Err(Refused::new(ProblemCode::TooSlow, format!("the body did not arrive within {time:?}"))),
    }
}

/// Works on so many bytes: here where they are few, on a thread that may block where they are not.
///
/// # Errors
/// What the work returns.
pub async fn work_on<T, F>(bytes: usize, work: F) -> Result<T, Refused>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, Refused> + Send + 'static,
{
    if bytes < BLOCKING_FROM_BYTES {
        return work();
    }
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
