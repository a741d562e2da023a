//! Names from several programmes in one figure: each then stands under its publisher.

use std::collections::BTreeSet;

use super::Catalogue;

/// The programmes whose names stand in one figure.
pub struct Programmes<'a> {
    catalogue: &'a Catalogue,
    policies: BTreeSet<String>,
}

impl<'a> Programmes<'a> {
    /// The programmes of these policies.
    pub fn of<'p>(catalogue: &'a Catalogue, policies: impl IntoIterator<Item = &'p String>) -> Self {
        Self { catalogue, policies: policies.into_iter().cloned().collect() }
    }

    /// A name of a policy, under its publisher where there are several.
    pub fn name(&self, policy: &str, name: &str) -> String {
        if self.policies.len() > 1 {
            format!("{} {name}", self.catalogue.publisher(policy))
        } else {
            name.to_owned()
        }
    }
}
