//! Whoever is not known costs nothing, and whoever is known costs little: the real program under attack, and an honest installation
//! beside it. What may be long here is only waited for; the times themselves are measured by hand (`docs/benchmarks.md`).

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use candor_policy::{Policy, wire_paths};

use crate::program::{Program, prepare, report, submission};
use crate::support::{Site, Submission, gzip, zstd};

/// What an attack may take of memory above what the idle program takes.
const MEMORY_MOST: u64 = 256 * 1024 * 1024;
const AT_ONCE: usize = 20;

/// A program under attack.
struct Target {
    program: Program,
    policy: Policy,
    honest: Site,
    idle_bytes: u64,
    _folder: tempfile::TempDir,
}

impl Target {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let policy = prepare(folder.path()).await;
        let (program, honest) = (Program::start(folder.path()), Site::new(1));
        assert_eq!(program.enrol(&honest).await, 200);
        let target = Self { program, policy, honest, idle_bytes: 0, _folder: folder };
        // What is made on first use belongs to the idle figure.
        target.is_served().await;
        let (_, idle_bytes) = target.program.memory();
        Self { idle_bytes, ..target }
    }

    async fn enrolled(&self, byte: u8) -> Site {
        let site = Site::new(byte);
        assert_eq!(self.program.enrol(&site).await, 200);
        site
    }

    /// Sends a body as it is. Returns the status, 0 where the connection ended without one.
    async fn send(&self, site: &Site, body: &Sent) -> u16 {
        let submission = Submission {
            encoding: Some(body.encoding),
            key: body.key.clone().unwrap_or_else(|| site.key.clone()),
            ..submission(site, wire_paths::REPORTS, body.bytes.clone())
        };
        let request = site.request(&format!("{}{}", self.program.url, wire_paths::REPORTS), submission);
        request.send().await.map_or(0, |answer| answer.status().as_u16())
    }

    /// An honest report arrives.
    async fn is_served(&self) {
        let report = report(&self.honest, &self.policy, 1);
        assert_eq!(self.program.post(&self.honest, &report).await, 200);
    }

    /// Sends each of these many times at once, while the honest installation reports. Returns what was answered.
    async fn attack(&self, site: &Site, bodies: &[Sent]) -> Vec<u16> {
        let over = AtomicBool::new(false);
        let honest = async {
            while !over.load(Ordering::Relaxed) {
                self.is_served().await;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let attacking = async {
            let mut answered = Vec::new();
            for body in bodies {
                let all = (0..AT_ONCE).map(|_| self.send(site, body));
                answered.extend(futures::future::join_all(all).await);
            }
            over.store(true, Ordering::Relaxed);
            answered
        };
        let (answered, ()) = tokio::join!(attacking, honest);
        answered
    }

    /// The most memory that was taken meanwhile was not much more than before.
    fn took_little_memory(self) {
        let (most_bytes, _) = self.program.memory();
        let more_bytes = most_bytes.saturating_sub(self.idle_bytes);
        assert!(more_bytes <= MEMORY_MOST, "{} MiB over the idle figure", more_bytes / 1024 / 1024);
    }
}

/// A body, compressed, and who signs it where that is somebody else than its sender.
struct Sent {
    bytes: Vec<u8>,
    encoding: &'static str,
    key: Option<ed25519_dalek::SigningKey>,
}

impl Sent {
    fn gzip(json: &str) -> Self {
        Self { bytes: gzip(json.as_bytes()), encoding: "gzip", key: None }
    }

    fn zstd(json: &str) -> Self {
        Self { bytes: zstd(json.as_bytes()), encoding: "zstd", key: None }
    }
}

/// A report with these facts, which goes on with this.
fn with(site: &Site, policy: &Policy, facts: &str, rest: &str) -> String {
    let mut whole = report(site, policy, 1);
    whole.as_object_mut().unwrap().remove("facts");
    let json = whole.to_string();
    format!("{},\"facts\":{facts}{rest}}}", json.strip_suffix('}').unwrap())
}

/// Noise that does not compress, so that a body is as large on the wire as the trials' were.
fn noise() -> String {
    use rand::{RngExt, SeedableRng};
    let mut random = rand::rngs::StdRng::seed_from_u64(12);
    (0..32_000).map(|_| char::from(random.random_range(b'a'..=b'z'))).collect()
}

/// Small on the wire, and as large as may be in memory: lists, rows, keys, names, depth, and what no report has.
fn bombs(site: &Site, policy: &Policy) -> Vec<Sent> {
    let (rows, noise) = (format!("[{}{{}}]", "{\"\":0},".repeat(590_000)), noise());
    let keys: Vec<String> = (0..250_000).map(|number| format!("\"K{number}\":0")).collect();
    let names: Vec<String> = (0..250_000).map(|number| format!("\"n{number}\"")).collect();
    let many_rows: Vec<String> =
        (0..1_000).map(|fact| format!("\"f{fact}\":[{}{{}}]", "{\"\":0},".repeat(500))).collect();
    let unknown: Vec<String> = (0..250_000).map(|number| format!(",\"u{number}\":0")).collect();
    let bodies = [
        with(site, policy, "{}", &format!(",\"usage\":[{}0],\"p\":\"{noise}\"", "0,".repeat(2_000_000))),
        with(site, policy, &format!("{{\"mobile_devices\":{rows},\"p\":\"{noise}\"}}"), ""),
        with(site, policy, &format!("{{{}}}", keys.join(",")), ""),
        with(site, policy, &format!("{{\"options\":{{{}}}}}", keys.join(",")), ""),
        with(site, policy, "{}", &format!(",\"withheld\":[{}]", names.join(","))),
        with(site, policy, &format!("{{{}}}", many_rows.join(",")), ""),
        with(site, policy, "{}", &unknown.concat()),
        with(site, policy, &format!("{{\"deep\":{}{}}}", "[".repeat(1_000_000), "]".repeat(1_000_000)), ""),
        with(
            site,
            policy,
            &format!("{{\"deep\":{}0{}}}", "{\"a\":".repeat(500_000), "}".repeat(500_000)),
            "",
        ),
    ];
    bodies.iter().map(|json| Sent::gzip(json)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_never_enrolled_costs_no_memory() {
    let target = Target::start().await;
    let stranger = Site::new(2);
    let answered = target.attack(&stranger, &bombs(&stranger, &target.policy)).await;
    assert!(answered.iter().all(|status| *status == 401), "{answered:?}");
    target.took_little_memory();
}

/// Under the name of an installation that is known, whose key the sender does not have.
#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_name_costs_no_memory() {
    let target = Target::start().await;
    let known = target.enrolled(2).await;
    let key = Some(Site::new(3).key);
    let forged: Vec<_> =
        bombs(&known, &target.policy).into_iter().map(|body| Sent { key: key.clone(), ..body }).collect();
    let answered = target.attack(&known, &forged).await;
    assert!(answered.iter().all(|status| *status == 401), "{answered:?}");
    target.took_little_memory();
}

/// Whoever enrols may send, and no more than the machine can bear.
#[tokio::test(flavor = "multi_thread")]
async fn an_enrolled_key_costs_little_memory() {
    let target = Target::start().await;
    let enrolled = target.enrolled(2).await;
    let answered = target.attack(&enrolled, &bombs(&enrolled, &target.policy)).await;
    assert!(answered.iter().all(|status| [200, 400, 413, 503].contains(status)), "{answered:?}");
    target.took_little_memory();
}

/// Many keys, so that no bound of one installation holds.
#[tokio::test(flavor = "multi_thread")]
async fn many_enrolled_keys_cost_little_memory() {
    let target = Target::start().await;
    let mut sites = Vec::new();
    for byte in 2..2 + u8::try_from(AT_ONCE).unwrap() {
        sites.push(target.enrolled(byte).await);
    }
    let bodies: Vec<_> = sites.iter().map(|site| bombs(site, &target.policy)).collect();
    for at in 0..bodies[0].len() {
        let all = sites.iter().zip(&bodies).map(|(site, bodies)| target.send(site, &bodies[at]));
        let (answered, ()) = tokio::join!(futures::future::join_all(all), target.is_served());
        assert!(answered.iter().all(|status| [200, 400, 413, 503].contains(status)), "{answered:?}");
    }
    target.took_little_memory();
}

/// Thousands of empty members, a window as large as it may be asked for, and a stream that expands a thousandfold.
#[tokio::test(flavor = "multi_thread")]
async fn compression_that_is_made_to_cost_costs_little() {
    let target = Target::start().await;
    let enrolled = target.enrolled(2).await;
    let members = gzip(b"").repeat(40_000);
    let spaces = " ".repeat(4_000_000);
    let bodies = [
        Sent { bytes: members.clone(), encoding: "gzip", key: None },
        Sent { bytes: members[..16_000].to_vec(), encoding: "gzip", key: None },
        Sent::gzip(&spaces),
        Sent::zstd(&spaces),
        // A frame that asks for a window of 2 GiB.
        Sent { bytes: vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x01, 0, 0], encoding: "zstd", key: None },
    ];
    let answered = target.attack(&enrolled, &bodies).await;
    assert!(answered.iter().all(|status| [400, 413, 503].contains(status)), "{answered:?}");
    target.took_little_memory();
}

/// Bodies that are announced as large as they may be and stop short, and bodies that come byte by byte.
#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_never_come_hold_no_memory() {
    use std::io::Write;
    let target = Target::start().await;
    let known = target.enrolled(2).await;
    let address = target.program.url.trim_start_matches("http://").to_owned();
    let body = vec![b' '; 1024 * 1024];
    let signed = submission(&known, wire_paths::REPORTS, body.clone());
    let signed = Submission { key: Site::new(3).key, ..signed };
    let request =
        known.request(&format!("{}{}", target.program.url, wire_paths::REPORTS), signed).build().unwrap();
    let fields =
        request.headers().iter().map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap()));
    let head = format!(
        "POST /v1/reports HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n{}\r\n",
        body.len(),
        fields.collect::<String>()
    );
    let stalled = tokio::task::spawn_blocking(move || {
        let mut connections: Vec<_> =
            (0..300).map(|_| std::net::TcpStream::connect(&address).unwrap()).collect();
        for connection in &mut connections {
            connection.write_all(head.as_bytes()).unwrap();
            connection.set_write_timeout(Some(Duration::from_secs(2))).unwrap();
            let _may_be_refused = connection.write_all(&body[..body.len() - 1]);
        }
        for byte in body.iter().take(20) {
            for connection in &mut connections {
                let _may_be_refused = connection.write_all(&[*byte]);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        connections
    });
    target.is_served().await;
    let connections = stalled.await.unwrap();
    target.is_served().await;
    drop(connections);
    target.took_little_memory();
}
