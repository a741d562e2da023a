//! The real program on a folder of its own, for what a collector in the test's own process cannot show: a disk that fills up, a
//! signal, a limit of the system's.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use candor_collector::clock::SystemClock;
use candor_collector::store::ControlStore;
use candor_collector::{key_file, publish};
use candor_policy::{Clock, Policy, PublicKey, wire_paths};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::support::{COLLECTOR_KEY, Site, Submission, manifest};

/// How long anything may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A collector that runs.
pub struct Program {
    child: Child,
    /// Kept open: a program whose output nobody takes would fail for another reason than the one tested.
    output: BufReader<ChildStdout>,
    pub url: String,
    /// Elsewhere than the data, so that a full disk takes no line of it.
    log: tempfile::NamedTempFile,
    /// Keeps cookies.
    client: reqwest::Client,
}

/// Makes a data folder with the tests' key and a published policy.
pub async fn prepare(folder: &Path) -> Policy {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join(key_file::FILE), COLLECTOR_KEY).unwrap();
    let store = ControlStore::open(folder).await.unwrap();
    let key = key_file::read_or_create(folder).unwrap();
    let (policy, _) = publish::publish(&store, &key, &SystemClock, &manifest(None)).await.unwrap();
    store.close().await;
    policy
}

/// A collector that runs on this folder and has taken in one report of a site.
pub async fn serving(data: &Path) -> (Policy, Program, Site) {
    let policy = prepare(data).await;
    let program = Program::start(data);
    let site = Site::new(1);
    assert_eq!(program.enrol(&site).await, 200);
    assert_eq!(program.post(&site, &report(&site, &policy, 1)).await, 200);
    (policy, program, site)
}

/// The program's `serve` on any free port. It ignores the signal of a limit on files, so that a write fails instead, and takes
/// reports until the disk is full to the last byte.
pub fn serve(folder: &Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_candor-collector")]);
    command.args(["serve", "--listen", "127.0.0.1:0", "--caps-disk-floor-bytes", "1", "--data"]).arg(folder);
    command
}

impl Program {
    /// Starts it and waits until it listens.
    pub fn start(folder: &Path) -> Self {
        Self::run(serve(folder))
    }

    /// The same with a command of its own.
    pub fn run(mut command: Command) -> Self {
        let log = tempfile::NamedTempFile::new().unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(log.reopen().unwrap()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("Listening on ");
        let url = url.unwrap_or_else(|| panic!("it did not start: {}", text_of(&log))).to_owned();
        let client = reqwest::Client::builder().cookie_store(true);
        let client = client.timeout(PATIENCE).build().unwrap();
        Self { child, output, url, log, client }
    }

    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// The most memory that it ever took, and what it takes now, bytes.
    pub fn memory(&self) -> (u64, u64) {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let of = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
        };
        (of("VmHWM:"), of("VmRSS:"))
    }

    /// What it has written to its log.
    pub fn log(&self) -> String {
        text_of(&self.log)
    }

    /// Makes the first account with the link that it printed, and stays signed in.
    pub async fn sign_up(&mut self) {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        let token = line.trim().split_once("token=").unwrap().1.to_owned();
        let form = format!("token={token}&name=ada&password=correct+horse+battery");
        assert_eq!(self.send("/setup", form).await, 200);
    }

    pub async fn sign_in(&self) -> u16 {
        self.send("/login", "name=ada&password=correct+horse+battery&next=/".to_owned()).await
    }

    async fn send(&self, path: &str, form: String) -> u16 {
        let request = self.client.post(format!("{}{path}", self.url)).header("accept", "text/html");
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
        request.send().await.unwrap().status().as_u16()
    }

    /// A page of the person who is signed in.
    pub async fn open(&self, path: &str) -> (u16, String) {
        let request = self.client.get(format!("{}{path}", self.url)).header("accept", "text/html");
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// What `/readyz` says, and with what status.
    pub async fn ready(&self) -> (u16, Value) {
        let (status, text) = self.open("/readyz").await;
        (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("not JSON: {text}")))
    }

    /// Waits until `/readyz` says this of itself.
    pub async fn until_ready(&self, what: &str, is_it: impl Fn(u16, &Value) -> bool) {
        let started = Instant::now();
        loop {
            let (status, ready) = self.ready().await;
            if is_it(status, &ready) {
                return;
            }
            assert!(started.elapsed() < PATIENCE, "not {what}: {status} {ready}\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits until reports are taken and shown.
    pub async fn until_well(&self) {
        let well =
            |status, ready: &Value| status == 200 && ready["columns"] == true && ready["batches_behind"] == 0;
        self.until_ready("well", well).await;
    }

    pub async fn enrol(&self, site: &Site) -> u16 {
        let key = PublicKey::from_bytes(site.key.verifying_key().to_bytes());
        let body = serde_json::to_vec(&json!({ "public_key": key.to_string() })).unwrap();
        self.request(site, wire_paths::INSTALLATIONS, body).await
    }

    /// Sends a report of this moment that says so many records.
    pub async fn post(&self, site: &Site, report: &Value) -> u16 {
        self.request(site, wire_paths::REPORTS, serde_json::to_vec(report).unwrap()).await
    }

    /// The whole answer to a report.
    pub async fn answer(&self, site: &Site, report: &Value) -> reqwest::Response {
        let body = serde_json::to_vec(report).unwrap();
        signed(&self.url, site, wire_paths::REPORTS, body).send().await.unwrap()
    }

    async fn request(&self, site: &Site, path: &'static str, body: Vec<u8>) -> u16 {
        send(&self.url, site, path, body).await.expect("an answer")
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// Asks it to stop, as the service manager would; says how long it took, and how it ended.
    pub fn stop(mut self) -> (Duration, ExitStatus) {
        self.signal(Signal::TERM);
        let started = Instant::now();
        let status = self.child.wait().unwrap();
        (started.elapsed(), status)
    }

    /// Waits until it has ended; gives its log.
    pub fn until_ended(mut self) -> String {
        self.child.wait().unwrap();
        text_of(&self.log)
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ended = self.child.kill().and_then(|()| self.child.wait());
    }
}

/// Sends a request that the site signs; nothing where no answer comes.
pub async fn send(url: &str, site: &Site, path: &'static str, body: Vec<u8>) -> Option<u16> {
    signed(url, site, path, body).send().await.ok().map(|answer| answer.status().as_u16())
}

fn signed(url: &str, site: &Site, path: &'static str, body: Vec<u8>) -> reqwest::RequestBuilder {
    site.request(&format!("{url}{path}"), submission(site, path, body)).timeout(PATIENCE)
}

/// A request of this moment that the site signs.
pub fn submission(site: &Site, path: &'static str, body: Vec<u8>) -> Submission {
    Submission {
        path,
        content_type: "application/json".into(),
        encoding: None,
        body,
        created: SystemClock.now(),
        key: site.key.clone(),
        key_id: site.name.to_string(),
        forge: |_| {},
        forwarded_for: None,
    }
}

/// A report of this moment under a name of its own.
pub fn report(site: &Site, policy: &Policy, records: u64) -> Value {
    let now = SystemClock.now();
    let mut report = site.report(policy, rand::random::<u64>().into());
    report["period"] = json!({ "start": now, "end": now });
    report["facts"]["record_counts"] = json!({ "ASSET": records });
    report
}

/// Words that no detector takes for anything else.
const WORDS: [&str; 8] = ["green", "blue", "wide", "narrow", "fast", "slow", "left", "right"];

/// The same with many settings, some 20 KB.
pub fn large_report(site: &Site, policy: &Policy, records: u64) -> Value {
    let mut report = report(site, policy, records);
    let word = || WORDS[rand::random::<u8>() as usize % WORDS.len()];
    let text = || (0..16).map(|_| word()).collect::<Vec<_>>().join(" ");
    let options: serde_json::Map<_, _> =
        (0..200).map(|number| (format!("WKOPTIONS.K{number}"), json!(text()))).collect();
    report["facts"]["options"] = Value::Object(options);
    report
}

/// The ids of the reports that a journal holds; it must be whole.
pub fn journal(folder: &Path) -> Vec<String> {
    let journal = rusqlite::Connection::open(folder.join("journal.sqlite")).unwrap();
    let check: String = journal.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
    let mut select = journal.prepare("SELECT report_id FROM reports ORDER BY seq").unwrap();
    let rows = select.query_map([], |row| Ok(uuid::Uuid::from_bytes(row.get(0)?).to_string())).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

fn text_of(log: &tempfile::NamedTempFile) -> String {
    std::fs::read_to_string(log.path()).unwrap()
}
