//! What is derived from the command line's own words: help, exit codes, completions, manual pages.

use candor_agent::exit::Exit;

use crate::run::Machine;

#[test]
fn the_help_closes_with_every_exit_code() {
    let help = Machine::new().run("--help").out();
    for exit in Exit::ALL {
        assert!(help.contains(exit.meaning()), "{}", exit.name());
    }
}

#[test]
fn completions_and_manual_pages_come_out() {
    let machine = Machine::new();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let ended = machine.run(&format!("completions {shell}"));
        assert!(ended.code() == 0 && ended.out().contains("candor"), "{shell}");
    }
    assert_eq!(machine.run("man pages").code(), 0);
    let page = std::fs::read_to_string(machine.path("pages").join("candor.1")).unwrap();
    assert!(page.contains("Exit codes"), "{page}");
    assert!(machine.path("pages").join("candor-report.1").is_file());
}

/// The table in the documentation is made from the one in the code; this writes it anew where it is stale.
#[test]
fn the_documented_exit_codes_are_those_of_the_code() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/exit-codes.md");
    let mut page = String::from(
        "# How `candor` ends\n\n\
         Made from `crates/agent/src/exit.rs` by its test; a change there rewrites this page.\n\n\
         | code | name | meaning |\n|---|---|---|\n",
    );
    for exit in Exit::ALL {
        page.push_str(&format!("| {} | `{}` | {} |\n", exit.code(), exit.name(), exit.meaning()));
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    if written != page {
        std::fs::write(&path, page).unwrap();
        panic!("docs/exit-codes.md was stale and has been written anew; commit it");
    }
}
