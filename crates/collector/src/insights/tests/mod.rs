//! Insights over real columns in memory, filled by hand: small numbers that can be counted on paper. One file a group of
//! questions.

mod beginnings;
mod customers;
mod installed_base;
mod modules;
mod platforms;
mod settings;
mod silence;

use super::Figure;
use super::figures::Declaration;
use super::fixture::{Fixture, view};

fn ask(fixture: &Fixture, declared: Declaration, parameters: &[(&str, &str)]) -> Figure {
    declared.ask(&fixture.reader(), &view(parameters)).unwrap()
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
