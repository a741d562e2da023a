//! What stands between the pages and other sites: each guard is asked for over HTTP, so that none can be taken away unnoticed.

use std::collections::BTreeMap;

use reqwest::header::HeaderMap;
use reqwest::redirect::Policy as Redirects;

use crate::support::{Answer, Browser, TestApp};

/// A page of each kind: of the staff, a figure's file, open to everybody, an error, and one that is nowhere.
const PAGES: [&str; 6] =
    ["/customers", "/figures/versions.csv", "/login", "/policies", "/figures/nothing.csv", "/nowhere"];

/// Sends a form with these fields in its header, and follows nothing.
async fn post(app: &TestApp, path: &str, form: &str, fields: &[(&'static str, &str)]) -> Answer {
    let client = reqwest::Client::builder().redirect(Redirects::none()).build().unwrap();
    let mut request = client.post(app.url(path)).header("content-type", "application/x-www-form-urlencoded");
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    Answer::read(request.body(form.to_owned()).send().await.unwrap()).await
}

/// Sends the sign-in form with the right password.
async fn sign_in(app: &TestApp, fields: &[(&'static str, &str)]) -> Answer {
    post(app, "/login", "name=ada&password=correct+horse+battery&next=/", fields).await
}

/// A collector with an account.
async fn with_account(https: bool) -> TestApp {
    let public_url = https.then(|| "https://candor.example".to_owned());
    let app = TestApp::with(|config| config.public_url = public_url).await;
    let form = format!("token={}&name=ada&password=correct+horse+battery", app.setup_token());
    assert_eq!(post(&app, "/setup", &form, &[]).await.status, 303);
    app
}

/// The cookie that an answer sets, whole, and its name and value alone.
fn cookie(answer: &Answer) -> (String, String) {
    let whole = answer.header("set-cookie").to_owned();
    let pair = whole.split(';').next().unwrap_or_default().to_owned();
    (whole, pair)
}

/// What each kind of page says in one header.
async fn said(name: &str) -> BTreeMap<&'static str, String> {
    let app = TestApp::start().await;
    let browser = Browser::signed_in(&app).await;
    let mut said = BTreeMap::new();
    for path in PAGES {
        let headers: HeaderMap = browser.open(path).await.headers;
        let value = headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        said.insert(path, value.unwrap_or_else(|| "nothing".to_owned()));
    }
    said
}

async fn every_page_says(name: &str, expected: &str) {
    for (path, value) in said(name).await {
        assert_eq!(value, expected, "{name} of {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_from_another_site_is_refused() {
    let app = with_account(false).await;
    let our_host = app.url("").trim_start_matches("http://").to_owned();
    let ours = format!("http://{our_host}");
    for fields in [
        [("sec-fetch-site", "cross-site"), ("origin", ours.as_str())],
        [("sec-fetch-site", "same-site"), ("origin", ours.as_str())],
        [("host", our_host.as_str()), ("origin", "https://evil.example")],
        [("host", our_host.as_str()), ("origin", "null")],
    ] {
        let answer = sign_in(&app, &fields).await;
        assert_eq!(answer.status, 403, "{fields:?}");
        assert!(answer.headers.get("set-cookie").is_none(), "{fields:?} opened a session");
    }
    for fields in [[("sec-fetch-site", "same-origin")], [("origin", ours.as_str())]] {
        assert_eq!(sign_in(&app, &fields).await.status, 303, "{fields:?}");
    }
}

/// Guards against a session that somebody planted in another's browser and then shares with them.
#[tokio::test(flavor = "multi_thread")]
async fn signing_in_gives_the_session_a_new_name() {
    let app = with_account(false).await;
    let (_, planted) = cookie(&sign_in(&app, &[]).await);
    let (_, renamed) = cookie(&sign_in(&app, &[("cookie", &planted)]).await);
    assert_ne!(renamed, planted);
    let client = reqwest::Client::builder().redirect(Redirects::none()).build().unwrap();
    for (cookie, status) in [(&renamed, 200), (&planted, 401)] {
        let request = client.get(app.url("/customers")).header("cookie", cookie);
        assert_eq!(request.send().await.unwrap().status(), status, "{cookie}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cookie_travels_over_https_alone_where_there_is_https() {
    let (over_https, over_http) = (with_account(true).await, with_account(false).await);
    let (whole, _) = cookie(&sign_in(&over_https, &[]).await);
    assert!(whole.split("; ").any(|attribute| attribute == "Secure"), "{whole}");
    // On loopback a browser would not send it back.
    let (whole, _) = cookie(&sign_in(&over_http, &[]).await);
    assert!(!whole.contains("Secure"), "{whole}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cookie_is_for_no_script() {
    let (whole, _) = cookie(&sign_in(&with_account(true).await, &[]).await);
    assert!(whole.split("; ").any(|attribute| attribute == "HttpOnly"), "{whole}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cookie_goes_along_from_no_other_site() {
    let (whole, _) = cookie(&sign_in(&with_account(true).await, &[]).await);
    assert!(whole.split("; ").any(|attribute| attribute == "SameSite=Strict"), "{whole}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_asked_for_over_https_alone_where_there_is_https() {
    for (https, expected) in [(true, Some("max-age=31536000")), (false, None)] {
        let app = with_account(https).await;
        for path in ["/login", "/nowhere"] {
            let request = reqwest::Client::new().get(app.url(path)).header("accept", "text/html");
            let headers = Answer::read(request.send().await.unwrap()).await.headers;
            let said = headers.get("strict-transport-security").map(|value| value.to_str().unwrap());
            assert_eq!(said, expected, "{path}");
        }
    }
}

/// A browser and a program, both not signed in, at an address of the staff.
#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_not_signed_in_is_told_so() {
    let app = TestApp::start().await;
    let answer = app.get("/customers").await;
    assert_eq!((answer.status, answer.header("content-type")), (401, "application/problem+json"));
    assert_eq!(answer.json()["code"], "not-signed-in");
    assert!(Browser::new(&app).open("/customers").await.path.starts_with("/login?next="));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_may_be_framed() {
    every_page_says("x-frame-options", "DENY").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_is_taken_for_another_type() {
    every_page_says("x-content-type-options", "nosniff").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_is_kept() {
    every_page_says("cache-control", "no-store").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_says_where_somebody_came_from() {
    every_page_says("referrer-policy", "no-referrer").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_window_of_another_site_holds_on_to_a_page() {
    every_page_says("cross-origin-opener-policy", "same-origin").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_site_embeds_an_answer() {
    every_page_says("cross-origin-resource-policy", "same-origin").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_uses_a_camera_or_its_like() {
    for (path, policy) in said("permissions-policy").await {
        for feature in ["camera=()", "geolocation=()", "microphone=()"] {
            assert!(policy.contains(feature), "{path}: {policy}");
        }
    }
}

/// All directives that there are: one that is taken away, widened or added shows.
#[tokio::test(flavor = "multi_thread")]
async fn the_content_security_policy_has_every_directive() {
    let expected = BTreeMap::from([
        ("default-src", "'self'"),
        ("object-src", "'none'"),
        ("base-uri", "'none'"),
        // These two do not follow from default-src.
        ("form-action", "'self'"),
        ("frame-ancestors", "'none'"),
    ]);
    for (path, policy) in said("content-security-policy").await {
        let directives = policy.split(';').filter_map(|directive| directive.trim().split_once(' '));
        assert_eq!(directives.collect::<BTreeMap<_, _>>(), expected, "{path}");
    }
}
