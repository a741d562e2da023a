//! A full disk: what is refused is told so, what is acknowledged stays, and with the room all comes back by itself.
#![cfg(target_os = "linux")]

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use candor_policy::Policy;
use rustix::process::{Resource, Rlimit, prlimit};
use serde_json::Value;

use crate::program::{PATIENCE, Program, journal, large_report, prepare, report, serve};
use crate::support::Site;

/// Room for the stores and some reports, MiB.
const ROOM_MIB: u64 = 64;
/// Reports that are refused in a row before a disk counts as full.
const REFUSED_IN_A_ROW: usize = 20;

/// A disk that can be filled up.
struct Disk {
    place: tempfile::TempDir,
    means: Means,
}

#[derive(Clone, Copy, PartialEq)]
enum Means {
    /// A small file system in memory, which root may make.
    Tmpfs,
    /// A limit on the size of the process's files, which everybody may set: no file grows any more.
    Limit,
}

impl Disk {
    fn new(wanted: Means) -> Self {
        let place = tempfile::tempdir().unwrap();
        let mount = ["-t", "tmpfs", "-o", &format!("size={ROOM_MIB}m"), "tmpfs"];
        let mounted = || {
            let mounted = Command::new("mount").args(mount).arg(place.path()).output();
            mounted.is_ok_and(|mounted| mounted.status.success())
        };
        let means = if wanted == Means::Tmpfs && mounted() { Means::Tmpfs } else { Means::Limit };
        Self { place, means }
    }

    fn data(&self) -> PathBuf {
        self.place.path().join("data")
    }

    /// Takes all room but this.
    fn fill_but(&self, left_mib: u64) {
        let free = rustix::fs::statvfs(self.place.path()).unwrap();
        let room = (free.f_bavail * free.f_frsize).saturating_sub(left_mib << 20);
        let filler = vec![7; usize::try_from(room).unwrap()];
        std::fs::write(self.place.path().join("filler"), filler).unwrap();
    }

    /// Takes all room.
    fn fill(&self, program: &Program) {
        match self.means {
            Means::Tmpfs => {
                let mut filler = File::create(self.place.path().join("filler")).unwrap();
                for size in [1 << 20, 1 << 12, 1] {
                    while filler.write_all(&vec![7; size]).is_ok() {}
                }
            }
            // Nothing that would make a file grow is written any more, whatever its size is.
            Means::Limit => limit(program, 1),
        }
    }

    fn make_room(&self, program: &Program) {
        match self.means {
            Means::Tmpfs => std::fs::remove_file(self.place.path().join("filler")).unwrap(),
            Means::Limit => limit(program, u64::MAX),
        }
    }
}

fn limit(program: &Program, bytes: u64) {
    let current = (bytes != u64::MAX).then_some(bytes);
    prlimit(Some(program.pid()), Resource::Fsize, Rlimit { current, maximum: None }).unwrap();
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.means == Means::Tmpfs {
            // What is still open there ends with its process.
            let _unmounted = Command::new("umount").arg("--lazy").arg(self.place.path()).output();
        }
    }
}

/// A collector with an account, and an installation that reports.
struct Scene {
    program: Program,
    site: Site,
    policy: Policy,
    acknowledged: Vec<String>,
}

impl Scene {
    async fn on(disk: &Disk) -> Self {
        let policy = prepare(&disk.data()).await;
        let mut program = Program::start(&disk.data());
        program.sign_up().await;
        let site = Site::new(1);
        assert_eq!(program.enrol(&site).await, 200);
        let mut scene = Self { program, site, policy, acknowledged: Vec::new() };
        for records in 1..=20 {
            assert_eq!(scene.send(report(&scene.site, &scene.policy, records)).await, 200);
        }
        scene.program.until_well().await;
        scene
    }

    async fn send(&mut self, report: Value) -> u16 {
        let status = self.program.post(&self.site, &report).await;
        if status == 200 {
            self.acknowledged.push(report["report_id"].as_str().unwrap().to_owned());
        }
        status
    }

    /// Sends until nothing is taken any more.
    async fn until_full(&mut self) {
        let mut refused = 0;
        while refused < REFUSED_IN_A_ROW {
            let status = self.send(large_report(&self.site, &self.policy, 1)).await;
            assert!([200, 429, 500, 503].contains(&status), "{status}");
            refused = if status == 200 { 0 } else { refused + 1 };
        }
    }

    /// All that a collector does, as if nothing had been.
    async fn is_well(&mut self) {
        self.program.until_well().await;
        for records in 21..=25 {
            let status = self.send(report(&self.site, &self.policy, records)).await;
            assert_eq!(status, 200, "{}", self.program.log());
        }
        self.program.until_well().await;
        for page in ["/", "/customers", "/audit", "/policies", "/modules"] {
            let (status, text) = self.program.open(page).await;
            assert_eq!(status, 200, "{page}: {text}\n{}", self.program.log());
        }
        assert_eq!(self.program.sign_in().await, 200);
        assert_eq!(self.program.enrol(&Site::new(9)).await, 200);
    }

    /// Stops it, and holds the journal against what was acknowledged.
    fn ends_with_all(self, disk: &Disk) {
        let Self { program, acknowledged, .. } = self;
        assert!(program.stop().1.success());
        let held = journal(&disk.data());
        let lost: Vec<_> = acknowledged.iter().filter(|name| !held.contains(name)).collect();
        assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    }
}

/// Not ready, with what to do; alive, and shown all the same what is not customers' data.
async fn says_that_it_is_full(program: &Program) {
    program.until_ready("not ready", |status, ready| status == 503 && ready["journal"] == false).await;
    let (_, ready) = program.ready().await;
    assert!(ready["fault"].as_str().is_some(), "{ready}");
    assert_eq!(program.open("/healthz").await.0, 200);
    assert_eq!(program.open("/policies").await.0, 200);
}

async fn comes_back(disk: Disk) {
    let mut scene = Scene::on(&disk).await;
    disk.fill(&scene.program);
    scene.until_full().await;
    says_that_it_is_full(&scene.program).await;
    // More that fails: sessions, the audit log, enrolments.
    let _refused = (scene.program.sign_in().await, scene.program.open("/customers").await);
    let _refused = scene.program.enrol(&Site::new(8)).await;
    disk.make_room(&scene.program);
    scene.is_well().await;
    scene.ends_with_all(&disk);
    let again = Program::start(&disk.data());
    again.until_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_full_disk_everything_works_again_without_a_restart() {
    comes_back(Disk::new(Means::Tmpfs)).await;
}

/// The same where a write fails with another error than that of a full disk.
#[tokio::test(flavor = "multi_thread")]
async fn after_writes_that_failed_everything_works_again_without_a_restart() {
    comes_back(Disk::new(Means::Limit)).await;
}

/// Guards against columns that fill up the disk in the middle of a batch, and stop for good.
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_reports_fill_up_is_well_again_when_it_is_larger() {
    let disk = Disk::new(Means::Tmpfs);
    let mut scene = Scene::on(&disk).await;
    match disk.means {
        Means::Tmpfs => disk.fill_but(3),
        Means::Limit => limit(&scene.program, 8 << 20),
    }
    scene.until_full().await;
    says_that_it_is_full(&scene.program).await;
    match disk.means {
        Means::Tmpfs => {
            let mut larger = Command::new("mount");
            larger.args(["-o", &format!("remount,size={}m", 8 * ROOM_MIB)]).arg(disk.place.path());
            assert!(larger.status().unwrap().success());
        }
        Means::Limit => disk.make_room(&scene.program),
    }
    scene.is_well().await;
    scene.ends_with_all(&disk);
}

/// A start while the disk is full works as far as it can, with or without the columns.
#[tokio::test(flavor = "multi_thread")]
async fn a_start_on_a_full_disk_shows_what_there_is_and_goes_on_with_the_room() {
    for without_columns in [false, true] {
        let disk = Disk::new(Means::Tmpfs);
        let scene = Scene::on(&disk).await;
        disk.fill(&scene.program);
        let Scene { program, site, policy, acknowledged } = scene;
        assert!(program.stop().1.success());
        if without_columns {
            for name in ["columns.duckdb", "columns.duckdb.wal"] {
                let _not_there = std::fs::remove_file(disk.data().join(name));
            }
        }
        let program = match disk.means {
            Means::Tmpfs => {
                // What the stop and the removal gave back is taken too.
                let mut filler = File::options().append(true).open(disk.place.path().join("filler")).unwrap();
                while filler.write_all(&[7; 4096]).is_ok() {}
                Program::start(&disk.data())
            }
            Means::Limit => {
                let mut limited = Command::new("prlimit");
                let serve = serve(&disk.data());
                limited.arg("--fsize=1:").arg(serve.get_program()).args(serve.get_args());
                Program::run(limited)
            }
        };
        says_that_it_is_full(&program).await;
        disk.make_room(&program);
        let mut scene = Scene { program, site, policy, acknowledged };
        scene.program.until_well().await;
        assert_eq!(scene.program.sign_in().await, 200);
        scene.is_well().await;
        scene.ends_with_all(&disk);
    }
}

/// Guards against a stop that waits for a disk that stays full.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_on_a_full_disk_ends() {
    let disk = Disk::new(Means::Tmpfs);
    let mut scene = Scene::on(&disk).await;
    disk.fill(&scene.program);
    scene.until_full().await;
    let (took, status) = scene.program.stop();
    assert!(status.success() && took < PATIENCE + Duration::from_secs(1), "{took:?}");
}
