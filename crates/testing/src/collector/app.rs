//! A collector that runs for one test.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use candor_collector::accounts::SetupForm;
use candor_collector::config::Config;
use candor_collector::serve::{self, Running};
use candor_collector::store::{ControlStore, Store};
use candor_collector::{AppState, key_file, publish};
use candor_policy::{Clock, Policy};
use tempfile::TempDir;

use super::COLLECTOR_KEY;
use crate::clock::MockClock;

/// When a test collector's clock stands at first.
const NOW: &str = "2026-05-15T12:00:00Z";

/// A collector on a folder of its own. Dropping it stops it, and fails the test where a job has failed.
pub struct TestApp {
    pub clock: Arc<MockClock>,
    folder: TempDir,
    config: Config,
    running: Option<Running>,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub async fn read(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, body: response.bytes().await.unwrap().to_vec() }
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name} in {self:?}")).to_str().unwrap()
    }
}

impl TestApp {
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// Starts with a changed configuration.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join(key_file::FILE), COLLECTOR_KEY).unwrap();
        let mut config = Config::on("127.0.0.1:0".parse().unwrap());
        change(&mut config);
        let mut app = Self { clock: MockClock::at(NOW), folder, config, running: None };
        app.resume().await;
        app
    }

    /// Starts again on the same folder, after [`TestApp::stop`].
    pub async fn resume(&mut self) {
        let running =
            serve::start(self.folder.path(), self.config.clone(), self.clock.clone()).await.unwrap();
        self.running = Some(running);
    }

    /// Stops, as the service manager would.
    pub async fn stop(&mut self) {
        let failures = self.running.take().expect("it runs").stop().await;
        assert_eq!(failures, 0, "a job failed; the log says which");
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Another connection to the journal, past the store.
    pub fn journal(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder().join("journal.sqlite")).unwrap()
    }

    pub fn columns_file(&self) -> PathBuf {
        self.folder.path().join("columns.duckdb")
    }

    pub fn running(&self) -> &Running {
        self.running.as_ref().expect("it runs")
    }

    pub fn state(&self) -> &AppState {
        &self.running().state
    }

    pub fn store(&self) -> &Store {
        &self.state().store
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running().listening)
    }

    /// Publishes a manifest, as the command line does beside a running server.
    pub async fn publish(&self, manifest: &str) -> Policy {
        let store = ControlStore::open(self.folder.path()).await.unwrap();
        let key = key_file::read_or_create(self.folder.path()).unwrap();
        let (policy, _) = publish::publish(&store, &key, &*self.clock, manifest).await.unwrap();
        store.close().await;
        policy
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::read(reqwest::get(self.url(path)).await.unwrap()).await
    }

    /// Waits until the columns hold all that the journal holds.
    pub async fn projected(&self) {
        let last = *self.store().last_batch().borrow();
        let reached = async {
            while self.state().projected.batch() < last {
                assert!(!self.state().projected.has_failed(), "the projection failed; the log says why");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), reached).await.expect("the columns follow the journal");
    }

    /// All rows of a query of the columns, each cell as text.
    pub async fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        let sql = sql.to_owned();
        self.store().columns().query(move |reader| reader.rows_as_text(&sql)).await.unwrap()
    }

    /// The token of the link that the first start gave out.
    pub fn setup_token(&self) -> String {
        let link = self.running().setup_link.as_ref().expect("there is no account yet");
        link.split_once("token=").unwrap().1.to_owned()
    }

    /// A form for the first account.
    pub fn setup_form(&self) -> SetupForm {
        SetupForm { token: self.setup_token(), name: "ada".into(), password: "correct horse battery".into() }
    }

    /// Every byte of every file in the data folder.
    pub fn bytes_on_disk(&self) -> Vec<(PathBuf, Vec<u8>)> {
        std::fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file())
            .map(|path| (path.clone(), std::fs::read(&path).unwrap()))
            .collect()
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        let Some(running) = self.running.take() else { return };
        let stopping = async { running.stop().await };
        let failures = tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(stopping));
        if !std::thread::panicking() {
            assert_eq!(failures, 0, "a job failed; the log says which");
        }
    }
}

impl Clock for TestApp {
    fn now(&self) -> jiff::Timestamp {
        self.clock.now()
    }

    fn instant(&self) -> std::time::Instant {
        self.clock.instant()
    }
}
