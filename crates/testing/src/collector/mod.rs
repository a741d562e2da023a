//! The real collector in the test's own process, an installation that signs, and a browser without a screen.

mod app;
mod browser;
pub mod cells;
mod site;

pub use app::{Answer, TestApp};
pub use browser::Browser;
pub use cells::cells;
pub use site::{Site, Submission, gzip, zstd};

use candor_policy::PublicKey;
use candor_policy::voucher::{Terms, Voucher};
use jiff::civil::date;

/// The collector's key in tests: always the same, so that a policy always has the same digest.
pub const COLLECTOR_KEY: [u8; 32] = [7; 32];

/// The public half of [`COLLECTOR_KEY`].
pub fn collector_key() -> PublicKey {
    let key = ed25519_dalek::SigningKey::from_bytes(&COLLECTOR_KEY);
    PublicKey::from_bytes(key.verifying_key().to_bytes())
}

/// The key that signs vouchers in tests.
pub fn voucher_key() -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(&[77; 32])
}

/// A voucher of [`voucher_key`] for a customer, good for two installations until the end of 2026.
pub fn voucher(customer: &str, seed: u8) -> Voucher {
    let (issued, expires) = (date(2026, 1, 1), date(2026, 12, 31));
    let terms = Terms { customer, installations: 2, seed: [seed; 32] };
    Voucher::issue(&voucher_key(), Some(&terms), issued, expires).unwrap()
}

/// The small policy, with the public half of [`voucher_key`].
pub fn vouched_manifest() -> String {
    let public = PublicKey::from_bytes(voucher_key().verifying_key().to_bytes());
    let key = format!("public_key = \"{}\"\n", collector_key());
    manifest(None).replace(&key, &format!("{key}voucher_key = \"{public}\"\n"))
}

/// A small policy that declares one metric of most types; `form` is that of the transport metric, if there is to be one.
pub fn manifest(form: Option<&str>) -> String {
    let transport =
        form.map_or_else(String::new, |form| include_str!("transport.toml").replace("FORM", form));
    include_str!("policy.toml").replace("PUBLIC_KEY", &collector_key().to_string()) + &transport
}
