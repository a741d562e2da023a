//! Long tables, cut into pages.

use maud::{Markup, html};

use super::Table;

/// Which part of a table is shown.
#[derive(Clone, Copy, Debug)]
pub struct Pages {
    page: usize,
    last: usize,
    rows: usize,
}

impl Pages {
    /// Keeps one page of a table's rows; a page that is not there is the last one.
    pub fn cut<L>(table: &mut Table<L>, page: usize, size: usize) -> Self {
        let rows = table.rows.len();
        let last = rows.div_ceil(size).max(1);
        let page = page.clamp(1, last);
        table.rows = table.rows.drain(..).skip((page - 1) * size).take(size).collect();
        Self { page, last, rows }
    }

    /// Links to the pages before and after, by the address of a page; none where there is one page.
    pub fn links(self, to: impl Fn(usize) -> String) -> Markup {
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
    use crate::figure::Cell;

    #[test]
    fn a_page_holds_its_rows_and_no_others() {
        let table = || {
            let mut table: Table<()> = Table::new(["Name"]);
            (1..=5).for_each(|number| table.push(vec![Cell::Count(number)]));
            table
        };
        let shown = |page: usize| {
            let mut table = table();
            Pages::cut(&mut table, page, 2);
            table.rows.iter().map(|row| row[0].exact()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!((shown(1), shown(3), shown(9)), ("1 2".into(), "5".into(), "5".into()));
    }
}
