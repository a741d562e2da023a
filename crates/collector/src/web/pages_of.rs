//! Long tables, cut into pages.

use maud::{Markup, html};

use super::address;
use crate::insights::{Table, View};

/// Which part of a table is shown.
pub struct Pages {
    page: usize,
    last: usize,
    rows: usize,
}

/// Keeps one page of a table's rows; a page that is not there is the last one.
pub fn cut(table: &mut Table, page: usize, size: usize) -> Pages {
    let rows = table.rows.len();
    let last = rows.div_ceil(size).max(1);
    let page = page.clamp(1, last);
    table.rows = table.rows.drain(..).skip((page - 1) * size).take(size).collect();
    Pages { page, last, rows }
}

impl Pages {
    /// Links to the pages before and after; none where there is one page.
    pub fn links(&self, path: &str, view: &View) -> Markup {
        let to = |page: usize| {
            let mut parameters = view.filter.parameters();
            parameters.extend(view.question.parameters());
            parameters.push(("page", page.to_string()));
            address::with(path, &parameters)
        };
        html! {
            @if self.last > 1 {
                nav class="pages" aria-label="Pages" {
                    @if self.page > 1 { a href=(to(self.page - 1)) rel="prev" { "Previous" } }
                    span { "Page " (self.page) " of " (self.last) " (" (self.rows) " rows)" }
                    @if self.page < self.last { a href=(to(self.page + 1)) rel="next" { "Next" } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insights::Cell;

    #[test]
    fn a_page_holds_its_rows_and_no_others() {
        let table = || {
            let mut table = Table::new(["Name"]);
            (1..=5).for_each(|number| table.push(vec![Cell::Count(number)]));
            table
        };
        let shown = |page: usize| {
            let mut table = table();
            cut(&mut table, page, 2);
            table.rows.iter().map(|row| row[0].exact()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!((shown(1), shown(3), shown(9)), ("1 2".into(), "5".into(), "5".into()));
    }
}
