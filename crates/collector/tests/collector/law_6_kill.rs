//! Law 6 with the real program, killed without warning at 200 random moments while clients send.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use candor_collector::store::Store;
use candor_policy::Policy;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::program::{prepare, report, submission};
use crate::support::Site;

const KILLS: usize = 200;
const CLIENTS: u8 = 4;
/// After so many kills it is stopped in good order once, as soon as it listens: what was in its logs is then in its files.
const KILLS_PER_STOP: usize = 20;

/// The program, running.
struct Collector {
    child: Child,
    /// Kept open: a program whose output nobody takes would fail for another reason than the one tested.
    output: BufReader<ChildStdout>,
}

impl Collector {
    fn start(folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_candor-collector"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder)
            .arg("--config")
            .arg(folder.join("collector.toml"))
            .stdout(Stdio::piped())
            .stderr(Stdio::from(log(folder)))
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output }
    }

    /// Waits until it listens, and says where.
    fn listening(&mut self, folder: &Path) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("Listening on ");
        address.unwrap_or_else(|| panic!("it did not start: {}", last_lines(folder))).to_owned()
    }

    /// `kill -9`.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// As the service manager would.
    fn stop(mut self) {
        let process = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(process, rustix::process::Signal::TERM).unwrap();
        assert!(self.child.wait().unwrap().success());
    }
}

fn log(folder: &Path) -> std::fs::File {
    std::fs::OpenOptions::new().create(true).append(true).open(folder.join("log.txt")).unwrap()
}

fn last_lines(folder: &Path) -> String {
    let log = std::fs::read_to_string(folder.join("log.txt")).unwrap_or_default();
    let lines: Vec<_> = log.lines().rev().take(20).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}

/// What a client was told: for each report, how often it was acknowledged as new.
type Acknowledged = HashMap<String, u32>;

/// Sends one report after the other, each until it is acknowledged, until told to end.
async fn client(
    site: Site,
    policy: Policy,
    mut url: watch::Receiver<String>,
    ending: Arc<AtomicBool>,
) -> Acknowledged {
    let mut acknowledged = Acknowledged::new();
    for number in 0.. {
        if ending.load(Ordering::Relaxed) {
            break;
        }
        let report = report(&site, &policy, number);
        let mut new = 0;
        // Now and then a report is sent again although it was acknowledged.
        let times = if number % 7 == 0 { 2 } else { 1 };
        for _ in 0..times {
            new += u32::from(!until_acknowledged(&site, &report, &mut url).await);
        }
        acknowledged.insert(report["report_id"].as_str().unwrap().to_owned(), new);
    }
    acknowledged
}

/// Sends until there is a receipt; says whether it names a duplicate.
async fn until_acknowledged(site: &Site, report: &Value, url: &mut watch::Receiver<String>) -> bool {
    loop {
        let address = url.borrow_and_update().clone();
        let submission =
            submission(site, candor_policy::wire_paths::REPORTS, serde_json::to_vec(report).unwrap());
        let request = site.request(&format!("{address}/v1/reports"), submission);
        let answer = request.timeout(Duration::from_secs(5)).send().await;
        // A receipt that is cut off is none.
        if let Ok(answer) = answer
            && answer.status() == 200
            && let Ok(receipt) = answer.json::<Value>().await
        {
            return receipt["duplicate"].as_bool().unwrap();
        }
        let _moved = tokio::time::timeout(Duration::from_millis(50), url.changed()).await;
    }
}

async fn enrol(site: &Site, url: &str) {
    let key = candor_policy::PublicKey::from_bytes(site.key.verifying_key().to_bytes());
    let body = serde_json::to_vec(&json!({ "public_key": key.to_string() })).unwrap();
    let request = site.request(
        &format!("{url}{}", candor_policy::wire_paths::INSTALLATIONS),
        submission(site, candor_policy::wire_paths::INSTALLATIONS, body),
    );
    assert_eq!(request.send().await.unwrap().status(), 200);
}

/// Kills the program at random moments: mostly while it takes reports in, sometimes while it starts.
fn kill_again_and_again(folder: PathBuf, mut collector: Collector, url: &watch::Sender<String>) -> Collector {
    let mut random = StdRng::seed_from_u64(6);
    for kill in 0..KILLS {
        let is_start = kill % 8 == 7;
        std::thread::sleep(Duration::from_millis(random.random_range(0..if is_start { 60 } else { 160 })));
        collector.kill();
        collector = Collector::start(&folder);
        if kill % 8 != 6 {
            url.send_replace(collector.listening(&folder));
        }
        if kill % KILLS_PER_STOP == KILLS_PER_STOP - 1 {
            collector.stop();
            collector = Collector::start(&folder);
            url.send_replace(collector.listening(&folder));
        }
    }
    collector
}

#[tokio::test(flavor = "multi_thread")]
async fn law_6_acknowledged_means_durable_and_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let policy = prepare(&path).await;
    std::fs::write(path.join("collector.toml"), "[caps]\nreports_burst = 1000000\n").unwrap();
    let mut collector = Collector::start(&path);
    let (url, moved) = watch::channel(collector.listening(&path));
    let ending = Arc::new(AtomicBool::new(false));
    let mut clients = Vec::new();
    for byte in 1..=CLIENTS {
        let site = Site::new(byte);
        enrol(&site, &url.borrow()).await;
        clients.push(tokio::spawn(client(site, policy.clone(), moved.clone(), ending.clone())));
    }
    let killing = {
        let path = path.clone();
        tokio::task::spawn_blocking(move || kill_again_and_again(path, collector, &url))
    };
    let collector = killing.await.unwrap();
    ending.store(true, Ordering::Relaxed);
    let mut acknowledged = Acknowledged::new();
    for client in clients {
        acknowledged.extend(client.await.unwrap());
    }
    wait_for_projection(&moved.borrow().clone()).await;
    collector.stop();

    let twice: Vec<_> = acknowledged.iter().filter(|(_, new)| **new > 1).collect();
    assert!(twice.is_empty(), "acknowledged as new more than once: {twice:?}");
    assert!(acknowledged.len() > KILLS, "too little load to say anything: {}", acknowledged.len());
    let held = journal(&path);
    let lost: Vec<_> = acknowledged.keys().filter(|name| !held.contains_key(*name)).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    assert_eq!(held.len(), acknowledged.len(), "every report was in the end acknowledged");
    compare_columns(&path, &held).await;
    compare_accepted(&path).await;
}

async fn wait_for_projection(url: &str) {
    let ready = async {
        loop {
            let ready: Value = reqwest::get(format!("{url}/readyz")).await.unwrap().json().await.unwrap();
            if ready["batches_behind"] == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), ready).await.expect("the columns follow the journal");
}

/// What the journal holds: each report's name, and its place.
fn journal(folder: &Path) -> HashMap<String, i64> {
    let journal = rusqlite::Connection::open(folder.join("journal.sqlite")).unwrap();
    let check: String = journal.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
    let mut select = journal.prepare("SELECT report_id, seq FROM reports").unwrap();
    let rows = select
        .query_map([], |row| Ok((uuid::Uuid::from_bytes(row.get(0)?).to_string(), row.get::<_, i64>(1)?)));
    let rows: Vec<_> = rows.unwrap().collect::<Result<_, _>>().unwrap();
    let count = rows.len();
    let held: HashMap<_, _> = rows.into_iter().collect();
    assert_eq!(held.len(), count, "a report is held once");
    held
}

/// No kill makes a value count less, or twice.
async fn compare_accepted(folder: &Path) {
    let journal = rusqlite::Connection::open(folder.join("journal.sqlite")).unwrap();
    let held: i64 = journal.query_row("SELECT sum(accepted) FROM reports", [], |row| row.get(0)).unwrap();
    let store = Store::open(folder).await.unwrap();
    let accepted = "SELECT sum(count)::BIGINT FROM outcomes WHERE kind = 'accepted'";
    let rows = store.columns().query(move |reader| reader.rows_as_text(accepted)).await;
    store.close().await;
    assert_eq!(rows.unwrap(), [[held.to_string()]]);
}

/// The columns hold the journal's reports, each once, with one row for each of its values.
async fn compare_columns(folder: &Path, held: &HashMap<String, i64>) {
    let store = Store::open(folder).await.unwrap();
    let read = async |sql: &'static str| {
        store.columns().query(move |reader| reader.rows_as_text(sql)).await.unwrap()
    };
    let rows = read("SELECT report_id::VARCHAR, seq FROM reports").await;
    assert_eq!(rows.len(), held.len(), "the columns hold as many reports as the journal");
    for row in rows {
        assert_eq!(held.get(&row[0]).map(ToString::to_string), Some(row[1].clone()));
    }
    let uneven = "SELECT seq, count(*) FROM facts GROUP BY seq HAVING count(*) <> 6";
    assert_eq!(read(uneven).await, Vec::<Vec<String>>::new());
    let installations = "SELECT count(*), count(DISTINCT name), count(customer) FROM installations";
    let each = CLIENTS.to_string();
    assert_eq!(read(installations).await, [[each.as_str(); 3]], "each once, with its customer");
    store.close().await;
}
