//! What Prometheus reads: the families that every program of ours has, with plausible values.

use std::collections::BTreeMap;

use crate::program::{Program, prepare};
use crate::support::TestApp;

/// Families and their types, as the text says them.
fn families(text: &str) -> BTreeMap<&str, &str> {
    text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' ')).collect()
}

/// The value of a sample without labels.
fn value(text: &str, name: &str) -> f64 {
    let sample = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    sample.unwrap_or_else(|| panic!("no {name} in\n{text}")).parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_build_the_process_and_the_disk_are_told() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    prepare(&data).await;
    let program = Program::start(&data);
    let (status, text) = program.open("/metrics").await;
    assert_eq!(status, 200);
    let version = env!("CARGO_PKG_VERSION");
    assert!(text.contains(&format!("candor_build_info{{version=\"{version}\"}} 1")), "{text}");
    let families = families(&text);
    let expected = [
        ("process_cpu_seconds_total", "counter"),
        ("process_open_fds", "gauge"),
        ("process_max_fds", "gauge"),
        ("process_resident_memory_bytes", "gauge"),
        ("process_virtual_memory_bytes", "gauge"),
        ("process_start_time_seconds", "gauge"),
        ("process_threads", "gauge"),
        ("candor_disk_free_bytes", "gauge"),
        ("candor_reports_acknowledged_total", "counter"),
        ("candor_acknowledgement_seconds", "histogram"),
        ("candor_batches_behind", "gauge"),
    ];
    for (name, kind) in expected {
        assert_eq!(families.get(name), Some(&kind), "{name} in\n{text}");
    }
    assert!(value(&text, "process_resident_memory_bytes") > 1e6);
    assert!(value(&text, "process_open_fds") > 3.0);
    let free = rustix::fs::statvfs(&data).unwrap();
    let all = (free.f_blocks * free.f_frsize) as f64;
    let told = value(&text, "candor_disk_free_bytes");
    assert!(told > 0.0 && told <= all, "{told} of {all}");
    assert!(!text.contains("candor_tls_certificate_expiry"), "there is no certificate");
}

/// Nothing is counted for a program that has done nothing, and each family is described.
#[tokio::test(flavor = "multi_thread")]
async fn every_family_is_described_and_begins_with_nothing() {
    let app = TestApp::start().await;
    let answer = app.get("/metrics").await;
    let text = String::from_utf8(answer.body.clone()).unwrap();
    for name in families(&text).keys() {
        assert!(text.contains(&format!("# HELP {name} ")), "{name} is not described");
    }
    for name in ["candor_reports_acknowledged_total", "candor_reports_waiting", "candor_batches_behind"] {
        assert_eq!(value(&text, name), 0.0, "{name}");
    }
    assert!(answer.header("content-type").starts_with("text/plain; version=0.0.4"));
}

/// When the certificate ends is what a monitor warns by.
#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_the_certificate_is_told() {
    let place = tempfile::tempdir().unwrap();
    let mut parameters = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    parameters.not_after = rcgen::date_time_ymd(2031, 5, 6);
    let key = rcgen::KeyPair::generate().unwrap();
    let (certificate, private) = (place.path().join("cert.pem"), place.path().join("key.pem"));
    std::fs::write(&certificate, parameters.self_signed(&key).unwrap().pem()).unwrap();
    std::fs::write(&private, key.serialize_pem()).unwrap();
    let app = TestApp::with(|config| {
        config.tls = Some(candor_web::tls::TlsFiles { certificate: certificate.clone(), key: private });
    })
    .await;
    let ends: jiff::Timestamp = "2031-05-06T00:00:00Z".parse().unwrap();
    let text = app.state().meters.render();
    let told = value(&text, "candor_tls_certificate_expiry_timestamp_seconds");
    assert_eq!(told, ends.as_second() as f64);
}
