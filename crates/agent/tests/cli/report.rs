//! `candor report`, `preview` and `log`.

use std::time::{Duration, Instant};

use candor_policy::{Digest, ProblemCode};
use insta::assert_snapshot;

use crate::run::Machine;
use crate::support::collector::{Behaviour, TestCollector};

const REPORT: &str = "report --source installer --application Sample+Web --version 2.0 --set client_code=C-1042 --set cluster=yes";

#[test]
fn an_installers_one_call_delivers_and_says_so() {
    let machine = Machine::granted();
    let ended = machine.run(REPORT);
    assert_snapshot!("delivered", ended.story());
    let received: serde_json::Value = serde_json::from_slice(&machine.collector.reports()[0]).unwrap();
    assert_eq!((&received["application"], &received["version"]), (&"Sample Web".into(), &"2.0".into()));
    let facts = &received["facts"];
    assert_eq!((&facts["client_code"], &facts["cluster"]), (&"C-1042".into(), &true.into()), "{received}");
    let system = facts["os_version"].as_str().unwrap_or_default();
    assert!(system.starts_with(&system_name()), "this machine's, without anybody's saying so: {received}");
}

/// How this machine's operating system calls itself, as far as a test can tell.
fn system_name() -> String {
    match std::env::consts::OS {
        "windows" => "Windows 1".to_owned(),
        "macos" => "macOS ".to_owned(),
        _ => {
            let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
            let name = release.lines().find_map(|line| line.strip_prefix("NAME="));
            name.map_or_else(|| "Linux".to_owned(), |name| name.trim_matches('"').to_owned())
        }
    }
}

#[test]
fn the_answer_for_machines_holds_the_receipt() {
    let machine = Machine::granted();
    let answer = machine.run(&format!("{REPORT} --json")).json();
    assert_eq!(answer["outcome"], "delivered");
    assert_eq!(answer["receipt"]["received_digest"], answer["digest"]);
    assert_eq!(answer["digest"], Digest::of(&machine.collector.reports()[0]).to_string());
}

#[test]
fn law_3_no_consent_no_collection_and_no_failing_exit_code_unless_strict() {
    let mut machine = Machine::new();
    assert_snapshot!("report_not_asked", machine.run(REPORT).story());
    assert_snapshot!("preview_not_asked", machine.run(&format!("preview {REPORT}")).story());
    assert_eq!(machine.run(&format!("{REPORT} --strict")).code(), 3);
    machine.run("consent deny --actor Ada");
    assert_snapshot!("report_denied", machine.run(REPORT).story());
    machine.run("consent grant --actor Ada");
    machine.variables = vec![("DO_NOT_TRACK", "1".to_owned())];
    assert_eq!(machine.run(&format!("{REPORT} --json")).json()["outcome"], "not-allowed");
    assert_eq!(machine.run(&format!("{REPORT} --strict")).code(), 3);
    assert!(machine.collector.requests().is_empty());
}

#[test]
fn what_cannot_be_delivered_waits_is_shown_and_goes_with_the_next_call() {
    let machine = Machine::granted();
    machine.collector.behave(Behaviour::Refuse(ProblemCode::Unavailable, None));
    assert_snapshot!("waiting", machine.run(REPORT).story());
    assert_eq!(machine.run(&format!("{REPORT} --strict")).code(), 4);
    let waiting = machine.run("preview");
    assert_eq!(waiting.out().lines().count(), 2);

    machine.collector.behave(Behaviour::Hold);
    let answer = machine.run(&format!("{REPORT} --json")).json();
    assert_eq!((&answer["delivered"], &answer["waiting"]), (&3.into(), &0.into()));
    let received: Vec<String> =
        machine.collector.reports().into_iter().map(|bytes| String::from_utf8(bytes).unwrap()).collect();
    for line in waiting.out().lines() {
        assert!(received.iter().any(|report| report == line), "what was shown is what arrived");
    }
}

#[test]
fn what_is_refused_for_good_says_where_it_is_kept() {
    let machine = Machine::granted();
    machine.collector.behave(Behaviour::Refuse(ProblemCode::UnknownSource, None));
    assert_snapshot!("refused", machine.run(REPORT).story());
    assert_eq!(machine.run(&format!("{REPORT} --strict")).code(), 5);
    assert!(machine.run("log").out().contains("unknown-source"));
}

#[test]
fn what_is_left_out_or_not_measured_is_named() {
    let machine = Machine::granted();
    let call =
        "report --source installer --application Sample+Web --version 2.0 --set client_code=none --set ada=1";
    assert_snapshot!("left_out", machine.run(call).story());
    assert_eq!(machine.run(&format!("{call} --strict")).code(), 6);
}

#[test]
fn law_2_the_preview_is_the_payload() {
    let machine = Machine::granted();
    machine.collector.behave(Behaviour::Refuse(ProblemCode::Unavailable, None));
    machine.run(REPORT);
    let shown = machine.run("preview").out().trim_end().to_owned();
    machine.collector.behave(Behaviour::Hold);
    let id = machine.run(&format!("{REPORT} --json")).json();
    assert_eq!(id["delivered"], 2);
    let received = machine.collector.reports();
    assert!(received.contains(&shown.clone().into_bytes()));

    let report_id = serde_json::from_str::<serde_json::Value>(&shown).unwrap()["report_id"].clone();
    let entry = machine.run(&format!("log --json --show {}", report_id.as_str().unwrap())).json();
    assert_eq!(entry["body"], shown.as_str());
    let receipt: serde_json::Value =
        serde_json::from_str(entry["receipt"]["body"].as_str().unwrap()).unwrap();
    assert_eq!(receipt["received_digest"], Digest::of(shown.as_bytes()).to_string());
    assert!(machine.run("log").out().contains("signature holds"));
    let digest = Digest::of(shown.as_bytes());
    assert!(machine.run("log").out().contains(&format!("digest {}", digest.short())));
    let listed = machine.run("log --json").json();
    let digests: Vec<_> = listed["sent"].as_array().unwrap().iter().map(|sent| &sent["digest"]).collect();
    assert!(digests.contains(&&serde_json::json!(digest)), "{listed}");
}

#[test]
#[cfg(target_os = "linux")]
fn law_5_an_installer_does_not_fail_because_nobody_hears_it() {
    let machine = Machine::granted();
    let json = format!("{REPORT} --json");
    for call in [REPORT, json.as_str()] {
        assert_eq!(machine.run_unheard(call), 0, "{call}");
    }
    assert_eq!(machine.collector.reports().len(), 2, "and they did leave");
    machine.run("consent deny");
    for call in [REPORT, json.as_str()] {
        assert_eq!(machine.run_unheard(call), 0, "{call}");
    }
    assert_ne!(machine.run_unheard(&format!("{REPORT} --strict")), 0);
    assert_ne!(machine.run_unheard("log"), 101, "an error is no panic");
}

#[test]
fn a_dry_run_and_a_preview_show_and_let_nothing_leave_or_wait() {
    let machine = Machine::granted();
    for call in [format!("{REPORT} --dry-run"), format!("preview {REPORT}")] {
        let ended = machine.run(&call);
        assert_eq!(ended.code(), 0);
        let report: serde_json::Value = serde_json::from_str(&ended.out()).unwrap();
        assert_eq!(report["facts"]["client_code"], "C-1042");
        assert!(ended.errors().contains("a report like this one"), "{}", ended.errors());
    }
    assert_snapshot!("nothing_waits", machine.run("preview").story());
    assert_snapshot!("nothing_sent", machine.run("log").story());
    assert!(machine.collector.requests().is_empty());
}

#[test]
fn a_stalling_collector_never_holds_an_installer_longer_than_its_deadline() {
    let machine = Machine::granted();
    machine.collector.behave(Behaviour::Stall);
    let began = Instant::now();
    let ended = machine.run(&format!("{REPORT} --deadline 300ms"));
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert_eq!(ended.code(), 0);
    assert!(ended.out().starts_with("Waiting:"), "{}", ended.out());
    machine.collector.behave(Behaviour::Hold);
    assert_eq!(machine.run(&format!("{REPORT} --json")).json()["delivered"], 2);
}

#[test]
fn a_state_folder_that_cannot_be_used_is_no_failure_of_the_installer() {
    let machine = Machine::granted();
    std::fs::remove_dir_all(machine.path("state")).unwrap();
    std::fs::write(machine.path("state"), "a file").unwrap();
    let ended = machine.run(REPORT);
    assert_eq!(ended.code(), 0);
    assert!(ended.errors().contains("state"), "{}", ended.errors());
    assert_eq!(machine.run(&format!("{REPORT} --strict")).code(), 1);
}

#[test]
fn mistakes_in_the_call_are_answered_with_what_would_fit() {
    let machine = Machine::granted();
    let wrong = REPORT.replace("installer", "instaler");
    assert_snapshot!("wrong_source", machine.run(&wrong).story());
    assert_eq!(machine.run(&format!("{REPORT} --deadline 2")).code(), 2);
    let no_policy = machine.run(&format!("--policy nowhere.toml {REPORT}"));
    assert_eq!(no_policy.code(), 2);
    assert!(no_policy.errors().contains("nowhere.toml"), "{}", no_policy.errors());
    std::fs::write(machine.path("policy.toml"), "[policy]\nid = 7\n").unwrap();
    let faulty = machine.run(REPORT);
    assert_eq!(faulty.code(), 2);
    assert!(faulty.errors().contains("policy.toml:2:"), "{}", faulty.errors());
}

/// Guards against an answer that names the policy's collector where this machine's settings send reports elsewhere.
#[test]
fn law_2_the_answer_names_where_the_report_went() {
    let mut machine = Machine::granted();
    let relay = TestCollector::start(Behaviour::Hold);
    std::fs::write(machine.path("settings.toml"), format!("collector_url = \"{}\"", relay.url)).unwrap();
    let settings = machine.path("settings.toml").display().to_string();
    machine.variables = vec![("CANDOR_SETTINGS", settings)];
    let ended = machine.run(REPORT);
    assert!(ended.out().contains(&format!("to {}.", relay.url)), "{}", ended.out());
    assert_eq!((relay.reports().len(), machine.collector.reports().len()), (1, 0));
    assert_eq!(machine.run("log --json").json()["sent"][0]["collector"], relay.url.as_str());
}
