//! `candor snapshot` and `candor report` with a database, as an installer or a batch service calls them.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use candor_agent::database::Gathered;
use candor_policy::Value;

use crate::canaries::found_in;
use crate::product::{SqliteProduct, lucity, settings, snapshot, snapshot_while};

const BATCH: [&str; 6] =
    ["--source", "monthly-batch", "--application", "Lucity Batch Service", "--version", "2016"];
const UTILITY: [&str; 6] =
    ["--source", "client-maintenance", "--application", "Lucity Client Maintenance", "--version", "2016"];

/// A site of its own for each test.
struct Site(tempfile::TempDir);

impl Site {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn consenting() -> Self {
        let site = Self::new();
        assert!(site.candor(&["consent", "grant"]).status.success());
        site
    }

    fn candor(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut command = Command::new(env!("CARGO_BIN_EXE_candor"));
        command
            .arg("--policy")
            .arg(root.join("examples/policies/lucity-data-collection.toml"))
            .arg("--state")
            .arg(self.0.path().join("state"))
            .args(arguments)
            .env_remove("DO_NOT_TRACK")
            .env_remove("CANDOR_CONSENT")
            .env_remove("CANDOR_SETTINGS");
        command
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn address(product: &SqliteProduct) -> String {
    format!("sqlite:{}", product.path.display())
}

#[test]
fn a_preview_of_a_snapshot_holds_the_product_and_no_secret() {
    let (site, product) = (Site::consenting(), SqliteProduct::new());
    let shown =
        site.candor(&[&["preview", "snapshot"], &BATCH[..], &["--database", &address(&product)]].concat());
    assert_eq!(shown.status.code(), Some(0), "{}", text(&shown.stderr));
    let report: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(report["facts"]["module_records"]["WKORDER"], 18_432);
    assert_eq!(report["facts"]["system_settings"]["SMTP Server"]["redacted"], "in-use");
    let devices = report["facts"]["mobile_devices"].as_array().unwrap();
    assert!(devices.iter().any(|row| row["model"]["redacted"] == "in-use"), "{devices:?}");
    let said = format!("{report}{}", text(&shown.stderr));
    assert_eq!(found_in(&said), Vec::<&str>::new());
}

#[test]
fn law_3_without_consent_the_database_is_not_opened() {
    let site = Site::new();
    let missing = site.0.path().join("none.sqlite");
    let database = format!("sqlite:{}", missing.display());
    for decision in [None, Some("deny")] {
        if let Some(decision) = decision {
            assert!(site.candor(&["consent", decision]).status.success());
        }
        let quiet = site.candor(&[&["snapshot"], &BATCH[..], &["--database", &database]].concat());
        assert_eq!(quiet.status.code(), Some(0));
        assert!(!text(&quiet.stderr).contains("cannot be opened"), "{}", text(&quiet.stderr));
        let strict =
            site.candor(&[&["snapshot"], &BATCH[..], &["--database", &database, "--strict"]].concat());
        assert_eq!(strict.status.code(), Some(3), "{}", text(&strict.stderr));
    }
}

#[test]
fn a_refused_category_is_not_read() {
    let (site, product) = (Site::new(), SqliteProduct::new());
    assert!(
        site.candor(&["consent", "grant", "--category", "environment", "--category", "modules"])
            .status
            .success()
    );
    product.execute("DROP TABLE SYSTEMSETTINGS; DROP TABLE MOBILE_DEVICES;");
    let shown =
        site.candor(&[&["preview", "snapshot"], &BATCH[..], &["--database", &address(&product)]].concat());
    let report: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
    let facts: Vec<&String> = report["facts"].as_object().unwrap().keys().collect();
    assert_eq!(facts, ["module_records", "user_count"]);
    assert!(report["not_measured"].is_null(), "what is not looked at is not missing either: {report}");
}

#[test]
fn a_missing_database_fails_no_installer_and_says_what_to_do() {
    let site = Site::consenting();
    let missing = format!("sqlite:{}", site.0.path().join("none.sqlite").display());
    let shown = site.candor(&[&["preview", "snapshot"], &BATCH[..], &["--database", &missing]].concat());
    assert_eq!(shown.status.code(), Some(0));
    assert!(text(&shown.stderr).contains("check the path"), "{}", text(&shown.stderr));
    let report: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(report["not_measured"][0]["reason"], "unreachable");
    assert!(!text(&shown.stdout).contains("none.sqlite"), "the path stays here");
}

#[test]
fn bad_arguments_are_named_without_the_address() {
    let site = Site::consenting();
    let none = site.candor(&[&["snapshot"], &BATCH[..]].concat());
    assert_eq!(none.status.code(), Some(2));
    assert!(text(&none.stderr).contains("--database"), "{}", text(&none.stderr));
    let other = site.candor(&[&["snapshot"], &BATCH[..], &["--database", "mysql://u:hunter2@h/x"]].concat());
    assert_eq!(other.status.code(), Some(2));
    assert!(!text(&other.stderr).contains("hunter2"), "{}", text(&other.stderr));
}

#[test]
fn a_utility_reports_its_database() {
    let (site, product) = (Site::consenting(), SqliteProduct::new());
    let client = ["--set", "client_id=C-1", "--set", "client_name=Town"];
    let shown = site.candor(
        &[&["preview", "report"], &UTILITY[..], &["--database", &address(&product)], &client[..]].concat(),
    );
    let report: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(report["facts"]["database_product"], "SQLite", "{}", text(&shown.stderr));
    assert_eq!(report["facts"]["database_edition"], "Single edition");
    assert!(report["facts"]["database_version"].is_string());
    assert_eq!(
        (&report["facts"]["client_id"], &report["facts"]["client_name"]),
        (&"C-1".into(), &"Town".into())
    );
    assert!(report["not_measured"].is_null(), "{report}");
}

/// Guards against a denial that stops the sending alone, while the product's database is read to the end.
#[test]
fn law_3_a_denial_stops_the_reading_at_the_next_table() {
    let product = SqliteProduct::new();
    let asked = Cell::new(0);
    let allowed = || {
        asked.set(asked.get() + 1);
        asked.get() <= 4
    };
    let policy = lucity();
    let all = snapshot(&policy, "2016", &settings(&address(&product)));
    let part = snapshot_while(&policy, "2016", &settings(&address(&product)), &allowed);
    let counted = |gathered: &Gathered| match &gathered.facts["module_records"] {
        Value::Keyed(counts) => counts.len(),
        other => panic!("{other:?}"),
    };
    assert_eq!(counted(&part), 3, "the tables that were read before the denial");
    assert!(counted(&all) > 10 && all.facts.len() > 3);
    assert_eq!(part.facts.len(), 1, "no other metric was begun");
}

#[test]
#[cfg(target_os = "linux")]
fn law_3_a_denial_during_a_snapshot_ends_it() {
    let (site, product) = (Site::consenting(), SqliteProduct::new());
    // Counting this takes seconds, during which somebody decides. In rollback mode it would not be counted for so long.
    product.open().pragma_update(None, "journal_mode", "WAL").unwrap();
    product.execute(
        "DROP TABLE WKORDER; CREATE VIEW WKORDER AS WITH RECURSIVE series(n) AS \
         (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < 20000000) SELECT n AS REC_ID FROM series;",
    );
    let database = address(&product);
    let arguments = [&["snapshot"], &BATCH[..], &["--database", &database]].concat();
    let mut reading = site.command(&arguments);
    let reading = reading.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(20);
    // Between the opening and the first table there is nothing yet of which a rest could be left.
    while !has_open(reading.id(), &product.path) || ticks_worked(reading.id()) < 20 {
        assert!(Instant::now() < until, "the database was never opened and read");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(site.candor(&["consent", "deny"]).status.success());
    let ended = reading.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0), "{}", text(&ended.stderr));
    let said = text(&ended.stderr);
    assert!(said.contains("the rest was not read"), "it was reading when consent was denied: {said}");
    assert!(text(&ended.stdout).contains("Nothing was gathered"), "{}", text(&ended.stdout));
    assert_eq!(text(&site.candor(&["preview"]).stdout), "");
}

/// How long a process has used the processor, in the kernel's ticks of 10 ms (proc(5), `utime`).
#[cfg(target_os = "linux")]
fn ticks_worked(process: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name.split_whitespace().nth(11).and_then(|ticks| ticks.parse().ok()).unwrap_or(0)
}

/// Whether a process has a file open.
#[cfg(target_os = "linux")]
fn has_open(process: u32, file: &Path) -> bool {
    let open = std::fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().flatten();
    open.filter_map(|entry| std::fs::read_link(entry.path()).ok()).any(|target| target == file)
}
