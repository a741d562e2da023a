//! Identities: what the newest word of its reports says of each installation. They are held in memory, some 200 bytes each,
//! so that a step writes those alone that are new or changed: most reports say what the one before them said.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use duckdb::{Connection, Row, Transaction, params};

use super::rows::Rows;

/// All at once: the table is read whole for it.
const REMOVE: &str = "DELETE FROM installations \
                      WHERE installation IN (SELECT unnest(string_split(?, ' '))::BIGINT)";

/// Of each installation in the columns.
pub(in crate::store) struct Identities {
    known: HashMap<i64, Identity>,
    /// The names of those that the table does not hold yet, or not so.
    changed: HashMap<i64, String>,
}

#[derive(Default)]
struct Identity {
    policies: BTreeSet<String>,
    customer: Option<Said>,
    customer_name: Option<Said>,
}

/// A word, and the report that it stands in.
struct Said {
    order: Order,
    text: String,
}

/// The end of a report's period, microseconds since 1970, and its place in the journal: the later is the newer.
type Order = (i64, i64);

impl Identities {
    /// Reads them from the reports in the columns; a tenth of a second for a million reports.
    pub(in crate::store) fn read(connection: &Connection) -> duckdb::Result<Self> {
        let mut select = connection.prepare(include_str!("../queries/identities.read.sql"))?;
        let known = select.query_map([], |row| Ok((row.get("installation")?, read_identity(row)?)))?;
        Ok(Self { known: known.collect::<duckdb::Result<_>>()?, changed: HashMap::new() })
    }

    /// Takes in what a report says.
    pub(super) fn hear(&mut self, rows: &Rows) {
        let span = &rows.report.span;
        let order = (span.end.as_microsecond(), span.seq);
        let (identity, is_new) = match self.known.entry(span.installation) {
            Entry::Occupied(known) => (known.into_mut(), false),
            Entry::Vacant(place) => (place.insert(Identity::default()), true),
        };
        let customer = hear(&mut identity.customer, rows.customer.as_deref(), order);
        let customer_name = hear(&mut identity.customer_name, rows.customer_name.as_deref(), order);
        let policy =
            !identity.policies.contains(&span.policy) && identity.policies.insert(span.policy.clone());
        if is_new || customer || customer_name || policy {
            self.changed.entry(span.installation).or_insert_with(|| rows.installation_name.clone());
        }
    }

    /// Lets go of these installations.
    pub(super) fn forget(&mut self, installations: &BTreeSet<i64>) {
        self.known.retain(|installation, _| !installations.contains(installation));
        self.changed.retain(|installation, _| !installations.contains(installation));
    }

    /// Writes what is new or has changed.
    pub(super) fn write(&mut self, transaction: &Transaction<'_>) -> duckdb::Result<()> {
        if self.changed.is_empty() {
            return Ok(());
        }
        let numbers: Vec<String> = self.changed.keys().map(ToString::to_string).collect();
        transaction.execute(REMOVE, [numbers.join(" ")])?;
        let mut rows = transaction.appender("installations")?;
        for (installation, name) in self.changed.drain() {
            let identity = self.known.get(&installation);
            let customer = identity.and_then(|identity| text(&identity.customer));
            let customer_name = identity.and_then(|identity| text(&identity.customer_name));
            let policies =
                identity.map(|identity| identity.policies.iter().map(String::as_str).collect::<Vec<_>>());
            let policies = policies.unwrap_or_default().join(" ");
            rows.append_row(params![installation, name, customer, customer_name, policies])?;
        }
        rows.flush()
    }
}

/// Whether the newest word is another one now.
fn hear(held: &mut Option<Said>, word: Option<&str>, order: Order) -> bool {
    let Some(word) = word else { return false };
    match held {
        Some(held) if held.order > order => false,
        Some(held) if held.text == word => {
            held.order = order;
            false
        }
        _ => {
            *held = Some(Said { order, text: word.to_owned() });
            true
        }
    }
}

fn text(said: &Option<Said>) -> Option<&str> {
    said.as_ref().map(|said| said.text.as_str())
}

fn read_identity(row: &Row<'_>) -> duckdb::Result<Identity> {
    let said = |text: &str, end: &str, seq: &str| -> duckdb::Result<Option<Said>> {
        let text: Option<String> = row.get(text)?;
        text.map(|text| Ok(Said { order: (row.get(end)?, row.get(seq)?), text })).transpose()
    };
    let policies: String = row.get("policies")?;
    Ok(Identity {
        policies: policies.split(' ').map(str::to_owned).collect(),
        customer: said("customer", "customer_end", "customer_seq")?,
        customer_name: said("customer_name", "customer_name_end", "customer_name_seq")?,
    })
}
