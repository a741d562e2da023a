//! Insights over real columns in memory, filled by hand: small numbers that can be counted on paper. One file a group of
//! questions.

mod customers;
mod installed_base;
mod modules;
mod platforms;
mod settings;

use super::fixture::Fixture;
use super::{Figure, View};

fn ask(fixture: &Fixture, insight: super::Insight, parameters: &[(&str, &str)]) -> Figure {
    insight(&fixture.connection, &fixture.view(parameters)).unwrap()
}

/// Three installations: A reports until now, B fell silent in January, C is new in May and has no name.
fn base() -> Fixture {
    let fixture = Fixture::new();
    fixture.installation(1, 'A', Some("100"), Some("Town of A"));
    fixture.installation(2, 'B', Some("200"), None);
    fixture.installation(3, 'C', None, None);
    fixture.report(1, "2026-01-10", "Web", "2014r2");
    fixture.report(1, "2026-03-10", "Web", "2014r2");
    fixture.report(1, "2026-05-10", "Web", "2015");
    fixture.report(2, "2026-01-20", "Web", "7.60");
    fixture.report(3, "2026-05-12", "Mobile", "2014");
    fixture
}

#[test]
fn an_empty_store_answers_every_question() {
    let fixture = Fixture::new();
    let view = View { ..fixture.view(&[("require", "os:Windows 10"), ("search", "x")]) };
    for entry in super::FIGURES {
        let figure = (entry.insight)(&fixture.connection, &view).unwrap();
        assert!(figure.table.rows.is_empty(), "{}", entry.name);
        assert!(!figure.answer.is_empty() && figure.chart.is_none(), "{}", entry.name);
        assert_eq!(figure.name, entry.name);
    }
}
