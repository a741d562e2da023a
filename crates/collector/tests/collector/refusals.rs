//! Refused is what was meant as a report or an enrolment; what browsers and monitors ask for by themselves is answered.

use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, Browser, Site, TestApp, manifest};

async fn ask(app: &TestApp, method: Method, path: &str) -> Answer {
    Answer::read(reqwest::Client::new().request(method, app.url(path)).send().await.unwrap()).await
}

/// All refusals that the metrics count.
async fn refused(app: &TestApp) -> f64 {
    let metrics = String::from_utf8(app.get("/metrics").await.body).unwrap();
    let lines = metrics.lines().filter(|line| line.starts_with("candor_reports_refused_total{"));
    lines.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_reports_and_enrolments_are_counted_as_refused() {
    let app = TestApp::start().await;
    for (method, path, status) in [
        (Method::HEAD, "/v1/reports", 405),
        (Method::GET, "/v1/reports", 405),
        (Method::PUT, "/v1/reports", 405),
        (Method::OPTIONS, "/v1/installations", 405),
        (Method::POST, "/v1/nothing", 404),
        (Method::GET, "/robots.txt", 404),
        (Method::HEAD, "/nowhere", 404),
        (Method::GET, "/customers", 401),
        (Method::HEAD, "/customers", 401),
        (Method::POST, "/healthz", 405),
        (Method::POST, "/logout", 401),
    ] {
        assert_eq!(ask(&app, method.clone(), path).await.status, status, "{method} {path}");
    }
    assert_eq!(refused(&app).await, 0.0);

    let policy = app.publish(&manifest(None)).await;
    let stranger = Site::new(9);
    assert_eq!(stranger.post(&app, &stranger.report(&policy, 1)).await.status, 401);
    let enrolment = stranger.submission(&app, serde_json::to_vec(&json!({})).unwrap());
    let enrolment = crate::support::Submission { path: "/v1/installations", ..enrolment };
    assert!(stranger.send(&app, enrolment).await.status >= 400);
    assert_eq!(ask(&app, Method::POST, "/v1/reports").await.status / 100, 4, "an empty one is meant as one");
    assert_eq!(refused(&app).await, 3.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_icon_that_browsers_guess_is_there() {
    let app = TestApp::start().await;
    let icon = ask(&app, Method::GET, "/favicon.ico").await;
    assert_eq!((icon.status, icon.header("content-type")), (200, "image/svg+xml"));
    assert!(icon.body.starts_with(b"<svg"));
    assert_eq!(refused(&app).await, 0.0);
}

/// What a monitor asks for: the head is that of the answer, and nothing follows it.
#[tokio::test(flavor = "multi_thread")]
async fn a_head_request_is_answered_like_its_get_without_a_body() {
    let app = TestApp::start().await;
    drop(Browser::signed_in(&app).await);
    for path in [
        "/healthz",
        "/readyz",
        "/login",
        "/policies",
        "/favicon.ico",
        "/assets/icon.svg",
        "/nowhere",
        "/setup",
    ] {
        let (head, get) = (ask(&app, Method::HEAD, path).await, ask(&app, Method::GET, path).await);
        assert_eq!(
            (head.status, head.header("content-type")),
            (get.status, get.header("content-type")),
            "{path}"
        );
        assert!(head.body.is_empty(), "{path}");
    }
}
