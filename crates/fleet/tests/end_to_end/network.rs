//! Law 10: neither program calls anybody but the other.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::house::{BATCH, House, INSTALLER, program, said, text};
use crate::journal;
use crate::watched::{watched, while_watched};

/// Every attempt to reach an address.
const CALLS: &str = "connect,sendto,sendmsg,sendmmsg";

/// The internet addresses that a trace names, other than this one.
fn outsiders(trace: &Path, own: &str) -> Vec<String> {
    let port = own.rsplit(':').next().unwrap_or_default();
    let lines = fs::read_to_string(trace).expect("strace is installed and may trace: `cargo xtask setup`");
    let inside = format!("sin_port=htons({port}), sin_addr=inet_addr(\"127.0.0.1\")");
    lines
        .lines()
        .filter(|line| line.contains("AF_INET") && !line.contains(&inside))
        .map(str::to_owned)
        .collect()
}

#[test]
fn law_10_no_outsider_is_called_by_candor() {
    let house = House::open();
    let site = house.site("happyville");
    site.must(&["consent", "grant"]);
    let database = site.database();
    let calls = [
        [&["report"], INSTALLER, &["--strict"]].concat(),
        [&["snapshot"], BATCH, &["--strict", "--database", &database]].concat(),
        vec!["log"],
    ];
    for (number, call) in calls.into_iter().enumerate() {
        let trace = house.folder().join(format!("candor-{number}.trace"));
        let mut candor = site.candor();
        candor.args(&call);
        let output =
            watched(&candor, CALLS, &trace).output().expect("strace is installed: `cargo xtask setup`");
        assert!(output.status.success(), "{}", said(&output));
        assert_eq!(outsiders(&trace, &house.address()), Vec::<String>::new(), "candor {}", call.join(" "));
    }
}

#[test]
fn law_10_no_outsider_is_called_by_the_collector() {
    let mut house = House::closed();
    let trace = house.folder().join("collector.trace");
    let (sent, page) = while_watched(&mut house, CALLS, &trace, |house| {
        let site = house.site("happyville");
        site.must(&["consent", "grant"]);
        let sent = site.install(&["--strict", "--deadline", "20s"]);
        (sent, ureq::get(format!("{}/policies", house.address())).call().map(|page| page.status().as_u16()))
    });
    assert!(sent.status.success(), "{}", said(&sent));
    assert_eq!(page.ok(), Some(200));
    assert_eq!(outsiders(&trace, &house.address()), Vec::<String>::new());
}

#[test]
fn everything_works_where_there_is_no_network_but_loopback() {
    // A network of its own, with loopback alone, for this whole test's programs.
    let loopback = ["--user", "--map-root-user", "--net", "ip", "link", "set", "lo", "up"];
    let alone = Command::new("unshare").args(loopback).status();
    if !alone.is_ok_and(|status| status.success()) {
        let waived = std::env::var_os("CANDOR_WITHOUT_NAMESPACES").is_some();
        assert!(
            waived,
            "no network namespace is to be had (`unshare`, `ip`). Where a machine grants none, set \
             CANDOR_WITHOUT_NAMESPACES=1: law_10 above watches the calls themselves"
        );
        return;
    }
    let house = House::closed();
    let site = house.site("happyville");
    site.must(&["consent", "grant"]);
    let script = r#"
        ip link set lo up || exit 90
        "$1" serve --data "$2" --listen "$3" & collector=$!
        shift 3
        tries=0
        until "$@" --strict; do
            tries=$((tries + 1)); [ $tries -gt 100 ] && break
            sleep 0.1
        done
        kill "$collector"; wait "$collector"
        [ $tries -le 100 ]
    "#;
    let mut alone = Command::new("unshare");
    alone.args(["--user", "--map-root-user", "--net", "sh", "-c", script, "sh"]);
    alone.arg(program("candor-collector")).arg(house.data());
    alone.arg(house.address().trim_start_matches("http://"));
    let mut call = site.candor();
    call.arg("report").args(INSTALLER);
    alone.arg(call.get_program()).args(call.get_args());
    alone.env_remove("DO_NOT_TRACK").env_remove("CANDOR_CONSENT");
    let output = alone.output().expect("unshare starts");
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(!journal::reports(&house.data()).is_empty());
}
