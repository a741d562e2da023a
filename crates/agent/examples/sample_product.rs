//! Makes the sample product's database: `sample_product PATH` for SQLite, `sample_product postgres://USER@HOST/DATABASE` for
//! an empty PostgreSQL database (password from PGPASSWORD). What it holds is described in `examples/sample-product`.

use std::path::Path;
use std::process::ExitCode;

use sqlx::postgres::PgConnection;
use sqlx::{Connection, Executor};

const SCHEMA_SQLITE: &str = include_str!("../../../examples/sample-product/schema.sqlite.sql");
const SCHEMA_POSTGRES: &str = include_str!("../../../examples/sample-product/schema.postgres.sql");
const DATA: &str = include_str!("../../../examples/sample-product/data.sql");

fn main() -> ExitCode {
    let Some(place) = std::env::args().nth(1) else {
        eprintln!("usage: sample_product PATH | postgres://USER@HOST/DATABASE");
        return ExitCode::from(2);
    };
    match candor_agent::database::run(create(&place)) {
        Ok(Ok(())) => {
            println!("The sample product's database is in {place}.");
            ExitCode::SUCCESS
        }
        Ok(Err(error)) => failed(&place, &format!("{error:#}")),
        Err(error) => failed(&place, &error.to_string()),
    }
}

fn failed(place: &str, why: &str) -> ExitCode {
    eprintln!("The sample product's database cannot be made in {place}: {why}");
    ExitCode::FAILURE
}

async fn create(place: &str) -> anyhow::Result<()> {
    if place.starts_with("postgres") {
        let mut connection = PgConnection::connect(place).await?;
        let mut transaction = connection.begin().await?;
        transaction.execute(sqlx::raw_sql(SCHEMA_POSTGRES)).await?;
        transaction.execute(sqlx::raw_sql(DATA)).await?;
        transaction.commit().await?;
        return Ok(connection.close().await?);
    }
    let path = Path::new(place.strip_prefix("sqlite:").unwrap_or(place));
    if path.exists() {
        anyhow::bail!("the file is there already; name another, or remove it");
    }
    let mut connection = rusqlite::Connection::open(path)?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(SCHEMA_SQLITE)?;
    transaction.execute_batch(DATA)?;
    Ok(transaction.commit()?)
}
