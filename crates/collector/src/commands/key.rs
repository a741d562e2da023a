//! `candor-collector key`: prints the collector's public key, and changes keys.

use std::path::Path;

use anyhow::Context;
use candor_collector::data_folder;
use candor_collector::data_folder::Serving;
use candor_collector::key_file::{self, public_key};
use candor_collector::publish::COMMAND_LINE;
use candor_collector::store::{Action, ControlStore};
use candor_collector::succession::{self, Change};
use candor_policy::succession::Succession;
use candor_policy::{Policy, PublicKey};
use clap::{Args, Subcommand};
use ed25519_dalek::{Signer, SigningKey};
use jiff::Timestamp;

use super::{Data, clock};

/// What to do with the key; without a command it is printed, and made on first use.
#[derive(Args)]
#[command(subcommand_negates_reqs = true)]
pub struct Key {
    #[command(flatten)]
    data: Option<Data>,
    #[command(subcommand)]
    command: Option<KeyCommand>,
}

/// Changes of the key; the collector must be stopped.
#[derive(Subcommand)]
pub enum KeyCommand {
    /// Make another key, for which the present one signs: sites believe its receipts under the policy that they have.
    Rotate(Data),
    /// Make another key in place of one that was lost or stolen: sites reject its receipts until they have a policy that names it.
    Replace(Data),
}

/// Does what is asked.
///
/// # Errors
/// Where the key cannot be read or changed, or the folder is served.
pub async fn run(key: Key) -> anyhow::Result<()> {
    match (key.command, key.data) {
        (Some(KeyCommand::Rotate(Data { data })), _) => rotate(&data).await,
        (Some(KeyCommand::Replace(Data { data })), _) => replace(&data).await,
        (None, Some(Data { data })) => print(&data),
        (None, None) => anyhow::bail!("--data is missing: it names the data folder"),
    }
}

fn print(data: &Path) -> anyhow::Result<()> {
    data_folder::prepare(data)?;
    println!("{}", public_key(&key_file::read_or_create(data)?));
    Ok(())
}

async fn rotate(data: &Path) -> anyhow::Result<()> {
    let _serving = claim(data)?;
    let old = key_file::present(data)?;
    let old = old.with_context(|| format!("{} is not in {}", key_file::FILE, data.display()))?;
    let (from, next) = (public_key(&old), key_file::next(data)?);
    let to = public_key(&next);
    let signed = Succession::sign(from, to, clock().now(), |bytes| old.sign(bytes).to_bytes());
    change(data, next, &Change::Rotated(signed), Some(from)).await?;
    println!("{to}");
    eprintln!(
        "Sites believe this key under the policies that they have. Name it as `collector.public_key` in the next version of each \
         policy, and back the data folder up."
    );
    Ok(())
}

async fn replace(data: &Path) -> anyhow::Result<()> {
    let _serving = claim(data)?;
    let next = key_file::next(data)?;
    let to = public_key(&next);
    let before = match key_file::present(data)? {
        Some(old) => Some(public_key(&old)),
        None => named_by_policies(data, &next).await?,
    };
    let from = before.context("no key, and no policy that names one: nothing is to be replaced")?;
    change(data, next, &Change::Replaced { from, to, at: clock().now() }, Some(from)).await?;
    println!("{to}");
    eprintln!(
        "Sites reject receipts of this key until they have a policy that names it: publish a new version of each policy with it as \
         `collector.public_key`, and ship it. What they send until then waits at the site and arrives after it."
    );
    Ok(())
}

fn claim(data: &Path) -> anyhow::Result<Serving> {
    anyhow::ensure!(
        data_folder::has_journal(data),
        "{} holds no journal: a collector that has never served has no key to change",
        data.display()
    );
    Serving::claim(data)
}

/// The key that the newest policy names.
async fn named_by_policies(data: &Path, next: &SigningKey) -> anyhow::Result<Option<PublicKey>> {
    let store = ControlStore::open_taking_over(data, next.clone(), None).await?;
    let policies = store.policies().list().await?;
    store.close().await;
    let newest = policies.into_iter().max_by_key(|policy| policy.published_at);
    Ok(newest
        .and_then(|newest| Policy::read(&newest.manifest).ok())
        .map(|newest| newest.collector.public_key))
}

/// In this order: wherever it stops, the same command once more ends it.
async fn change(
    data: &Path,
    next: SigningKey,
    change: &Change,
    before: Option<PublicKey>,
) -> anyhow::Result<()> {
    succession::add(data, change)?;
    let store = ControlStore::open_taking_over(data, next, before).await?;
    let now: Timestamp = clock().now();
    store.audit().append(now, COMMAND_LINE, Action::KeyChanged, &change.to_string()).await?;
    store.close().await;
    key_file::take_over(data)
}
