//! `candor consent`.

use insta::assert_snapshot;

use crate::run::Machine;

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
    assert_eq!(machine.run("consent deny --json").json()["state"], "denied");
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
