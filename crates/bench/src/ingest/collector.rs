//! The servers of one round: a version of the collector, and the ceiling, each with a fresh folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, ensure};
use candor_fleet::{Sender, SenderSettings};
use candor_policy::Clock;

use super::SERVER_CORE;
use crate::ceiling::USUAL_FIELD_BYTES;
use crate::load::{Answer, Connection};
use crate::machine::on_core;
use crate::policy::{own_policy, public_key, publish};
use crate::requests::Requests;
use crate::server::{Server, free_address};

/// A version of the collector's program, and what each of its fresh data folders holds at first.
pub(super) struct Collector {
    name: &'static str,
    program: PathBuf,
    /// The folder whose key each data folder gets, so that one policy names them all.
    first: PathBuf,
    policy: PathBuf,
}

impl Collector {
    pub(super) fn prepare(
        name: &'static str,
        program: PathBuf,
        policy: &Path,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let first = folder.join("first");
        std::fs::create_dir(&first)?;
        let key = public_key(&program, &first)?;
        let policy = own_policy(policy, "http://127.0.0.1", Some(&key), folder)?;
        Ok(Self { name, program, first, policy })
    }

    /// The same collector, by another program.
    pub(super) fn in_another_version(&self, name: &'static str, program: &Path) -> Self {
        Self { name, program: program.to_owned(), first: self.first.clone(), policy: self.policy.clone() }
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// The policy's file.
    pub(super) fn policy(&self) -> &Path {
        &self.policy
    }

    /// Starts it with an empty data folder, its policy published and the load's installations enrolled; and learns how
    /// large its answers are.
    pub(super) async fn start(
        &self,
        requests: &Requests,
        folder: &Path,
        clock: &Arc<dyn Clock>,
    ) -> anyhow::Result<(Server, Answer)> {
        let data = folder.join(self.name);
        std::fs::create_dir(&data)?;
        for entry in std::fs::read_dir(&self.first)? {
            let entry = entry?;
            std::fs::copy(entry.path(), data.join(entry.file_name()))?;
        }
        publish(&self.program, &self.policy, &data)?;
        let address = free_address()?;
        let mut serve = on_core(SERVER_CORE, &self.program);
        serve.arg("serve").arg("--data").arg(&data).args(["--listen", &address.to_string()]);
        let server = Server::start(serve, address, &folder.join(format!("{}.log", self.name)))?;
        let collector = format!("http://{address}");
        let sender = Sender::new(&SenderSettings { collector, quiet: true, clock: Arc::clone(clock) })?;
        for site in requests.installations() {
            sender.enrol(site).await.context("the collector takes no enrolment")?;
        }
        let first = requests.sign(0..1, &**clock)?;
        let answer = Connection::open(address).await?.exchange(&first[0]).await?;
        ensure!(answer.status == 200, "the collector answered with {}:\n{}", answer.status, server.said());
        Ok((server, answer))
    }
}

/// Starts the ceiling, with answers as large as the collector's.
pub(super) fn start_ceiling(folder: &Path, answer: Answer) -> anyhow::Result<Server> {
    let own = std::env::current_exe().context("cannot find this program")?;
    let address = free_address()?;
    let mut serve = on_core(SERVER_CORE, &own);
    serve
        .arg("ceiling")
        .args(["--listen", &address.to_string()])
        .arg("--file")
        .arg(folder.join("ceiling"))
        .args(["--answer-bytes", &answer.body_bytes.to_string()])
        .args(["--header-bytes", &answer.header_bytes.saturating_sub(USUAL_FIELD_BYTES).to_string()]);
    Server::start(serve, address, &folder.join("ceiling.log"))
}
