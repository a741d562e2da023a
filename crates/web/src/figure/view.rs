//! A figure as HTML: the answer, the chart, what it rests on, the table, and where to take it from.

use maud::{Markup, PreEscaped, html};

use super::words::grouped_count;
use super::{Cell, Chart, Column, Coverage, Figure, Form, Part, PartKind, Table};

/// The columns from which a table's first one stays in sight while the others are scrolled.
const WIDE: usize = 10;
/// Up to how many bars a chart has which height.
const HEIGHTS: [(usize, &str); 3] = [(2, "chart two"), (5, "chart few"), (9, "chart")];

/// Where a figure leads: the addresses are the program's own.
#[derive(Clone, Copy)]
pub struct Links<'l, L> {
    /// The address of what a cell leads to, escaped.
    pub cell: &'l dyn Fn(&L) -> String,
    /// The address of a figure's numbers, by its name and the file's ending: `csv` or `json`.
    pub file: &'l dyn Fn(&str, &str) -> String,
}

/// A figure as a section of a page.
pub fn section<L>(figure: &Figure<L>, links: &Links<'_, L>) -> Markup {
    framed(figure, links, &html! { p class="answer" { (figure.answer) } })
}

/// The same where the page's head gives the answer.
pub fn section_of_lead<L>(figure: &Figure<L>, links: &Links<'_, L>) -> Markup {
    framed(figure, links, &html! {})
}

fn framed<L>(figure: &Figure<L>, links: &Links<'_, L>, answer: &Markup) -> Markup {
    let id = format!("{}-title", figure.name);
    html! {
        section class="figure" aria-labelledby=(id) {
            div class="figure-head" {
                h2 id=(id) { (figure.title) }
                @if !figure.table.rows.is_empty() { (takeaway(figure, links)) }
            }
            (answer)
            (body(figure, links))
        }
    }
}

/// A figure without its title and answer, where the page's head has said them.
pub fn body<L>(figure: &Figure<L>, links: &Links<'_, L>) -> Markup {
    with_table(figure, links, "scroll")
}

/// The same, its table as long as it is: for a page that is there for the table's sake.
pub fn long_body<L>(figure: &Figure<L>, links: &Links<'_, L>) -> Markup {
    with_table(figure, links, "scroll tall")
}

fn with_table<L>(figure: &Figure<L>, links: &Links<'_, L>, frame: &str) -> Markup {
    html! {
        @if figure.table.rows.is_empty() {
            @if !figure.empty.is_empty() { p class="empty" { (with_code(&figure.empty)) } }
            @if let Some(coverage) = &figure.coverage { @if coverage.reporting + coverage.silent > 0 { (coverage_line(coverage)) } }
        } @else {
            @if let Some(chart) = &figure.chart { (chart_of(chart, figure)) }
            @if let Some(coverage) = &figure.coverage { (coverage_line(coverage)) }
            @if !figure.caption.is_empty() { p class="caption" { (figure.caption) } }
            (table(&figure.table, &figure.title, links, frame))
        }
    }
}

/// Links to the figure's numbers.
pub fn takeaway<L>(figure: &Figure<L>, links: &Links<'_, L>) -> Markup {
    let file = |ending: &str| (links.file)(figure.name, ending);
    html! {
        p class="takeaway" {
            a href=(file("csv")) download { "CSV" span class="unseen" { " of " (figure.title) } }
            a href=(file("json")) { "JSON" span class="unseen" { " of " (figure.title) } }
        }
    }
}

fn chart_of<L>(chart: &Chart, figure: &Figure<L>) -> Markup {
    let lower = HEIGHTS.iter().find(|(most, _)| chart.labels.len() <= *most);
    let class = match chart.form {
        Form::StackedBars => lower.map_or("chart many", |(_, class)| class),
        Form::StackedColumns | Form::Lines => "chart",
    };
    html! {
        div class=(class) {
            script type="application/json" { (PreEscaped(for_script(chart))) }
            div class="canvas" role="img"
                aria-label={ "Chart of " (figure.title) ". " (figure.answer) " The table below has its numbers." } {}
        }
    }
}

/// JSON that cannot end the element that it stands in.
fn for_script(chart: &Chart) -> String {
    // Text keys and finite numbers: writing them to memory cannot fail.
    serde_json::to_string(chart).unwrap_or_default().replace('<', "\\u003c")
}

fn coverage_line(coverage: &Coverage) -> Markup {
    let whole = coverage.reporting.max(1) as f64;
    let parts = [
        ("part-known", coverage.known),
        ("part-withheld", coverage.withheld),
        ("part-missing", coverage.not_measured),
    ];
    let mut start = 0.0;
    html! {
        div class="coverage" {
            @if coverage.known < coverage.reporting { svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" {
                @for (class, count) in parts {
                    @let width = count as f64 / whole * 100.0;
                    rect class=(class) x=(format!("{start:.2}")) y="0" width=(format!("{width:.2}")) height="4" {}
                    ({ start += width; "" })
                }
            } }
            p { (coverage.sentence()) }
        }
    }
}

/// A table that scrolls within its own frame, which the keyboard can reach.
fn table<L>(table: &Table<L>, title: &str, links: &Links<'_, L>, frame: &str) -> Markup {
    let wide = table.columns.len() > WIDE;
    html! {
        div class={ (frame) @if wide { " wide" } } tabindex="0" role="region" aria-label={ "Table: " (title) } {
            table {
                caption class="unseen" { (title) }
                thead { tr { @for column in &table.columns { (heading(column)) } } }
                tbody {
                    @for row in &table.rows {
                        tr {
                            @for (place, (cell, column)) in row.iter().zip(&table.columns).enumerate() {
                                @if place == 0 {
                                    th scope="row" class=[class(cell, column)] { (content(cell, links)) }
                                } @else {
                                    td class=[class(cell, column)] { (content(cell, links)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn heading(column: &Column) -> Markup {
    html! { th scope="col" class=[column.numeric.then_some("number")] { (column.title) } }
}

fn class<L>(cell: &Cell<L>, column: &Column) -> Option<&'static str> {
    match cell {
        Cell::Day(_) | Cell::Month(_) => Some("date"),
        Cell::Count(0) if column.numeric => Some("number zero"),
        _ if column.numeric => Some("number"),
        _ => None,
    }
}

fn content<L>(cell: &Cell<L>, links: &Links<'_, L>) -> Markup {
    html! {
        @match cell {
            Cell::Link { text, to } => a href=((links.cell)(to)) { (text) },
            Cell::Day(_) | Cell::Month(_) => time datetime=(cell.shown()) { (cell.shown()) },
            Cell::Parts(parts) => (parts_of(parts)),
            Cell::Missing => span class="quiet" { (cell.shown()) },
            other => (other.shown()),
        }
    }
}

/// Parts of a whole: a bar, and the same in words.
fn parts_of(parts: &[Part]) -> Markup {
    let whole = parts.iter().map(|part| part.count).sum::<usize>().max(1) as f64;
    let mut start = 0.0;
    html! {
        div class="parts" {
            svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" {
                @for (place, part) in parts.iter().enumerate() {
                    @let width = part.count as f64 / whole * 100.0;
                    rect class=(tone(part, place)) x=(format!("{start:.2}")) y="0"
                        width=(format!("{:.2}", (width - 0.4).max(0.2))) height="4" {}
                    ({ start += width; "" })
                }
            }
            ul {
                @for (place, part) in parts.iter().enumerate() {
                    li {
                        span class={ "swatch " (tone(part, place)) } {}
                        span { (part.name) " " b { (grouped_count(part.count)) } }
                    }
                }
            }
        }
    }
}

fn tone(part: &Part, place: usize) -> &'static str {
    match part.kind {
        PartKind::InUse => "tone-in-use",
        PartKind::Empty => "tone-empty",
        PartKind::Unset => "tone-unset",
        PartKind::Other => "tone-other",
        PartKind::Value => {
            ["tone-1", "tone-2", "tone-3", "tone-4"].get(place).copied().unwrap_or("tone-other")
        }
    }
}

/// A sentence in which commands stand between back-ticks.
fn with_code(sentence: &str) -> Markup {
    html! {
        @for (place, piece) in sentence.split('`').enumerate() {
            @if place % 2 == 1 { code { (piece) } } @else { (piece) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::{Series, Tones};

    #[test]
    fn a_charts_json_cannot_end_its_element() {
        let chart = Chart {
            form: Form::Lines,
            unit: "installations".into(),
            labels: vec!["</script><script>alert(1)</script><!--".into()],
            series: vec![Series { name: "a".into(), values: vec![Some(1.0), None] }],
            tones: Tones::Categories,
        };
        let json = for_script(&chart);
        assert!(!json.contains('<'), "{json}");
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(read["labels"][0], "</script><script>alert(1)</script><!--");
    }

    #[test]
    fn what_a_site_says_is_text_and_never_markup() {
        let mut rows: Table<()> = Table::new(["Name"]);
        rows.push(vec![Cell::text("<img src=x onerror=alert(1)>")]);
        let links = Links { cell: &|()| String::new(), file: &|_, _| String::new() };
        let page = table(&rows, "Names", &links, "scroll").into_string();
        assert!(page.contains("&lt;img src=x"), "{page}");
        assert!(!page.contains("<img"), "{page}");
    }
}
