//! A figure's table as CSV (RFC 4180), safe to open in a spreadsheet.

use crate::insights::{Cell, Figure, Part};

/// The table, exact numbers, its coverage on the last lines where it has one.
///
/// # Errors
/// Only where memory fails.
pub fn of(figure: &Figure) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(figure.table.columns.iter().map(|column| safe(&column.title)))?;
    for row in &figure.table.rows {
        writer.write_record(row.iter().map(cell))?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

fn cell(cell: &Cell) -> String {
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
/// (OWASP, "CSV Injection".)
fn safe(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insights::Table;

    fn check(cells: Vec<Cell>, expected: &str) {
        let mut table = Table::new(["Name", "Value#"]);
        table.push(cells);
        let figure = Figure {
            name: "test",
            title: String::new(),
            answer: String::new(),
            caption: String::new(),
            chart: None,
            coverage: None,
            table,
            empty: String::new(),
        };
        let bytes = of(&figure).unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), format!("Name,Value\r\n{expected}\r\n"));
    }

    #[test]
    fn a_cell_is_never_a_formula() {
        check(vec![Cell::text("=1+1"), Cell::Count(1)], "'=1+1,1");
        check(vec![Cell::text("@SUM(A1)"), Cell::Change(-0.5)], "'@SUM(A1),-0.5000");
        check(vec![Cell::text("+1"), Cell::Missing], "'+1,");
        check(vec![Cell::text("-1"), Cell::Number(-1.5)], "'-1,-1.5");
    }

    #[test]
    fn commas_quotes_and_lines_stay_within_their_cell() {
        check(vec![Cell::text("a, \"b\"\nc"), Cell::Count(1234)], "\"a, \"\"b\"\"\nc\",1234");
    }
}
