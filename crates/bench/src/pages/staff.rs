//! A member of staff at the dashboard, signed in as a person would.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use super::watcher::Watcher;

const PASSWORD: &str = "a password for the benchmark";

/// A member of staff at the dashboard.
pub(super) struct Staff(Watcher);

impl Staff {
    /// Creates an account of this name through a one-time link.
    pub(super) async fn sign_in(address: SocketAddr, link: &str, name: &str) -> anyhow::Result<Self> {
        let staff = Self(Watcher::of(address)?);
        let token = link.trim().split_once("token=").context("the link has no token")?.1;
        let form = [("token", token), ("name", name), ("password", PASSWORD)];
        let body: Vec<String> =
            form.iter().map(|(name, value)| format!("{name}={}", value.replace(' ', "+"))).collect();
        let request = staff.0.client.post(format!("{}/setup", staff.0.origin));
        let request = request
            .header("accept", "text/html")
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body(body.join("&")).send().await?;
        let (status, place) = (answer.status(), answer.url().path().to_owned());
        ensure!(status.is_success() && place == "/", "signing in ended at {place} with {status}");
        Ok(staff)
    }

    /// A page's text.
    pub(super) async fn page(&self, address: &str) -> anyhow::Result<String> {
        let answer = self.get(address, "identity").await?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    /// Asks as a browser does, compressed, and reads the whole answer.
    pub(super) async fn browse(&self, address: &str) -> anyhow::Result<Duration> {
        let started = Instant::now();
        self.get(address, "gzip").await?;
        Ok(started.elapsed())
    }

    async fn get(&self, address: &str, encoding: &str) -> anyhow::Result<Vec<u8>> {
        let request = self.0.client.get(format!("{}{address}", self.0.origin));
        let request = request.header("accept", "text/html").header("accept-encoding", encoding);
        let answer = request.send().await.with_context(|| format!("{address} is not answered"))?;
        ensure!(answer.status().is_success(), "{address} is answered with {}", answer.status());
        Ok(answer.bytes().await?.to_vec())
    }
}

impl std::ops::Deref for Staff {
    type Target = Watcher;

    fn deref(&self) -> &Watcher {
        &self.0
    }
}
