//! A PostgreSQL server for the tests: in a temporary folder, on loopback and a free port, gone when the tests are.

use std::fs::{self, File};
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::{process, setup};

/// The server's only login. Not a secret: the server lives for one test run, on loopback.
const USER: &str = "candor_test";
const PASSWORD: &str = "candor-test-password";
/// How long a start may take on a busy machine.
const START: Duration = Duration::from_secs(60);

/// A running server; dropping it stops it and removes its folder.
pub struct Server {
    process: Child,
    folder: PathBuf,
    port: u16,
}

impl Server {
    /// How the tests find it: a login that may create databases and roles of its own.
    pub fn environment(&self) -> [(&'static str, String); 2] {
        [
            ("CANDOR_TEST_POSTGRES", format!("postgres://{USER}@127.0.0.1:{}/postgres", self.port)),
            ("CANDOR_TEST_POSTGRES_PASSWORD", PASSWORD.to_owned()),
        ]
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Starts a server and waits until it answers.
///
/// # Errors
/// Where PostgreSQL is not there, or does not start; its log is then in the message.
pub fn start() -> Result<Server> {
    let programs = setup::postgres_programs().context("PostgreSQL's server programs are not there")?;
    let folder = std::env::temp_dir().join(format!("candor-postgres-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let user = unprivileged(&folder)?;
    initialise(&programs, &folder, user)?;
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
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
    println!("      PostgreSQL on 127.0.0.1:{port}");
    Ok(server)
}

fn initialise(programs: &Path, folder: &Path, user: Option<(u32, u32)>) -> Result<()> {
    let password = folder.join("password");
    writeln!(File::create(&password)?, "{PASSWORD}")?;
    let mut initdb = as_user(&programs.join("initdb"), user);
    initdb
        .arg("--pgdata")
        .arg(folder.join("data"))
        .args([
            "--username",
            USER,
            "--auth",
            "scram-sha-256",
            "--encoding",
            "UTF8",
            "--locale",
            "C",
            "--no-sync",
        ])
        .arg("--pwfile")
        .arg(&password)
        .current_dir(folder);
    process::output(&mut initdb)?;
    Ok(())
}

fn wait(server: &mut Server, programs: &Path, log: &Path) -> Result<()> {
    let started = Instant::now();
    let port = server.port.to_string();
    while !process::succeeds(Command::new(programs.join("pg_isready")).args(["-h", "127.0.0.1", "-p", &port]))
    {
        let ended = server.process.try_wait()?;
        if ended.is_some() || started.elapsed() > START {
            let log = fs::read_to_string(log).unwrap_or_default();
            bail!("postgres did not start:\n{log}");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// PostgreSQL refuses to run as root: there, the folder and the server belong to the user of Debian's package.
#[cfg(unix)]
fn unprivileged(folder: &Path) -> Result<Option<(u32, u32)>> {
    let id = |arguments: &[&str]| -> Result<u32> {
        Ok(process::output(Command::new("id").args(arguments))?.trim().parse()?)
    };
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
