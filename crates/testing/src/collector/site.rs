//! An installation, as the SDK plays one: it signs what it sends.

use std::io::Write;

use candor_policy::message::{Message, SignatureFields, sign};
use candor_policy::voucher::{VoucherAnswer, VoucherPart, VoucherProof};
use candor_policy::{Clock, Enrolled, InstallationId, Policy, PublicKey};
use ed25519_dalek::SigningKey;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Answer, TestApp};

/// An installation with a key.
#[derive(Clone)]
pub struct Site {
    pub key: SigningKey,
    pub name: InstallationId,
    client: reqwest::Client,
}

/// A request, to be changed before it is sent.
pub struct Submission {
    pub path: &'static str,
    pub content_type: String,
    pub encoding: Option<&'static str>,
    pub body: Vec<u8>,
    pub created: Timestamp,
    pub key: SigningKey,
    pub key_id: String,
    /// Changes the fields after they were made.
    pub forge: fn(&mut SignatureFields),
    pub forwarded_for: Option<String>,
}

impl Site {
    /// The site whose key is made of this byte.
    pub fn new(byte: u8) -> Self {
        let key = SigningKey::from_bytes(&[byte; 32]);
        let name = InstallationId::of(&PublicKey::from_bytes(key.verifying_key().to_bytes()));
        Self { key, name, client: reqwest::Client::new() }
    }

    /// A site that is enrolled.
    pub async fn enrolled(app: &TestApp, byte: u8) -> Self {
        let site = Self::new(byte);
        let answer = site.enrol(app).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        site
    }

    pub async fn enrol(&self, app: &TestApp) -> Answer {
        self.send(app, self.enrolment(app)).await
    }

    /// Its key's public half.
    pub fn public_key(&self) -> PublicKey {
        PublicKey::from_bytes(self.key.verifying_key().to_bytes())
    }

    /// Enrols with a part of a voucher; returns what became of it.
    pub async fn enrol_with(&self, app: &TestApp, voucher: &VoucherPart) -> Option<VoucherAnswer> {
        let answer = self.send(app, self.enrolment_with(app, &voucher.proof(&self.public_key()))).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        serde_json::from_value::<Enrolled>(answer.json()).unwrap().voucher
    }

    /// The request that shows this proof.
    pub fn enrolment_with(&self, app: &TestApp, proof: &VoucherProof) -> Submission {
        let body = json!({ "public_key": self.public_key(), "voucher": proof });
        Submission { body: serde_json::to_vec(&body).unwrap(), ..self.enrolment(app) }
    }

    /// The request that makes this site's key known.
    pub fn enrolment(&self, app: &TestApp) -> Submission {
        let body = serde_json::to_vec(&json!({ "public_key": self.public_key() })).unwrap();
        Submission { path: candor_policy::wire_paths::INSTALLATIONS, ..self.submission(app, body) }
    }

    /// A report of the monthly batch on version 2.0; `number` makes its name.
    pub fn report(&self, policy: &Policy, number: u128) -> Value {
        json!({
            "report_id": uuid::Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_0000_0000 + number),
            "policy": { "id": policy.id, "version": policy.version, "digest": policy.digest },
            "installation": self.name,
            "source": "batch",
            "application": "Product",
            "version": "2.0",
            "period": { "start": "2026-04-01T00:00:00Z", "end": "2026-05-01T00:00:00Z" },
            "consent": {
                "scope": "all",
                "granted_at": "2026-01-01T00:00:00Z",
                "entry": format!("sha-256:{}", "0".repeat(64)),
            },
            "facts": {
                "os_version": "Windows Server 2022",
                "client_id": "4711",
                "record_counts": { "ASSET": 12, "WORKORDER": 345 },
                "options": { "WKOPTIONS.MODE": "fast", "WKOPTIONS.EMPTY": "", "WKOPTIONS.UNSET": null },
            },
        })
    }

    pub fn submission(&self, app: &TestApp, body: Vec<u8>) -> Submission {
        Submission {
            path: candor_policy::wire_paths::REPORTS,
            content_type: "application/json".into(),
            encoding: None,
            body,
            created: app.now(),
            key: self.key.clone(),
            key_id: self.name.to_string(),
            forge: |_| {},
            forwarded_for: None,
        }
    }

    /// Sends a report as it is.
    pub async fn post(&self, app: &TestApp, report: &Value) -> Answer {
        self.send(app, self.submission(app, serde_json::to_vec(report).unwrap())).await
    }

    pub async fn send(&self, app: &TestApp, submission: Submission) -> Answer {
        Answer::read(self.request(&app.url(submission.path), submission).send().await.unwrap()).await
    }

    pub fn request(&self, url: &str, submission: Submission) -> reqwest::RequestBuilder {
        let message = Message {
            method: "POST",
            path: submission.path,
            content_type: &submission.content_type,
            content_encoding: submission.encoding,
            body: &submission.body,
        };
        let mut fields = sign(&message, &submission.key, &submission.key_id, submission.created);
        (submission.forge)(&mut fields);
        let mut request = self
            .client
            .post(url)
            .header("content-type", &submission.content_type)
            .header("content-digest", fields.content_digest)
            .header("signature-input", fields.signature_input)
            .header("signature", fields.signature);
        if let Some(encoding) = submission.encoding {
            request = request.header("content-encoding", encoding);
        }
        if let Some(forwarded_for) = &submission.forwarded_for {
            request = request.header("x-forwarded-for", forwarded_for);
        }
        request.body(submission.body)
    }
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(bytes, 3).unwrap()
}
