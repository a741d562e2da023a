//! Reads what a collector's journal holds, from the file itself: the bytes that are kept, and their digests.

use std::path::Path;

use candor_policy::Digest;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Row};

/// A report, as the journal keeps it.
#[derive(Debug)]
pub struct Kept {
    /// The JSON.
    pub body: Vec<u8>,
    /// The digest that the receipt gave of what arrived.
    pub received_digest: Digest,
    /// The digest that the receipt gave of what is kept.
    pub stored_digest: Digest,
    /// The address that it came from, where the policy lets it be stored.
    pub address: Option<String>,
}

/// All reports, in the order in which they were made durable.
pub fn reports(data: &Path) -> Vec<Kept> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let file = data.join("journal.sqlite");
        let mut journal: SqliteConnection =
            SqliteConnectOptions::new().filename(file).read_only(true).connect().await.expect("a journal");
        let query =
            "SELECT body, body_form, received_digest, stored_digest, address FROM reports ORDER BY seq";
        let rows = sqlx::query(query).fetch_all(&mut journal).await.expect("reports");
        rows.iter()
            .map(|row| Kept {
                body: decoded(row.get("body"), row.get("body_form")),
                received_digest: digest(row.get("received_digest")),
                stored_digest: digest(row.get("stored_digest")),
                address: row.get("address"),
            })
            .collect()
    })
}

/// A body as it was before the journal compressed it.
fn decoded(body: Vec<u8>, form: i64) -> Vec<u8> {
    match form {
        0 => body,
        1 => zstd::decode_all(body.as_slice()).expect("a body that the journal compressed"),
        other => panic!("a body of form {other}: teach this test to read it"),
    }
}

fn digest(bytes: Vec<u8>) -> Digest {
    Digest::from_bytes(bytes.try_into().expect("32 bytes"))
}
