//! A collector small enough to read: real HTTP over `std::net`, real signatures, one behaviour at a time.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use candor_policy::answer as signed_answer;
use candor_policy::message::{Message, SignatureFields, read};
use candor_policy::{
    Digest, Enrolled, Enrolment, InstallationId, Problem, ProblemCode, PublicKey, Receipt, Report,
};
use ed25519_dalek::{Signer, SigningKey};
use jiff::Timestamp;
use uuid::Uuid;

/// What the collector does with a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Holds it and signs a receipt.
    Hold,
    /// Refuses it with this code, and this `Retry-After`.
    Refuse(ProblemCode, Option<&'static str>),
    /// Reads the request and never answers.
    Stall,
    /// Signs the receipt with a key of its own.
    ForgedReceipt,
    /// Signs a receipt for other bytes.
    ReceiptForOtherBytes,
    /// Answers as a proxy's error page does.
    ErrorPage,
    /// Holds it, and the line breaks before the receipt.
    LoseReceipt,
    /// Holds most reports, and asks for patience at each of this number.
    RefuseEvery(usize),
    /// Answers everything with a page, as the portal of a hotel's network does.
    Portal,
    /// Takes its time over an enrolment: it answers once it is to behave otherwise.
    SlowEnrolment,
    /// Says that it has enrolled and does not sign it.
    UnsignedEnrolment,
    /// Signs an enrolment with a key of its own.
    ForgedEnrolment,
    /// Holds reports; whatever it answers arrives compressed with gzip.
    CompressedAnswers,
}

#[derive(Default)]
struct Held {
    keys: BTreeMap<String, PublicKey>,
    reports: BTreeMap<Uuid, Vec<u8>>,
    requests: Vec<String>,
    encodings: Vec<Option<String>>,
    enrolments: Vec<Enrolment>,
    report_requests: usize,
}

/// The collector; it ends with the test's process.
#[derive(Clone)]
pub struct TestCollector {
    pub url: String,
    behaviour: Arc<Mutex<Behaviour>>,
    held: Arc<Mutex<Held>>,
}

fn signing_key() -> SigningKey {
    SigningKey::from_bytes(&[42; 32])
}

/// The key that signs receipts.
pub fn public_key() -> PublicKey {
    PublicKey::from_bytes(signing_key().verifying_key().to_bytes())
}

impl TestCollector {
    pub fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let collector = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            behaviour: Arc::new(Mutex::new(behaviour)),
            held: Arc::default(),
        };
        let serving = collector.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let serving = serving.clone();
                std::thread::spawn(move || serving.serve(stream));
            }
        });
        collector
    }

    pub fn behave(&self, behaviour: Behaviour) {
        *self.behaviour.lock().unwrap() = behaviour;
    }

    /// The bytes of the reports that it holds, after decompression.
    pub fn reports(&self) -> Vec<Vec<u8>> {
        self.held.lock().unwrap().reports.values().cloned().collect()
    }

    /// The paths that were asked for, in order.
    pub fn requests(&self) -> Vec<String> {
        self.held.lock().unwrap().requests.clone()
    }

    /// The content encodings of those requests, in the same order.
    pub fn encodings(&self) -> Vec<Option<String>> {
        self.held.lock().unwrap().encodings.clone()
    }

    /// The enrolments that it was asked for, in order.
    pub fn enrolments(&self) -> Vec<Enrolment> {
        self.held.lock().unwrap().enrolments.clone()
    }

    pub fn forget_installations(&self) {
        self.held.lock().unwrap().keys.clear();
    }

    fn serve(&self, mut stream: TcpStream) -> Option<()> {
        let mut reader = BufReader::new(stream.try_clone().ok()?);
        let (path, fields, body) = read_request(&mut reader)?;
        let encoding = fields.get("content-encoding").map(String::as_str);
        {
            let mut held = self.held.lock().unwrap();
            held.requests.push(path.clone());
            held.encodings.push(encoding.map(str::to_owned));
        }
        let message = Message {
            method: "POST",
            path: &path,
            content_type: fields.get("content-type")?,
            content_encoding: encoding,
            body: &body,
        };
        let (claim, _) = read(&message, &signature_fields(&fields)).expect("a readable signature");
        let plain = match encoding {
            Some("gzip") => {
                let mut plain = Vec::new();
                flate2::read::GzDecoder::new(&body[..]).read_to_end(&mut plain).unwrap();
                plain
            }
            _ => body.clone(),
        };
        assert_eq!(fields.get("accept-encoding").map(String::as_str), Some("identity"));
        if *self.behaviour.lock().unwrap() == Behaviour::Portal {
            return answer(&mut stream, 200, "text/html", &[], b"<h1>Please sign in to the wifi</h1>");
        }
        if path == candor_policy::wire_paths::INSTALLATIONS {
            let enrolment: Enrolment = serde_json::from_slice(&plain).unwrap();
            claim.verify(&enrolment.public_key).expect("signed with the key that it names");
            let installation = InstallationId::of(&enrolment.public_key);
            self.held.lock().unwrap().enrolments.push(enrolment.clone());
            while *self.behaviour.lock().unwrap() == Behaviour::SlowEnrolment {
                std::thread::yield_now();
            }
            self.held.lock().unwrap().keys.insert(installation.to_string(), enrolment.public_key);
            let enrolled = serde_json::to_string(&Enrolled { installation, voucher: None }).unwrap();
            let behaviour = *self.behaviour.lock().unwrap();
            let fields = match behaviour {
                Behaviour::UnsignedEnrolment => Vec::new(),
                Behaviour::ForgedEnrolment => signed_with(&SigningKey::from_bytes(&[7; 32]), &enrolled),
                _ => signed_with(&signing_key(), &enrolled),
            };
            return answer_as(behaviour, &mut stream, &fields, &enrolled);
        }
        let Some(key) = self.held.lock().unwrap().keys.get(&claim.key_id).copied() else {
            return problem(&mut stream, ProblemCode::UnknownInstallation, None);
        };
        claim.verify(&key).expect("signed with the installation's key");
        self.report(stream, &plain)
    }

    /// Counts a report's request, and tells whether its turn has come.
    fn is_one_of(&self, number: usize) -> bool {
        let mut held = self.held.lock().unwrap();
        held.report_requests += 1;
        held.report_requests.is_multiple_of(number)
    }

    fn report(&self, mut stream: TcpStream, plain: &[u8]) -> Option<()> {
        let behaviour = *self.behaviour.lock().unwrap();
        match behaviour {
            Behaviour::Refuse(code, retry_after) => return problem(&mut stream, code, retry_after),
            Behaviour::ErrorPage => {
                return answer(&mut stream, 502, "text/html", &[], b"<h1>Bad gateway</h1>");
            }
            Behaviour::Stall => {
                // Nothing is answered until the other side gives up.
                let _ = stream.read(&mut [0; 1]);
                return None;
            }
            Behaviour::RefuseEvery(number) if self.is_one_of(number) => {
                return problem(&mut stream, ProblemCode::Unavailable, Some("0"));
            }
            Behaviour::Hold
            | Behaviour::ForgedReceipt
            | Behaviour::ReceiptForOtherBytes
            | Behaviour::LoseReceipt
            | Behaviour::RefuseEvery(_)
            | Behaviour::Portal
            | Behaviour::SlowEnrolment
            | Behaviour::UnsignedEnrolment
            | Behaviour::ForgedEnrolment
            | Behaviour::CompressedAnswers => {}
        }
        let report = Report::parse(plain).expect("a report");
        let known = self.held.lock().unwrap().reports.insert(report.report_id, plain.to_vec());
        let digest = match behaviour {
            Behaviour::ReceiptForOtherBytes => Digest::of(b"other bytes"),
            Behaviour::LoseReceipt => return None,
            _ => Digest::of(plain),
        };
        let receipt = Receipt {
            report_id: report.report_id,
            received_digest: digest,
            stored_digest: digest,
            received_at: Timestamp::UNIX_EPOCH,
            duplicate: known.is_some(),
            accepted: report.facts.len() as u64,
            outcomes: Vec::new(),
        };
        let body = serde_json::to_string(&receipt).unwrap();
        let key = match behaviour {
            Behaviour::ForgedReceipt => SigningKey::from_bytes(&[7; 32]),
            _ => signing_key(),
        };
        answer_as(behaviour, &mut stream, &signed_with(&key, &body), &body)
    }
}

/// The fields of an answer that this key signs.
fn signed_with(key: &SigningKey, body: &str) -> Vec<(&'static str, String)> {
    let signed =
        signed_answer::sign(body.as_bytes(), Timestamp::UNIX_EPOCH, |base| key.sign(base).to_bytes());
    vec![
        ("Content-Digest", signed.content_digest),
        ("Signature-Input", signed.signature_input),
        ("Signature", signed.signature),
    ]
}

fn answer_as(
    behaviour: Behaviour,
    stream: &mut TcpStream,
    fields: &[(&'static str, String)],
    body: &str,
) -> Option<()> {
    if behaviour != Behaviour::CompressedAnswers {
        return answer(stream, 200, "application/json", fields, body.as_bytes());
    }
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(body.as_bytes()).ok()?;
    let fields = [fields, &[("Content-Encoding", "gzip".to_owned())]].concat();
    answer(stream, 200, "application/json", &fields, &encoder.finish().ok()?)
}

type Fields = BTreeMap<String, String>;

fn read_request(reader: &mut impl BufRead) -> Option<(String, Fields, Vec<u8>)> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut fields = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        fields.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let mut body = vec![0; fields.get("content-length")?.parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    Some((path, fields, body))
}

fn signature_fields(fields: &Fields) -> SignatureFields {
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    SignatureFields {
        content_digest: field("content-digest"),
        signature_input: field("signature-input"),
        signature: field("signature"),
    }
}

fn problem(stream: &mut TcpStream, code: ProblemCode, retry_after: Option<&str>) -> Option<()> {
    let body = serde_json::to_string(&Problem::new(code, "said by the test")).unwrap();
    let headers: Vec<_> = retry_after.map(|value| ("Retry-After", value.to_owned())).into_iter().collect();
    answer(stream, code.status(), "application/problem+json", &headers, body.as_bytes())
}

fn answer(
    stream: &mut TcpStream,
    status: u16,
    content_type: &str,
    headers: &[(&str, String)],
    body: &[u8],
) -> Option<()> {
    let length = body.len();
    write!(stream, "HTTP/1.1 {status} X\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n")
        .ok()?;
    for (name, value) in headers {
        write!(stream, "{name}: {value}\r\n").ok()?;
    }
    write!(stream, "Connection: close\r\n\r\n").ok()?;
    stream.write_all(body).ok()
}
