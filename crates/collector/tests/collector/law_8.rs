//! Law 8: every look is logged.

use candor_collector::store::Chain;

use crate::support::{Browser, Site, TestApp, manifest};

async fn log(app: &TestApp) -> Vec<String> {
    let entries = app.store().audit().newest(100).await.unwrap();
    entries
        .into_iter()
        .rev()
        .map(|entry| format!("{} {} {}", entry.actor, entry.action, entry.subject))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn law_8_every_look_is_logged() {
    let app = TestApp::start().await;
    let policy = app.publish(&manifest(None)).await;
    let site = Site::enrolled(&app, 1).await;
    assert_eq!(site.post(&app, &site.report(&policy, 1)).await.status, 200);
    app.projected().await;
    let browser = Browser::signed_in(&app).await;
    let before = log(&app).await.len();

    // Figures of the whole base name nobody, and reading them is nobody's business. Narrowed, they may be one customer's.
    for path in ["/", "/platforms", "/modules", "/settings", "/policies", "/audit"] {
        let page = browser.open(path).await;
        assert_eq!(page.status, 200);
        assert!(!page.text.contains("4711"), "{path} names a customer");
    }
    assert_eq!(log(&app).await.len(), before);

    for path in [
        "/customers?search=47",
        "/customers?version=2.0",
        "/customers?page=2",
        "/?version=2.0",
        "/settings?search=mode",
        "/settings/test-programme/options/WKOPTIONS.MODE?product=Product",
        "/customers/4711",
        "/modules/test-programme/record_counts/ASSET",
        "/platforms?require=os%3AWindows+Server+2025",
        "/?customer=4711",
        "/platforms?customer=4711&version=2.0",
        "/modules?customer=4711",
        "/settings?customer=4711&search=mode",
        "/figures/customers.csv",
        "/figures/versions.json?version=2.0",
    ] {
        assert_eq!(browser.open(path).await.status, 200, "{path}");
    }
    let entries = log(&app).await;
    let expected = [
        "ada customer-viewed customers: search=47",
        "ada customer-viewed customers: version=2.0",
        "ada customer-viewed customers: page=2",
        "ada customer-viewed reporting, versions, losses, last-reports, refusals: version=2.0",
        "ada customer-viewed settings: search=mode",
        "ada customer-viewed setting: product=Product, policy=test-programme, metric=options, key=WKOPTIONS.MODE",
        "ada customer-viewed customers, customer-installations, customer-versions, customer-facts, customer-modules, \
         customer-losses: customer=4711",
        "ada customer-viewed module-customers: policy=test-programme, metric=record_counts, key=ASSET",
        "ada customer-viewed what-if: require=os:Windows Server 2025",
        "ada customer-viewed reporting, versions, losses, last-reports, refusals: customer=4711",
        "ada customer-viewed operating-systems, databases, database-editions, languages, devices: version=2.0, \
         customer=4711",
        "ada customer-viewed modules, module-growth: customer=4711",
        "ada customer-viewed settings: customer=4711, search=mode",
        "ada exported customers.csv",
        "ada exported versions.json: version=2.0",
    ];
    assert_eq!(entries[before..], expected);
    assert!(matches!(app.store().audit().verify().await.unwrap(), Chain::Holds { .. }));
    browser.open("/audit").await.shows(&[
        "unbroken from the first to the last",
        "viewed customers",
        "customers.csv",
    ]);
}
