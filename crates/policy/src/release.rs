//! A product's releases in the order in which its vendor lists them; "7.60" < "2014r2" < "2015" < "2015r2 SP1".
//!
//! Names are compared by their place in the list, never by their digits: no version scheme orders these.

/// The releases of a policy, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Releases(Vec<String>);

/// One release and its place in the policy's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// The release's name, as listed.
    pub name: String,
    /// Its place in the list, from 0.
    pub rank: usize,
}

/// Whether a metric is collected in a given version of the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collected {
    /// It is.
    Yes,
    /// The version is older than the metric's `since`.
    NotYet,
    /// The version is newer than the metric's `until`.
    NoLonger,
    /// The version is none that the policy lists, and the metric is bound to some of them.
    UnknownRelease,
}

impl Releases {
    /// Releases, oldest first. The caller has made sure that no name stands twice.
    pub fn new(names: Vec<String>) -> Self {
        Self(names)
    }

    /// The names, oldest first.
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// The release of this very name.
    pub fn named(&self, name: &str) -> Option<Release> {
        let rank = self.0.iter().position(|listed| listed == name)?;
        Some(Release { name: name.to_owned(), rank })
    }

    /// The release that a running version belongs to: the longest listed name that the version starts with and that
    /// ends there at a word's end, so that "2015r2 SP1 build 7" is "2015r2 SP1" and "2015.3" is "2015", but "2015r2"
    /// is never "2015".
    pub fn of_version(&self, version: &str) -> Option<Release> {
        let version = version.trim();
        self.0
            .iter()
            .enumerate()
            .filter(|(_, name)| {
                version
                    .strip_prefix(name.as_str())
                    .is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
            })
            .max_by_key(|(_, name)| name.len())
            .map(|(rank, name)| Release { name: name.clone(), rank })
    }
}

/// Whether a metric of this span is collected in this release; both ends belong to the span.
pub fn collected(since: Option<&Release>, until: Option<&Release>, running: Option<&Release>) -> Collected {
    if since.is_none() && until.is_none() {
        return Collected::Yes;
    }
    let Some(running) = running else { return Collected::UnknownRelease };
    if since.is_some_and(|since| running.rank < since.rank) {
        return Collected::NotYet;
    }
    if until.is_some_and(|until| running.rank > until.rank) {
        return Collected::NoLonger;
    }
    Collected::Yes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lucity() -> Releases {
        Releases::new(
            ["7.60", "2014", "2014r2", "2015", "2015r2", "2015r2 SP1", "2016"].map(String::from).to_vec(),
        )
    }

    #[test]
    fn releases_are_ordered_as_listed() {
        let releases = lucity();
        let rank = |name: &str| releases.named(name).unwrap().rank;
        assert!(rank("7.60") < rank("2014r2"));
        assert!(rank("2014r2") < rank("2015"));
        assert!(rank("2015") < rank("2015r2 SP1"));
        assert!(rank("2015r2 SP1") < rank("2016"));
    }

    #[test]
    fn a_build_belongs_to_the_longest_release_it_names() {
        let releases = lucity();
        let name = |version: &str| releases.of_version(version).map(|release| release.name);
        assert_eq!(name("2015r2 SP1 build 7").as_deref(), Some("2015r2 SP1"));
        assert_eq!(name("2015.3").as_deref(), Some("2015"));
        assert_eq!(name("2014r2").as_deref(), Some("2014r2"));
        assert_eq!(name("7.601"), None);
        assert_eq!(name("2017"), None);
    }

    #[test]
    fn a_metric_bound_to_releases_is_not_collected_in_an_unknown_one() {
        let releases = lucity();
        let since = releases.named("2015").unwrap();
        let held = |version: &str| collected(Some(&since), None, releases.of_version(version).as_ref());
        assert_eq!(held("2014r2"), Collected::NotYet);
        assert_eq!(held("2016"), Collected::Yes);
        assert_eq!(held("9.9"), Collected::UnknownRelease);
        assert_eq!(collected(None, None, None), Collected::Yes);
    }
}
