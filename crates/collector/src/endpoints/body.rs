//! A signed body: who says to have signed it is known before any of it is read, and it is held against its digest before it is
//! decompressed.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName};
use bytes::Bytes;
use candor_policy::message::{self, Claim, Message, SignatureFields};
use candor_policy::{Digest, ProblemCode};
use candor_web::Refused;
use candor_web::body::{self, Arriving, BodyCaps, Encoding};
use candor_web::budget::Held;
use candor_web::limits::SMALL_BYTES;

use crate::AppState;

pub use candor_web::body::work_aside;

const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");
const SIGNATURE_INPUT: HeaderName = HeaderName::from_static("signature-input");
const SIGNATURE: HeaderName = HeaderName::from_static("signature");

/// A signed request whose head was read.
pub struct SignedRequest {
    /// Who says to have signed it; not yet held against a key.
    pub claim: Claim,
    digest: Digest,
    encoding: Encoding,
    body: Arriving,
}

/// A body whose digest is the one that was signed.
pub struct Received {
    body: Bytes,
    digest: Digest,
    encoding: Encoding,
    #[expect(dead_code, reason = "it is held, not looked at")]
    held: Held,
}

/// JSON that was sent, and the bytes that it holds of the budget.
pub struct Plain {
    /// The JSON.
    pub json: Bytes,
    /// Its digest.
    pub digest: Digest,
    /// Until it is no longer needed.
    pub held: Held,
}

impl SignedRequest {
    /// Reads the head of a request.
    ///
    /// # Errors
    /// [`Refused`] where it is of another type or encoding, or does not say who signed it, or announces too much.
    pub async fn open(state: &AppState, request: Request, path: &str) -> Result<Self, Refused> {
        let caps = &state.config.caps;
        let caps = BodyCaps { wire_bytes: caps.submission_bytes, time: caps.body_time };
        let (parts, body) = request.into_parts();
        let body = Arriving::new(body, &parts.headers, caps, state.intake.arriving.small())?;
        match read_head(&parts.headers, path) {
            Ok((claim, digest, encoding)) => Ok(Self { claim, digest, encoding, body }),
            Err(refused) => {
                body.discard().await;
                Err(refused)
            }
        }
    }

    /// Refuses a request once its sender has stopped sending; nothing of it is kept meanwhile.
    pub async fn refuse<T>(self, refused: Refused) -> Result<T, Refused> {
        self.body.discard().await;
        Err(refused)
    }

    /// Reads the body as far as it is small. Returns whether that is all of it.
    ///
    /// # Errors
    /// [`Refused`] where it is too slow or cut off, or other requests hold all the memory.
    pub async fn read_small(&mut self) -> Result<bool, Refused> {
        if self.body.announced().is_some_and(|bytes| bytes > SMALL_BYTES) {
            return Ok(false);
        }
        self.body.read(SMALL_BYTES).await
    }

    /// Reads all of the body, whatever its size.
    ///
    /// # Errors
    /// [`Refused`] where it is too large, too slow or cut off, or other requests hold all the memory.
    pub async fn read_large(&mut self) -> Result<(), Refused> {
        self.body.become_large();
        self.body.read(usize::MAX).await.map(|_whole| ())
    }

    /// The body, once it was read; its digest is not looked at yet.
    pub fn into_read(self) -> (Claim, Received) {
        let Self { claim, digest, encoding, body } = self;
        let (body, held) = body.into_whole();
        (claim, Received { body, digest, encoding, held })
    }
}

/// Reads a signed request that must be small, its body decompressed.
///
/// # Errors
/// [`Refused`] where it is not small, or not the body that was signed.
pub async fn receive_small(
    state: &AppState,
    request: Request,
    path: &str,
) -> Result<(Claim, Plain), Refused> {
    let mut request = SignedRequest::open(state, request, path).await?;
    let too_large =
        || Refused::new(ProblemCode::TooLarge, format!("the body has more than {SMALL_BYTES} bytes"));
    if !request.read_small().await? {
        return request.refuse(too_large()).await;
    }
    let (claim, received) = request.into_read();
    received.check_digest()?;
    let plain = received.decompress_small(state.intake.plain.small())?.ok_or_else(too_large)?;
    Ok((claim, plain))
}

impl Received {
    /// Holds the body against the digest that was signed.
    ///
    /// # Errors
    /// [`Refused`] where it is another body.
    pub fn check_digest(&self) -> Result<(), Refused> {
        if Digest::of(&self.body) == self.digest {
            return Ok(());
        }
        Err(message::SignatureFault::DigestMismatch.into())
    }

    /// The JSON, where it is small too; nothing of it is kept where it is not.
    ///
    /// # Errors
    /// [`Refused`] where it does not decompress, or other requests hold all the memory.
    pub fn decompress_small(&self, held: Held) -> Result<Option<Plain>, Refused> {
        self.encoding.decompress_small(&self.body)?.map(|json| self.plain(json, held)).transpose()
    }

    /// The JSON. The body as it came is dropped.
    ///
    /// # Errors
    /// [`Refused`] where it does not decompress, or to more than `most` bytes, or other requests hold all the memory.
    pub fn decompress(self, most: usize, mut held: Held) -> Result<Plain, Refused> {
        held.grow(most)?;
        let json = self.encoding.decompress(&self.body, most)?;
        held.shrink_to(0);
        self.plain(json, held)
    }

    fn plain(&self, json: Bytes, mut held: Held) -> Result<Plain, Refused> {
        held.grow(json.len())?;
        let digest = match self.encoding {
            Encoding::Identity => self.digest,
            Encoding::Gzip | Encoding::Zstd => Digest::of(&json),
        };
        Ok(Plain { json, digest, held })
    }
}

fn read_head(headers: &HeaderMap, path: &str) -> Result<(Claim, Digest, Encoding), Refused> {
    let content_type = body::json_type(headers)?;
    let (encoding, content_encoding) = Encoding::of(headers)?;
    let fields = signature_fields(headers)?;
    let message = Message { method: "POST", path, content_type, content_encoding, body: b"" };
    let (claim, digest) = message::read_head(&message, &fields)?;
    Ok((claim, digest, encoding))
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
