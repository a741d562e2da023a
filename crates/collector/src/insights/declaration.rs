//! How a figure is declared: once, with its name, whom it is about and the insight that makes it. Pages name the constant,
//! addresses the name; both come from the same line.

use super::{Figure, View};
use crate::store::StoreError;
use crate::store::insights::ColumnsReader;

/// What makes a figure.
pub(super) type Insight = fn(&ColumnsReader, &View) -> Result<Figure, StoreError>;

/// A figure that pages and addresses can ask for.
#[derive(Clone, Copy)]
pub struct Declaration {
    pub(super) name: &'static str,
    pub(super) about: About,
    pub(super) insight: Insight,
}

/// Whom a figure is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// The installed base, without the name of any customer.
    Base,
    /// Customers by name, so that every look at it goes into the audit log.
    Customers,
}

impl Declaration {
    /// Its name in addresses: `/figures/<name>.csv`.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// Whether a look at it, in this view, is a look at customers' data. In a view that is narrowed any figure may speak of
    /// one customer.
    pub fn shows_customers(self, view: &View) -> bool {
        self.about == About::Customers || view.is_narrowed()
    }

    /// Makes the figure. Whoever asks has written to the audit log first, where the figure shows customers.
    ///
    /// # Errors
    /// [`StoreError`] where the columns fail.
    pub fn ask(self, reader: &ColumnsReader, view: &View) -> Result<Figure, StoreError> {
        let view = view.since(reader.first_month(&view.slice)?);
        let mut figure = Figure { name: self.name, ..(self.insight)(reader, &view)? };
        if let Some(coverage) = &mut figure.coverage {
            coverage.unverified = reader.unverified_installations(&view.slice)?;
            coverage.includes_unverified = view.slice.unverified;
        }
        Ok(figure)
    }
}

/// Makes `figures`: a constant for each declaration, and the way from a name to it.
macro_rules! declare {
    ($($(#[$question:meta])* $constant:ident = $name:literal, $about:ident, $insight:path;)*) => {
        /// All figures. Pages name the constants.
        pub mod figures {
            pub use super::declaration::Declaration;
            use super::declaration::About;
            use super::*;

            $($(#[$question])* pub const $constant: Declaration =
                Declaration { name: $name, about: About::$about, insight: $insight };)*

            pub(super) const ALL: &[Declaration] = &[$($constant),*];

            /// The figure of this name.
            pub fn find(name: &str) -> Option<Declaration> {
                ALL.iter().copied().find(|declared| declared.name() == name)
            }
        }
    };
}
pub(super) use declare;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::insights::figures::{ALL, find};
    use crate::insights::fixture::{Fixture, view};

    #[test]
    fn an_empty_store_answers_every_question() {
        let (fixture, view) = (Fixture::new(), view(&[("require", "os:Windows 10"), ("search", "x")]));
        for declared in ALL {
            let figure = declared.ask(&fixture.reader(), &view).unwrap();
            assert!(figure.table.rows.is_empty(), "{}", declared.name);
            assert!(!figure.answer.is_empty() && figure.chart.is_none(), "{}", declared.name);
        }
    }

    #[test]
    fn every_figure_is_found_by_a_name_of_its_own() {
        let names: BTreeSet<&str> = ALL.iter().map(|declared| declared.name).collect();
        assert_eq!(names.len(), ALL.len());
        for name in names {
            let figure = find(name).unwrap().ask(&Fixture::new().reader(), &view(&[])).unwrap();
            assert_eq!(figure.name, name);
        }
        assert!(find("nothing").is_none());
    }
}
