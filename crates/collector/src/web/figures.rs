//! A figure as HTML: the answer, the chart, what it rests on, the table, and where to take it from.

use maud::{Markup, PreEscaped, html};

use super::address;
use crate::insights::{Cell, Chart, Column, Coverage, Figure, Filter, Form, Part, PartKind, Table, View};

/// The columns from which a table's first one stays in sight while the others are scrolled.
const WIDE: usize = 10;
/// Up to how many bars a chart has which height.
const HEIGHTS: [(usize, &str); 3] = [(2, "chart two"), (5, "chart few"), (9, "chart")];

/// A figure as a section of a page.
pub fn section(figure: &Figure, view: &View) -> Markup {
    framed(figure, view, html! { p class="answer" { (figure.answer) } })
}

/// The same where the page's head gives the answer.
pub fn section_of_lead(figure: &Figure, view: &View) -> Markup {
    framed(figure, view, html! {})
}

fn framed(figure: &Figure, view: &View, answer: Markup) -> Markup {
    let id = format!("{}-title", figure.name);
    html! {
        section class="figure" aria-labelledby=(id) {
            div class="figure-head" {
                h2 id=(id) { (figure.title) }
                @if !figure.table.rows.is_empty() { (takeaway(figure, view)) }
            }
            (answer)
            (body(figure, view))
        }
    }
}

/// A figure without its title and answer, where the page's head has said them.
pub fn body(figure: &Figure, view: &View) -> Markup {
    with_table(figure, view, "scroll")
}

/// The same, its table as long as it is: for a page that is there for the table's sake.
pub fn long_body(figure: &Figure, view: &View) -> Markup {
    with_table(figure, view, "scroll tall")
}

fn with_table(figure: &Figure, view: &View, frame: &str) -> Markup {
    html! {
        @if figure.table.rows.is_empty() {
            @if !figure.empty.is_empty() { p class="empty" { (with_code(&figure.empty)) } }
            @if let Some(coverage) = &figure.coverage { @if coverage.reporting > 0 { (coverage_line(coverage)) } }
        } @else {
            @if let Some(chart) = &figure.chart { (chart_of(chart, figure)) }
            @if let Some(coverage) = &figure.coverage { (coverage_line(coverage)) }
            @if !figure.caption.is_empty() { p class="caption" { (figure.caption) } }
            (table(&figure.table, &figure.title, &view.filter, frame))
        }
    }
}

/// Links to the figure's numbers.
pub fn takeaway(figure: &Figure, view: &View) -> Markup {
    let mut parameters = view.filter.parameters();
    parameters.extend(view.question.parameters());
    let file = |ending: &str| address::with(&format!("/figures/{}.{ending}", figure.name), &parameters);
    html! {
        p class="takeaway" {
            a href=(file("csv")) download { "CSV" span class="unseen" { " of " (figure.title) } }
            a href=(file("json")) { "JSON" span class="unseen" { " of " (figure.title) } }
        }
    }
}

fn chart_of(chart: &Chart, figure: &Figure) -> Markup {
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
fn table(table: &Table, title: &str, filter: &Filter, frame: &str) -> Markup {
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
                                    th scope="row" class=[class(cell, column)] { (content(cell, filter)) }
                                } @else {
                                    td class=[class(cell, column)] { (content(cell, filter)) }
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

fn class(cell: &Cell, column: &Column) -> Option<&'static str> {
    match cell {
        Cell::Day(_) | Cell::Month(_) => Some("date"),
        Cell::Count(0) if column.numeric => Some("number zero"),
        _ if column.numeric => Some("number"),
        _ => None,
    }
}

fn content(cell: &Cell, filter: &Filter) -> Markup {
    html! {
        @match cell {
            Cell::Link { text, to } => a href=(address::of(to, filter)) { (text) },
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
                        span { (part.name) " " b { (Cell::count(part.count).shown()) } }
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
pub fn with_code(sentence: &str) -> Markup {
    html! {
        @for (place, piece) in sentence.split('`').enumerate() {
            @if place % 2 == 1 { code { (piece) } } @else { (piece) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insights::{Series, Tones};

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
        let mut rows = Table::new(["Name"]);
        rows.push(vec![Cell::text("<img src=x onerror=alert(1)>")]);
        let page = table(&rows, "Names", &Filter::default(), "scroll").into_string();
        assert!(page.contains("&lt;img src=x"), "{page}");
        assert!(!page.contains("<img"), "{page}");
    }
}
