//! Law 10: no outsider. What the pages make a browser ask for, it asks of the collector alone.

use crate::support::{Browser, Site, TestApp, manifest};

/// The addresses that a page makes a browser load, or a form send to.
fn asked_for(page: &str) -> Vec<&str> {
    ["src=\"", "href=\"", "action=\"", "url(", "srcset=\"", "@import"]
        .iter()
        .flat_map(|start| page.split(start).skip(1))
        .map(|rest| rest.split(['"', ')', ' ', '>']).next().unwrap_or_default())
        .collect()
}

fn is_ours(address: &str) -> bool {
    let is_path = address.starts_with('/') && !address.starts_with("//");
    is_path || address.starts_with('#')
}

#[tokio::test(flavor = "multi_thread")]
async fn law_10_no_page_asks_anything_of_another_origin() {
    let app = TestApp::start().await;
    let policy = app.publish(&manifest(None)).await;
    let site = Site::enrolled(&app, 1).await;
    assert_eq!(site.post(&app, &site.report(&policy, 1)).await.status, 200);
    app.projected().await;
    let browser = Browser::signed_in(&app).await;
    let mut files = std::collections::BTreeSet::new();
    for path in [
        "/",
        "/platforms",
        "/modules",
        "/modules/test-programme/record_counts/ASSET",
        "/settings",
        "/settings/test-programme/options/WKOPTIONS.MODE",
        "/customers",
        "/customers/4711",
        "/audit",
        "/policies",
        "/policies/test-programme",
        "/login",
        "/setup",
        "/nothing",
    ] {
        let page = browser.open(path).await;
        let found = asked_for(&page.text);
        assert!(!found.is_empty(), "{path} loads its style at least");
        for address in found {
            assert!(is_ours(address) || address.starts_with("mailto:"), "{path} asks for {address}");
            if address.starts_with("/assets/") {
                files.insert(address.to_owned());
            }
        }
        let rule = page.headers["content-security-policy"].to_str().unwrap();
        assert!(rule.starts_with("default-src 'self';") && !rule.contains("unsafe"), "{path}: {rule}");
        assert!(
            !page.text.contains(" style=") && !page.text.contains("<style"),
            "{path} has a style in its markup"
        );
        assert!(!page.text.contains(" onclick="), "{path}");
    }
    assert!(files.iter().any(|file| file.ends_with("charts.js")), "{files:?}");
    for file in files {
        let answer = browser.open(&file).await;
        assert_eq!(answer.status, 200, "{file}");
        if file.ends_with(".css") {
            let outside: Vec<&str> =
                asked_for(&answer.text).into_iter().filter(|address| !is_ours(address)).collect();
            assert!(outside.is_empty(), "{file}: {outside:?}");
        }
    }
}

/// The script is large and not ours alone: nothing in it may open a connection.
#[tokio::test(flavor = "multi_thread")]
async fn the_script_of_charts_has_no_way_to_ask_anybody() {
    let app = TestApp::start().await;
    let page = Browser::signed_in(&app).await.open("/").await;
    let path = page.text.split("src=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let script = app.get(path).await;
    let text = String::from_utf8_lossy(&script.body).into_owned();
    assert!(text.len() > 100_000, "this is the script");
    for way in
        ["XMLHttpRequest", "fetch(", "WebSocket", "EventSource", "sendBeacon", "importScripts", "eval("]
    {
        assert!(!text.contains(way), "the script has {way}");
    }
    assert_eq!(script.header("cache-control"), "public, max-age=31536000, immutable");
}
