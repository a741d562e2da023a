//! `candor report --ask`: what is shown is what leaves, or nothing does.

use candor_policy::{Digest, ProblemCode};
use insta::assert_snapshot;

use crate::run::Machine;
use crate::support::collector::Behaviour;

const ASK: &str = "report --source installer --application Sample+Web --version 2.0 --set client_code=C-1042 --set cluster=yes --ask";

#[test]
fn law_2_what_was_shown_and_agreed_to_is_what_leaves() {
    let machine = Machine::granted();
    let ended = machine.run_answering(ASK, "yes\n");
    let out = ended.out();
    let shown = out.lines().next().unwrap();
    let received = machine.collector.reports();
    assert_eq!(received, [shown.as_bytes()], "what was shown is what arrived, byte for byte");
    assert!(out.contains("Delivered: report"), "{out}");
    let digest = Digest::of(shown.as_bytes()).to_string();
    assert!(ended.errors().contains(&digest) && ended.errors().contains(&machine.collector.url));
    let log = machine.run("log --json").json();
    assert_eq!(
        (log["sent"].as_array().unwrap().len(), &log["sent"][0]["digest"]),
        (1, &digest.as_str().into())
    );
}

#[test]
fn law_2_without_a_yes_nothing_leaves_or_waits() {
    let machine = Machine::granted();
    for answer in ["", "\n", "no\n", "yes to all\n"] {
        let ended = machine.run_answering(ASK, answer);
        assert_eq!(ended.code(), 0);
        assert!(ended.out().contains("Not sent"), "{answer:?}: {}", ended.out());
    }
    assert_eq!(machine.run_answering(&format!("{ASK} --strict"), "no").code(), 3);
    assert_eq!(machine.run("preview").out(), "");
    assert!(machine.run("log").out().contains("Nothing has left this site"));
    assert!(machine.collector.requests().is_empty());
}

#[test]
fn whoever_is_asked_learns_what_else_would_go_and_machines_read_one_answer_a_line() {
    let machine = Machine::granted();
    machine.collector.behave(Behaviour::Refuse(ProblemCode::Unavailable, None));
    machine.run(ASK.trim_end_matches(" --ask"));
    machine.collector.behave(Behaviour::Hold);
    let declined = machine.run_answering(ASK, "n\n");
    assert!(declined.errors().contains("1 earlier report(s) wait and go with it"), "{}", declined.errors());
    let agreed = machine.run_answering(&format!("{ASK} --json"), "y\n");
    let lines: Vec<serde_json::Value> =
        agreed.out().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["outcome"], &lines[1]["outcome"]), (&"shown".into(), &"delivered".into()));
    assert_eq!((&lines[0]["digest"], &lines[1]["delivered"]), (&lines[1]["digest"], &2.into()));
}

#[test]
fn a_consent_that_is_denied_stops_the_question_too() {
    let machine = Machine::granted();
    machine.run("consent deny --actor administrator");
    let ended = machine.run_answering(ASK, "yes\n");
    assert_snapshot!("ask_denied", ended.story());
    assert!(machine.collector.requests().is_empty());
    let preview = machine.run(&format!("preview {ASK}"));
    assert_eq!(preview.code(), 2, "{}", preview.errors());
}
