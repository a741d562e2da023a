//! Snapshots of PostgreSQL databases, on a real server.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use candor_agent::database::{Connection, DatabaseSettings, Password, facts};
use candor_policy::{Entry, Reason, Redacted, SourceId, Value};
use sqlx::Executor;

use crate::canaries::assert_none;
use crate::check;
use crate::postgres_server::PostgresProduct;
use crate::product::{
    block_on, entries, lucity, lucity_but, lucity_naming, not_measured, settings, snapshot,
};

#[test]
fn a_snapshot_holds_what_the_policy_wants() {
    let product = PostgresProduct::new();
    let gathered = snapshot(&lucity(), "2016", &product.settings());
    check::whole(&gathered);
    assert_none(&lucity(), "2016", &gathered);
}

#[test]
fn values_of_every_kind_stay_distinct() {
    let product = PostgresProduct::new();
    product.execute(
        "CREATE TABLE ODDOPTIONS (LOGO bytea, SEALED bytea, BIG bigint, PRICE numeric(12,2), HUGE numeric, DAY date, \
         MOMENT timestamptz, SPAN interval, LABELS text[], PIN integer, FLAG boolean, PADDED char(8), \"Mixed Case\" text, \
         WIDE text); \
         SET timezone = 'UTC'; \
         INSERT INTO ODDOPTIONS VALUES ('\\x89504e47', NULL, 9007199254740993, 12.50, 1e30, '2015-11-21', \
         '2015-11-21 10:00+00', '90 minutes', ARRAY['a', 'b'], 4711, NULL, 'AB', 'mixed', repeat('long ', 1000)); \
         CREATE DOMAIN sealed AS bytea; CREATE TABLE DOMAINOPTIONS (SEALED sealed); \
         INSERT INTO DOMAINOPTIONS VALUES ('\\xdeadbeef');",
    );
    let gathered = snapshot(&lucity(), "2016", &product.settings());
    assert!(gathered.not_measured.is_empty(), "{:?}", gathered.notes);
    let options = entries(&gathered, "options");
    let text = |text: &str| Entry::Text(text.to_owned());
    for (key, expected) in [
        ("ODDOPTIONS.LOGO", Entry::Redacted(Redacted::InUse)),
        ("ODDOPTIONS.SEALED", Entry::Unset),
        ("ODDOPTIONS.BIG", Entry::Integer(9_007_199_254_740_993)),
        ("ODDOPTIONS.PRICE", Entry::Decimal(12.5)),
        ("ODDOPTIONS.HUGE", Entry::Decimal(1e30)),
        ("ODDOPTIONS.DAY", text("2015-11-21")),
        ("ODDOPTIONS.SPAN", text("PT1H30M")),
        ("ODDOPTIONS.LABELS", text("{a,b}")),
        ("ODDOPTIONS.PIN", Entry::Redacted(Redacted::InUse)),
        ("ODDOPTIONS.FLAG", Entry::Unset),
        ("ODDOPTIONS.Mixed Case", text("mixed")),
        ("DOMAINOPTIONS.SEALED", Entry::Redacted(Redacted::InUse)),
    ] {
        assert_eq!(options.get(key), Some(&expected), "{key}");
    }
    assert!(matches!(&options["ODDOPTIONS.MOMENT"], Entry::Text(text) if text.starts_with("2015-11-21")));
    let Entry::Text(wide) = &options["ODDOPTIONS.WIDE"] else { panic!() };
    assert_eq!(wide.len(), 513, "a long value is read only so far that it is seen to be too long");
}

#[test]
fn nothing_can_be_written() {
    let product = PostgresProduct::new();
    // Whoever reads this options table, writes.
    product.execute(
        "CREATE FUNCTION sneak() RETURNS text LANGUAGE plpgsql AS $$ BEGIN DELETE FROM PKTREE; RETURN 'written'; END $$; \
         CREATE VIEW SNEAKOPTIONS AS SELECT sneak() AS SNEAKED;",
    );
    let policy = lucity_naming("\"SNEAKOPTIONS\"");
    let gathered = snapshot(&policy, "2016", &product.settings());
    let sneak = ("options".to_owned(), Some("SNEAKOPTIONS".to_owned()), Reason::Failed);
    assert_eq!(not_measured(&gathered), [sneak]);
    assert!(gathered.notes[0].text.contains("25006"), "read_only_sql_transaction: {:?}", gathered.notes);
    block_on(async {
        let mut writer = product.open().await;
        writer.execute("SELECT * FROM SNEAKOPTIONS").await.expect("the product itself may write");
    });
}

#[test]
fn an_address_cannot_make_it_writable() {
    let product = PostgresProduct::new();
    product.execute("CREATE VIEW SHOWOPTIONS AS SELECT current_setting('transaction_read_only') AS READ_ONLY, current_setting('application_name') AS READER;");
    let (user, password) = product.login();
    let database =
        format!("{}?options[default_transaction_read_only]=off&application_name=other", product.name());
    let policy = lucity_naming("\"SHOWOPTIONS\"");
    let gathered = snapshot(&policy, "2016", &product.settings_for(user, password, &database));
    let options = entries(&gathered, "options");
    assert_eq!(options["SHOWOPTIONS.READ_ONLY"], Entry::Text("on".to_owned()));
    assert_eq!(options["SHOWOPTIONS.READER"], Entry::Text("candor".to_owned()));
}

#[test]
fn a_wrong_password_is_refused_and_not_repeated() {
    let product = PostgresProduct::new();
    let (user, _) = product.login();
    let gathered = snapshot(&lucity(), "2016", &product.settings_for(user, "hunter2", product.name()));
    assert!(gathered.facts.is_empty());
    assert_eq!(gathered.not_measured.len(), 5);
    assert!(
        gathered.not_measured.iter().all(|missing| missing.reason == Reason::AccessDenied),
        "{gathered:?}"
    );
    assert!(gathered.notes[0].text.contains("check the user, and the password"), "{:?}", gathered.notes);
    assert!(!format!("{gathered:?}").contains("hunter2"));
}

#[test]
fn a_missing_database_and_a_missing_server_are_unreachable() {
    let product = PostgresProduct::new();
    let (user, password) = product.login();
    let reason = |settings: &DatabaseSettings| {
        block_on(Connection::open(settings)).err().map(|failure| (failure.reason, failure.message))
    };
    let (missing, message) = reason(&product.settings_for(user, password, "no_such_database")).unwrap();
    assert_eq!(missing, Reason::Unreachable, "{message}");
    assert!(message.contains("no such database"), "{message}");
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (gone, message) = reason(&crate::product::settings(&format!("postgres://u@{free}/x"))).unwrap();
    assert_eq!(gone, Reason::Unreachable, "{message}");
    assert!(message.contains(&free.port().to_string()), "{message}");
}

#[test]
fn a_server_that_says_nothing_is_left_in_time() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let settings = DatabaseSettings {
        connect_timeout: Duration::from_millis(200),
        ..crate::product::settings(&format!("postgres://u@{}/x", silent.local_addr().unwrap()))
    };
    let began = Instant::now();
    let gathered = snapshot(&lucity(), "2016", &settings);
    assert!(began.elapsed() < Duration::from_secs(5));
    assert!(gathered.not_measured.iter().all(|missing| missing.reason == Reason::TimedOut), "{gathered:?}");
    assert_eq!(gathered.not_measured.len(), 5);
}

#[test]
fn a_table_that_may_not_be_read_costs_itself_alone() {
    let product = PostgresProduct::new();
    let reader = format!("reader_{}", product.name());
    product.execute(&format!(
        "CREATE ROLE {reader} LOGIN PASSWORD 'reader-password'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {reader}; \
         REVOKE SELECT ON USER_INFO, WKOPTIONS FROM {reader};"
    ));
    let gathered =
        snapshot(&lucity(), "2016", &product.settings_for(&reader, "reader-password", product.name()));
    let denied =
        |metric: &str, table: &str| (metric.to_owned(), Some(table.to_owned()), Reason::AccessDenied);
    assert_eq!(not_measured(&gathered), [denied("options", "WKOPTIONS"), denied("user_count", "USER_INFO")]);
    assert!(gathered.notes[0].text.contains("grant SELECT"), "{:?}", gathered.notes);
    assert_eq!(gathered.facts.len(), 4, "the rest was taken");
    product.execute(&format!("DROP OWNED BY {reader}; DROP ROLE {reader};"));
}

#[test]
fn a_missing_table_is_named() {
    let product = PostgresProduct::new();
    product.execute("DROP TABLE STSIGN; ALTER TABLE MOBILE_DEVICES DROP COLUMN APP_VERSION;");
    let gathered = snapshot(&lucity(), "2016", &product.settings());
    assert_eq!(
        not_measured(&gathered),
        [
            ("mobile_devices".to_owned(), Some("MOBILE_DEVICES".to_owned()), Reason::ColumnMissing),
            ("module_records".to_owned(), Some("STSIGN".to_owned()), Reason::TableMissing),
        ]
    );
}

#[test]
fn a_locked_table_is_locked_and_a_slow_one_is_timed_out() {
    let product = PostgresProduct::new();
    product.execute("DROP TABLE STSIGN; CREATE VIEW STSIGN AS SELECT 1 AS n FROM pg_sleep(30);");
    let settings = DatabaseSettings { query_timeout: Duration::from_millis(600), ..product.settings() };
    let gathered = block_on(async {
        let mut holder = product.open().await;
        holder.execute("BEGIN; LOCK TABLE WTMETER IN ACCESS EXCLUSIVE MODE").await.unwrap();
        // The snapshot is taken on a thread of its own, so that the lock is held meanwhile.
        let gathered =
            tokio::task::spawn_blocking(move || snapshot(&lucity(), "2016", &settings)).await.unwrap();
        holder.execute("ROLLBACK").await.unwrap();
        gathered
    });
    let missing = |table: &str, reason| ("module_records".to_owned(), Some(table.to_owned()), reason);
    assert_eq!(
        not_measured(&gathered),
        [missing("STSIGN", Reason::TimedOut), missing("WTMETER", Reason::Locked)]
    );
    assert_eq!(entries(&gathered, "module_records").len(), 13);
    assert_eq!(gathered.facts.len(), 5, "the rest was taken");
}

#[test]
fn a_connection_that_breaks_off_is_opened_again_for_the_next_table() {
    let product = PostgresProduct::new();
    product.execute(
        "DROP TABLE STSIGN; CREATE VIEW STSIGN AS SELECT pg_terminate_backend(pg_backend_pid()) AS n;",
    );
    let gathered = snapshot(&lucity(), "2016", &product.settings());
    assert_eq!(not_measured(&gathered).len(), 1, "{:?}", gathered.notes);
    assert_eq!(not_measured(&gathered)[0].2, Reason::Unreachable);
    assert_eq!(gathered.facts.len(), 5);
}

#[test]
fn tables_are_found_on_the_search_path_that_the_address_names() {
    let product = PostgresProduct::new();
    product.execute("CREATE SCHEMA lucity; ALTER TABLE WKORDER SET SCHEMA lucity; ALTER TABLE WKOPTIONS SET SCHEMA lucity;");
    let (user, password) = product.login();
    let missing = snapshot(&lucity(), "2016", &product.settings());
    assert_eq!(
        not_measured(&missing),
        [("module_records".to_owned(), Some("WKORDER".to_owned()), Reason::TableMissing)]
    );
    let database = format!("{}?options[search_path]=lucity,public", product.name());
    check::whole(&snapshot(&lucity(), "2016", &product.settings_for(user, password, &database)));
}

#[test]
fn a_utility_reports_product_version_and_edition() {
    let product = PostgresProduct::new();
    let source = SourceId::parse("client-maintenance").unwrap();
    let gathered = facts(&lucity(), &source, "2016", &product.settings());
    let text = |metric: &str| match &gathered.facts[metric] {
        Value::Text(text) => text.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(text("database_product"), "PostgreSQL");
    let version = text("database_version");
    assert!(version.chars().all(|sign| sign.is_ascii_digit() || sign == '.'), "{version}");
    assert_eq!(text("database_edition"), "Single edition");
    assert!(product.server().port() > 0);
}

/// Guards against what a pooler drops in silence: nothing that candor relies on travels at the session's start.
#[test]
fn what_is_guaranteed_is_asked_back_in_each_transaction() {
    let product = PostgresProduct::new();
    product.execute(
        "CREATE VIEW SHOWOPTIONS AS SELECT current_setting('transaction_read_only') AS READ_ONLY, \
         current_setting('default_transaction_read_only') AS AT_START, current_setting('statement_timeout') AS LIMITED, \
         current_setting('lock_timeout') AS LOCKS, current_setting('row_security') AS ROWS;",
    );
    let gathered = snapshot(&lucity_naming("\"SHOWOPTIONS\""), "2016", &product.settings());
    let options = entries(&gathered, "options");
    let said = |key: &str| options[&format!("SHOWOPTIONS.{key}")].clone();
    let text = |text: &str| Entry::Text(text.to_owned());
    assert_eq!((said("READ_ONLY"), said("AT_START")), (text("on"), text("off")));
    assert_eq!((said("LIMITED"), said("LOCKS"), said("ROWS")), (text("5s"), text("2s"), text("off")));
}

/// Guards against statements that go on in the server after candor has given up.
#[test]
fn nothing_goes_on_in_the_server() {
    let product = PostgresProduct::new();
    product.execute("DROP TABLE STSIGN; CREATE VIEW STSIGN AS SELECT 1 AS X FROM pg_sleep(60);");
    let settings = DatabaseSettings { query_timeout: Duration::from_millis(300), ..product.settings() };
    let gathered = snapshot(&lucity(), "2016", &settings);
    let stsign = ("module_records".to_owned(), Some("STSIGN".to_owned()), Reason::TimedOut);
    assert_eq!(not_measured(&gathered), [stsign]);
    let running = block_on(async {
        let mut other = product.open().await;
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'candor' AND state <> 'idle' \
                   AND datname = current_database()";
        sqlx::query_scalar::<_, i64>(sql).fetch_one(&mut other).await.unwrap()
    });
    assert_eq!(running, 0);
}

#[test]
fn rows_that_are_hidden_are_not_counted_as_none() {
    let product = PostgresProduct::new();
    let reader = format!("reader_{}", product.name());
    product.execute(&format!(
        "CREATE ROLE {reader} LOGIN PASSWORD 'r'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {reader}; \
         ALTER TABLE STSIGN ENABLE ROW LEVEL SECURITY; CREATE POLICY OWN ON STSIGN USING (false);"
    ));
    let gathered = snapshot(&lucity(), "2016", &product.settings_for(&reader, "r", product.name()));
    let stsign = ("module_records".to_owned(), Some("STSIGN".to_owned()), Reason::RowSecurity);
    assert_eq!(not_measured(&gathered), [stsign]);
    assert!(!entries(&gathered, "module_records").contains_key("STSIGN"));
    product.execute(&format!("DROP OWNED BY {reader}; DROP ROLE {reader};"));
}

#[test]
fn partitions_children_and_views_are_not_counted_twice() {
    let product = PostgresProduct::new();
    product.execute(
        "CREATE TABLE zzpart (y int) PARTITION BY LIST (y); CREATE TABLE zzpart_1 PARTITION OF zzpart FOR VALUES IN (1); \
         CREATE TABLE zzpart_2 PARTITION OF zzpart FOR VALUES IN (2); INSERT INTO zzpart VALUES (1), (1), (2); \
         CREATE TABLE zzasset (x int); CREATE TABLE zzasset_old () INHERITS (zzasset); \
         INSERT INTO zzasset VALUES (1), (2); INSERT INTO zzasset_old VALUES (3); \
         CREATE VIEW zzview AS SELECT * FROM zzasset; CREATE MATERIALIZED VIEW zzkept AS SELECT * FROM zzasset; \
         CREATE TABLE \"zz_gis01.happyville.local\" (x int); CREATE TABLE \"zz_backup_jane.doe@happyville.example\" (x int);",
    );
    let policy = lucity_but("\"STSIGN\"", "\"ZZ*\", \"STSIGN\"");
    let gathered = snapshot(&policy, "2016", &product.settings());
    let records = entries(&gathered, "module_records");
    let counted: Vec<(&str, &Entry)> = records
        .iter()
        .filter(|(key, _)| key.starts_with("ZZ"))
        .map(|(key, count)| (key.as_str(), count))
        .collect();
    assert_eq!(counted, [("ZZASSET", &Entry::Integer(3)), ("ZZPART", &Entry::Integer(3))]);
    // What the site named its tables stays on the site, also where it is said what is missing.
    assert_eq!(
        not_measured(&gathered),
        [("module_records".to_owned(), Some("ZZ*".to_owned()), Reason::Failed)]
    );
    assert!(!format!("{:?}{:?}", gathered.facts, gathered.not_measured).contains("happyville"));
    assert!(gathered.notes[0].text.contains("2 table(s) that `ZZ*` covers"), "{:?}", gathered.notes);
}

#[test]
fn one_odd_byte_costs_one_value() {
    let product = PostgresProduct::new();
    let name = format!("ascii_{}", product.name());
    let admin = |database: &str, sql: &str| {
        let (database, sql) = (database.to_owned(), sql.to_owned());
        block_on(async {
            let mut connection = product.server().administrator(&database).await;
            connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(sql))).await.unwrap();
        });
    };
    admin(
        "postgres",
        &format!(
            "CREATE DATABASE {name} ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
        ),
    );
    admin(&name, &crate::product::example("sample-product/schema.postgres.sql"));
    admin(&name, &crate::product::example("sample-product/data.sql"));
    admin(&name, "CREATE TABLE \"odd\" (x int)");
    admin(
        &name,
        "SET client_encoding = 'SQL_ASCII'; DO $$ BEGIN EXECUTE 'ALTER TABLE odd RENAME TO \"wk' || convert_from('\\xe9'::bytea, 'SQL_ASCII') || 'options\"'; END $$; \
         INSERT INTO SYSTEMSETTINGS VALUES (convert_from('\\x4361e9'::bytea, 'SQL_ASCII'), 'on');",
    );
    let (user, password) = product.login();
    let gathered = snapshot(&lucity(), "2016", &product.settings_for(user, password, &name));
    assert_eq!(entries(&gathered, "system_settings")["SMTP Port"], Entry::Text("25".to_owned()));
    assert_eq!(gathered.facts.len(), 5, "{:?}", gathered.notes);
    assert!(gathered.notes.iter().any(|note| note.text.contains("1 setting(s) whose names are not text")));
    admin("postgres", &format!("DROP DATABASE {name} WITH (FORCE)"));
}

/// A pooler that drops a part of what a session asks for, and says nothing of it. It gives its port.
fn forgetful_pooler(server: u16, dropped: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let server = TcpStream::connect(("127.0.0.1", server)).unwrap();
            let (mut from_server, mut to_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut from_server, &mut to_client));
            std::thread::spawn(move || forward(client, server, dropped));
        }
    });
    port
}

fn forward(mut client: TcpStream, mut server: TcpStream, dropped: &str) -> std::io::Result<()> {
    let mut bytes = [0; 65_536];
    loop {
        let read = client.read(&mut bytes)?;
        if read == 0 {
            return server.shutdown(std::net::Shutdown::Write);
        }
        let message = &mut bytes[..read];
        if let Some(at) = message.windows(dropped.len()).position(|window| window == dropped.as_bytes()) {
            // Spaces of the same length: the message stays what the protocol says that it is.
            message[at..at + dropped.len()].fill(b' ');
        }
        server.write_all(message)?;
    }
}

#[test]
fn where_a_guarantee_does_not_hold_nothing_is_read() {
    let product = PostgresProduct::new();
    let (user, password) = product.login();
    for dropped in ["READ ONLY", "SET LOCAL statement_timeout = 5000"] {
        let port = forgetful_pooler(product.server().port(), dropped);
        let address = format!("postgres://{user}@127.0.0.1:{port}/{}", product.name());
        let settings = DatabaseSettings { password: Some(Password::new(password)), ..settings(&address) };
        let gathered = snapshot(&lucity(), "2016", &settings);
        assert!(gathered.facts.is_empty(), "{dropped}: {:?}", gathered.facts);
        let note = &gathered.notes[0].text;
        assert!(note.contains("nothing was read") && note.contains("pooler"), "{dropped}: {note}");
    }
}

/// Guards against a guarantee that rests on what a session asks for at its start: a pooler drops it.
#[test]
fn behind_a_pooler_everything_holds_that_holds_without_one() {
    let product = PostgresProduct::new();
    product.execute(
        "CREATE SEQUENCE WRITTEN; DROP TABLE STSIGN; CREATE VIEW STSIGN AS SELECT nextval('WRITTEN') AS X; \
         DROP TABLE WTMETER; CREATE VIEW WTMETER AS SELECT 1 AS X FROM pg_sleep(60); \
         CREATE SCHEMA SHOP; CREATE TABLE SHOP.WKORDER (X int); INSERT INTO SHOP.WKORDER VALUES (1), (2);",
    );
    for mode in ["session", "transaction"] {
        let pooler = product.pooler(mode);
        let address = format!(
            "postgres://anybody@127.0.0.1:{}/{}?options[search_path]=shop,public",
            pooler.port(),
            product.name()
        );
        let ample = settings(&address);
        let hasty = DatabaseSettings { query_timeout: Duration::from_secs(1), ..ample };
        let gathered = snapshot(&lucity(), "2016", &hasty);
        assert_eq!(
            entries(&gathered, "module_records")["WKORDER"],
            Entry::Integer(2),
            "{:?}",
            gathered.notes
        );
        let missing = |table: &str, reason| ("module_records".to_owned(), Some(table.to_owned()), reason);
        let expected = [missing("STSIGN", Reason::Failed), missing("WTMETER", Reason::TimedOut)];
        assert_eq!(not_measured(&gathered), expected, "{mode}: {:?}", gathered.notes);
        let (written, running) = block_on(async {
            let mut other = product.open().await;
            let written: bool =
                sqlx::query_scalar("SELECT is_called FROM written").fetch_one(&mut other).await.unwrap();
            let sql = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%WTMETER%' AND state = 'active' \
                       AND datname = current_database() AND pid <> pg_backend_pid()";
            (written, sqlx::query_scalar::<_, i64>(sql).fetch_one(&mut other).await.unwrap())
        });
        assert_eq!((written, running), (false, 0), "{mode}");
    }
}

#[test]
fn a_pooler_that_allows_no_transaction_is_refused_with_the_reason() {
    let product = PostgresProduct::new();
    let pooler = product.pooler("statement");
    let address = format!("postgres://anybody@127.0.0.1:{}/{}", pooler.port(), product.name());
    let gathered = snapshot(&lucity(), "2016", &settings(&address));
    assert!(gathered.facts.is_empty(), "{:?}", gathered.facts);
    assert!(gathered.notes[0].text.contains("transaction"), "{:?}", gathered.notes);
}

#[test]
fn of_several_hosts_the_first_that_answers_is_read() {
    let product = PostgresProduct::new();
    let (user, password) = product.login();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (open, name) = (product.server().port(), product.name());
    for place in [
        format!("{user}@127.0.0.1:{closed},127.0.0.1:{open}/{name}"),
        format!("/{name}?host=127.0.0.1,127.0.0.1&port={closed},{open}&user={user}"),
    ] {
        let with_password = DatabaseSettings {
            password: Some(Password::new(password)),
            ..settings(&format!("postgres://{place}"))
        };
        check::whole(&snapshot(&lucity(), "2016", &with_password));
    }
    let nobody = settings(&format!("postgres://{user}@127.0.0.1:{closed},localhost:{closed}/{name}"));
    let gathered = snapshot(&lucity(), "2016", &nobody);
    let note = &gathered.notes[0].text;
    assert!(
        note.contains(&format!("127.0.0.1:{closed}")) && note.contains(&format!("localhost:{closed}")),
        "{note}"
    );
}

/// Guards against a right to some columns that costs all of them.
#[test]
fn columns_that_may_not_be_read_cost_themselves_alone() {
    let product = PostgresProduct::new();
    let reader = format!("reader_{}", product.name());
    product.execute(&format!(
        "CREATE TABLE PARTOPTIONS (OPEN int, SHUT int, \"gis01.happyville.local\" int); INSERT INTO PARTOPTIONS VALUES (1, 2, 3); \
         CREATE ROLE {reader} LOGIN PASSWORD 'r'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {reader}; \
         REVOKE SELECT ON PARTOPTIONS FROM {reader}; GRANT SELECT (OPEN, \"gis01.happyville.local\") ON PARTOPTIONS TO {reader};"
    ));
    let gathered = snapshot(&lucity(), "2016", &product.settings_for(&reader, "r", product.name()));
    let options = entries(&gathered, "options");
    assert_eq!(options["PARTOPTIONS.OPEN"], Entry::Integer(1));
    let keys: Vec<&String> = options.keys().filter(|key| key.starts_with("PARTOPTIONS")).collect();
    assert_eq!(keys, ["PARTOPTIONS.OPEN"]);
    let missing = |reason| ("options".to_owned(), Some("PARTOPTIONS".to_owned()), reason);
    assert_eq!(not_measured(&gathered), [missing(Reason::AccessDenied), missing(Reason::Failed)]);
    product.execute(&format!("DROP OWNED BY {reader}; DROP ROLE {reader};"));
}
