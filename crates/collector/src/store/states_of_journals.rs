//! The states in the columns are what a plain computation makes of the journal's reports: in whatever batches they come, after
//! restarts, and after a rebuild.

use std::path::Path;
use std::sync::Arc;

use duckdb::{Connection, Row};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

use super::states::State;
use super::states::tests::{Held, PresenceRow, Said, StateRow, journal};
use super::{Committer, NewReport, Projection, ReportContent, Store};
use crate::clock::SystemClock;

const JOURNALS: usize = 16;
/// More than any journal here has.
const MOST: usize = 1_000;

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn open(folder: &Path) -> Store {
    block_on(Store::open(folder)).unwrap()
}

/// A store with two installations.
fn new_store(folder: &Path) -> Store {
    let store = open(folder);
    let connection = store.with_one_installation();
    let name = candor_policy::InstallationId::of(&candor_policy::PublicKey::from_bytes([4; 32]));
    connection.execute("INSERT INTO installations VALUES (2, ?, x'01', 0)", [name.as_str()]).unwrap();
    store
}

/// What the site would have sent.
fn json_of(said: &Said) -> Vec<u8> {
    let (mut facts, mut withheld, mut not_measured) = (Map::new(), Vec::new(), Vec::new());
    for (metric, sayings) in &said.metrics {
        for saying in sayings {
            match (saying.state, saying.key) {
                (State::Withheld, _) => withheld.push(json!(metric)),
                (State::NotMeasured, Some(key)) => {
                    not_measured.push(json!({ "metric": metric, "key": key, "reason": saying.text }));
                }
                (State::NotMeasured, None) => {
                    not_measured.push(json!({ "metric": metric, "reason": saying.text }));
                }
                (State::None, _) => drop(facts.insert((*metric).to_owned(), json!({}))),
                (_, None) => drop(facts.insert((*metric).to_owned(), json!(saying.text))),
                (_, Some(key)) => {
                    let value = saying.number.map_or(json!(saying.text), |number| json!(number));
                    facts.entry(*metric).or_insert_with(|| json!({}))[key] = value;
                }
            }
        }
    }
    let report = json!({
        "report_id": uuid::Uuid::from_u128(said.seq as u128),
        "policy": { "id": "p", "version": "1", "digest": format!("sha-256:{}", "0".repeat(64)) },
        "installation": candor_policy::InstallationId::of(&candor_policy::PublicKey::from_bytes([3; 32])),
        "source": "batch",
        "application": said.application,
        "version": said.version,
        "period": { "start": said.start, "end": said.end },
        "consent": {
            "scope": "all",
            "granted_at": "2024-01-01T00:00:00Z",
            "entry": format!("sha-256:{}", "0".repeat(64)),
        },
        "facts": Value::Object(facts),
        "withheld": withheld,
        "not_measured": not_measured,
    });
    serde_json::to_vec(&report).unwrap()
}

fn commit(committer: &mut Committer, said: &[Said]) {
    let reports: Vec<NewReport> = said
        .iter()
        .map(|said| NewReport {
            installation: said.installation,
            period_end: said.end,
            ..NewReport::with_json(said.seq as u128, &json_of(said))
        })
        .collect();
    committer.commit(&reports).unwrap();
}

/// Projects all that there is.
fn catch_up(projection: &mut Projection) {
    while projection.step(MOST).unwrap().reports > 0 {}
}

fn read<T>(connection: &Connection, sql: &str, row: fn(&Row<'_>) -> duckdb::Result<T>) -> Vec<T> {
    let mut select = connection.prepare(sql).unwrap();
    let rows = select.query_map([], row).unwrap();
    rows.collect::<duckdb::Result<_>>().unwrap()
}

fn whole(number: Option<f64>) -> Option<i64> {
    number.map(|number| number as i64)
}

fn presence(row: &Row<'_>) -> duckdb::Result<PresenceRow> {
    Ok(PresenceRow {
        installation: row.get(0)?,
        application: row.get(1)?,
        is_whole: row.get(2)?,
        version: row.get(3)?,
        end: row.get(4)?,
        from: row.get(5)?,
        until: row.get(6)?,
    })
}

fn held(store: &Store) -> Held {
    let connection = store.columns.connection().unwrap();
    let states = "SELECT installation, application, is_whole, metric, key, state, text, number, number_before, month_from,
                         month_until
                  FROM all_states JOIN names USING (name)";
    Held {
        states: read(&connection, states, |row| {
            let (text, number): (Option<String>, _) = (row.get(6)?, whole(row.get(7)?));
            Ok(StateRow {
                installation: row.get(0)?,
                application: row.get(1)?,
                is_whole: row.get(2)?,
                metric: row.get(3)?,
                // Which of them have text as well is the policy's matter.
                saying: (row.get(4)?, row.get(5)?, text.filter(|_| number.is_none()), number),
                number_before: whole(row.get(8)?),
                from: row.get(9)?,
                until: row.get(10)?,
            })
        }),
        headers: read(
            &connection,
            "SELECT installation, application, is_whole, version, epoch_us(period_end), month_from, month_until FROM headers",
            presence,
        ),
        runs: read(
            &connection,
            "SELECT installation, application, is_whole, NULL::VARCHAR, epoch_us(last_end), month_from, month_until FROM heard",
            presence,
        ),
    }
}

#[test]
fn states_are_what_a_plain_computation_makes_of_the_journal() {
    let mut runner = TestRunner::deterministic();
    for number in 0..JOURNALS {
        let said = journal().new_tree(&mut runner).unwrap().current();
        let folder = tempfile::tempdir().unwrap();
        let mut store = new_store(folder.path());
        let mut projection = store.projection().unwrap();
        let mut committer = store.committer(Arc::new(SystemClock)).unwrap();
        // Batches of one to five reports, the projection started anew after each third one.
        for (batch, said) in said.chunks(1 + number % 5).enumerate() {
            commit(&mut committer, said);
            catch_up(&mut projection);
            if batch % 3 == 2 {
                projection = store.projection().unwrap();
            }
        }
        drop((projection, committer));
        held(&store).check(&said);
        store = rebuilt(store, folder.path());
        held(&store).check(&said);
        block_on(store.close());
    }
}

#[test]
fn an_erased_installation_leaves_the_columns_and_a_rewritten_one_says_what_is_left() {
    let mut runner = TestRunner::deterministic();
    for _ in 0..JOURNALS / 4 {
        let mut said = journal().new_tree(&mut runner).unwrap().current();
        let folder = tempfile::tempdir().unwrap();
        let mut store = new_store(folder.path());
        commit(&mut store.committer(Arc::new(SystemClock)).unwrap(), &said);
        let mut projection = store.projection().unwrap();
        catch_up(&mut projection);
        erase_and_rewrite(&store, &mut said);
        let revised = projection.revise().unwrap();
        assert!(revised <= 2 && projection.revise().unwrap() == 0);
        held(&store).check(&said);
        assert_eq!(unused_names(&store), 0);
        drop(projection);
        assert_eq!(store.projection().unwrap().revise().unwrap(), 0, "a start does not do it again");
        store = rebuilt(store, folder.path());
        assert_eq!(store.projection().unwrap().revise().unwrap(), 0, "what a rebuild reads has been revised");
        held(&store).check(&said);
        block_on(store.close());
    }
}

/// Erases the first installation, and takes the record counts out of what the second one sent.
fn erase_and_rewrite(store: &Store, said: &mut Vec<Said>) {
    let now = jiff::Timestamp::MAX;
    let without_counts = |mut content: ReportContent| {
        let mut report: Value = serde_json::from_slice(&content.json).unwrap();
        report["facts"].as_object_mut().unwrap().remove("record_counts");
        report["withheld"].as_array_mut().unwrap().retain(|metric| metric != "record_counts");
        report["not_measured"].as_array_mut().unwrap().retain(|missing| missing["metric"] != "record_counts");
        content.json = serde_json::to_vec(&report).unwrap();
        Some(content)
    };
    block_on(async {
        store.erasure().erase(1, now, now).await.unwrap();
        store.erasure().rewrite(2, now, now, without_counts).await.unwrap();
    });
    said.retain(|said| said.installation != 1);
    said.iter_mut().for_each(|said| drop(said.metrics.remove("record_counts")));
}

fn unused_names(store: &Store) -> i64 {
    let connection = store.columns.connection().unwrap();
    let unused = "SELECT count(*) FROM names WHERE name NOT IN (SELECT name FROM all_states)";
    connection.query_row(unused, [], |row| row.get(0)).unwrap()
}

/// The same store with columns that were built anew, states last; halfway through them it was stopped.
fn rebuilt(store: Store, folder: &Path) -> Store {
    block_on(store.close());
    drop(store);
    std::fs::remove_file(folder.join("columns.duckdb")).unwrap();
    let store = open(folder);
    let mut projection = store.projection().unwrap();
    projection.leave_states();
    catch_up(&mut projection);
    assert_eq!(held(&store), Held::default());
    projection.compute_states().unwrap();
    drop(projection);
    let mut projection = store.projection().unwrap();
    while projection.compute_states().unwrap().is_some() {}
    store
}
