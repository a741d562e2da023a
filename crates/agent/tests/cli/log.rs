//! `candor log`: what it says of reports whose answer was lost, refused or came.

use candor_policy::ProblemCode;
use insta::assert_snapshot;

use crate::run::Machine;
use crate::support::collector::Behaviour;

const REPORT: &str = "report --source installer --application Sample+Web --version 2.0";

#[test]
fn law_7_a_lost_answer_is_told_with_its_doubt_until_a_receipt_settles_it() {
    let machine = Machine::granted();
    machine.collector.behave(Behaviour::LoseReceipt);
    machine.run(REPORT);
    assert_snapshot!("log_no_answer", machine.run("log").story());
    let entry = machine.run("log --json").json()["sent"][0].clone();
    let id = entry["report_id"].as_str().unwrap().to_owned();
    assert_eq!(
        (&entry["state"], &entry["may_be_held"], &entry["waits"]),
        (&"no-answer".into(), &true.into(), &true.into())
    );
    let shown = machine.run(&format!("log --show {id}"));
    assert_eq!(
        shown.out(),
        machine.run("preview").out(),
        "the very bytes, and nothing that looks like a receipt"
    );
    assert!(shown.errors().contains("the collector may hold it"), "{}", shown.errors());

    machine.collector.behave(Behaviour::Refuse(ProblemCode::Unavailable, None));
    machine.run("report --source installer --application Sample+Web --version 1.0");
    assert_snapshot!("log_refused_for_now", machine.run("log").story());

    machine.collector.behave(Behaviour::Hold);
    assert_eq!(machine.run(&format!("{REPORT} --json")).json()["waiting"], 0);
    let log = machine.run("log --json").json();
    let entry =
        log["sent"].as_array().unwrap().iter().find(|entry| entry["report_id"] == id.as_str()).unwrap();
    assert_eq!(
        (&entry["state"], &entry["may_be_held"], &entry["tries"]),
        (&"held".into(), &false.into(), &3.into())
    );
}

#[test]
fn what_may_have_left_before_a_denial_stays_in_the_log() {
    let machine = Machine::granted();
    machine.collector.behave(Behaviour::LoseReceipt);
    machine.run(REPORT);
    machine.run("consent deny --actor administrator");
    assert_snapshot!("log_after_denial", machine.run("log").story());
}
