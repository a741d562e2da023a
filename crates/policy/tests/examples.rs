//! Both seeds' programmes, as example policies: they read without a fault, and render.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use candor_policy::{Policy, render};

use support::{example, read};

const EXAMPLES: [&str; 2] = ["lucity-data-collection", "cireson-product-metrics"];

#[test]
fn both_seeds_lint_clean() {
    let [lucity, cireson] = EXAMPLES.map(|name| read(&example(name)));
    assert_eq!((lucity.version.as_str(), lucity.metrics.len()), ("2.0", 14));
    assert_eq!((cireson.version.as_str(), cireson.metrics.len()), ("1.0", 7));
}

/// L5, L6, L7, L8: what is collected grows with the product's version.
#[test]
fn what_lucity_collects_grows_with_its_version() {
    let policy = read(&example(EXAMPLES[0]));
    let batch = policy.source("monthly-batch").unwrap().id.clone();
    let gathered = |version: &str| -> Vec<String> {
        let metrics = policy.gathered(&batch, version).filter(|metric| !metric.in_header());
        metrics.map(|metric| metric.id.to_string()).collect()
    };
    assert_eq!(gathered("2014r2"), ["public_address"]);
    assert_eq!(gathered("2015"), ["public_address", "module_records", "options", "system_settings"]);
    assert_eq!(gathered("2015r2 SP1 build 3").last().unwrap(), "user_count");
    assert_eq!(gathered("2016").last().unwrap(), "mobile_devices");
}

/// C6, C9: the page promises nothing that pseudonyms do not give, and asks nothing of anybody.
#[test]
fn a_page_is_whole_and_honest() {
    for name in EXAMPLES {
        let policy = read(&example(name));
        let page = render::html(&policy);
        assert!(!page.to_lowercase().contains("anonym"), "{name}");
        for outside in ["<script", "src=", "@import", "url(", "<link"] {
            assert!(!page.contains(outside), "{name} holds {outside}");
        }
        for metric in &policy.metrics {
            assert!(
                page.contains(&metric.title.replace('"', "&quot;")),
                "{name} does not say {}",
                metric.title
            );
        }
        for said in [policy.digest.to_string(), policy.opt_out[0].clone(), policy.readers[0].clone()] {
            assert!(page.contains(&said), "{name} does not say {said}");
        }
    }
}

/// A manifest is data: nothing of it becomes markup.
#[test]
fn a_title_cannot_break_out_of_the_page() {
    let manifest =
        example(EXAMPLES[0]).replace("Lucity client name", "<img src=x onerror=alert(1)> | [a](b)");
    let policy: Policy = read(&manifest);
    assert!(!render::html(&policy).contains("<img"));
    assert!(render::markdown(&policy).contains(r"\<img src=x onerror=alert(1)\> \| \[a\](b)"));
}
