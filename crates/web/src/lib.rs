//! What every page and endpoint of ours stands on, for the collector and for the agent's "Product Metrics" page.
//!
//! It holds no store and no business: what a program shows, who is signed in and where links lead is passed in as a value.
//! Direction: `policy <- web <- {agent, collector}`.

pub mod assets;
mod escape;
pub mod headers;

pub use escape::escaped;
