//! Law 1: declared or dropped.

use candor_policy::Digest;
use serde_json::{Value, json};

use crate::support::{Site, TestApp, cells, manifest};

/// Planted where no policy declares anything; found nowhere afterwards.
const PLANTED: [&str; 6] = [
    "PLANTED-METRIC",
    "PLANTED-FIELD",
    "PLANTED-KEY",
    "PLANTED-TYPE",
    "planted.host.example",
    "PLANTED-EARLY",
];

fn planted(site: &Site, policy: &candor_policy::Policy) -> Value {
    let mut report = site.report(policy, 1);
    report["facts"]["undeclared"] = json!("PLANTED-METRIC");
    report["surprise"] = json!({ "deep": "PLANTED-FIELD" });
    report["facts"]["record_counts"]["PLANTED-KEY"] = json!(1);
    report["facts"]["record_counts"]["ASSET"] = json!("PLANTED-TYPE");
    report["facts"]["options"]["WKOPTIONS.SERVER"] = json!("https://planted.host.example/x");
    report
}

#[tokio::test(flavor = "multi_thread")]
async fn law_1_declared_or_dropped() {
    let mut app = TestApp::start().await;
    let policy = app.publish(&manifest(None)).await;
    let site = Site::enrolled(&app, 1).await;
    let report = planted(&site, &policy);
    let answer = site.post(&app, &report).await;
    assert_eq!(answer.status, 200, "one bad value costs that value, not the report: {answer:?}");
    let receipt = answer.json();
    assert_ne!(receipt["received_digest"], receipt["stored_digest"]);
    assert_eq!(
        receipt["received_digest"],
        json!(Digest::of(&serde_json::to_vec(&report).unwrap()).to_string())
    );
    let kinds: Vec<_> =
        receipt["outcomes"].as_array().unwrap().iter().map(|outcome| &outcome["kind"]).collect();
    for kind in ["undeclared", "wrong-type", "redacted"] {
        assert!(kinds.contains(&&json!(kind)), "{receipt}");
    }
    // An early release does not collect options at all.
    let mut early = site.report(&policy, 2);
    early["version"] = json!("1.0");
    early["facts"]["options"]["WKOPTIONS.MODE"] = json!("PLANTED-EARLY");
    assert_eq!(site.post(&app, &early).await.status, 200);
    // A long report is kept compressed.
    let mut long = planted(&site, &policy);
    long["report_id"] = site.report(&policy, 3)["report_id"].clone();
    for number in 0..400 {
        long["facts"]["options"][format!("WKOPTIONS.LONG{number}")] = json!(format!("declared {number}"));
    }
    assert_eq!(site.post(&app, &long).await.status, 200);

    app.projected().await;
    search(&app);
    let kept = app.rows("SELECT metric, key, state FROM facts WHERE seq = 1 ORDER BY ALL").await;
    assert!(kept.contains(&vec!["options".into(), "WKOPTIONS.SERVER".into(), "in-use".into()]), "{kept:?}");
    assert!(kept.contains(&vec!["options".into(), "WKOPTIONS.UNSET".into(), "unset".into()]), "{kept:?}");
    // Logs that were folded back, files that were closed: still nowhere.
    app.stop().await;
    search(&app);
    let cells = cells(app.folder()).unwrap();
    let holding = |wanted: &str| -> Vec<&str> {
        cells.iter().filter(|cell| cell.text.contains(wanted)).map(|cell| cell.place.as_str()).collect()
    };
    for place in ["journal reports.body", "columns facts.text", "columns current_states.text"] {
        assert!(holding("declared 399").contains(&place), "what is declared is found in {place}");
    }
    for planted in PLANTED {
        assert_eq!(holding(planted), [""; 0], "{planted}");
    }
}

fn search(app: &TestApp) {
    for (path, bytes) in app.bytes_on_disk() {
        for planted in PLANTED {
            let found = bytes.windows(planted.len()).any(|window| window == planted.as_bytes());
            assert!(!found, "{planted} is in {}", path.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_declared_is_kept_byte_for_byte() {
    let app = TestApp::start().await;
    let policy = app.publish(&manifest(None)).await;
    let site = Site::enrolled(&app, 1).await;
    let report =
        candor_policy::Report::parse(&serde_json::to_vec(&site.report(&policy, 1)).unwrap()).unwrap();
    let (admitted, _) = candor_policy::admit(&policy, report).unwrap();
    let answer = site.send(&app, site.submission(&app, admitted.body().to_vec())).await;
    let receipt = answer.json();
    assert_eq!(receipt["received_digest"], receipt["stored_digest"]);
    assert_eq!(receipt["outcomes"], json!([]));
    assert_eq!(receipt["duplicate"], false);
}
