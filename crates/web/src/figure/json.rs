//! A figure as JSON: the same numbers as on the page, exact.

use serde_json::{Value, json as value};

use super::{Cell, Figure};

/// The figure as an object, to which a program may add what it was asked.
pub fn json<L>(figure: &Figure<L>) -> Value {
    let columns: Vec<&str> = figure.table.columns.iter().map(|column| column.title.as_str()).collect();
    let rows: Vec<Vec<Value>> = figure.table.rows.iter().map(|row| row.iter().map(cell).collect()).collect();
    value!({
        "name": figure.name,
        "title": figure.title,
        "answer": figure.answer,
        "caption": figure.caption,
        "coverage": figure.coverage,
        "chart": figure.chart,
        "columns": columns,
        "rows": rows,
    })
}

fn cell<L>(cell: &Cell<L>) -> Value {
    match cell {
        Cell::Count(number) => value!(number),
        Cell::Number(number) | Cell::Index(number) | Cell::Share(number) | Cell::Change(number) => {
            value!(number)
        }
        Cell::Parts(parts) => value!(parts),
        Cell::Missing => Value::Null,
        Cell::Text(_) | Cell::Link { .. } | Cell::Day(_) | Cell::Month(_) => value!(cell.shown()),
    }
}
