//! Limits that hold whatever the clock says, what a sender may send in bytes, and a disk that is nearly full.

use candor_policy::Clock;
use jiff::SignedDuration;
use serde_json::json;

use crate::support::{Browser, Site, TestApp, gzip, manifest};

const YEAR: SignedDuration = SignedDuration::from_hours(365 * 24);

/// The date is set a year ahead and back, or back and ahead: everybody goes on, at once and afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn a_date_that_is_set_locks_nobody_out() {
    let app = TestApp::start().await;
    let policy = app.publish(&manifest(None)).await;
    let _made = Browser::signed_in(&app).await;
    let mut number = 0;
    for by in [YEAR, -YEAR, -YEAR, YEAR] {
        app.clock.set_date_by(by);
        number += 1;
        let site = Site::enrolled(&app, number).await;
        let mut report = site.report(&policy, number.into());
        report["period"] = json!({ "start": app.now(), "end": app.now() });
        let answer = site.post(&app, &report).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let browser = Browser::new(&app);
        let form = [("name", "ada"), ("password", "correct horse battery"), ("next", "/")];
        let page = browser.send("/login", &form).await;
        assert_eq!((page.status, page.path.as_str()), (200, "/"), "{}", page.text);
        assert_eq!(app.get("/readyz").await.status, 200);
    }
}

/// Nobody gets more by setting the clock either.
#[tokio::test(flavor = "multi_thread")]
async fn a_date_that_is_set_lets_nobody_send_more() {
    let app = TestApp::with(|config| config.caps.reports_burst = 1).await;
    let policy = app.publish(&manifest(None)).await;
    let site = Site::enrolled(&app, 1).await;
    assert_eq!(site.post(&app, &site.report(&policy, 1)).await.status, 200);
    app.clock.set_date_by(SignedDuration::from_hours(1));
    assert_eq!(site.post(&app, &site.report(&policy, 2)).await.status, 429);
    app.clock.advance(SignedDuration::from_mins(1));
    assert_eq!(site.post(&app, &site.report(&policy, 2)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_may_send_so_many_bytes_a_day_and_what_it_sends_again_costs_nothing() {
    let app = TestApp::with(|config| config.caps.bytes_per_day = 1_700).await;
    let policy = app.publish(&manifest(None)).await;
    let (site, other) = (Site::enrolled(&app, 1).await, Site::enrolled(&app, 2).await);
    let first = site.report(&policy, 1);
    assert!((570..850).contains(&first.to_string().len()), "two fit, three do not");
    for _ in 0..20 {
        assert_eq!(site.post(&app, &first).await.status, 200, "it is held already");
    }
    assert_eq!(site.post(&app, &site.report(&policy, 2)).await.status, 200);
    let answer = site.post(&app, &site.report(&policy, 3)).await;
    assert_eq!((answer.status, &answer.json()["code"]), (429, &json!("rate-limited")));
    let wait: i64 = answer.header("retry-after").parse().unwrap();
    assert_eq!(other.post(&app, &other.report(&policy, 4)).await.status, 200, "others have their own");
    app.clock.advance(SignedDuration::from_secs(wait));
    assert_eq!(site.post(&app, &site.report(&policy, 3)).await.status, 200);
}

/// What grows under decompression counts as what it has become.
#[tokio::test(flavor = "multi_thread")]
async fn bytes_are_counted_as_they_are_kept() {
    let app = TestApp::with(|config| config.caps.bytes_per_day = 100_000).await;
    let policy = app.publish(&manifest(None)).await;
    let site = Site::enrolled(&app, 1).await;
    let statuses = async |number: u128| {
        let mut report = site.report(&policy, number);
        let keys = (0..1_000).map(|key| (format!("WKOPTIONS.KEY{key}"), json!("fast, and then fast again")));
        report["facts"]["options"] = keys.collect();
        let submission = site.submission(&app, gzip(report.to_string().as_bytes()));
        let submission = crate::support::Submission { encoding: Some("gzip"), ..submission };
        site.send(&app, submission).await.status
    };
    assert_eq!(statuses(1).await, 200);
    assert_eq!(statuses(1).await, 200);
    assert_eq!([statuses(2).await, statuses(3).await], [200, 429]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_nearly_full_takes_nothing_in_and_says_so() {
    let app = TestApp::with(|config| config.caps.disk_floor_bytes = u64::MAX).await;
    let policy = app.publish(&manifest(None)).await;
    let site = Site::new(1);
    for answer in [site.enrol(&app).await, site.post(&app, &site.report(&policy, 1)).await] {
        assert_eq!((answer.status, &answer.json()["code"]), (503, &json!("unavailable")), "{answer:?}");
        assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0);
        assert!(answer.json()["detail"].as_str().unwrap().contains("disk"), "{answer:?}");
    }
    let metrics = String::from_utf8(app.get("/metrics").await.body).unwrap();
    assert!(metrics.contains("\ncandor_disk_nearly_full 1\n"), "{metrics}");
    let ready = app.get("/readyz").await;
    assert_eq!((ready.status, &ready.json()["journal"]), (503, &json!(false)), "{ready:?}");
    assert_eq!(app.get("/login").await.status, 200, "pages go on");
}
