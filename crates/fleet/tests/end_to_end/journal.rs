//! Reads what a collector's journal holds, from the file itself: the bytes that are kept, and their digests.

use std::path::Path;

use candor_policy::Digest;
use rusqlite::{Connection, OpenFlags};

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
    let file = data.join("journal.sqlite");
    let journal = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("a journal");
    let query = "SELECT body, body_form, received_digest, stored_digest, address FROM reports ORDER BY seq";
    let mut select = journal.prepare(query).expect("a table of reports");
    let rows = select.query_map([], |row| {
        Ok(Kept {
            body: decoded(row.get("body")?, row.get("body_form")?),
            received_digest: Digest::from_bytes(row.get("received_digest")?),
            stored_digest: Digest::from_bytes(row.get("stored_digest")?),
            address: row.get("address")?,
        })
    });
    rows.expect("reports").map(|row| row.expect("a report")).collect()
}

/// A body as it was before the journal compressed it.
fn decoded(body: Vec<u8>, form: i64) -> Vec<u8> {
    match form {
        0 => body,
        1 => zstd::decode_all(body.as_slice()).expect("a body that the journal compressed"),
        other => panic!("a body of form {other}: teach this test to read it"),
    }
}
