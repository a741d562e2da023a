//! What every page and endpoint of ours stands on, for the collector and for the agent's "Product Metrics" page.
//!
//! It holds no store and no business: what a program shows, who is signed in and where links lead is passed in as a value.
//! Direction: `policy <- web <- {agent, collector}`.

pub mod assets;
pub mod body;
pub mod budget;
mod connections;
pub mod csrf;
pub mod errors;
mod escape;
pub mod figure;
pub mod form;
pub mod headers;
pub mod limits;
pub mod logging;
pub mod meters;
pub mod page;
mod problem;
mod repeats;
pub mod request_id;
mod sender;
pub mod server;
pub mod signals;
pub mod throttle;
pub mod tls;

pub use escape::{address, escaped, from_segment, segment};
pub use problem::Refused;
pub use sender::{ClientAddress, Sender, TrustedProxy, TrustedProxyError, first_bits};
