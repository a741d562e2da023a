//! A PostgreSQL server for these tests: the one that `cargo xtask test` started for all of them, or one of the test's own.
//! Where PostgreSQL is not installed the test fails and says so; it is never skipped.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use candor_agent::database::{DatabaseSettings, Password};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

use crate::product::{block_on, example, settings};

const USER: &str = "candor_test";
const PASSWORD: &str = "candor-test-password";

/// A server; one of the test's own ends with it.
pub struct Server {
    host: String,
    port: u16,
    user: String,
    password: String,
    own: Option<(Child, tempfile::TempDir)>,
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some((process, _)) = &mut self.own {
            // Interrupted, it takes its shared memory along; killed, it would leave that behind.
            let asked = Command::new("kill").args(["-INT", &process.id().to_string()]).status();
            if !asked.is_ok_and(|asked| asked.success()) {
                let _ = process.kill();
            }
            let _ = process.wait();
        }
    }
}

impl Server {
    /// The server of this test run, or one of the test's own.
    pub fn start() -> Self {
        if let Ok(url) = std::env::var("CANDOR_TEST_POSTGRES") {
            let options: PgConnectOptions = url.parse().unwrap();
            return Self {
                host: options.get_host().to_owned(),
                port: options.get_port(),
                user: options.get_username().to_owned(),
                password: std::env::var("CANDOR_TEST_POSTGRES_PASSWORD").unwrap_or_default(),
                own: None,
            };
        }
        own_server()
    }

    /// The port on loopback.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// An administrator's connection to a database.
    pub async fn administrator(&self, database: &str) -> PgConnection {
        self.options(database).connect().await.unwrap()
    }

    fn options(&self, database: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .host(&self.host)
            .port(self.port)
            .username(&self.user)
            .password(&self.password)
            .database(database)
    }
}

fn own_server() -> Server {
    let programs = programs().unwrap_or_else(|| {
        panic!("PostgreSQL is not installed: run `cargo xtask test`, which installs and starts it")
    });
    let folder = tempfile::tempdir().unwrap();
    let user = unprivileged(folder.path());
    let password_file = folder.path().join("password");
    std::fs::write(&password_file, PASSWORD).unwrap();
    let data = folder.path().join("data");
    let made = as_user(&programs.join("initdb"), user)
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
        .arg(&password_file)
        .arg("--pgdata")
        .arg(&data)
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let process = as_user(&programs.join("postgres"), user)
        .arg("-D")
        .arg(&data)
        .args(["-h", "127.0.0.1", "-p", &port.to_string(), "-k", "", "-c", "fsync=off"])
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let server = Server {
        host: "127.0.0.1".to_owned(),
        port,
        user: USER.to_owned(),
        password: PASSWORD.to_owned(),
        own: Some((process, folder)),
    };
    wait(&server);
    server
}

fn wait(server: &Server) {
    let began = Instant::now();
    let answers = || block_on(async { server.options("postgres").connect().await.map(drop).is_ok() });
    while !answers() {
        assert!(began.elapsed() < Duration::from_secs(60), "PostgreSQL does not start");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn programs() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("CANDOR_POSTGRES_PROGRAMS") {
        return Some(PathBuf::from(folder));
    }
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let debian = versions.map(|version| version.path().join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    debian.chain(std::env::split_paths(&path)).filter(|folder| folder.join("initdb").exists()).max()
}

/// PostgreSQL refuses to run as root: there, folder and server belong to the user of Debian's package.
#[cfg(unix)]
fn unprivileged(folder: &Path) -> Option<(u32, u32)> {
    let id = |arguments: &[&str]| -> u32 {
        let said = Command::new("id").args(arguments).output().unwrap();
        String::from_utf8_lossy(&said.stdout).trim().parse().expect("a number")
    };
    if id(&["-u"]) != 0 {
        return None;
    }
    let (user, group) = (id(&["-u", "postgres"]), id(&["-g", "postgres"]));
    std::os::unix::fs::chown(folder, Some(user), Some(group)).unwrap();
    Some((user, group))
}

#[cfg(not(unix))]
fn unprivileged(_: &Path) -> Option<(u32, u32)> {
    None
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

/// The sample product in a database of its own, with a login of its own that may read alone; dropped with this.
pub struct PostgresProduct {
    server: Server,
    name: String,
}

impl PostgresProduct {
    /// A product of its own for each test.
    pub fn new() -> Self {
        let server = Server::start();
        let name = format!("product_{}", uuid::Uuid::now_v7().simple());
        let product = Self { server, name };
        product.on("postgres", &format!("CREATE DATABASE {}", product.name));
        product.execute(&example("sample-product/schema.postgres.sql"));
        product.execute(&example("sample-product/data.sql"));
        product
    }

    /// Runs SQL as the product itself would.
    pub fn execute(&self, sql: &str) {
        self.on(&self.name, sql);
    }

    fn on(&self, database: &str, sql: &str) {
        let sql = sql.to_owned();
        block_on(async {
            let mut connection = self.server.administrator(database).await;
            connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.unwrap();
            connection.close().await.unwrap();
        });
    }

    /// A connection as the product itself has one.
    pub async fn open(&self) -> PgConnection {
        self.server.administrator(&self.name).await
    }

    /// The server.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// How a snapshot reaches it.
    pub fn settings(&self) -> DatabaseSettings {
        self.settings_for(&self.server.user, &self.server.password, &self.name)
    }

    /// The same with another login or database.
    pub fn settings_for(&self, user: &str, password: &str, database: &str) -> DatabaseSettings {
        let url = format!("postgres://{user}@{}:{}/{database}", self.server.host, self.server.port);
        DatabaseSettings { password: Some(Password::new(password)), ..settings(&url) }
    }

    /// The database's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The administrator's login.
    pub fn login(&self) -> (&str, &str) {
        (&self.server.user, &self.server.password)
    }
}

impl Drop for PostgresProduct {
    fn drop(&mut self) {
        // A failed test leaves its database behind rather than hiding its failure behind another.
        if !std::thread::panicking() && self.server.own.is_none() {
            self.on("postgres", &format!("DROP DATABASE {} WITH (FORCE)", self.name));
        }
    }
}
