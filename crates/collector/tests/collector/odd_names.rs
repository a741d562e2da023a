//! Names of others in addresses: whatever a customer, a module or a setting is called, the link on a page leads to its page.

use serde_json::json;

use crate::support::{Browser, Site, TestApp, manifest};

/// What browsers and proxies resolve, decode, cut off or merge.
const NUMBERS: [&str; 16] = [
    "..",
    ".",
    "...",
    "%2e%2e",
    "%2E",
    "/",
    "//",
    "a/b",
    "a\\b",
    "?",
    "a?b=c",
    "#x",
    ";",
    "=2E=2E",
    "a b+c",
    "Zürich&Co",
];

/// The addresses of a page's links that begin like this, as a browser reads them.
fn links(page: &str, start: &str) -> Vec<String> {
    let hrefs = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let wanted = hrefs.filter(|href| href.starts_with(start) && href.len() > start.len());
    wanted.map(|href| href.replace("&amp;", "&")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_customer_can_be_opened_from_its_link_whatever_its_number() {
    let app = TestApp::start().await;
    let policy = app.publish(&manifest(None)).await;
    for (number, byte) in NUMBERS.iter().zip(1..) {
        let site = Site::enrolled(&app, byte).await;
        let mut report = site.report(&policy, u128::from(byte));
        report["facts"]["client_id"] = json!(number);
        assert_eq!(site.post(&app, &report).await.status, 200, "{number}");
    }
    app.projected().await;
    let browser = Browser::signed_in(&app).await;
    let list = browser.open("/customers?product=Product").await;
    let links = links(&list.text, "/customers/");
    assert_eq!(links.len(), NUMBERS.len(), "{links:?}");
    let mut found = Vec::new();
    for link in &links {
        let page = browser.open(link).await;
        assert_eq!(page.status, 200, "{link} led to {}", page.path);
        assert_eq!(&page.path, link, "nothing on the way changed it");
        let path = link.split('?').next().unwrap_or_default();
        assert!(!path.contains('%'), "no proxy has anything to decode in {link}");
        page.shows(&["WORKORDER is the largest", &format!("action=\"{path}\"")]);
        let heading = page.text.split_once("<h1>").unwrap().1.split("</h1>").next().unwrap().to_owned();
        found.push(heading.replace("&amp;", "&"));
    }
    found.sort_unstable();
    let mut expected = NUMBERS.map(str::to_owned);
    expected.sort_unstable();
    assert_eq!(found, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_setting_and_module_can_be_opened_from_its_link_whatever_its_key() {
    let app = TestApp::start().await;
    let policy = app.publish(&manifest(None)).await;
    let site = Site::enrolled(&app, 1).await;
    let mut report = site.report(&policy, 1);
    report["facts"]["options"] = json!({
        "WKOPTIONS..": "a", "WKOPTIONS./": "b", "WKOPTIONS.A/../B": "c", "WKOPTIONS.WHAT?": "d", "WKOPTIONS.#1": "e",
        "WKOPTIONS.100%": "f",
    });
    assert_eq!(site.post(&app, &report).await.status, 200);
    app.projected().await;
    let browser = Browser::signed_in(&app).await;
    let list = browser.open("/settings").await;
    let settings = links(&list.text, "/settings/");
    assert!(settings.len() >= 5, "{settings:?}");
    let modules = links(&browser.open("/modules").await.text, "/modules/");
    assert!(!modules.is_empty());
    for link in settings.iter().chain(&modules) {
        let page = browser.open(link).await;
        assert_eq!((page.status, &page.path), (200, link));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_somebody_typed_leads_there_too() {
    let app = TestApp::start().await;
    let policy = app.publish(&manifest(None)).await;
    let site = Site::enrolled(&app, 1).await;
    let mut report = site.report(&policy, 1);
    report["facts"]["client_id"] = json!("Town of A");
    assert_eq!(site.post(&app, &report).await.status, 200);
    app.projected().await;
    let browser = Browser::signed_in(&app).await;
    for path in ["/customers/Town of A", "/customers/Town%20of%20A", "/customers/Town=20of=20A"] {
        assert_eq!(browser.open(path).await.status, 200, "{path}");
    }
    assert_eq!(browser.open("/customers/Town=20of=20B").await.status, 404);
}
