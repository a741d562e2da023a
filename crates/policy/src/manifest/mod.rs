//! Reads a manifest: TOML in, a [`Policy`] or all its faults out.
//!
//! `fields` declares what may stand there, in the words of `form`; `section` and `reader` hold each table and value against
//! that declaration, `header`, `metrics` and `values` make typed things of it, `lint` asks whether the whole is fit to be shown
//! to a customer, `succession` whether it may follow an earlier version. None of them stops at the first fault.

mod faults;
pub mod fields;
pub mod form;
mod header;
mod lint;
mod metrics;
mod reader;
mod section;
mod succession;
mod syntax;
mod text_rule;
mod values;
pub mod words;

pub use faults::{Fault, Faults};

use crate::{Digest, Policy};
use faults::Found;
use section::Section;

impl Policy {
    /// Reads a manifest. The policy's digest is that of the manifest's bytes.
    ///
    /// # Errors
    /// [`Faults`]: all of them at once, in the order of their lines.
    pub fn read(manifest: &str) -> Result<Self, Faults> {
        read_all(manifest, None)
    }

    /// Reads a manifest that is to follow a published one: beside its own faults, those that the two make together.
    ///
    /// # Errors
    /// [`Faults`]: all of them at once, in the order of their lines.
    pub fn read_next(manifest: &str, previous: &Self) -> Result<Self, Faults> {
        read_all(manifest, Some(previous))
    }
}

fn read_all(manifest: &str, previous: Option<&Policy>) -> Result<Policy, Faults> {
    let mut found = Found::new(manifest);
    let policy = read(manifest, previous, &mut found);
    match (policy, found.finish()) {
        (Some(policy), None) => Ok(policy),
        (_, faults) => Err(faults.unwrap_or_default()),
    }
}

/// Every part is read even where another is at fault; a policy comes of it only where all of them could be read.
fn read(manifest: &str, previous: Option<&Policy>, found: &mut Found) -> Option<Policy> {
    let document = syntax::parse(manifest, found);
    let top = Section::read(&fields::MANIFEST, "the manifest".to_owned(), 0, document.get_ref(), found);
    let header = header::policy(&top, found);
    let collector = header::collector(&top, found);
    let purposes = header::purposes(&top, found);
    let categories = header::categories(&top, found);
    let sources = header::sources(&top, found);
    let known = header::Declared {
        releases: header.releases.clone(),
        purposes: &purposes,
        categories: &categories,
        sources: &sources,
    };
    let metrics = metrics::metrics(&top, &known, found);
    lint::text(manifest, found);
    lint::whole(&top, &known, &metrics, found);
    if let Some(previous) = previous {
        succession::check(previous, manifest, &top, &metrics, found);
    }
    Some(Policy {
        id: header.id?,
        version: header.version?,
        title: header.title?,
        publisher: header.publisher?,
        summary: header.summary?,
        contact: header.contact?,
        effective: header.effective?,
        readers: header.readers,
        opt_out: header.opt_out,
        consent_mode: header.consent_mode?,
        collector: collector?,
        releases: header.releases,
        purposes: purposes.into_iter().map(|purpose| purpose.item).collect(),
        categories: categories.into_iter().map(|category| category.item).collect(),
        sources: sources.into_iter().map(|source| source.item).collect(),
        metrics: metrics.into_iter().filter_map(|metric| metric.item).collect(),
        manifest: manifest.to_owned(),
        digest: Digest::of(manifest.as_bytes()),
    })
}
