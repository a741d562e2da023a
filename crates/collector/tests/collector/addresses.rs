//! The public address: kept only as the policy says.

use candor_web::TrustedProxy;
use serde_json::json;

use crate::support::{Site, Submission, TestApp, manifest};

async fn kept(form: Option<&str>, change: impl Fn(&mut serde_json::Value)) -> String {
    let app = TestApp::with(|config| {
        config.trusted_proxy = TrustedProxy::new("X-Forwarded-For", &["127.0.0.1/32".into()]).ok();
    })
    .await;
    let policy = app.publish(&manifest(form)).await;
    let site = Site::enrolled(&app, 1).await;
    let mut report = site.report(&policy, 1);
    change(&mut report);
    let submission = site.submission(&app, serde_json::to_vec(&report).unwrap());
    let forwarded_for = Some("198.51.100.1, 203.0.113.77".to_owned());
    let answer = site.send(&app, Submission { forwarded_for, ..submission }).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    app.projected().await;
    let address = app.rows("SELECT address FROM reports").await.remove(0).remove(0);
    if address == "NULL" {
        for (path, bytes) in app.bytes_on_disk() {
            assert!(!contains(&bytes, b"203.0.113.77"), "{}", path.display());
        }
    }
    address
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_kept_whole_or_truncated_where_the_policy_says_so() {
    assert_eq!(kept(Some("whole"), |_| {}).await, "203.0.113.77");
    assert_eq!(kept(Some("truncated"), |_| {}).await, "203.0.113.0");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_not_kept_where_the_policy_does_not_declare_it() {
    assert_eq!(kept(None, |_| {}).await, "NULL");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_not_kept_outside_of_source_release_and_consent() {
    assert_eq!(kept(Some("whole"), |report| report["version"] = json!("1.0")).await, "NULL");
    assert_eq!(kept(Some("whole"), |report| report["source"] = json!("installer")).await, "NULL");
    let narrow = json!({ "categories": ["environment", "settings"] });
    assert_eq!(kept(Some("whole"), |report| report["consent"]["scope"] = narrow.clone()).await, "NULL");
    assert_eq!(kept(Some("whole"), |report| report["withheld"] = json!(["public_address"])).await, "NULL");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_is_not_believed() {
    let app = TestApp::start().await;
    let policy = app.publish(&manifest(Some("whole"))).await;
    let site = Site::enrolled(&app, 1).await;
    let submission = site.submission(&app, serde_json::to_vec(&site.report(&policy, 1)).unwrap());
    let forwarded_for = Some("203.0.113.77".to_owned());
    assert_eq!(site.send(&app, Submission { forwarded_for, ..submission }).await.status, 200);
    app.projected().await;
    assert_eq!(app.rows("SELECT address FROM reports").await, [["127.0.0.1"]]);
}
