//! The journal's schema: numbered statements, embedded, each run once and never edited after a release.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::StoreError;

/// Number 1 is the first.
const MIGRATIONS: [&str; 8] = [
    include_str!("../../../migrations/0001_journal.sql"),
    include_str!("../../../migrations/0002_audit_head.sql"),
    include_str!("../../../migrations/0003_control_data.sql"),
    include_str!("../../../migrations/0004_request_counts.sql"),
    include_str!("../../../migrations/0005_report_ids.sql"),
    include_str!("../../../migrations/0006_revisions.sql"),
    include_str!("../../../migrations/0007_account_links.sql"),
    include_str!("../../../migrations/0008_vouchers.sql"),
];

/// Brings the schema up to date, all of it or nothing.
///
/// # Errors
/// [`StoreError::UnknownSchema`] where a later version of this program wrote the journal.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction
        .execute_batch("CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY) STRICT")?;
    adopt_former_table(&transaction)?;
    let version: usize =
        transaction.query_row("SELECT coalesce(max(version), 0) FROM schema_migrations", [], |row| {
            row.get::<_, u32>(0).map(|version| version as usize)
        })?;
    let pending = MIGRATIONS.get(version..).ok_or_else(|| {
        StoreError::UnknownSchema(format!("version {version}; the latest known is {}", MIGRATIONS.len()))
    })?;
    for (number, statements) in (version + 1..).zip(pending) {
        transaction.execute_batch(statements)?;
        transaction.execute("INSERT INTO schema_migrations (version) VALUES (?)", [number as i64])?;
    }
    Ok(transaction.commit()?)
}

/// Earlier, a library kept the numbers in a table of its own.
fn adopt_former_table(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    if transaction.table_exists(None, "_sqlx_migrations")? {
        transaction.execute_batch(
            "INSERT INTO schema_migrations (version) SELECT version FROM _sqlx_migrations; DROP TABLE _sqlx_migrations",
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A journal as version 0.1 left it, with two accounts made and one of them removed.
    const FORMER: &str = "
        CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL,
            installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL,
            checksum BLOB NOT NULL, execution_time BIGINT NOT NULL);
        INSERT INTO _sqlx_migrations VALUES (1, 'journal', '', 1, x'00', 1), (2, 'audit head', '', 1, x'00', 1);
        INSERT INTO accounts VALUES (1, 'Ada', 'administrator', 'hash', 5), (2, 'Bob', 'administrator', 'hash', 6);
        DELETE FROM accounts WHERE account = 2;
        INSERT INTO sessions VALUES (x'01', '{\"account\":1,\"csrf\":\"c\"}', 7), (x'02', '{}', 7);";

    fn rows(journal: &Connection, query: &str) -> Vec<(i64, Option<String>)> {
        let mut select = journal.prepare(query).unwrap();
        let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn a_journal_of_the_former_version_keeps_its_accounts_and_sessions() {
        let mut journal = Connection::open_in_memory().unwrap();
        MIGRATIONS[..2].iter().for_each(|statements| journal.execute_batch(statements).unwrap());
        journal.execute_batch(FORMER).unwrap();
        migrate(&mut journal).unwrap();
        migrate(&mut journal).unwrap();
        assert_eq!(rows(&journal, "SELECT account, name_key FROM accounts"), [(1, Some("ada".to_owned()))]);
        let sessions = "SELECT coalesce(account, 0), NULL FROM sessions ORDER BY session_digest";
        assert_eq!(rows(&journal, sessions), [(1, None), (0, None)]);
        let next = "INSERT INTO accounts (name, name_key, role, password_hash, created_at) \
                    VALUES ('Eve', 'eve', 'administrator', 'hash', 8) RETURNING account, NULL";
        assert_eq!(rows(&journal, next), [(3, None)], "number 2 was Bob's");
    }

    #[test]
    fn a_journal_of_a_later_version_stays_as_it_is() {
        let mut journal = Connection::open_in_memory().unwrap();
        migrate(&mut journal).unwrap();
        journal.execute("INSERT INTO schema_migrations VALUES (99)", []).unwrap();
        let error = migrate(&mut journal).unwrap_err();
        assert!(matches!(error, StoreError::UnknownSchema(_)), "{error}");
    }
}
