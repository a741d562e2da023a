//! A simulation that the collector's caps hold back says so, and which cap to raise; it does not stand still without a word.

use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use crate::house::{House, POLICY, program, said, text, within};

/// A collector that serves with caps of its own, ended with the test.
struct Capped(Child);

impl Drop for Capped {
    fn drop(&mut self) {
        let _ended = self.0.kill().and_then(|()| self.0.wait());
    }
}

fn capped(house: &House, caps: &[&str]) -> Capped {
    let mut serve = house.collector_program(&["serve"]);
    serve.args(["--listen", &house.listen()]).args(caps);
    let child = serve.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let capped = Capped(child.expect("candor-collector starts"));
    let ready = || ureq::get(format!("{}/readyz", house.address())).call().is_ok();
    assert!(within(Duration::from_secs(60), ready), "the collector did not become ready");
    capped
}

fn simulated(house: &House, more: &[&str]) -> Output {
    let policy = house.folder().join(format!("{POLICY}.toml"));
    let mut simulate = Command::new(program("candor-fleet"));
    simulate.args(["simulate", "--collector", &house.address(), "--installations", "12", "--months", "3"]);
    simulate.arg("--policy").arg(policy).args(more).output().expect("candor-fleet starts")
}

#[test]
fn enrolments_that_are_held_back_name_their_caps_and_arrive() {
    let house = House::closed();
    let _capped = capped(&house, &["--caps-enrolments-burst", "2", "--caps-enrolments-per-minute", "600"]);
    let output = simulated(&house, &[]);
    let told = text(&output.stderr);
    assert!(output.status.success(), "{}", said(&output));
    let advice = "raise enrolments_burst and enrolments_per_minute";
    assert_eq!(told.matches(advice).count(), 1, "{told}");
    assert!(told.contains("holds enrolments back (429)") && told.contains("enrolments: "), "{told}");
    assert!(text(&output.stdout).contains(advice), "the summary says it as well: {}", said(&output));
}

#[test]
fn reports_that_are_held_back_name_their_caps_and_arrive() {
    let house = House::closed();
    let _capped = capped(&house, &["--caps-reports-burst", "1", "--caps-reports-per-minute", "600"]);
    let output = simulated(&house, &["--in-flight", "16"]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(text(&output.stderr).contains("raise reports_burst and reports_per_minute"), "{}", said(&output));
}

#[test]
fn nothing_is_said_of_caps_that_held_nothing_back_and_json_keeps_standard_error_empty() {
    let house = House::closed();
    let _capped = capped(&house, &["--caps-enrolments-burst", "2", "--caps-enrolments-per-minute", "600"]);
    let output = simulated(&house, &["--json"]);
    assert!(output.status.success() && output.stderr.is_empty(), "{}", said(&output));
    let summary: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let held_back = summary["held_back"].as_array().expect("a list");
    assert_eq!(held_back.len(), 1, "{summary}");
    assert!(held_back[0].as_str().is_some_and(|said| said.starts_with("enrolments held back")), "{summary}");
}
