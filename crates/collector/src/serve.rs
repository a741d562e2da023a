//! The running collector: opens the stores, listens, runs the jobs, and ends in the right order.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use axum::http::HeaderValue;
use candor_policy::Clock;
use candor_web::limits::CERTIFICATE_PERIOD;
use candor_web::server::{self, reachable};
use candor_web::tls::Tls;
use tokio::task::JoinHandle;

use crate::AppState;
use crate::accounts::new_link;
use crate::config::Config;
use crate::data_folder::{self, Serving};
use crate::ingest::Signer;
use crate::jobs::Jobs;
use crate::key_file;
use crate::meters::Meters;
use crate::readiness::Readiness;
use crate::store::Store;
use crate::succession;

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
    server: server::Serving,
    certificate: Option<JoinHandle<()>>,
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
    let key = key_file::read_or_create(folder)?;
    let pair = key_file::for_answers(&key)?;
    let field = succession::answers_field(folder)?.map(HeaderValue::try_from).transpose()?;
    let signer = Signer::new(pair, field, clock.clone());
    let tls = config.tls.clone().map(Tls::read).transpose()?;
    let listener = TcpListener::bind(config.listen)
        .with_context(|| format!("{} cannot be listened on", config.listen))?;
    let listening = listener.local_addr()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let listening_url = format!("{scheme}://{}", reachable(listening));
    let public_url = config.public_url.clone().filter(|url| *url != listening_url);
    let url = public_url.as_ref().unwrap_or(&listening_url);
    let store = Store::open(folder).await?;
    succession::check(folder, &key_file::public_key(&key), &store.policies().list().await?)?;
    // On a full disk neither can be written, and what can be read is still shown.
    if let Err(error) = data_folder::remember_address(folder, url) {
        tracing::warn!(error = format!("{error:#}"), "`account link` will print another address");
    }
    let setup_link = match store.accounts().count().await? {
        0 => link(&store, &*clock, url).await,
        _ => None,
    };
    let (header_time, proxy) = (config.caps.header_time, config.trusted_proxy.clone());
    let meters = Meters::new(folder, tls.clone());
    let state = AppState::new(store, clock, config, signer, meters, Readiness::of(folder.to_owned()))?;
    state.blocked.refresh(&state.store).await?;
    let jobs = Jobs::start(&state).context("the jobs cannot be started")?;
    let server = server::serve(listener, tls.as_ref(), header_time, proxy, crate::router(state.clone()))?;
    let certificate = tls.map(|tls| tokio::spawn(tls.follow_files(CERTIFICATE_PERIOD)));
    Ok(Running {
        listening,
        listening_url,
        public_url,
        setup_link,
        state,
        server,
        certificate,
        jobs,
        serving,
    })
}

async fn link(store: &Store, clock: &dyn Clock, url: &str) -> Option<String> {
    let link = new_link(store.accounts(), clock, url, None).await;
    let failed = |error| tracing::error!(%error, "no link for the first account: `candor-collector account link` makes one");
    link.map_err(failed).ok()
}

impl Running {
    /// Waits for the server, which ends by itself only where it fails.
    ///
    /// # Errors
    /// What it failed with.
    pub async fn ended(&mut self) -> anyhow::Result<()> {
        self.server.ended().await.context("the server failed")
    }

    /// Lets open requests end, writes what waits, and closes the stores. Returns how often a job failed.
    pub async fn stop(mut self) -> u64 {
        if let Err(error) = self.server.stop().await {
            tracing::error!(%error, "the server failed");
        }
        if let Some(certificate) = &self.certificate {
            certificate.abort();
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
