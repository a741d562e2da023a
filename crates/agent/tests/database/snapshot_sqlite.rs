//! Snapshots of SQLite files.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use candor_agent::database::{Connection, DatabaseSettings, Gathered, facts};
use candor_policy::{Entry, Reason, Redacted, SourceId, Value};

use crate::canaries::{assert_none, canaries};
use crate::check;
use crate::product::{
    BATCH, SqliteProduct, block_on, entries, lucity, lucity_but, not_measured, settings, snapshot,
};

#[test]
fn a_snapshot_holds_what_the_policy_wants() {
    let product = SqliteProduct::new();
    check::whole(&snapshot(&lucity(), "2016", &product.settings()));
}

#[test]
fn canary_nothing_planted_leaves() {
    let product = SqliteProduct::new();
    let file = std::fs::read(&product.path).unwrap();
    for canary in canaries() {
        let planted = file.windows(canary.len()).any(|window| window == canary.as_bytes());
        assert!(planted, "{canary} is not planted: this test could not fail");
    }
    let gathered = snapshot(&lucity(), "2016", &product.settings());
    assert_none(&lucity(), "2016", &gathered);
}

#[test]
fn law_1_only_what_is_declared_is_gathered() {
    let product = SqliteProduct::new();
    product.execute("CREATE TABLE PAYROLL (NAME varchar(40)); INSERT INTO PAYROLL VALUES ('Jane Doe');");
    let metrics = |version: &str| {
        let gathered = snapshot(&lucity(), version, &product.settings());
        assert!(!format!("{gathered:?}").contains("PAYROLL"), "{gathered:?}");
        gathered.facts.into_keys().collect::<Vec<_>>()
    };
    assert!(metrics("2014r2").is_empty(), "no release before 2015 has its tables read");
    assert_eq!(metrics("2015"), ["module_records", "options", "system_settings"]);
    assert_eq!(metrics("2015r2 SP1"), ["module_records", "options", "system_settings", "user_count"]);
    let other = SourceId::parse("web-installer").unwrap();
    let gathered = facts(&lucity(), &other, "2016", &settings("sqlite:/nowhere/at/all"));
    assert_eq!(gathered, Default::default(), "an installer asks no database, so none is missing");
}

#[test]
fn excepted_values_are_never_read() {
    let product = SqliteProduct::new();
    // Reading the value of an excepted setting would end the query: the value is computed, and too large to compute.
    product.execute(
        "ALTER TABLE SYSTEMSETTINGS RENAME TO KEPT_SETTINGS; \
         CREATE VIEW SYSTEMSETTINGS AS SELECT SETTING_NAME, \
         CASE WHEN SETTING_NAME IN ('License Code', 'SMTP Encrypted Password') \
         THEN abs(-9223372036854775808) ELSE SETTING_VALUE END AS SETTING_VALUE FROM KEPT_SETTINGS;",
    );
    let gathered = snapshot(&lucity(), "2016", &product.settings());
    assert!(gathered.not_measured.is_empty(), "{:?}", gathered.notes);
    assert_eq!(entries(&gathered, "system_settings")["SMTP Port"], Entry::Text("25".to_owned()));
    let without =
        lucity_but("except = [\"License Code\", \"SMTP Encrypted Password\"]", "except = [\"None\"]");
    let read = snapshot(&without, "2016", &product.settings());
    assert_eq!(not_measured(&read).len(), 1, "a policy without exceptions does read them, and fails");
}

#[test]
fn a_setting_whose_name_reveals_is_left_out_and_said() {
    let product = SqliteProduct::new();
    product.execute(
        "INSERT INTO SYSTEMSETTINGS VALUES ('https://intranet.canary-internal.example/lucity', 'True');",
    );
    let gathered = snapshot(&lucity(), "2016", &product.settings());
    assert_none(&lucity(), "2016", &gathered);
    let table = ("system_settings".to_owned(), Some("SYSTEMSETTINGS".to_owned()), Reason::Failed);
    assert_eq!(not_measured(&gathered), [table]);
    assert!(gathered.notes[0].text.contains("1 setting(s) whose names"), "{:?}", gathered.notes);
}

#[test]
fn padded_and_oddly_written_names_are_excepted_too() {
    let product = SqliteProduct::new();
    product.execute(
        "UPDATE SYSTEMSETTINGS SET SETTING_NAME = 'LICENSE CODE   ' WHERE SETTING_NAME = 'License Code'; \
         UPDATE SYSTEMSETTINGS SET SETTING_NAME = ' smtp encrypted password' WHERE SETTING_NAME LIKE 'SMTP Encrypted%';",
    );
    let gathered = snapshot(&lucity(), "2016", &product.settings());
    assert_none(&lucity(), "2016", &gathered);
}

#[test]
fn values_of_every_kind_stay_distinct() {
    let product = SqliteProduct::new();
    product.execute(
        "CREATE TABLE ODDOPTIONS (LOGO BLOB, SEALED BLOB, BIG INTEGER, WORD TEXT, NUMBER TEXT, BROKEN TEXT, \
         FLAG BOOLEAN, \"Odd \"\"name\"\"\" TEXT, PIN INTEGER); \
         INSERT INTO ODDOPTIONS VALUES (x'89504e47', NULL, 9007199254740993, 'word', '007', CAST(x'666f6fff' AS TEXT), \
         1, 'quoted', 4711);",
    );
    let gathered = snapshot(&lucity(), "2016", &product.settings());
    let options = entries(&gathered, "options");
    for (key, expected) in [
        ("LOGO", Entry::Redacted(Redacted::InUse)),
        ("SEALED", Entry::Unset),
        ("BIG", Entry::Integer(9_007_199_254_740_993)),
        ("WORD", Entry::Text("word".to_owned())),
        ("NUMBER", Entry::Text("007".to_owned())),
        ("BROKEN", Entry::Text("foo\u{fffd}".to_owned())),
        ("FLAG", Entry::Flag(true)),
        ("Odd \"name\"", Entry::Text("quoted".to_owned())),
        ("PIN", Entry::Redacted(Redacted::InUse)),
    ] {
        assert_eq!(options.get(&format!("ODDOPTIONS.{key}")), Some(&expected), "{key}");
    }
}

#[test]
fn an_empty_table_of_options_is_unset_and_one_of_many_rows_is_not_measured() {
    let product = SqliteProduct::new();
    product.execute("DELETE FROM STOPTIONS; INSERT INTO SWOPTIONS SELECT * FROM SWOPTIONS;");
    let gathered = snapshot(&lucity(), "2016", &product.settings());
    let options = entries(&gathered, "options");
    assert_eq!(options["STOPTIONS.PAVEMENT_INDEX"], Entry::Unset);
    assert!(!options.keys().any(|key| key.starts_with("SWOPTIONS.")), "which row counts is not guessed");
    let swoptions = ("options".to_owned(), Some("SWOPTIONS".to_owned()), Reason::Failed);
    assert_eq!(not_measured(&gathered), [swoptions]);
}

#[test]
fn law_7_settings_without_a_name_are_not_passed_over_in_silence() {
    let product = SqliteProduct::new();
    product.execute(
        "CREATE TABLE COPY AS SELECT * FROM SYSTEMSETTINGS; DROP TABLE SYSTEMSETTINGS; ALTER TABLE COPY RENAME TO SYSTEMSETTINGS; \
         INSERT INTO SYSTEMSETTINGS VALUES (NULL, 'x'), (' ', 'y'); \
         INSERT INTO SYSTEMSETTINGS WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 10001) \
         SELECT NULL, n FROM many;",
    );
    let gathered = snapshot(&lucity(), "2016", &product.settings());
    let table = Some("SYSTEMSETTINGS".to_owned());
    assert_eq!(not_measured(&gathered), [("system_settings".to_owned(), table, Reason::Failed)]);
    assert!(entries(&gathered, "system_settings").contains_key("Theme"), "the others are read");
}

#[test]
fn a_setting_with_two_values_is_not_guessed() {
    let product = SqliteProduct::new();
    product.execute(
        "CREATE TABLE COPY AS SELECT * FROM SYSTEMSETTINGS; DROP TABLE SYSTEMSETTINGS; ALTER TABLE COPY RENAME TO SYSTEMSETTINGS; \
         INSERT INTO SYSTEMSETTINGS VALUES ('Theme', 'Dark'), ('SMTP Port', '25');",
    );
    let gathered = snapshot(&lucity(), "2016", &product.settings());
    let settings = entries(&gathered, "system_settings");
    assert!(!settings.contains_key("Theme"));
    assert_eq!(settings["SMTP Port"], Entry::Text("25".to_owned()), "the same value twice is one value");
    let table = ("system_settings".to_owned(), Some("SYSTEMSETTINGS".to_owned()), Reason::Failed);
    assert_eq!(not_measured(&gathered), [table]);
}

#[test]
fn a_missing_table_or_column_costs_what_hangs_on_it_and_nothing_more() {
    let product = SqliteProduct::new();
    product.execute(
        "DROP TABLE STSIGN; DROP TABLE MOBILE_DEVICES; ALTER TABLE SYSTEMSETTINGS RENAME COLUMN SETTING_VALUE TO OTHER; \
         DROP TABLE WKOPTIONS; DROP TABLE SWOPTIONS; DROP TABLE WTOPTIONS; DROP TABLE STOPTIONS;",
    );
    let gathered = snapshot(&lucity(), "2016", &product.settings());
    let missing =
        |metric: &str, key: Option<&str>, reason| (metric.to_owned(), key.map(str::to_owned), reason);
    assert_eq!(
        not_measured(&gathered),
        [
            missing("mobile_devices", Some("MOBILE_DEVICES"), Reason::TableMissing),
            missing("module_records", Some("STSIGN"), Reason::TableMissing),
            missing("options", None, Reason::TableMissing),
            missing("system_settings", Some("SYSTEMSETTINGS"), Reason::ColumnMissing),
        ]
    );
    assert_eq!(entries(&gathered, "module_records").len(), 14);
    assert_eq!(entries(&gathered, "user_count").len(), 1);
    assert_eq!(gathered.notes.len(), 4, "the administrator is told of each: {:?}", gathered.notes);
}

#[test]
fn a_missing_database_is_a_clear_message_and_every_metric_not_measured() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none.sqlite");
    let gathered = snapshot(&lucity(), "2016", &settings(&format!("sqlite:{}", path.display())));
    assert!(gathered.facts.is_empty());
    assert_eq!(gathered.not_measured.len(), 5);
    assert!(
        gathered.not_measured.iter().all(|missing| missing.reason == Reason::Unreachable),
        "{gathered:?}"
    );
    assert_eq!(gathered.notes.len(), 1, "said once: {:?}", gathered.notes);
    assert!(gathered.notes[0].text.contains("check the path"), "{:?}", gathered.notes);
    assert!(!path.exists(), "reading makes no file");
}

#[test]
fn a_file_of_another_kind_is_said_to_be_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "no database, however long it is looked at. ".repeat(100)).unwrap();
    let gathered = snapshot(&lucity(), "2016", &settings(&format!("sqlite:{}", path.display())));
    assert!(gathered.notes[0].text.contains("not a SQLite database"), "{:?}", gathered.notes);
}

#[test]
fn a_database_that_is_being_written_is_locked_and_one_that_is_held_is_read() {
    let product = SqliteProduct::new();
    let settings = DatabaseSettings { query_timeout: Duration::from_millis(200), ..product.settings() };
    let holder = product.open();
    holder.execute_batch("BEGIN EXCLUSIVE; DELETE FROM STSIGN").unwrap();
    check::whole(&snapshot(&lucity(), "2016", &product.settings()));
    // More than memory is allowed to hold, so that the file itself is being written.
    holder.execute_batch("PRAGMA cache_size = 1").unwrap();
    for _ in 0..2_000 {
        holder.execute_batch("INSERT INTO WKORDER (NAME) VALUES (hex(randomblob(200)))").unwrap();
    }
    block_on(async {
        let failure = Connection::open(&settings).await.err().expect("the file is being written");
        assert_eq!(failure.reason, Reason::Locked, "{failure}");
        assert!(failure.message.contains("another process holds"), "{failure}");
        holder.execute_batch("COMMIT").unwrap();
        Connection::open(&settings).await.unwrap();
    });
}

#[test]
fn a_product_that_is_writing_is_read_beside_it() {
    let product = SqliteProduct::new();
    let writer = product.open();
    writer.pragma_update(None, "journal_mode", "WAL").unwrap();
    writer.execute_batch("BEGIN IMMEDIATE; DELETE FROM WKORDER").unwrap();
    check::whole(&snapshot(&lucity(), "2016", &product.settings()));
    writer.execute_batch("ROLLBACK").unwrap();
}

#[test]
fn a_slow_table_is_timed_out_and_the_rest_is_taken() {
    let product = SqliteProduct::new();
    product.execute(
        "DROP TABLE STSIGN; CREATE VIEW STSIGN AS \
         WITH RECURSIVE forever(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM forever) SELECT n FROM forever;",
    );
    let settings = DatabaseSettings { query_timeout: Duration::from_millis(400), ..product.settings() };
    let began = Instant::now();
    let gathered = snapshot(&lucity(), "2016", &settings);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    let stsign = ("module_records".to_owned(), Some("STSIGN".to_owned()), Reason::TimedOut);
    assert_eq!(not_measured(&gathered), [stsign]);
    assert_eq!(entries(&gathered, "module_records").len(), 14);
    assert_eq!(gathered.facts.len(), 5);
}

#[test]
fn a_snapshot_as_a_whole_has_an_end() {
    let product = SqliteProduct::new();
    let settings = DatabaseSettings { total_timeout: Duration::ZERO, ..product.settings() };
    let gathered = snapshot(&lucity(), "2016", &settings);
    assert!(gathered.facts.is_empty());
    assert!(gathered.not_measured.iter().all(|missing| missing.reason == Reason::TimedOut), "{gathered:?}");
}

#[test]
fn nothing_of_the_file_changes() {
    let product = SqliteProduct::new();
    let before = std::fs::read(&product.path).unwrap();
    snapshot(&lucity(), "2016", &product.settings());
    assert_eq!(std::fs::read(&product.path).unwrap(), before);
    assert_eq!(std::fs::read_dir(product.folder.path()).unwrap().count(), 1, "no journal is left beside it");
}

#[test]
fn a_hash_rule_is_applied_at_the_site() {
    let product = SqliteProduct::new();
    let policy = lucity_but(
        "\"*Host*\" = \"in-use\"",
        "\"*Host*\" = \"in-use\", \"Theme\" = \"hash\", \"Session Timeout\" = \"bucket\"",
    );
    let gathered = snapshot(&policy, "2016", &product.settings());
    let settings = entries(&gathered, "system_settings");
    assert!(matches!(&settings["Theme"], Entry::Redacted(Redacted::Hash(_))), "{:?}", settings["Theme"]);
    assert_eq!(settings["Session Timeout"], Entry::Redacted(Redacted::Bucket("10-99".to_owned())));
    assert_none(&policy, "2016", &gathered);
}

#[test]
fn a_utility_reports_product_version_and_edition() {
    let product = SqliteProduct::new();
    let source = SourceId::parse("client-maintenance").unwrap();
    let gathered = facts(&lucity(), &source, "2014r2", &product.settings());
    let text = |metric: &str| match &gathered.facts[metric] {
        Value::Text(text) => text.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(text("database_product"), "SQLite");
    assert!(text("database_version").starts_with("3."), "{}", text("database_version"));
    assert_eq!(text("database_edition"), "Single edition");
    assert_eq!(gathered.facts.len(), 3);
    let none = facts(&lucity(), &SourceId::parse(BATCH).unwrap(), "2016", &product.settings());
    assert_eq!(none, Default::default(), "the batch service declares none of the three");
}

fn files_beside(product: &SqliteProduct) -> Vec<String> {
    let names = std::fs::read_dir(product.folder.path()).unwrap();
    let mut names: Vec<String> =
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Guards against side files of candor's user that lock the product out.
#[test]
fn reading_leaves_no_trace() {
    let product = SqliteProduct::new();
    product.open().pragma_update(None, "journal_mode", "WAL").unwrap();
    assert_eq!(files_beside(&product), ["product.sqlite"], "the product has closed it");
    let before = std::fs::metadata(&product.path).unwrap().modified().unwrap();
    check::whole(&snapshot(&lucity(), "2016", &product.settings()));
    assert_eq!(files_beside(&product), ["product.sqlite"]);
    assert_eq!(std::fs::metadata(&product.path).unwrap().modified().unwrap(), before);

    // While the product has it open, and what it wrote last is in the side files alone.
    let writer = product.open();
    writer.execute_batch("INSERT INTO SYSTEMSETTINGS VALUES ('Written last', 'yes')").unwrap();
    let gathered = snapshot(&lucity(), "2016", &product.settings());
    assert_eq!(entries(&gathered, "system_settings")["Written last"], Entry::Text("yes".to_owned()));
    drop(writer);
    assert_eq!(files_beside(&product), ["product.sqlite"], "and the product could remove them");
}

/// Guards against a file that was closed when it was opened here, and that the product has written to since.
#[test]
fn a_product_that_begins_to_write_is_noticed() {
    let product = SqliteProduct::new();
    product.open().pragma_update(None, "journal_mode", "WAL").unwrap();
    block_on(async {
        let mut connection = Connection::open(&product.settings()).await.unwrap();
        let tables = connection.tables().await.unwrap();
        let table = tables.iter().find(|table| table.name == "WKORDER").unwrap();
        let before = connection.row_count(table).await.unwrap();
        let writer = product.open();
        writer.execute_batch("DELETE FROM WKORDER").unwrap();
        assert_ne!(before, 0);
        assert_eq!(connection.row_count(table).await.unwrap(), 0);
        drop(writer);
        assert_eq!(connection.row_count(table).await.unwrap(), 0);
    });
}

/// A -wal without its -shm was left behind by a crash; SQLite would make the -shm, and it would be candor's.
#[test]
fn a_crashed_product_is_left_as_it_is() {
    let product = SqliteProduct::new();
    let writer = product.open();
    writer.pragma_update(None, "journal_mode", "WAL").unwrap();
    writer.execute_batch("DELETE FROM WKORDER").unwrap();
    let copy = product.folder.path().join("copy.sqlite");
    std::fs::copy(&product.path, &copy).unwrap();
    std::fs::copy(
        product.folder.path().join("product.sqlite-wal"),
        product.folder.path().join("copy.sqlite-wal"),
    )
    .unwrap();
    let gathered = snapshot(&lucity(), "2016", &settings(&format!("sqlite:{}", copy.display())));
    assert!(gathered.facts.is_empty());
    assert!(gathered.notes[0].text.contains("start the product"), "{:?}", gathered.notes);
    assert!(!product.folder.path().join("copy.sqlite-shm").exists());
}

/// Guards against a count of a second that refuses the product's writes for a second. This product does not wait for locks at all.
#[test]
fn a_product_in_rollback_mode_is_never_refused_a_write() {
    let product = SqliteProduct::new();
    product.execute(
        "DELETE FROM WKORDER; INSERT INTO WKORDER (REC_ID, NAME) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n \
         WHERE i < 200000) SELECT i, 'x' FROM n;",
    );
    let is_over = AtomicBool::new(false);
    let ((written, refused), gathered) = std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            let writer = product.open();
            writer.busy_timeout(Duration::ZERO).unwrap();
            let (mut written, mut refused) = (0, 0);
            while !is_over.load(Ordering::Relaxed) {
                match writer.execute_batch("UPDATE SYSTEMSETTINGS SET SETTING_NAME = SETTING_NAME") {
                    Ok(()) => written += 1,
                    Err(_) => refused += 1,
                }
                std::thread::sleep(Duration::from_millis(5));
            }
            (written, refused)
        });
        let ample = DatabaseSettings { query_timeout: Duration::from_secs(60), ..product.settings() };
        let gathered = snapshot(&lucity(), "2016", &ample);
        is_over.store(true, Ordering::Relaxed);
        (writing.join().unwrap(), gathered)
    });
    let counted = entries(&gathered, "module_records").get("WKORDER");
    assert_eq!(counted, Some(&Entry::Integer(200_000)), "{:?}", gathered.notes);
    assert!(written > 0 && refused == 0, "{written} written, {refused} refused");
}

/// Guards against what a transaction has written and not committed.
#[test]
fn what_is_not_committed_is_not_counted() {
    let product = SqliteProduct::new();
    let writer = product.open();
    writer.execute_batch("PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN IMMEDIATE").unwrap();
    for _ in 0..2_000 {
        let row = "INSERT INTO WKORDER (NAME) VALUES (hex(randomblob(200)))";
        writer.execute_batch(row).unwrap();
    }
    let journal = product.folder.path().join("product.sqlite-journal");
    assert!(journal.exists(), "the transaction has begun to write");
    let hasty = DatabaseSettings { query_timeout: Duration::from_millis(600), ..product.settings() };
    let counted = |gathered: &Gathered| entries(gathered, "module_records").get("WKORDER").cloned();
    block_on(async {
        match Connection::open(&hasty).await {
            Err(failure) => assert_eq!(failure.reason, Reason::Locked, "{failure}"),
            Ok(mut connection) => {
                let tables = connection.tables().await.unwrap();
                let table = tables.iter().find(|table| table.name == "WKORDER").unwrap();
                assert!(connection.row_count(table).await.unwrap_or(0) < 2_000);
            }
        }
    });
    writer.execute_batch("ROLLBACK").unwrap();
    let after = snapshot(&lucity(), "2016", &product.settings());
    assert_eq!(counted(&after), counted(&snapshot(&lucity(), "2016", &SqliteProduct::new().settings())));
}

#[test]
fn tables_that_other_tables_keep_their_data_in_are_not_counted() {
    let product = SqliteProduct::new();
    product.execute(
        "CREATE TABLE ZZPLAIN (X); CREATE TABLE ZZKEYED (X PRIMARY KEY) WITHOUT ROWID; INSERT INTO ZZKEYED VALUES (1), (2); \
         CREATE VIRTUAL TABLE ZZFTS USING fts5(X); CREATE VIEW ZZVIEW AS SELECT 1;",
    );
    let gathered = snapshot(&lucity_but("\"STSIGN\"", "\"ZZ*\", \"STSIGN\""), "2016", &product.settings());
    let records = entries(&gathered, "module_records");
    let counted: Vec<&str> = records.keys().filter(|key| key.starts_with("ZZ")).map(String::as_str).collect();
    assert_eq!(counted, ["ZZKEYED", "ZZPLAIN"]);
    assert_eq!(records["ZZKEYED"], Entry::Integer(2));
}

#[test]
fn a_setting_whose_name_is_not_text_is_said_to_be_left_out() {
    let product = SqliteProduct::new();
    product.execute(
        "INSERT INTO SYSTEMSETTINGS VALUES (CAST(x'4361e9' AS TEXT), 'on'), (x'41424344', 'bytes'), \
         (CAST(x'414200434445' AS TEXT), 'cut off');",
    );
    let gathered = snapshot(&lucity(), "2016", &product.settings());
    let table = ("system_settings".to_owned(), Some("SYSTEMSETTINGS".to_owned()), Reason::Failed);
    assert_eq!(not_measured(&gathered), [table]);
    assert!(
        gathered.notes[0].text.contains("2 setting(s) without a name that is text"),
        "{:?}",
        gathered.notes
    );
    assert!(gathered.notes[1].text.contains("1 setting(s) whose names are not text"), "{:?}", gathered.notes);
    let settings = entries(&gathered, "system_settings");
    assert!(!settings.contains_key("ABCD") && !settings.contains_key("AB"), "{settings:?}");
}

/// Guards against a text that leaves cut off at a NUL, and bytes that leave as text.
#[test]
fn bytes_are_never_text() {
    let product = SqliteProduct::new();
    product.execute(
        "CREATE TABLE ODDOPTIONS (CUT TEXT, PLAIN TEXT); \
         INSERT INTO ODDOPTIONS VALUES (CAST(x'414200434445' AS TEXT), 'AB');",
    );
    let gathered = snapshot(&lucity(), "2016", &product.settings());
    let options = entries(&gathered, "options");
    assert_eq!(options["ODDOPTIONS.CUT"], Entry::Redacted(Redacted::InUse));
    assert_eq!(options["ODDOPTIONS.PLAIN"], Entry::Text("AB".to_owned()));
}

/// Guards against a call that waits for whoever writes to a FIFO.
#[cfg(unix)]
#[test]
fn what_is_not_a_regular_file_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("product.sqlite");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    let began = Instant::now();
    let gathered = snapshot(&lucity(), "2016", &settings(&format!("sqlite:{}", path.display())));
    assert!(gathered.notes[0].text.contains("not a regular file"), "{:?}", gathered.notes);
    assert!(began.elapsed() < Duration::from_secs(3));
}

#[cfg(unix)]
#[test]
fn a_path_is_any_bytes() {
    use std::os::unix::ffi::OsStrExt;
    let product = SqliteProduct::new();
    for name in [&b"caf\xe9?#%41.db"[..], b"a b;c.db"] {
        let path = product.folder.path().join(std::ffi::OsStr::from_bytes(name));
        std::fs::copy(&product.path, &path).unwrap();
        rusqlite::Connection::open(&path).unwrap().pragma_update(None, "journal_mode", "WAL").unwrap();
        let mut address = std::ffi::OsString::from("sqlite:");
        address.push(&path);
        check::whole(&snapshot(&lucity(), "2016", &DatabaseSettings::read(address, None).unwrap()));
    }
}
