//! The log: lines on stderr, in colour where somebody looks, as JSON where a program does.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Starts to log. `RUST_LOG` says what; without it `filter` does, such as `info,sqlx=warn`.
pub fn to_stderr(filter: &str, json: bool) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(filter));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if json { log.json().init() } else { log.with_ansi(has_colours()).init() }
}

/// Colours are for terminals, and for people who have not asked to do without (no-color.org).
fn has_colours() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
