//! A running server: listens, bounds what a connection may cost, serves HTTP or HTTPS, and ends in order.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::time::Duration;

use axum::Router;
use axum_server::tls_rustls::RustlsAcceptor;
use axum_server::{Handle, Server};
use tokio::task::JoinHandle;

use crate::connections::Guard;
use crate::limits::{
    CONNECTION_WINDOW_BYTES, HEAD_BYTES, HEAD_FIELDS, PENDING_RESETS, PING_PERIOD, STOP_TIME,
    STREAM_BUFFER_BYTES, STREAM_WINDOW_BYTES, STREAMS_PER_CONNECTION,
};
use crate::sender::TrustedProxy;
use crate::tls::Tls;

/// A server that answers, until it is stopped.
pub struct Serving {
    handle: Handle<SocketAddr>,
    server: JoinHandle<io::Result<()>>,
}

/// Starts to serve on a listener; call it on a runtime. `header_time` bounds the TLS handshake, the wait for the first request after it,
/// and each request's header. A trusted proxy may have as many connections as there are.
///
/// # Errors
/// Where the runtime cannot take the listener over.
pub fn serve(
    listener: TcpListener,
    tls: Option<&Tls>,
    header_time: Duration,
    proxy: Option<TrustedProxy>,
    router: Router,
) -> io::Result<Serving> {
    let handle = Handle::new();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let server = bounded(axum_server::from_tcp(listener)?, header_time).handle(handle.clone());
    let guard = Guard::new(proxy);
    let server = match tls {
        Some(tls) => {
            let acceptor = RustlsAcceptor::new(tls.config()).handshake_timeout(header_time);
            tokio::spawn(server.acceptor(acceptor.acceptor(guard)).serve(service))
        }
        None => tokio::spawn(server.acceptor(guard).serve(service)),
    };
    Ok(Serving { handle, server })
}

fn bounded(mut server: Server<SocketAddr>, header_time: Duration) -> Server<SocketAddr> {
    let builder = server.http_builder();
    // It runs from the end of the last request on, so a connection that is kept open ends after it too.
    builder.http1().header_read_timeout(header_time).max_buf_size(HEAD_BYTES).max_headers(HEAD_FIELDS);
    builder
        .http2()
        .max_concurrent_streams(STREAMS_PER_CONNECTION)
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .max_send_buf_size(STREAM_BUFFER_BYTES)
        .max_header_list_size(u32::try_from(HEAD_BYTES).unwrap_or(u32::MAX))
        .max_pending_accept_reset_streams(PENDING_RESETS)
        .keep_alive_interval(PING_PERIOD)
        .keep_alive_timeout(PING_PERIOD);
    // The header's time begins only once the protocol is known, with the first bytes.
    server.first_request_timeout(header_time)
}

impl Serving {
    /// Waits for the server, which ends by itself only where it fails.
    ///
    /// # Errors
    /// What it failed with.
    pub async fn ended(&mut self) -> io::Result<()> {
        (&mut self.server).await.map_err(io::Error::other)?
    }

    /// Takes no more connections, and gives open requests [`STOP_TIME`] to end.
    ///
    /// # Errors
    /// What the server failed with, before or now.
    pub async fn stop(&mut self) -> io::Result<()> {
        self.handle.graceful_shutdown(Some(STOP_TIME));
        if self.server.is_finished() { Ok(()) } else { self.ended().await }
    }
}

/// The address by which a browser on this machine reaches a listener, also where it listens on all of this machine's addresses.
pub fn reachable(mut listening: SocketAddr) -> SocketAddr {
    if listening.ip().is_unspecified() {
        listening.set_ip(match listening {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    listening
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_never_leads_to_all_addresses() {
        let shown = |address: &str| reachable(address.parse().unwrap()).to_string();
        assert_eq!(shown("0.0.0.0:8787"), "127.0.0.1:8787");
        assert_eq!(shown("[::]:8787"), "[::1]:8787");
        assert_eq!(shown("192.0.2.7:80"), "192.0.2.7:80");
    }
}
