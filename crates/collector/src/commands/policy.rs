//! `candor-collector policy`: publishes policies and lists them.

use std::path::{Path, PathBuf};

use anyhow::Context;
use candor_collector::store::Publishing;
use candor_collector::{data_folder, key_file, publish};
use clap::Subcommand;
use serde_json::{Value, json};

use super::{Data, Listing, clock, existing_store, print_json, store};

/// Commands about policies.
#[derive(Subcommand)]
pub enum PolicyCommand {
    /// Publish a manifest; a version, once published, never changes.
    Publish {
        /// The manifest.
        file: PathBuf,
        #[command(flatten)]
        data: Data,
    },
    /// List what is published.
    List(Listing),
}

/// Does what is asked.
///
/// # Errors
/// Where the manifest is not taken, or the journal fails.
pub async fn run(command: PolicyCommand) -> anyhow::Result<()> {
    match command {
        PolicyCommand::Publish { file, data } => publish_policy(&file, &data.data).await,
        PolicyCommand::List(listing) => list(&listing).await,
    }
}

async fn publish_policy(file: &Path, data: &Path) -> anyhow::Result<()> {
    let manifest =
        std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let key = key_file::read(data)?;
    data_folder::prepare(data)?;
    let store = store(data).await?;
    let (policy, publishing) = publish::publish(&store, &key, &*clock(), &manifest)
        .await
        .with_context(|| format!("{}", file.display()))?;
    store.close().await;
    let done = match publishing {
        Publishing::Published => "Published",
        Publishing::AlreadyPublished => "Already published:",
    };
    println!("{done} {} {} ({})", policy.id, policy.version, policy.digest.short());
    Ok(())
}

async fn list(listing: &Listing) -> anyhow::Result<()> {
    let store = existing_store(&listing.data.data).await?;
    let policies = store.policies().list().await?;
    store.close().await;
    if listing.json {
        let each = policies.iter().map(|policy| {
            json!({
                "id": policy.id,
                "version": policy.version,
                "digest": policy.digest,
                "published_at": policy.published_at,
                "published_by": policy.published_by,
            })
        });
        return print_json(&Value::Array(each.collect()));
    }
    if policies.is_empty() {
        let data = listing.data.data.display();
        println!(
            "No policy is published; `candor-collector policy publish FILE --data {data}` publishes one"
        );
    }
    for policy in policies {
        println!(
            "{} {} ({}) published {}",
            policy.id,
            policy.version,
            policy.digest.short(),
            policy.published_at
        );
    }
    Ok(())
}
