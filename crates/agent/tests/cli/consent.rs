//! `candor consent`.

use std::time::{Duration, Instant};

use insta::assert_snapshot;

use crate::run::Machine;
use crate::support::collector::Behaviour;

#[test]
fn where_consent_stands_is_said_before_and_after_each_decision() {
    let machine = Machine::new();
    assert_snapshot!("not_asked", machine.run("consent show").story());
    assert_snapshot!("granted", machine.run("consent grant --actor Ada").story());
    assert_snapshot!("granted_shown", machine.run("consent show").story());
    assert_snapshot!(
        "granted_in_part",
        machine.run("consent grant --category environment --actor Ada").story()
    );
    assert_snapshot!("denied", machine.run("consent deny --actor Ada").story());
    assert_snapshot!("denied_shown", machine.run("consent show").story());
}

#[test]
fn what_overrides_a_grant_is_named_with_its_remedy() {
    let mut machine = Machine::granted();
    machine.variables = vec![("DO_NOT_TRACK", "1".to_owned())];
    assert_snapshot!("overridden", machine.run("consent show").story());
    std::fs::write(machine.path("more.toml"), "collection = \"denied\"\n").unwrap();
    machine.variables = vec![("CANDOR_SETTINGS", "more.toml".to_owned())];
    assert_snapshot!("overridden_by_settings", machine.run("consent grant --actor Ada").story());
    std::fs::write(machine.path("more.toml"), "\ncolection = \"denied\"\n").unwrap();
    assert_snapshot!("faulty_settings", machine.run("consent show").story());
}

#[test]
fn the_answer_for_machines_names_state_scope_and_causes() {
    let machine = Machine::granted();
    let shown = machine.run("consent show --json").json();
    assert_eq!(shown["state"], "granted");
    assert_eq!(shown["allowed"], true);
    assert_eq!(shown["categories"], serde_json::json!(["environment", "licence"]));
    assert_eq!(shown["decision"]["decision"]["actor"], "administrator");
    assert_eq!(shown["state_folder"], "state", "another folder has another consent");
    assert_eq!(shown["collector_url"], machine.collector.url);
    assert_eq!(machine.run("consent deny --json").json()["state"], "denied");
}

#[test]
fn a_mistake_is_answered_in_json_where_json_was_asked_for() {
    let answer = Machine::new().run("consent grant --category licences --json");
    assert_eq!((answer.code(), answer.json()["outcome"].as_str()), (2, Some("usage")));
    assert!(answer.json()["why"].as_str().unwrap().contains("it has: environment, licence"));
}

#[test]
fn nobody_is_no_name() {
    let machine = Machine::new();
    machine.run("consent grant --actor=");
    assert_eq!(
        machine.run("consent show --json").json()["decision"]["decision"]["actor"],
        "an unnamed user",
        "the scripts of this documentation pass \"$USER\""
    );
}

#[test]
fn a_refused_category_that_the_policy_does_not_have_is_called_a_slip() {
    let mut machine = Machine::granted();
    std::fs::write(machine.path("more.toml"), "refuse = [\"licence\", \"licences\"]\n").unwrap();
    machine.variables = vec![("CANDOR_SETTINGS", "more.toml".to_owned())];
    let shown = machine.run("consent show").out();
    assert!(shown.contains("refused  licence, by the machine's settings\n"), "{shown}");
    assert!(
        shown.contains("refused  licences, by the machine's settings; this policy has no such"),
        "{shown}"
    );
}

#[test]
fn a_category_that_every_report_needs_is_named_with_what_refuses_it() {
    let mut machine = Machine::new();
    let granted = machine.run("consent grant --category licence").out();
    assert!(granted.contains("leaves out the category `environment`"), "{granted}");
    assert!(granted.contains("--category"), "{granted}");
    machine.run("consent grant");
    std::fs::write(machine.path("more.toml"), "refuse = [\"environment\"]\n").unwrap();
    machine.variables = vec![("CANDOR_SETTINGS", "more.toml".to_owned())];
    let shown = machine.run("consent show").out();
    assert!(shown.contains("settings refuse the category `environment`"), "{shown}");
}

/// Guards against "it waits and the next call delivers it", said of a report that was deleted.
#[test]
fn law_3_law_7_a_denial_while_a_report_is_under_way_is_what_the_call_says() {
    let machine = Machine::granted();
    machine.collector.behave(Behaviour::Stall);
    let call = "report --source installer --application Sample+Web --version 2.0 --deadline 3s --strict";
    let told = std::thread::scope(|scope| {
        let calling = scope.spawn(|| machine.run(call));
        let until = Instant::now() + Duration::from_secs(3);
        while !machine.collector.requests().iter().any(|path| path == candor_policy::wire_paths::REPORTS) {
            assert!(Instant::now() < until, "it never sent");
            std::thread::yield_now();
        }
        assert_eq!(machine.run("consent deny --actor Ada").code(), 0);
        calling.join().unwrap()
    });
    assert_eq!(told.code(), 3, "{}", told.out());
    assert!(told.out().starts_with("Deleted while it was under way: report "), "{}", told.out());
    assert!(told.out().contains("collection was denied by Ada"), "{}", told.out());
}

#[test]
fn a_default_is_recorded_for_opt_out_and_refused_for_opt_in() {
    let machine = Machine::new();
    assert_snapshot!("default", machine.run("consent default --actor silent+installer").story());
    let opt_in = Machine::new();
    let policy =
        std::fs::read_to_string(opt_in.path("policy.toml")).unwrap().replace("\"opt-out\"", "\"opt-in\"");
    std::fs::write(opt_in.path("policy.toml"), policy).unwrap();
    assert_snapshot!("default_of_opt_in", opt_in.run("consent default --actor silent+installer").story());
}

#[test]
fn a_category_that_is_not_there_is_answered_with_those_that_are() {
    let ended = Machine::new().run("consent grant --category licences");
    assert_eq!(ended.code(), 2);
    assert!(ended.errors().contains("it has: environment, licence"), "{}", ended.errors());
}

/// Guards against a slip in a file's name that undoes the refusal in it.
#[test]
fn a_settings_file_that_was_named_and_is_not_there_refuses() {
    let mut machine = Machine::granted();
    machine.variables = vec![("CANDOR_SETTINGS", "denied.tmol".to_owned())];
    let shown = machine.run("consent show --json").json();
    assert_eq!(shown["allowed"], false);
    let cause = shown["causes"][0].as_str().unwrap();
    assert!(cause.contains("denied.tmol: the file is not there"), "{cause}");
    let report = machine.run("report --source installer --application Sample+Web --version 2.0 --strict");
    assert_eq!(report.code(), 3, "{}", report.errors());
    assert!(machine.collector.requests().is_empty());
}
