//! A signed body: held against its digest when it is read, decompressed when its size is known.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName};
use bytes::Bytes;
use candor_policy::message::{self, Claim, Message, SignatureFields};
use candor_policy::{Digest, ProblemCode};
use candor_web::Refused;
use candor_web::body::{self, BodyCaps, Encoding};

use crate::config::Caps;

pub use candor_web::body::work_on;

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

/// Reads a signed body, and who says to have signed it. The signature itself is not yet held against a key.
///
/// # Errors
/// [`Refused`] where it is too large or too slow, of another type or encoding, or not the one that was signed.
pub async fn receive(request: Request, path: &str, caps: &Caps) -> Result<(Claim, Received), Refused> {
    let (parts, body) = request.into_parts();
    let headers = parts.headers;
    let content_type = body::json_type(&headers)?;
    let (encoding, written) = Encoding::of(&headers)?;
    let fields = signature_fields(&headers)?;
    let caps = BodyCaps { wire_bytes: caps.submission_bytes, time: caps.body_time };
    let body = body::read(body, &headers, caps).await?;
    let message = Message { method: "POST", path, content_type, content_encoding: written, body: &body };
    let (claim, digest) = message::read(&message, &fields)?;
    Ok((claim, Received { body, digest, encoding }))
}

impl Received {
    /// The JSON, decompressed.
    ///
    /// # Errors
    /// [`Refused`] where it does not decompress, or to more than `most` bytes.
    pub fn decompress(&self, most: usize) -> Result<Bytes, Refused> {
        self.encoding.decompress(&self.body, most)
    }

    /// The digest of the JSON, which is the body's own where that is not compressed.
    pub fn digest_of(&self, json: &[u8]) -> Digest {
        match self.encoding {
            Encoding::Identity => self.digest,
            Encoding::Gzip | Encoding::Zstd => Digest::of(json),
        }
    }
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
