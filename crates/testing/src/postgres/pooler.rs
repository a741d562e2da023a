//! PgBouncer before a server: many customers' databases are behind one, and it keeps to itself what a session asks for.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::{START, as_user, unprivileged};

/// Which server a pooler stands before, and how it shares its connections.
#[derive(Clone, Copy, Debug)]
pub struct PoolerSettings<'a> {
    /// The server's port on loopback.
    pub server_port: u16,
    /// The login that it has there.
    pub user: &'a str,
    /// Its password.
    pub password: &'a str,
    /// `session`, `transaction` or `statement`.
    pub mode: &'a str,
}

/// A running pooler that lets in whoever comes; dropping it stops it and removes its folder.
pub struct Pooler {
    process: Child,
    folder: PathBuf,
    port: u16,
}

impl Pooler {
    /// The port on loopback.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// PgBouncer's program. Debian keeps it where only root looks.
pub fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let named = std::env::split_paths(&path).map(|folder| folder.join("pgbouncer"));
    named.chain([PathBuf::from("/usr/sbin/pgbouncer")]).find(|program| program.is_file())
}

/// Starts a pooler and waits until it answers.
///
/// # Errors
/// Where PgBouncer is not there, or does not start; its log is then in the message.
pub fn start(settings: &PoolerSettings<'_>) -> Result<Pooler> {
    let program = program().context("PgBouncer is not there: `cargo xtask setup` installs it")?;
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let folder = std::env::temp_dir().join(format!("candor-pgbouncer-{}-{port}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let configuration = folder.join("pgbouncer.ini");
    fs::write(&configuration, configured(settings, port))?;
    let user = unprivileged(&folder)?;
    let log = folder.join("log");
    let mut command = as_user(&program, user);
    command.arg(&configuration).current_dir(&folder).stdout(Stdio::null()).stderr(File::create(&log)?);
    let process = command.spawn().context("pgbouncer does not start")?;
    let mut pooler = Pooler { process, folder, port };
    wait(&mut pooler, &log)?;
    Ok(pooler)
}

/// What a session asks for at its start is dropped, as guides for JDBC advise.
fn configured(settings: &PoolerSettings<'_>, port: u16) -> String {
    let PoolerSettings { server_port, user, password, mode } = settings;
    format!(
        "[databases]\n* = host=127.0.0.1 port={server_port} user={user} password={password}\n\
         [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = any\npool_mode = {mode}\n\
         ignore_startup_parameters = extra_float_digits,options\nunix_socket_dir =\n"
    )
}

fn wait(pooler: &mut Pooler, log: &Path) -> Result<()> {
    let (started, address) = (Instant::now(), SocketAddr::from(([127, 0, 0, 1], pooler.port)));
    while TcpStream::connect(address).is_err() {
        if pooler.process.try_wait()?.is_some() || started.elapsed() > START {
            bail!("pgbouncer did not start:\n{}", fs::read_to_string(log).unwrap_or_default());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
