//! Bodies: read within a time and a size, held against their digest, decompressed within a size. A compression bomb costs
//! one report's memory.

use std::io::Read;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, request::Parts};
use bytes::Bytes;
use candor_policy::message::{self, Claim, Message, SignatureFields};
use candor_policy::{Digest, ProblemCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::Refused;
use crate::config::Caps;
use crate::limits::{BLOCKING_FROM_BYTES, ZSTD_WINDOW_LOG};
use crate::store::StoreError;

const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");
const SIGNATURE_INPUT: HeaderName = HeaderName::from_static("signature-input");
const SIGNATURE: HeaderName = HeaderName::from_static("signature");

/// A body whose digest is the one that was signed.
pub struct Received {
    /// The body as it came.
    pub body: Bytes,
    digest: Digest,
    encoding: Encoding,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Identity,
    Gzip,
    Zstd,
}

/// Reads a signed body, and who says to have signed it. The signature itself is not yet held against a key.
///
/// # Errors
/// [`Refused`] where it is too large or too slow, of another type or encoding, or not the one that was signed.
pub async fn receive(request: Request, path: &str, caps: &Caps) -> Result<(Claim, Received), Refused> {
    let (Parts { headers, .. }, body) = request.into_parts();
    let content_type = media_type(&headers)?;
    let (encoding, written) = encoding(&headers)?;
    let fields = signature_fields(&headers)?;
    let body = read(body, &headers, caps).await?;
    let message = Message { method: "POST", path, content_type, content_encoding: written, body: &body };
    let (claim, digest) = message::read(&message, &fields)?;
    Ok((claim, Received { body, digest, encoding }))
}

impl Received {
    /// The JSON, decompressed.
    ///
    /// # Errors
    /// [`Refused`] where it does not decompress, or to more than the cap.
    pub fn decompress(&self, most: usize) -> Result<Bytes, Refused> {
        match self.encoding {
            Encoding::Identity if self.body.len() > most => Err(too_large(most, "after decompression")),
            Encoding::Identity => Ok(self.body.clone()),
            Encoding::Gzip => bounded(flate2::read::MultiGzDecoder::new(&*self.body), most, "gzip"),
            Encoding::Zstd => {
                let decoder = zstd::stream::read::Decoder::new(&*self.body).and_then(|mut decoder| {
                    decoder.window_log_max(ZSTD_WINDOW_LOG)?;
                    Ok(decoder)
                });
                bounded(decoder.map_err(|error| malformed("zstd", &error))?, most, "zstd")
            }
        }
    }

    /// The digest of the JSON, which is the body's own where that is not compressed.
    pub fn digest_of(&self, json: &[u8]) -> Digest {
        match self.encoding {
            Encoding::Identity => self.digest,
            Encoding::Gzip | Encoding::Zstd => Digest::of(json),
        }
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
    tokio::task::spawn_blocking(work).await.map_err(|_| Refused::from(StoreError::Closing))?
}

fn media_type(headers: &HeaderMap) -> Result<&str, Refused> {
    let written = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = written.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Ok(written);
    }
    Err(Refused::new(ProblemCode::UnsupportedMediaType, "send application/json"))
}

/// The encoding, and how the sender wrote it.
fn encoding(headers: &HeaderMap) -> Result<(Encoding, Option<&str>), Refused> {
    let refuse =
        || Refused::new(ProblemCode::UnsupportedEncoding, "send identity, gzip or zstd, and one of them");
    let Some(value) = headers.get(CONTENT_ENCODING) else { return Ok((Encoding::Identity, None)) };
    let written = value.to_str().map_err(|_| refuse())?;
    let encoding = match written.trim().to_ascii_lowercase().as_str() {
        "identity" => Encoding::Identity,
        "gzip" | "x-gzip" => Encoding::Gzip,
        "zstd" => Encoding::Zstd,
        _ => return Err(refuse()),
    };
    Ok((encoding, Some(written)))
}

fn signature_fields(headers: &HeaderMap) -> Result<SignatureFields, Refused> {
    let field = |name: &HeaderName| {
        let mut values = headers.get_all(name).iter();
        match (values.next().map(|value| value.to_str()), values.next()) {
            (Some(Ok(value)), None) => Ok(value.to_owned()),
            _ => Err(Refused::new(
                ProblemCode::MalformedSignature,
                format!("the field {name} is missing, stands twice or cannot be read"),
            )),
        }
    };
    Ok(SignatureFields {
        content_digest: field(&CONTENT_DIGEST)?,
        signature_input: field(&SIGNATURE_INPUT)?,
        signature: field(&SIGNATURE)?,
    })
}

async fn read(body: Body, headers: &HeaderMap, caps: &Caps) -> Result<Bytes, Refused> {
    let announced: Option<usize> =
        headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
    if announced.is_some_and(|announced| announced > caps.submission_bytes) {
        return Err(too_large(caps.submission_bytes, "on the wire"));
    }
    let reading = Limited::new(body, caps.submission_bytes).collect();
    match tokio::time::timeout(caps.body_time, reading).await {
        Ok(Ok(read)) => Ok(read.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Err(too_large(caps.submission_bytes, "on the wire"))
        }
        Ok(Err(_)) => Err(Refused::new(ProblemCode::DigestMismatch, "the body ended before its time")),
        Err(_) => Err(Refused::new(
            ProblemCode::TooSlow,
            format!("the body did not arrive within {:?}", caps.body_time),
        )),
    }
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
