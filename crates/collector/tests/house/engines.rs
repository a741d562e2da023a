//! Above `store` nobody names an engine.

use crate::sources;

/// Crates of the engines; a path into one starts with its name.
const ENGINES: [&str; 3] = ["duckdb", "rusqlite", "sqlx"];
/// What only tests may ask of the columns, and only from outside of the sources.
const TESTS_ONLY: &str = "rows_as_text";

#[test]
fn only_the_store_names_a_database_engine() {
    let mut found = Vec::new();
    for source in sources::all().into_iter().filter(|source| !source.path.starts_with("store/")) {
        for (number, line) in source.code() {
            let names_engine = words(&line).any(|word| ENGINES.contains(&word) || word == TESTS_ONLY);
            if names_engine {
                found.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "these belong behind a method of `store`:\n{}", found.join("\n"));
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|sign: char| !sign.is_alphanumeric() && sign != '_')
}
