//! What nearly every command starts with: the policy that was named, and the site under it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use candor_policy::Policy;
use candor_sdk::{Environment, Site, SiteSettings, paths};
use clap::Args;

use crate::clock::SystemClock;
use crate::failure::BadInput;

/// What every command takes.
#[derive(Clone, Debug, Args)]
pub struct Globals {
    /// The policy's manifest.
    #[arg(long, global = true, env = "CANDOR_POLICY", value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// The folder that holds this site's consent, key, spool and sent log; the product's own. Without it, the usual folder of
    /// this machine or user.
    #[arg(long, global = true, env = "CANDOR_STATE", value_name = "DIR")]
    pub state: Option<PathBuf>,
    /// The product's voucher, by which the vendor knows a licensed copy. Without it, the one that the machine's settings name.
    #[arg(long, global = true, env = "CANDOR_VOUCHER", value_name = "FILE")]
    pub voucher: Option<PathBuf>,
    /// Answer in JSON, for machines.
    #[arg(long, global = true, env = "CANDOR_JSON")]
    pub json: bool,
}

/// A site under the policy that the caller named.
pub struct Session {
    /// The site.
    pub site: Site,
    /// Whether to answer in JSON.
    pub json: bool,
    /// Whether the state folder was named, and not taken by convention.
    pub is_state_named: bool,
}

impl Session {
    /// Reads the policy and opens the site; the state folder is not touched yet.
    ///
    /// # Errors
    /// [`BadInput`] where no policy was named or it has faults.
    pub fn open(globals: &Globals) -> anyhow::Result<Self> {
        let no_policy = || BadInput::error("no policy was named: pass --policy FILE or set CANDOR_POLICY");
        let policy = read_policy(globals.policy.as_deref().ok_or_else(no_policy)?)?;
        let environment = Environment::of_process();
        let state_folder =
            globals.state.clone().unwrap_or_else(|| paths::state_folder(&policy.id, &environment));
        let voucher = globals.voucher.as_deref().map(candor_sdk::read_voucher).transpose();
        let voucher = voucher.map_err(|error| BadInput(error.to_string()));
        let voucher =
            voucher.context("pass the file that the vendor issued with --voucher FILE, or leave it out")?;
        let site = Site::open(SiteSettings {
            policy,
            state_folder,
            settings_files: paths::settings_files(&environment),
            environment,
            clock: Arc::new(SystemClock),
            voucher,
        });
        Ok(Self { site, json: globals.json, is_state_named: globals.state.is_some() })
    }
}

/// Reads a policy's manifest.
///
/// # Errors
/// [`BadInput`] with all its faults, each with file, line and column.
pub fn read_policy(file: &Path) -> anyhow::Result<Policy> {
    let unreadable = |why: &dyn std::fmt::Display| BadInput(format!("{}: {why}", file.display()));
    let manifest = candor_sdk::read_bounded(file, candor_sdk::limits::MANIFEST_BYTES)
        .map_err(|error| BadInput(error.to_string()))
        .and_then(|bytes| bytes.ok_or_else(|| unreadable(&"the file is not there")))
        .and_then(|bytes| String::from_utf8(bytes).map_err(|_| unreadable(&"it is not UTF-8")));
    let manifest = manifest.context("the policy cannot be read; pass its manifest with --policy FILE")?;
    Policy::read(&manifest).map_err(|faults| {
        let place = file.display();
        let lines = faults.0.iter().map(|fault| {
            format!("\n{place}:{}:{}: {}\n    {}", fault.line, fault.column, fault.message, fault.hint)
        });
        BadInput::error(format!("the policy has {} fault(s):{}", faults.0.len(), lines.collect::<String>()))
    })
}
