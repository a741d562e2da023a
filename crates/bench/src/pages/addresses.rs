//! What there is to ask for: found by following links, so that a new page or figure is measured without being named here.

use std::collections::BTreeSet;

use super::staff::Staff;

/// The first path segments of what is not worth a figure: files that never change, and what ends a session.
const PASSED_OVER: [&str; 4] = ["assets", "login", "logout", "setup"];

/// One address of each kind, pages first and then the figures' files.
pub(super) async fn all(staff: &Staff) -> anyhow::Result<Vec<String>> {
    let mut found = vec!["/".to_owned()];
    let mut kinds: BTreeSet<String> = found.iter().map(|address| kind(address)).collect();
    let mut next = 0;
    while let Some(address) = found.get(next).cloned() {
        next += 1;
        if is_file(&address) {
            continue;
        }
        for link in links(&staff.page(&address).await?) {
            if is_worth_asking(&link) && kinds.insert(kind(&link)) {
                found.push(link);
            }
        }
    }
    found.sort_by_key(|address| is_file(address));
    Ok(found)
}

/// The addresses of a page's links on its own site, without fragments.
fn links(page: &str) -> Vec<String> {
    let anchors = page.split("<a ").skip(1).filter_map(|rest| rest.split('>').next());
    let targets = anchors.filter_map(|tag| tag.split("href=\"").nth(1)?.split('"').next());
    targets
        .filter(|target| target.starts_with('/'))
        .map(|target| target.split('#').next().unwrap_or_default().replace("&amp;", "&"))
        .collect()
}

fn is_worth_asking(address: &str) -> bool {
    !PASSED_OVER.contains(&segments(address).first().copied().unwrap_or_default())
}

fn is_file(address: &str) -> bool {
    segments(address).first() == Some(&"figures")
}

fn segments(address: &str) -> Vec<&str> {
    let path = address.split('?').next().unwrap_or_default();
    path.split('/').filter(|segment| !segment.is_empty()).collect()
}

/// Addresses of one kind differ in what they are about and not in what is asked: all customers, for example. A figure's file is
/// a kind of its own.
fn kind(address: &str) -> String {
    let segments = segments(address);
    if is_file(address) {
        return segments.join("/");
    }
    format!("{}/{}", segments.first().copied().unwrap_or_default(), segments.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_stay_on_the_site_and_are_read_as_a_browser_reads_them() {
        let page = r#"<a href="/a?x=1&amp;y=2">A</a> <a class="b" href="https://elsewhere/">B</a> <a href="/c#d">C</a>"#;
        assert_eq!(links(page), ["/a?x=1&y=2", "/c"]);
    }

    #[test]
    fn one_customer_stands_for_all_and_each_figure_for_itself() {
        assert_eq!(kind("/customers/1?from=2"), kind("/customers/2"));
        assert_ne!(kind("/customers"), kind("/customers/2"));
        assert_ne!(kind("/figures/base.csv"), kind("/figures/base.json"));
        assert_eq!(kind("/figures/base.csv?a"), kind("/figures/base.csv?b"));
        assert!(!is_worth_asking("/logout") && is_worth_asking("/"));
    }
}
