//! `candor-collector audit`: says whether the audit log is whole, for a monitor or an auditor. The page `/audit` says the
//! same.

use anyhow::bail;
use candor_collector::store::Chain;
use clap::Subcommand;
use serde_json::json;

use super::{Listing, existing_store, print_json};

/// Commands about the audit log.
#[derive(Subcommand)]
pub enum AuditCommand {
    /// Hold every entry against the one before it, and the last one against the signed head; fails where one does not fit.
    Verify(Listing),
}

/// Does what is asked.
///
/// # Errors
/// Where the log is not whole, or the journal fails.
pub async fn run(command: AuditCommand) -> anyhow::Result<()> {
    let AuditCommand::Verify(listing) = command;
    let store = existing_store(&listing.data.data).await?;
    let chain = store.audit().verify().await?;
    store.close().await;
    if listing.json {
        print_json(&json!({ "whole": matches!(chain, Chain::Holds { .. }), "said": chain.to_string() }))?;
    }
    match chain {
        Chain::Holds { .. } if listing.json => {}
        Chain::Holds { .. } => println!("{chain}"),
        broken => bail!("{broken}"),
    }
    Ok(())
}
