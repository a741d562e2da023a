//! A certificate that is renewed while the collector serves: taken up at SIGHUP, and connections that are open go on.
#![cfg(unix)]

use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::ring;
use rustls::{ClientConfig, ClientConnection, RootCertStore};

use crate::authority::Authority;
use crate::house::{House, within};

/// How long a renewal may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn roots(authorities: &[&RootCertStore]) -> RootCertStore {
    let mut all = RootCertStore::empty();
    all.roots.extend(authorities.iter().flat_map(|store| store.roots.iter().cloned()));
    all
}

/// Whether the collector shows a certificate of one of these authorities now.
fn shows(house: &House, authorities: &[&RootCertStore]) -> bool {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots(authorities))
        .with_no_client_auth();
    let name = "127.0.0.1".try_into().expect("an address");
    let mut client = ClientConnection::new(Arc::new(config), name).expect("a client");
    let Ok(mut stream) = TcpStream::connect(house.listen()) else { return false };
    client.complete_io(&mut stream).is_ok()
}

#[test]
fn a_renewed_certificate_is_taken_up_at_sighup_without_a_restart() {
    let house = House::with_https("127.0.0.1", "127.0.0.1");
    let old = house.trusted_roots();
    assert!(shows(&house, &[&old]));

    let renewed = Authority::vouching_for("127.0.0.1");
    let new = house.renew(&renewed);
    house.signal("HUP");
    assert!(within(PATIENCE, || shows(&house, &[&new])), "{}", house.said());
    assert!(!shows(&house, &[&old]), "the old one is gone");
}

/// Guards against a renewal that went wrong and takes the collector off the network.
#[test]
fn files_that_are_not_valid_leave_the_certificate_that_is_shown() {
    let house = House::with_https("127.0.0.1", "127.0.0.1");
    let old = house.trusted_roots();
    house.break_certificate();
    for _ in 0..3 {
        house.signal("HUP");
        assert!(shows(&house, &[&old]), "{}", house.said());
    }
    let told = || house.said().contains("the last one stays");
    assert!(within(PATIENCE, told), "{}", house.said());
    let new = house.renew(&Authority::vouching_for("127.0.0.1"));
    house.signal("HUP");
    assert!(within(PATIENCE, || shows(&house, &[&new])), "{}", house.said());
}
