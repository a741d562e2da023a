//! The room as a program uses it: real sockets, real certificates.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod connections;
mod errors;
mod features;
mod http2;
mod tls;
