//! The pages, as a browser without JavaScript sees them.

use serde_json::json;

use crate::support::{Browser, Site, TestApp, collector_key, manifest};

/// Every page of the dashboard.
const PAGES: [&str; 6] = ["/", "/platforms", "/modules", "/settings", "/customers", "/audit"];

/// Two sites: 4711 reports everything; the other withholds its number and could not count its records.
async fn with_data() -> TestApp {
    let app = TestApp::start().await;
    let policy = app.publish(&manifest(None)).await;
    let first = Site::enrolled(&app, 1).await;
    assert_eq!(first.post(&app, &first.report(&policy, 1)).await.status, 200);
    let second = Site::enrolled(&app, 2).await;
    let mut report = second.report(&policy, 2);
    report["version"] = json!("1.0");
    report["facts"] = json!({ "os_version": "Windows Server 2012 <R2>" });
    report["withheld"] = json!(["client_id"]);
    report["not_measured"] = json!([{ "metric": "record_counts", "reason": "locked" }]);
    assert_eq!(second.post(&app, &report).await.status, 200);
    app.projected().await;
    app
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_says_which_months_it_shows_where_the_address_makes_no_sense() {
    let app = with_data().await;
    let browser = Browser::signed_in(&app).await;
    let turned = browser.open("/?from=2026-04&to=2025-01").await;
    turned.shows(&["value=\"2025-01\"", "value=\"2026-04\""]);
    assert!(!turned.text.contains("is not a valid month"), "{}", turned.text);
    for path in ["/?from=f%3Co", "/modules?from=f%3Co", "/customers/4711?from=f%3Co"] {
        let page = browser.open(path).await;
        page.shows(&["\u{201c}f&lt;o\u{201d} is not a valid month, such as 2026-01: the page shows "]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_answers_first() {
    let app = with_data().await;
    let browser = Browser::signed_in(&app).await;
    let expected: [(&str, &[&str]); 9] = [
        (
            "/",
            &[
                "2 of 2 installations were heard from within 90 days",
                "The newest report arrived at 2026-05-15",
            ],
        ),
        (
            "/platforms",
            &["Windows Server 2012 &lt;R2&gt;", "Choose a version", "Known for all 2 installations"],
        ),
        (
            "/platforms?require=os%3AWindows+Server+2022",
            &["If we required at least Windows Server 2022, 1 customer (1 installation) would be affected"],
        ),
        ("/modules", &["WORKORDER", "not measured at 1", "/modules/test-programme/record_counts/WORKORDER"]),
        ("/modules/test-programme/record_counts/WORKORDER", &["Too new to tell", "345", "/customers/4711"]),
        ("/settings?search=mode", &["1 setting whose name contains", "WKOPTIONS.MODE"]),
        ("/settings/test-programme/options/WKOPTIONS.UNSET", &["Known at 1 installation: unset."]),
        ("/customers", &["2 customers; 0 silent, 1 known only by the pseudonym", "Installation "]),
        ("/customers/4711", &["Customer", "4711", "WORKORDER is the largest of 2 modules: 345 records"]),
    ];
    for (path, sentences) in expected {
        let page = browser.open(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        page.shows(sentences);
        page.shows(&["<caption", "scope=\"col\"", "href=\"#content\""]);
        assert!(!page.text.contains("anonymous"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_store_says_what_will_appear_and_what_to_do() {
    let app = TestApp::start().await;
    let browser = Browser::signed_in(&app).await;
    for (path, expected) in [
        ("/", "run <code>candor report</code>"),
        ("/platforms", "which customers a new minimum would affect"),
        ("/modules", "<code>candor snapshot</code>"),
        ("/settings", "<code>candor snapshot</code>"),
        ("/customers", "with the first report of one of its installations"),
        ("/policies", "candor-collector policy publish FILE"),
    ] {
        let page = browser.open(path).await;
        assert_eq!(page.status, 200, "{path}");
        page.shows(&[expected]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_refuses_whoever_is_not_signed_in() {
    let app = with_data().await;
    let stranger = Browser::new(&app);
    for path in PAGES.iter().chain(&["/customers/4711", "/figures/customers.csv", "/figures/versions.json"]) {
        let page = stranger.open(path).await;
        assert!(page.path.starts_with("/login?next="), "{path} led to {}", page.path);
        assert!(!page.text.contains("Windows Server"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_leads_back_and_signing_out_ends_it() {
    let app = with_data().await;
    drop(Browser::signed_in(&app).await);
    let browser = Browser::new(&app);
    let form = browser.open("/modules?from=2026-01").await;
    let next = form.hidden("next");
    let wrong = [("name", "ada"), ("password", "wrong"), ("next", next.as_str())];
    let page = browser.send("/login", &wrong).await;
    assert_eq!(page.status, 422);
    page.shows(&["the name or the password is wrong", "role=\"alert\""]);
    let right = [("name", "ada"), ("password", "correct horse battery"), ("next", next.as_str())];
    let page = browser.send("/login", &right).await;
    assert_eq!((page.status, page.path.as_str()), (200, "/modules?from=2026-01"));
    assert_eq!(browser.send("/logout", &[("csrf", "forged")]).await.status, 403);
    assert_eq!(browser.open("/").await.path, "/", "a forged form signs nobody out");
    let csrf = page.hidden("csrf");
    assert_eq!(browser.send("/logout", &[("csrf", csrf.as_str())]).await.path, "/login");
    assert!(browser.open("/").await.path.starts_with("/login"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setup_link_says_when_it_is_over() {
    let app = TestApp::start().await;
    let link = format!("/setup?token={}", app.setup_token());
    Browser::new(&app).open(&link).await.shows(&["Choose the name and the password"]);
    let token = app.setup_token();
    let short = [("token", token.as_str()), ("name", "ada"), ("password", "short")];
    let page = Browser::new(&app).send("/setup", &short).await;
    assert_eq!(page.status, 422);
    page.shows(&["Nothing was changed: a password has at least 12 characters"]);
    drop(Browser::signed_in(&app).await);
    let page = Browser::new(&app).open(&link).await;
    assert_eq!(page.status, 410);
    page.shows(&["candor-collector account link"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_stay_in_the_address() {
    let app = with_data().await;
    let browser = Browser::signed_in(&app).await;
    let page = browser.open("/?product=Product&from=2026-01&version=2.0").await;
    page.shows(&[
        "href=\"/modules?product=Product&amp;version=2.0&amp;from=2026-01\"",
        "href=\"/figures/versions.csv?product=Product&amp;version=2.0&amp;from=2026-01\"",
        "<option value=\"2.0\" selected>",
        "1 of 1 installation",
    ]);
    for nonsense in
        ["/?from=x&to=9999-99&version=%00", "/?from=2030-01", "/customers?page=-1&search=%27%3B--", "/?a=%"]
    {
        assert_eq!(browser.open(nonsense).await.status, 200, "{nonsense}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_figure_is_the_same_as_table_csv_and_json() {
    let app = with_data().await;
    let browser = Browser::signed_in(&app).await;
    let csv = browser.open("/figures/operating-systems.csv?from=2026-05").await;
    assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8");
    let expected = "Operating system,Share 2026-05,2026-05,Coverage: known,Coverage: reporting,Coverage: \
                    withheld,Coverage: not measured,Coverage: not reported,Coverage: unverified,Coverage: silent\r\nWindows Server 2012 \
                    <R2>,0.5000,1,2,2,0,0,0,0,0\r\nWindows Server 2022,0.5000,1,2,2,0,0,0,0,0\r\n";
    assert_eq!(csv.text, expected);
    let json = browser.open("/figures/operating-systems.json?from=2026-05").await;
    let figure: serde_json::Value = serde_json::from_str(&json.text).unwrap();
    assert_eq!(
        figure["rows"],
        json!([["Windows Server 2012 <R2>", 0.5, 1], ["Windows Server 2022", 0.5, 1]])
    );
    assert_eq!(
        figure["coverage"],
        json!({ "known": 2, "reporting": 2, "withheld": 0, "not_measured": 0, "unverified": 0, "includes_unverified": false, "silent": 0 })
    );
    browser.open("/platforms?from=2026-05").await.shows(&[&figure["answer"]
        .as_str()
        .unwrap()
        .replace('<', "&lt;")
        .replace('>', "&gt;")]);
    assert_eq!(browser.open("/figures/nothing.csv").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn policies_are_open_to_everybody_with_their_history() {
    let app = with_data().await;
    let text = manifest(None);
    app.publish(
        &text
            .replace("version = \"1.0\"", "version = \"1.1\"")
            .replace("retention_months = 60", "retention_months = 72"),
    )
    .await;
    let public = Browser::new(&app);
    public.open("/policies").await.shows(&["Test programme", "Version 1.1"]);
    let newest = public.open("/policies/test-programme").await;
    newest.shows(&["What changed since version 1.0", "More is collected", "/policies/test-programme/1.0"]);
    public.open("/policies/test-programme/1.0").await.shows(&["Versions of this policy"]);
    let manifest_file = public.open("/policies/test-programme/1.0.toml").await;
    assert_eq!(manifest_file.text, text, "byte for byte");
    page_links_to_its_files(&newest.text);
    let signature = app.get("/policies/test-programme/1.0.sig").await;
    let key = ed25519_dalek::VerifyingKey::from_bytes(collector_key().as_bytes()).unwrap();
    let signature = ed25519_dalek::Signature::from_slice(&signature.body).unwrap();
    key.verify_strict(manifest_file.text.as_bytes(), &signature)
        .expect("it is the collector's, over these bytes");
    let newer = public.open("/policies/test-programme/1.1.toml").await;
    assert!(key.verify_strict(newer.text.as_bytes(), &signature).is_err(), "and over no others");
    public.open("/policies/test-programme/1.0.md").await.shows(&["# Test programme"]);
    for unknown in [
        "/policies/none",
        "/policies/test-programme/9",
        "/policies/test-programme/1.0.exe",
        "/policies/test-programme/9.sig",
    ] {
        let page = public.open(unknown).await;
        assert_eq!(page.status, 404, "{unknown}");
        page.shows(&["<h1>Not found</h1>"]);
    }
}

fn page_links_to_its_files(page: &str) {
    for ending in ["md", "toml", "sig"] {
        let link = format!("href=\"/policies/test-programme/1.1.{ending}\"");
        assert!(page.contains(&link), "no {link}");
    }
}

/// Also where it is an endpoint that a browser was led to, and where a form is refused.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_goes_wrong_has_the_navigation_of_whoever_is_signed_in() {
    let app = TestApp::start().await;
    let browser = Browser::signed_in(&app).await;
    for (path, status) in [("/nothing", 404), ("/v1/reports", 405), ("/v1/nothing", 404), ("/setup", 410)] {
        let page = browser.open(path).await;
        assert_eq!(page.status, status, "{path}");
        page.shows(&["aria-label=\"Main\"", "href=\"/platforms\"", "Signed in as"]);
    }
    let page = browser.send("/logout", &[("csrf", "another")]).await;
    assert_eq!(page.status, 403);
    page.shows(&["made for another session", "Signed in as"]);
    let page = browser.send("/login", &[("no", "name")]).await;
    assert_eq!(page.status, 422);
    page.shows(&["aria-label=\"Main\"", "The request cannot be read"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_a_page_to_people_and_a_problem_to_programs() {
    let app = TestApp::start().await;
    let page = Browser::new(&app).open("/nothing/here").await;
    assert_eq!(
        (page.status, page.headers["content-type"].to_str().unwrap()),
        (404, "text/html; charset=utf-8")
    );
    page.shows(&["Sign in", "There is nothing at /nothing/here."]);
    let problem = app.get("/nothing/here").await;
    assert_eq!((problem.status, problem.header("content-type")), (404, "application/problem+json"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_existed_is_not_found_and_the_page_says_where_to_look() {
    let app = with_data().await;
    let browser = Browser::signed_in(&app).await;
    for (path, way_out) in [
        ("/modules/test-programme/record_counts/NOTHING", "href=\"/modules\">To all modules"),
        ("/modules/test-programme/nothing/ASSET", "href=\"/modules\">To all modules"),
        ("/modules/nothing/record_counts/ASSET", "href=\"/modules\">To all modules"),
        // A setting is no module, and a module no setting.
        ("/modules/test-programme/options/WKOPTIONS.MODE", "href=\"/modules\">To all modules"),
        ("/settings/test-programme/record_counts/ASSET", "href=\"/settings\">To all settings"),
        ("/settings/test-programme/options/WKOPTIONS.NOTHING", "href=\"/settings\">To all settings"),
        ("/customers/nobody", "href=\"/customers\">To all customers"),
        ("/policies/none", "href=\"/policies\">To the policies"),
        ("/policies/test-programme/9", "href=\"/policies\">To the policies"),
    ] {
        let page = browser.open(path).await;
        assert_eq!(page.status, 404, "{path}");
        page.shows(&[
            "<h1>Not found</h1>",
            "check the spelling",
            "Signed in as",
            "aria-label=\"Main\"",
            way_out,
        ]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_no_installation_answers_to_says_so() {
    let app = with_data().await;
    let browser = Browser::signed_in(&app).await;
    for (path, sentence) in [
        ("/?version=9.9", "No installation has version \u{201c}9.9\u{201d} in these months"),
        (
            "/modules?product=Nothing",
            "No installation has reported for a product named \u{201c}Nothing\u{201d}",
        ),
        ("/platforms?customer=nobody", "No customer has the number \u{201c}nobody\u{201d}"),
        // A customer that has nothing of the chosen version is a customer all the same.
        ("/customers/4711?version=9.9", "No installation has version \u{201c}9.9\u{201d} in these months"),
        ("/customers/4711?version=1.0", "<h1>4711</h1>"),
    ] {
        let page = browser.open(path).await;
        assert_eq!(page.status, 200, "{path}");
        page.shows(&[sentence]);
    }
    let page = browser.open("/?version=2.0&product=Product&customer=4711").await;
    assert!(!page.text.contains("No installation has"), "{}", page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spent_link_has_the_navigation_of_whoever_is_signed_in() {
    let app = TestApp::start().await;
    let spent = format!("/setup?token={}", app.setup_token());
    let browser = Browser::signed_in(&app).await;
    let page = browser.open(&spent).await;
    assert_eq!(page.status, 410);
    page.shows(&["This link is not valid", "aria-label=\"Main\"", "Signed in as"]);
    let page = Browser::new(&app).open(&spent).await;
    assert_eq!(page.status, 410);
    page.shows(&["This link is not valid", "Sign in"]);
    // Nor does the sign-in page forget who is here, also where somebody mistypes another's password.
    browser.open("/login").await.shows(&["aria-label=\"Main\"", "Signed in as"]);
    let wrong = browser.send("/login", &[("name", "ada"), ("password", "wrong")]).await;
    assert_eq!(wrong.status, 422);
    wrong.shows(&["aria-label=\"Main\"", "Signed in as"]);
}
