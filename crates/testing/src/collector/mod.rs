//! What every test stands on.

mod app;
mod browser;
#[path = "../../../examples/kept/cells.rs"]
mod cells;
mod site;

pub use app::{Answer, TestApp};
pub use browser::Browser;
pub use cells::cells;
pub use site::{Site, Submission, gzip, zstd};

use std::sync::Mutex;

use candor_policy::{Clock, PublicKey};
use jiff::{SignedDuration, Timestamp};

/// The collector's key in tests: always the same, so that a policy always has the same digest.
pub const COLLECTOR_KEY: [u8; 32] = [7; 32];

/// A clock that stands until it is moved.
pub struct MockClock(Mutex<Timestamp>);

impl MockClock {
    /// A clock that stands in the middle of May 2026.
    pub fn new() -> Self {
        Self(Mutex::new("2026-05-15T12:00:00Z".parse().unwrap()))
    }

    /// Moves it.
    pub fn advance(&self, by: SignedDuration) {
        let mut now = self.0.lock().unwrap();
        *now = now.saturating_add(by).unwrap();
    }
}

impl Clock for MockClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

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
