//! HTTPS with the real collector: the customer's own authority, certificates that do not hold, and the way by a proxy.

use std::net::TcpStream;
use std::path::Path;
use std::process::Output;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, ProtocolVersion, SupportedProtocolVersion};

use crate::house::{House, INSTALLER, Site, files, said};
use crate::journal;
use crate::proxy::{Manner, Proxy};

/// What `--strict` ends with where a report waits.
const NOT_DELIVERED: i32 = 4;
/// A name that no resolver knows: only a proxy finds the way to it.
const BEYOND: &str = "collector.test";

/// The installer's call with these variables.
fn install(site: &Site, variables: &[(&str, &str)]) -> Output {
    let mut call = site.candor();
    call.arg("report").args(INSTALLER).args(["--strict", "--deadline", "10s"]);
    call.envs(variables.iter().copied()).output().expect("candor starts")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

/// Holds a call to having kept its report, said why, and sent nothing; gives what it said.
fn kept(house: &House, site: &Site, output: &Output) -> String {
    let words = said(output);
    assert_eq!(output.status.code(), Some(NOT_DELIVERED), "{words}");
    assert!(words.contains("Waiting: report") && words.contains(&house.address()), "{words}");
    assert_eq!(files(&site.state().join("spool")).len(), 1, "{words}");
    assert!(site.must(&["log"]).contains("Nothing has left this site"), "{words}");
    assert_eq!(journal::reports(&house.data()).len(), 0);
    words
}

fn consenting(house: &House) -> Site {
    let site = house.site("happyville");
    site.must(&["consent", "grant"]);
    site
}

#[test]
fn a_report_arrives_over_https_where_its_authority_is_trusted_and_waits_where_it_is_not() {
    let house = House::with_https("127.0.0.1", "127.0.0.1");
    let site = consenting(&house);
    let words = kept(&house, &site, &install(&site, &[]));
    assert!(words.contains("its certificate is not trusted") && words.contains("ca_file"), "{words}");

    let settings = house.trusting_settings("");
    let output = install(&site, &[("CANDOR_SETTINGS", text(&settings))]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(journal::reports(&house.data()).len(), 2, "the one that waited went with it");
    assert_eq!(site.must(&["log"]).matches("signature holds").count(), 2);
}

/// The version that a client which speaks this one alone and the collector agree on.
fn agreed(
    house: &House,
    version: &'static SupportedProtocolVersion,
) -> std::io::Result<Option<ProtocolVersion>> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[version])
        .expect("a version that is known here")
        .with_root_certificates(house.trusted_roots())
        .with_no_client_auth();
    let name = "127.0.0.1".try_into().expect("an address");
    let mut client = ClientConnection::new(Arc::new(config), name).expect("a client");
    client.complete_io(&mut TcpStream::connect(house.listen())?)?;
    Ok(client.protocol_version())
}

/// Guards against a collector that speaks TLS 1.3 alone where it is built by itself, without the features that others of the
/// workspace ask of its library: `cargo xtask test` runs this with the programs as they ship.
#[test]
fn the_collector_speaks_both_versions_of_tls() {
    let house = House::with_https("127.0.0.1", "127.0.0.1");
    assert_eq!(agreed(&house, &TLS13).ok().flatten(), Some(ProtocolVersion::TLSv1_3));
    assert_eq!(agreed(&house, &TLS12).ok().flatten(), Some(ProtocolVersion::TLSv1_2));
}

#[test]
fn a_certificate_for_another_name_gets_no_report() {
    let house = House::with_https("127.0.0.1", "elsewhere.example");
    let site = consenting(&house);
    let settings = house.trusting_settings("");
    let words = kept(&house, &site, &install(&site, &[("CANDOR_SETTINGS", text(&settings))]));
    assert!(words.contains("its certificate is for another name"), "{words}");
}

#[test]
fn an_installation_that_is_known_sends_nothing_to_a_certificate_that_is_not_trusted() {
    let house = House::with_https("127.0.0.1", "127.0.0.1");
    let site = consenting(&house);
    let settings = house.trusting_settings("");
    assert!(install(&site, &[("CANDOR_SETTINGS", text(&settings))]).status.success());
    // Enrolled, so that the report itself is what would leave next.
    let output = install(&site, &[]);
    assert_eq!(output.status.code(), Some(NOT_DELIVERED), "{}", said(&output));
    assert!(!site.must(&["log"]).contains("the collector may hold it"), "no byte of the second one left");
    assert_eq!(journal::reports(&house.data()).len(), 1);
}

#[test]
fn a_report_goes_by_the_proxy_of_the_settings_or_of_the_environment() {
    let house = House::with_https(BEYOND, BEYOND);
    let site = consenting(&house);
    let proxy = Proxy::start(Manner::LetThrough(house.port()));
    let own = house.trusting_settings(&format!("proxy = \"http://{}\"\n", proxy.address));
    let output = install(&site, &[("CANDOR_SETTINGS", text(&own)), ("HTTPS_PROXY", "http://127.0.0.1:9")]);
    assert!(output.status.success(), "the settings go before the environment: {}", said(&output));

    let before = proxy.seen().len();
    let (settings, variable) = (house.trusting_settings(""), format!("http://{}", proxy.address));
    let output = install(&site, &[("CANDOR_SETTINGS", text(&settings)), ("HTTPS_PROXY", &variable)]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(proxy.seen().len() > before, "the environment's proxy was taken");
    let asked = format!("CONNECT {}:{} HTTP/1.1", BEYOND, house.port());
    assert!(proxy.seen().iter().all(|head| head.starts_with(&asked)), "{:?}", proxy.seen());
    assert_eq!(journal::reports(&house.data()).len(), 2);
}

#[test]
fn a_proxy_that_asks_for_a_password_is_named_and_gets_it_from_its_address() {
    let house = House::with_https(BEYOND, BEYOND);
    let site = consenting(&house);
    let proxy = Proxy::start(Manner::AskFirst(house.port()));
    let asked = house.trusting_settings(&format!("proxy = \"http://{}\"\n", proxy.address));
    let words = kept(&house, &site, &install(&site, &[("CANDOR_SETTINGS", text(&asked))]));
    assert!(words.contains("asks for a name and a password") && words.contains(&proxy.address), "{words}");

    let told = house.trusting_settings(&format!("proxy = \"http://name:secret@{}\"\n", proxy.address));
    let output = install(&site, &[("CANDOR_SETTINGS", text(&told))]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(!said(&output).contains("secret"), "{}", said(&output));
    assert_eq!(journal::reports(&house.data()).len(), 2);
}

#[test]
fn a_proxy_that_refuses_or_is_not_there_is_named_and_its_password_is_not() {
    let house = House::with_https(BEYOND, BEYOND);
    let refusing = Proxy::start(Manner::Refuse).address;
    for (name, address, why) in [
        ("refused", refusing.as_str(), "the proxy does not let it through"),
        ("nobody", "127.0.0.1:9", "Connection refused"),
    ] {
        let site = house.site(name);
        site.must(&["consent", "grant"]);
        let settings = house.trusting_settings(&format!("proxy = \"http://name:secret@{address}\"\n"));
        let words = kept(&house, &site, &install(&site, &[("CANDOR_SETTINGS", text(&settings))]));
        assert!(words.contains(why) && words.contains(&format!("the proxy {address}")), "{words}");
        assert!(!words.contains("secret"), "{words}");
    }
}
