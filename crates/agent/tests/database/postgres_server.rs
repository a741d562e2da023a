//! A PostgreSQL server for these tests: the one that `cargo xtask test` started for all of them, or one of the test's own.
//! Where PostgreSQL is not installed the test fails and says so; it is never skipped.

use std::hash::{BuildHasher, RandomState};

use candor_agent::database::{DatabaseSettings, Password};
use candor_testing::postgres::pooler::{self, Pooler, PoolerSettings};
use candor_testing::postgres::{PASSWORD, PASSWORD_VARIABLE, URL_VARIABLE, USER};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

use crate::product::{block_on, example, settings};

/// A server; one of the test's own ends with it.
pub struct Server {
    host: String,
    port: u16,
    user: String,
    password: String,
    own: Option<candor_testing::postgres::Server>,
}

impl Server {
    /// The server of this test run, or one of the test's own.
    pub fn start() -> Self {
        if let Ok(url) = std::env::var(URL_VARIABLE) {
            let options: PgConnectOptions = url.parse().unwrap();
            return Self {
                host: options.get_host().to_owned(),
                port: options.get_port(),
                user: options.get_username().to_owned(),
                password: std::env::var(PASSWORD_VARIABLE).unwrap_or_default(),
                own: None,
            };
        }
        let own = candor_testing::postgres::start().unwrap_or_else(|error| panic!("{error:#}"));
        Self {
            host: "127.0.0.1".to_owned(),
            port: own.port(),
            user: USER.to_owned(),
            password: PASSWORD.to_owned(),
            own: Some(own),
        }
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

/// The sample product in a database of its own, with a login of its own that may read alone; dropped with this.
pub struct PostgresProduct {
    server: Server,
    name: String,
}

impl PostgresProduct {
    /// A product of its own for each test.
    pub fn new() -> Self {
        let server = Server::start();
        let name = format!("product_{:x}", RandomState::new().hash_one(std::process::id()));
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

    /// PgBouncer before it, which lets anybody in as the server's own login.
    pub fn pooler(&self, mode: &str) -> Pooler {
        let (user, password) = (&self.server.user, &self.server.password);
        let settings = PoolerSettings { server_port: self.server.port, user, password, mode };
        pooler::start(&settings).unwrap_or_else(|error| panic!("{error:#}"))
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
