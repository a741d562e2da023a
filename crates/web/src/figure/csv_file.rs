//! A figure's table as CSV (RFC 4180), safe to open in a spreadsheet.

use super::{Cell, Coverage, Figure, Part};

/// The columns of a figure's coverage, after the table's own.
const COVERAGE: [&str; 7] = [
    "Coverage: known",
    "Coverage: reporting",
    "Coverage: withheld",
    "Coverage: not measured",
    "Coverage: not reported",
    "Coverage: unverified",
    "Coverage: silent",
];

/// The table, exact numbers. A figure that has a coverage carries it in columns of its own, the same on every row: numbers
/// that are taken out keep what they rest on, and a program still reads a plain table.
///
/// # Errors
/// Only where memory fails.
pub fn csv_file<L>(figure: &Figure<L>) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let titles = figure.coverage.iter().flat_map(|_| COVERAGE.map(str::to_owned));
    writer.write_record(figure.table.columns.iter().map(|column| safe(&column.title)).chain(titles))?;
    let coverage: Vec<String> = figure.coverage.iter().flat_map(rests_on).collect();
    for row in &figure.table.rows {
        writer.write_record(row.iter().map(cell).chain(coverage.iter().cloned()))?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

/// In the order of [`COVERAGE`].
fn rests_on(coverage: &Coverage) -> [String; 7] {
    let Coverage { known, reporting, withheld, not_measured, unverified, includes_unverified: _, silent } =
        coverage;
    [*known, *reporting, *withheld, *not_measured, coverage.unsaid(), *unverified, *silent]
        .map(|count| count.to_string())
}

fn cell<L>(cell: &Cell<L>) -> String {
    match cell {
        // Numbers may start with a minus; they are ours, and a formula cannot come of them.
        Cell::Count(_) | Cell::Number(_) | Cell::Index(_) | Cell::Share(_) | Cell::Change(_) => cell.exact(),
        Cell::Parts(parts) => safe(&parts.iter().map(part).collect::<Vec<_>>().join("; ")),
        other => safe(&other.exact()),
    }
}

fn part(part: &Part) -> String {
    format!("{}: {}", part.name, part.count)
}

/// A spreadsheet takes a cell that starts with one of these signs for a formula: an apostrophe before it makes it text.
/// (OWASP, "CSV Injection".) Where a spreadsheet separates at semicolons or tabs instead of commas, a cell also starts after
/// one of those, and as the quotes around ours are then none to it, after an end of line.
fn safe(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for piece in text.split_inclusive([';', '\t', '\r', '\n']) {
        if piece.trim_start_matches([' ', '"']).starts_with(['=', '+', '-', '@', '\t', '\r']) {
            safe.push('\'');
        }
        safe.push_str(piece);
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::Table;

    type Cell = super::Cell<()>;

    fn check(cells: Vec<Cell>, expected: &str) {
        check_file(cells, None, &format!("Name,Value\r\n{expected}\r\n"));
    }

    fn check_file(cells: Vec<Cell>, coverage: Option<Coverage>, expected: &str) {
        let mut table = Table::new(["Name", "Value#"]);
        table.push(cells);
        let bytes = csv_file(&figure(coverage, table)).unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }

    fn figure(coverage: Option<Coverage>, table: Table<()>) -> Figure<()> {
        Figure { coverage, table, ..Figure::default() }
    }

    #[test]
    fn what_the_numbers_rest_on_goes_with_them() {
        check_file(
            vec![Cell::text("a"), Cell::Count(4)],
            Some(Coverage {
                known: 4,
                reporting: 9,
                withheld: 2,
                not_measured: 1,
                unverified: 3,
                silent: 5,
                ..Coverage::default()
            }),
            "Name,Value,Coverage: known,Coverage: reporting,Coverage: withheld,Coverage: not measured,Coverage: not \
             reported,Coverage: unverified,Coverage: silent\r\na,4,4,9,2,1,2,3,5\r\n",
        );
    }

    #[test]
    fn a_cell_is_never_a_formula() {
        check(vec![Cell::text("=1+1"), Cell::Count(1)], "'=1+1,1");
        check(vec![Cell::text("@SUM(A1)"), Cell::Change(-0.5)], "'@SUM(A1),-0.5000");
        check(vec![Cell::text("+1"), Cell::Missing], "'+1,");
        check(vec![Cell::text("-1"), Cell::Number(-1.5)], "'-1,-1.5");
    }

    /// Reads a file as a spreadsheet does that separates at this sign; cells are trimmed, as some do.
    fn cells_at(separator: char, file: &[u8]) -> Vec<String> {
        let mut reader = csv::ReaderBuilder::new();
        let reader = reader.delimiter(separator as u8).flexible(true).has_headers(false).trim(csv::Trim::All);
        let records = reader.from_reader(file).into_records().map(|record| record.unwrap());
        records.flat_map(|record| record.iter().map(str::to_owned).collect::<Vec<_>>()).collect()
    }

    #[test]
    fn a_cell_is_never_a_formula_wherever_the_spreadsheet_separates() {
        for text in [
            "C;=1+1",
            "C\t=1+1",
            "C\n=1+1",
            "C\r\n=1+1",
            "C, \"x\";=1+1",
            "C; =1+1",
            "C;\"=1+1\"",
            "C;;@SUM(A1)",
            "C;\t+1",
            "a;b;-1",
        ] {
            let mut table = Table::new(["Name", "Value"]);
            table.push(vec![Cell::text(text), Cell::text("x")]);
            table.push(vec![Cell::text("x"), Cell::text(text)]);
            let file = csv_file(&figure(None, table)).unwrap();
            for separator in [',', ';', '\t'] {
                for cell in cells_at(separator, &file) {
                    let start = cell.trim_start_matches('"');
                    assert!(!start.starts_with(['=', '+', '-', '@']), "{text:?} at {separator:?}: {cell:?}");
                }
            }
        }
        check(vec![Cell::text("C;=1+1"), Cell::Missing], "C;'=1+1,");
        check(vec![Cell::text("a; b"), Cell::Missing], "a; b,");
    }

    #[test]
    fn commas_quotes_and_lines_stay_within_their_cell() {
        check(vec![Cell::text("a, \"b\"\nc"), Cell::Count(1234)], "\"a, \"\"b\"\"\nc\",1234");
    }
}
