//! Figures on the collector's pages: the shared view, with links that keep the page's filters.

use candor_web::address;
use candor_web::figure::{self, Links, Pages};
use maud::Markup;

use super::address::of;
use crate::insights::{Address, Figure, View};

/// A figure as a section of a page.
pub fn section(figure: &Figure, view: &View) -> Markup {
    linked(view, |links| figure::section(figure, links))
}

/// The same where the page's head gives the answer.
pub fn section_of_lead(figure: &Figure, view: &View) -> Markup {
    linked(view, |links| figure::section_of_lead(figure, links))
}

/// A figure without its title and answer, where the page's head has said them.
pub fn body(figure: &Figure, view: &View) -> Markup {
    linked(view, |links| figure::body(figure, links))
}

/// The same, its table as long as it is: for a page that is there for the table's sake.
pub fn long_body(figure: &Figure, view: &View) -> Markup {
    linked(view, |links| figure::long_body(figure, links))
}

/// Links to the figure's numbers.
pub fn takeaway(figure: &Figure, view: &View) -> Markup {
    linked(view, |links| figure::takeaway(figure, links))
}

/// Links to the other pages of a long table.
pub fn page_links(pages: Pages, path: &str, view: &View) -> Markup {
    pages.links(|page| {
        let mut parameters = parameters(view);
        parameters.push(("page", page.to_string()));
        address(path, &parameters)
    })
}

fn linked(view: &View, shown: impl FnOnce(&Links<'_, Address>) -> Markup) -> Markup {
    let cell = |to: &Address| of(to, &view.filter);
    let file = |name: &str, ending: &str| address(&format!("/figures/{name}.{ending}"), &parameters(view));
    shown(&Links { cell: &cell, file: &file })
}

/// What a view is narrowed to and asks, as parameters of an address.
fn parameters(view: &View) -> Vec<(&'static str, String)> {
    let mut parameters = view.filter.parameters();
    parameters.extend(view.question.parameters());
    parameters
}
