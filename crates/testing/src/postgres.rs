//! A PostgreSQL server for tests: in a temporary folder, on loopback and a free port, gone when it is dropped.
//!
//! `cargo xtask test` starts one for all tests and tells them through the environment; a test that runs without it starts
//! its own. Where PostgreSQL is not installed nothing is skipped: the start fails and says so.

pub mod pooler;

use std::fs::{self, File};
use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The server's only login, which may do everything. Not a secret: the server lives for one test run, on loopback.
pub const USER: &str = "candor_test";
/// Its password.
pub const PASSWORD: &str = "candor-test-password";
/// Where a test finds the server that was started for all of them.
pub const URL_VARIABLE: &str = "CANDOR_TEST_POSTGRES";
/// Its password; it does not stand in the URL.
pub const PASSWORD_VARIABLE: &str = "CANDOR_TEST_POSTGRES_PASSWORD";

/// How long a start may take on a busy machine.
const START: Duration = Duration::from_mins(1);

/// A running server; dropping it stops it and removes its folder.
pub struct Server {
    process: Child,
    folder: PathBuf,
    port: u16,
}

impl Server {
    /// The port on loopback.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How tests in other processes find it.
    pub fn environment(&self) -> [(&'static str, String); 2] {
        [
            (URL_VARIABLE, format!("postgres://{USER}@127.0.0.1:{}/postgres", self.port)),
            (PASSWORD_VARIABLE, PASSWORD.to_owned()),
        ]
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Interrupted, it takes its shared memory along; killed, it would leave that behind.
        let asked = Command::new("kill").args(["-INT", &self.process.id().to_string()]).status();
        if !asked.is_ok_and(|asked| asked.success()) {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Starts a server and waits until it answers.
///
/// # Errors
/// Where PostgreSQL is not there, or does not start; its log is then in the message.
pub fn start() -> Result<Server> {
    let programs = programs().context(
        "PostgreSQL's server programs are not there: `cargo xtask setup` installs them, or \
         CANDOR_POSTGRES_PROGRAMS names the folder with initdb",
    )?;
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let folder = std::env::temp_dir().join(format!("candor-postgres-{}-{port}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let user = unprivileged(&folder)?;
    initialise(&programs, &folder, user)?;
    let log = folder.join("log");
    let mut command = as_user(&programs.join("postgres"), user);
    command
        .arg("-D")
        .arg(folder.join("data"))
        .args(["-h", "127.0.0.1", "-p", &port.to_string(), "-k", ""])
        // Nothing here outlives the run, so nothing needs to reach the disk.
        .args(["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=200"])
        .current_dir(&folder)
        .stdout(Stdio::null())
        .stderr(File::create(&log)?);
    let process = command.spawn().context("postgres does not start")?;
    let mut server = Server { process, folder, port };
    wait(&mut server, &programs, &log)?;
    Ok(server)
}

/// The folder with PostgreSQL's server programs. Debian keeps them out of the path, one folder per version.
pub fn programs() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("CANDOR_POSTGRES_PROGRAMS") {
        return Some(PathBuf::from(folder));
    }
    // Links to some of the programs, elsewhere in the path, do not make a server.
    let whole =
        |folder: &PathBuf| ["initdb", "postgres", "pg_isready"].iter().all(|name| folder.join(name).exists());
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions.map(|version| version.path().join("bin")).filter(whole).max();
    newest.or_else(|| std::env::split_paths(&std::env::var_os("PATH")?).find(whole))
}

fn initialise(programs: &Path, folder: &Path, user: Option<(u32, u32)>) -> Result<()> {
    let password = folder.join("password");
    writeln!(File::create(&password)?, "{PASSWORD}")?;
    let mut initdb = as_user(&programs.join("initdb"), user);
    initdb
        .args(["--username", USER, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C"])
        .arg("--no-sync")
        .arg("--pgdata")
        .arg(folder.join("data"))
        .arg("--pwfile")
        .arg(&password)
        .current_dir(folder);
    said(&mut initdb)?;
    Ok(())
}

fn wait(server: &mut Server, programs: &Path, log: &Path) -> Result<()> {
    let started = Instant::now();
    let (port, address) = (server.port.to_string(), SocketAddr::from(([127, 0, 0, 1], server.port)));
    let is_ready = || {
        TcpStream::connect(address).is_ok()
            && said(Command::new(programs.join("pg_isready")).args(["-h", "127.0.0.1", "-p", &port])).is_ok()
    };
    while !is_ready() {
        let ended = server.process.try_wait()?;
        if ended.is_some() || started.elapsed() > START {
            bail!("postgres did not start:\n{}", fs::read_to_string(log).unwrap_or_default());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// PostgreSQL refuses to run as root: there, the folder and the server belong to the user of Debian's package.
#[cfg(unix)]
fn unprivileged(folder: &Path) -> Result<Option<(u32, u32)>> {
    let id =
        |arguments: &[&str]| -> Result<u32> { Ok(said(Command::new("id").args(arguments))?.trim().parse()?) };
    if id(&["-u"])? != 0 {
        return Ok(None);
    }
    let (user, group) = (id(&["-u", "postgres"])?, id(&["-g", "postgres"])?);
    std::os::unix::fs::chown(folder, Some(user), Some(group))?;
    Ok(Some((user, group)))
}

#[cfg(not(unix))]
fn unprivileged(_: &Path) -> Result<Option<(u32, u32)>> {
    Ok(None)
}

fn as_user(program: &Path, user: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    #[cfg(unix)]
    if let Some((user, group)) = user {
        use std::os::unix::process::CommandExt;
        command.uid(user).gid(group);
    }
    #[cfg(not(unix))]
    let _ = user;
    command
}

/// What a program wrote; an error where it does not end well.
fn said(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_owned();
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {}", program.display()))?;
    if !output.status.success() {
        bail!(
            "{} ended with {}\n{}",
            program.display(),
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_starts_and_leaves_nothing_behind() {
        let server = start().unwrap();
        let folder = server.folder.clone();
        assert!(folder.join("data/PG_VERSION").exists());
        drop(server);
        assert!(!folder.exists());
    }
}
