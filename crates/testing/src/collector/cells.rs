//! Every value in both stores, cell by cell. To search the bytes of their files would not do: DuckDB and zstd compress, and
//! SQLite spreads a long value over pages. It reads the databases themselves and trusts no code of the collector's.

use std::path::Path;

use rusqlite::Connection;

/// What a frame of zstd starts with (RFC 8878).
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// One value.
pub struct Cell {
    /// Where it stands: store, table and column.
    pub place: String,
    /// What it is, as text; decompressed where it was compressed.
    pub text: String,
}

/// All values in the data folder of a collector that has ended.
///
/// # Errors
/// Where a store cannot be read.
pub fn cells(data: &Path) -> anyhow::Result<Vec<Cell>> {
    let mut cells = journal(&data.join("journal.sqlite"))?;
    cells.extend(columns(&data.join("columns.duckdb"))?);
    Ok(cells)
}

fn journal(file: &Path) -> anyhow::Result<Vec<Cell>> {
    let journal = Connection::open(file)?;
    let named =
        "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'";
    let mut select = journal.prepare(named)?;
    let columns = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut cells = Vec::new();
    for column in columns {
        let (table, column): (String, String) = column?;
        let mut select = journal.prepare(&format!("SELECT CAST(\"{column}\" AS BLOB) FROM \"{table}\""))?;
        for value in select.query_map([], |row| row.get::<_, Option<Vec<u8>>>(0))? {
            let Some(value) = value? else { continue };
            let plain = if value.starts_with(&ZSTD) { zstd::decode_all(value.as_slice())? } else { value };
            let text = String::from_utf8_lossy(&plain).into_owned();
            cells.push(Cell { place: format!("journal {table}.{column}"), text });
        }
    }
    Ok(cells)
}

fn columns(file: &Path) -> anyhow::Result<Vec<Cell>> {
    let columns = duckdb::Connection::open(file)?;
    let texts = |query: &str| -> duckdb::Result<Vec<Option<String>>> {
        columns.prepare(query)?.query_map([], |row| row.get(0))?.collect()
    };
    let named = "SELECT table_name || '.' || column_name FROM information_schema.columns";
    let mut cells = Vec::new();
    for name in texts(named)?.into_iter().flatten() {
        let Some((table, column)) = name.split_once('.') else { continue };
        let query = format!("SELECT CAST(\"{column}\" AS VARCHAR) FROM \"{table}\"");
        let values = texts(&query)?.into_iter().flatten();
        cells.extend(values.map(|text| Cell { place: format!("columns {name}"), text }));
    }
    Ok(cells)
}
