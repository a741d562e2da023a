//! What the documentation says of the programs is what the programs say of themselves.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::house::{program, text};

fn document(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn the_exit_codes_of_the_documentation_are_those_of_the_program() {
    let help = Command::new(program("candor")).arg("--help").output().expect("candor starts");
    let help = text(&help.stdout);
    let (_, table) = help.split_once("Exit codes:").expect("a table of exit codes closes the help");
    let page = document("docs/vendor-developer.md");
    let (_, rows) = page.split_once("<!-- exit-codes -->").expect("a marked table");
    let (rows, _) = rows.split_once("<!-- /exit-codes -->").expect("a marked table");
    // Help is wrapped to the terminal's width; words are compared, not lines.
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let told: Vec<String> = rows
        .lines()
        .filter_map(|row| {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            cells.get(1)?.parse::<u8>().ok()?;
            Some(format!("{} {}", cells[1], cells[3]))
        })
        .collect();
    assert_eq!(words(&told.join(" ")), words(table));
}

#[test]
fn the_architecture_is_short_enough_to_be_read() {
    let count = document("ARCHITECTURE.md").split_whitespace().count();
    assert!(count < 2_500, "ARCHITECTURE.md has {count} words");
}
