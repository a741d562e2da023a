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

/// The collector's key in tests: always the same, so that a policy always has the same digest.
pub const COLLECTOR_KEY: [u8; 32] = [7; 32];

/// The public half of [`COLLECTOR_KEY`].
pub fn collector_key() -> PublicKey {
    let key = ed25519_dalek::SigningKey::from_bytes(&COLLECTOR_KEY);
    PublicKey::from_bytes(key.verifying_key().to_bytes())
}

/// A small policy that declares one metric of most types; `form` is that of the transport metric, if there is to be one.
pub fn manifest(form: Option<&str>) -> String {
    let transport =
        form.map_or_else(String::new, |form| include_str!("transport.toml").replace("FORM", form));
    include_str!("policy.toml").replace("PUBLIC_KEY", &collector_key().to_string()) + &transport
}
