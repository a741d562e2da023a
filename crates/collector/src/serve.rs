//! The running collector: opens the stores, listens, runs the jobs, and ends in the right order.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use axum::extract::connect_info::IntoMakeServiceWithConnectInfo;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use candor_policy::Clock;
use hyper_util::rt::TokioTimer;
use tokio::task::JoinHandle;

use crate::AppState;
use crate::accounts::new_link;
use crate::config::Config;
use crate::data_folder::{self, Serving};
use crate::jobs::Jobs;
use crate::key_file;
use crate::limits::{STOP_TIME, STREAMS_PER_CONNECTION};
use crate::store::Store;
use crate::tls;

/// A collector that runs.
pub struct Running {
    /// The address that it listens on.
    pub listening: SocketAddr,
    /// The same, for a browser on this machine.
    pub listening_url: String,
    /// The address that people use, where it is another.
    pub public_url: Option<String>,
    /// Where the first account is made, if there is none yet.
    pub setup_link: Option<String>,
    /// What its handlers share.
    pub state: AppState,
    handle: Handle<SocketAddr>,
    server: JoinHandle<std::io::Result<()>>,
    jobs: Jobs,
    serving: Serving,
}

/// Starts a collector on a data folder.
///
/// # Errors
/// Where the folder cannot be used, the journal's schema is not known, or the address cannot be listened on.
pub async fn start(folder: &Path, config: Config, clock: Arc<dyn Clock>) -> anyhow::Result<Running> {
    data_folder::prepare(folder)?;
    let serving = Serving::claim(folder)?;
    let signing_key = key_file::for_answers(&key_file::read_or_create(folder)?)?;
    let tls = config.tls.as_ref().map(tls::read).transpose()?;
    let listener = TcpListener::bind(config.listen)
        .with_context(|| format!("{} cannot be listened on", config.listen))?;
    listener.set_nonblocking(true)?;
    let listening = listener.local_addr()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let listening_url = format!("{scheme}://{}", reachable(listening));
    let public_url = config.public_url.clone().filter(|url| *url != listening_url);
    let url = public_url.as_ref().unwrap_or(&listening_url);
    let store = Store::open(folder).await?;
    data_folder::remember_address(folder, url)?;
    let setup_link = match store.accounts().count().await? {
        0 => Some(new_link(store.accounts(), &*clock, url).await?),
        _ => None,
    };
    let state = AppState::new(store, clock, config, signing_key)?;
    let jobs = Jobs::start(&state).context("the jobs cannot be started")?;
    let handle = Handle::new();
    let server = spawn_server(listener, tls, &state, handle.clone())?;
    Ok(Running { listening, listening_url, public_url, setup_link, state, handle, server, jobs, serving })
}

impl Running {
    /// Waits for the server, which ends by itself only where it fails.
    ///
    /// # Errors
    /// What it failed with.
    pub async fn ended(&mut self) -> anyhow::Result<()> {
        (&mut self.server).await.context("the server ended badly")?.context("the server failed")
    }

    /// Lets open requests end, writes what waits, and closes the stores. Returns how often a job failed.
    pub async fn stop(mut self) -> u64 {
        self.handle.graceful_shutdown(Some(STOP_TIME));
        if !self.server.is_finished()
            && let Err(error) = self.ended().await
        {
            tracing::error!(error = format!("{error:#}"), "the server ended badly");
        }
        let failures = self.jobs.failures();
        self.state.acknowledger.stop().await;
        self.jobs.stop().await;
        self.state.store.close().await;
        // The next process may have the folder now that both files are whole.
        drop(self.serving);
        failures
    }
}

/// The address by which a browser on this machine reaches it, also where it listens on all of this machine's addresses.
fn reachable(mut listening: SocketAddr) -> SocketAddr {
    if listening.ip().is_unspecified() {
        listening.set_ip(match listening {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    listening
}

type Service = IntoMakeServiceWithConnectInfo<axum::Router, SocketAddr>;

fn spawn_server(
    listener: TcpListener,
    tls: Option<RustlsConfig>,
    state: &AppState,
    handle: Handle<SocketAddr>,
) -> anyhow::Result<JoinHandle<std::io::Result<()>>> {
    let service: Service = crate::router(state.clone()).into_make_service_with_connect_info();
    let header_time = state.config.caps.header_time;
    macro_rules! bounded {
        ($server:expr) => {{
            let mut server = $server.handle(handle);
            let builder = server.http_builder();
            builder.http1().timer(TokioTimer::new()).header_read_timeout(header_time);
            builder.http2().timer(TokioTimer::new()).max_concurrent_streams(STREAMS_PER_CONNECTION);
            tokio::spawn(server.serve(service))
        }};
    }
    Ok(match tls {
        Some(tls) => bounded!(axum_server::from_tcp_rustls(listener, tls)?),
        None => bounded!(axum_server::from_tcp(listener)?),
    })
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
