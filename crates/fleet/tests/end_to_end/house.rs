//! A vendor's collector and a customer's site, with the real programs, in a folder of their own.
//!
//! Nothing here is a stand-in: the programs are those of the development build, the policies are the examples with this
//! collector's address and key filled in, the product's database is the sample product's.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tempfile::TempDir;
use ureq::Agent;
use ureq::tls::TlsConfig;

use crate::authority::Authority;

/// How long a start may take on a busy machine.
const START: Duration = Duration::from_secs(30);

/// The example policy that the tests run.
pub const POLICY: &str = "lucity-data-collection";

/// Names a folder with the programs as they ship, each built by itself.
const SHIPPED: &str = "CANDOR_SHIPPED_PROGRAMS";

/// A program as it ships, where `cargo xtask test` has built it; else that of the development build, which lies beside this
/// test's own.
pub fn program(name: &str) -> PathBuf {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let shipped = std::env::var_os(SHIPPED).map(|folder| PathBuf::from(folder).join(&file));
    if let Some(shipped) = shipped.filter(|program| program.exists()) {
        return shipped;
    }
    let test = std::env::current_exe().expect("a test has a path");
    let folder = test.parent().and_then(Path::parent).expect("a test lies in target/debug/deps");
    let program = folder.join(file);
    assert!(
        program.exists(),
        "{} is not there: build it with `cargo build --workspace --bins --examples`",
        program.display()
    );
    program
}

/// A collector in a folder of its own.
pub struct House {
    folder: TempDir,
    port: u16,
    collector: Option<Child>,
    host: &'static str,
    authority: Option<Authority>,
}

impl House {
    /// A collector that runs, with the example policy published.
    pub fn open() -> Self {
        let mut house = Self::closed();
        house.start();
        house
    }

    /// A collector that runs, with the example policy published, in which a voucher key is declared.
    pub fn with_vouchers() -> Self {
        let mut house = Self::closed();
        let mut made = Command::new(program("candor-collector"));
        let made = made.args(["voucher", "key", "--out"]).arg(house.voucher_key()).output();
        let made = text(&made.expect("candor-collector starts").stdout);
        let line =
            made.lines().find(|line| line.starts_with("voucher_key = ")).expect("a line for the policy");
        let manifest = fs::read_to_string(house.policy()).expect("a policy");
        let manifest = manifest.replacen("[collector]\n", &format!("[collector]\n{line}\n"), 1).replacen(
            "\nversion = \"",
            "\nversion = \"9",
            1,
        );
        fs::write(house.policy(), manifest).expect("a policy");
        let mut publish = house.collector_program(&["policy", "publish"]);
        let published = publish.arg(house.policy()).output().expect("candor-collector starts");
        assert!(published.status.success(), "{}", said(&published));
        house.start();
        house
    }

    fn voucher_key(&self) -> PathBuf {
        self.folder.path().join("vouchers.key")
    }

    /// A voucher for a customer; returns its file.
    pub fn issue(&self, customer: &str) -> String {
        let file = self.folder.path().join(format!("{customer}.voucher"));
        let mut issue = Command::new(program("candor-collector"));
        issue.args(["voucher", "issue", "--customer", customer, "--expires", "2099-12-31"]);
        let issued = issue.arg("--key").arg(self.voucher_key()).arg("--out").arg(&file).output();
        let issued = issued.expect("candor-collector starts");
        assert!(issued.status.success(), "{}", said(&issued));
        file.display().to_string()
    }

    /// A collector that has a key, an address and a published policy, and does not run yet.
    pub fn closed() -> Self {
        Self::furnished("127.0.0.1", None)
    }

    /// A collector that speaks HTTPS and runs: the policy names it `host`, its certificate says `name`, and vouching for it
    /// is an authority that no machine knows.
    pub fn with_https(host: &'static str, name: &str) -> Self {
        let mut house = Self::furnished(host, Some(Authority::vouching_for(name)));
        house.start();
        house
    }

    fn furnished(host: &'static str, authority: Option<Authority>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let port = free_port();
        let house = Self { folder, port, collector: None, host, authority };
        fs::create_dir_all(house.data()).expect("a data folder");
        let key = text(&house.collector_program(&["key"]).output().expect("a key").stdout);
        let example =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../examples/policies/{POLICY}.toml"));
        let manifest = fs::read_to_string(example).expect("the example policy");
        fs::write(house.policy(), with_collector(&manifest, &house.address(), key.trim())).expect("a policy");
        let published = house
            .collector_program(&["policy", "publish"])
            .arg(house.policy())
            .output()
            .expect("candor-collector starts");
        assert!(published.status.success(), "{}", said(&published));
        house
    }

    /// Starts the collector and waits until it is ready.
    pub fn start(&mut self) {
        let log = File::options().create(true).append(true).open(self.log()).expect("a log");
        let child = self
            .collector_program(&["serve"])
            .args(["--listen", &self.listen()])
            .args(self.configuration())
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log"))
            .stderr(log)
            .spawn()
            .expect("candor-collector starts");
        self.collector = Some(child);
        // Whether its certificate holds is for the tests to ask, not for this.
        let trusting = TlsConfig::builder().disable_verification(true).build();
        let agent: Agent = Agent::config_builder().tls_config(trusting).proxy(None).build().into();
        let url = format!("{}://{}/readyz", self.scheme(), self.listen());
        let ready = || agent.get(&url).call().is_ok();
        assert!(within(START, ready), "not ready:\n{}", fs::read_to_string(self.log()).unwrap_or_default());
    }

    /// Ends the collector at once (`kill -9`). What it has written, the operating system still has: of a power cut, this shows
    /// nothing (`durable.rs` looks at the syncs).
    pub fn kill(&mut self) {
        if let Some(mut child) = self.collector.take() {
            child.kill().expect("a process that runs can be killed");
            child.wait().expect("a process that was killed ends");
        }
    }

    /// A new site of a customer, where nobody has been asked yet.
    pub fn site(&self, name: &str) -> Site {
        let database = self.folder.path().join(format!("{name}.sqlite"));
        let made = Command::new(program("examples/sample_product")).arg(&database).output();
        let made = made.expect("the sample product starts");
        assert!(made.status.success(), "{}", said(&made));
        Site { policy: self.policy(), state: self.folder.path().join(name), database }
    }

    /// The collector's address.
    pub fn address(&self) -> String {
        format!("{}://{}:{}", self.scheme(), self.host, self.port)
    }

    /// Has another port from its next start on.
    pub fn move_to_another_port(&mut self) {
        self.port = free_port();
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where it listens, whatever its name is.
    pub fn listen(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The collector's authority, as a client's library trusts it.
    pub fn trusted_roots(&self) -> RootCertStore {
        let authority = self.authority.as_ref().expect("a collector with HTTPS");
        let mut roots = RootCertStore::empty();
        let certificate = CertificateDer::from_pem_slice(authority.certificate.as_bytes());
        roots.add(certificate.expect("a certificate")).expect("an authority");
        roots
    }

    /// Puts a certificate of another authority in the place of the collector's; returns the authority as clients trust it.
    pub fn renew(&self, authority: &Authority) -> RootCertStore {
        fs::write(self.folder.path().join("collector.pem"), &authority.of_the_collector)
            .expect("a certificate");
        fs::write(self.folder.path().join("collector-key.pem"), &authority.key_of_the_collector)
            .expect("a key");
        let mut roots = RootCertStore::empty();
        let certificate = CertificateDer::from_pem_slice(authority.certificate.as_bytes());
        roots.add(certificate.expect("a certificate")).expect("an authority");
        roots
    }

    /// Leaves half a certificate.
    pub fn break_certificate(&self) {
        fs::write(self.folder.path().join("collector.pem"), "-----BEGIN CERTIFICATE-----\nMIIB")
            .expect("a file");
    }

    /// Sends the collector a signal, such as `HUP`. By the shell's own `kill`: a package less to install.
    pub fn signal(&self, signal: &str) {
        let collector = self.collector.as_ref().expect("a collector that runs");
        let sent = Command::new("sh").args(["-c", &format!("kill -{signal} {}", collector.id())]).status();
        assert!(sent.is_ok_and(|status| status.success()), "the signal {signal} was not sent");
    }

    /// What the collector wrote to its log.
    pub fn said(&self) -> String {
        fs::read_to_string(self.log()).unwrap_or_default()
    }

    /// The settings file of a customer who trusts the collector's authority, and what more it says.
    pub fn trusting_settings(&self, more: &str) -> PathBuf {
        let authority = self.authority.as_ref().expect("a collector with HTTPS");
        let (certificate, settings) =
            (self.folder.path().join("ca.pem"), self.folder.path().join("settings.toml"));
        fs::write(&certificate, &authority.certificate).expect("a certificate");
        fs::write(&settings, format!("ca_file = \"{}\"\n{more}", certificate.display())).expect("settings");
        settings
    }

    fn scheme(&self) -> &'static str {
        if self.authority.is_some() { "https" } else { "http" }
    }

    /// The arguments for what only a configuration file says.
    fn configuration(&self) -> Vec<String> {
        let Some(authority) = &self.authority else { return Vec::new() };
        let path = |name: &str| self.folder.path().join(name);
        fs::write(path("collector.pem"), &authority.of_the_collector).expect("a certificate");
        fs::write(path("collector-key.pem"), &authority.key_of_the_collector).expect("a key");
        let (certificate, key) = (path("collector.pem"), path("collector-key.pem"));
        let tls =
            format!("[tls]\ncertificate = \"{}\"\nkey = \"{}\"\n", certificate.display(), key.display());
        fs::write(path("collector.toml"), tls).expect("a configuration");
        vec!["--config".to_owned(), path("collector.toml").display().to_string()]
    }

    /// The collector's data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("collector")
    }

    /// What the collector wrote to its log.
    pub fn log(&self) -> PathBuf {
        self.folder.path().join("collector.log")
    }

    /// Everything that collector and sites wrote.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The collector's program on its data folder.
    pub fn collector_program(&self, words: &[&str]) -> Command {
        let mut command = Command::new(program("candor-collector"));
        command.args(words).arg("--data").arg(self.data());
        command
    }

    /// The published policy, as the product ships it.
    pub fn policy(&self) -> PathBuf {
        self.folder.path().join(format!("{POLICY}.toml"))
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.kill();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port()
}

/// The manifest's text with another collector in its `[collector]` table.
fn with_collector(manifest: &str, address: &str, key: &str) -> String {
    let (before, after) = manifest.split_once("[collector]").expect("a [collector] table");
    let (_, rest) = after.split_once("\n[").expect("a table after [collector]");
    format!("{before}[collector]\nurl = \"{address}\"\npublic_key = \"{key}\"\n[{rest}")
}

/// One installed copy of the product, and what candor keeps there.
pub struct Site {
    policy: PathBuf,
    state: PathBuf,
    database: PathBuf,
}

/// The variables that name a proxy, or exceptions from one.
const PROXY_VARIABLES: &[&str] =
    &["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"];

/// The installer's one call.
pub const INSTALLER: &[&str] =
    &["--source", "web-installer", "--application", "Lucity Web", "--version", "2016"];
/// The utility's call; the database is added.
pub const UTILITY: &[&str] = &[
    "--source",
    "client-maintenance",
    "--application",
    "Lucity Client Maintenance",
    "--version",
    "2016",
    "--set",
    "client_id=HAPPY-0417",
    "--set",
    "client_name=Town of Happyville",
];
/// The monthly batch's call; the database is added.
pub const BATCH: &[&str] =
    &["--source", "monthly-batch", "--application", "Lucity Batch Service", "--version", "2016"];

impl Site {
    /// `candor` at this site, whatever the machine that the test runs on has decided for itself.
    pub fn candor(&self) -> Command {
        let mut command = Command::new(program("candor"));
        command.arg("--policy").arg(&self.policy).arg("--state").arg(&self.state);
        for variable in ["DO_NOT_TRACK", "CANDOR_CONSENT", "CANDOR_SETTINGS"].iter().chain(PROXY_VARIABLES) {
            command.env_remove(variable);
        }
        command
    }

    /// Runs `candor` with these words and gives back how it ended.
    pub fn run(&self, words: &[&str]) -> Output {
        self.candor().args(words).output().expect("candor starts")
    }

    /// Runs `candor`, which must end well, and gives back what it answered.
    pub fn must(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert!(output.status.success(), "candor {}: {}", words.join(" "), said(&output));
        text(&output.stdout)
    }

    /// The product's database, as candor's arguments name it.
    pub fn database(&self) -> String {
        format!("sqlite:{}", self.database.display())
    }

    /// The installer's call.
    pub fn install(&self, more: &[&str]) -> Output {
        self.run(&[&["report"], INSTALLER, more].concat())
    }

    /// The utility's call.
    pub fn maintain(&self, more: &[&str]) -> Output {
        self.run(&[&["report"], UTILITY, &["--database", &self.database()], more].concat())
    }

    /// The monthly batch's call.
    pub fn snapshot(&self, more: &[&str]) -> Output {
        self.run(&[&["snapshot"], BATCH, &["--database", &self.database()], more].concat())
    }

    /// What candor keeps at this site.
    pub fn state(&self) -> &Path {
        &self.state
    }
}

/// Everything that a process wrote, for a test's message.
pub fn said(output: &Output) -> String {
    format!("{}\n{}{}", output.status, text(&output.stdout), text(&output.stderr))
}

/// Bytes as text.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Whether something comes true within a time.
pub fn within(limit: Duration, mut come_true: impl FnMut() -> bool) -> bool {
    let started = Instant::now();
    loop {
        if come_true() {
            return true;
        }
        if started.elapsed() > limit {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// All files under a folder, with their bytes.
pub fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if let Ok(bytes) = fs::read(&path) {
            found.push((path, bytes));
        }
    }
    found
}
