//! `candor-collector account`: one-time links, who has an account, and removing one.

use std::path::Path;

use anyhow::bail;
use candor_collector::accounts::new_link;
use candor_collector::config::{DEFAULT_LISTEN, checked_url};
use candor_collector::publish::COMMAND_LINE;
use candor_collector::store::{Account, ControlStore, Removal};
use candor_collector::{data_folder, key_file};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Data, Listing, clock, existing_store, print_json, store};

/// Commands about accounts.
#[derive(Subcommand)]
pub enum AccountCommand {
    /// Print a one-time link that creates an administrator's account; the way in where nobody can sign in any more.
    Link {
        #[command(flatten)]
        data: Data,
        /// The address that people use [default: the one that `serve` had when it started last]
        #[arg(long, value_name = "URL", value_parser = checked_url)]
        url: Option<String>,
    },
    /// Print a one-time link that lets an account choose a new password; its sessions end when it is used
    Reset {
        /// Its name
        name: String,
        #[command(flatten)]
        data: Data,
        /// The address that people use [default: the one that `serve` had when it started last]
        #[arg(long, value_name = "URL", value_parser = checked_url)]
        url: Option<String>,
    },
    /// List who has an account.
    List(Listing),
    /// Remove an account and end its sessions at once; the last one stays.
    Remove(Remove),
}

/// Which account is removed.
#[derive(Args)]
pub struct Remove {
    /// Its name.
    name: String,
    #[command(flatten)]
    listing: Listing,
}

/// Does what is asked.
///
/// # Errors
/// Where there is no such account, it is the last one, or the journal fails.
pub async fn run(command: AccountCommand) -> anyhow::Result<()> {
    match command {
        AccountCommand::Link { data, url } => link(&data.data, url, None).await,
        AccountCommand::Reset { name, data, url } => link(&data.data, url, Some(&name)).await,
        AccountCommand::List(listing) => list(&listing).await,
        AccountCommand::Remove(arguments) => remove(&arguments).await,
    }
}

async fn link(data: &Path, url: Option<String>, reset: Option<&str>) -> anyhow::Result<()> {
    key_file::read(data)?;
    let known = url.map_or_else(|| data_folder::address(data), |url| Ok(Some(url)))?;
    let url = known.unwrap_or_else(|| format!("http://{DEFAULT_LISTEN}"));
    let store = store(data).await?;
    let account = match reset {
        Some(name) => Some(named(&store, name, data).await?),
        None => None,
    };
    let link = new_link(store.accounts(), &*clock(), &url, account).await?;
    store.close().await;
    println!("{link}");
    Ok(())
}

async fn named(store: &ControlStore, name: &str, data: &Path) -> anyhow::Result<Account> {
    match store.accounts().named(name.trim()).await? {
        Some((account, _)) => Ok(account),
        None => bail!(no_such_account(name, data)),
    }
}

fn no_such_account(name: &str, data: &Path) -> String {
    format!(
        "there is no account `{name}`; `candor-collector account list --data {}` names them",
        data.display()
    )
}

async fn list(listing: &Listing) -> anyhow::Result<()> {
    let store = existing_store(&listing.data.data).await?;
    let accounts = store.accounts().list().await?;
    store.close().await;
    if listing.json {
        let each = accounts.iter().map(|(account, created_at)| {
            json!({ "name": account.name, "role": account.role.word(), "created_at": created_at })
        });
        return print_json(&Value::Array(each.collect()));
    }
    if accounts.is_empty() {
        let data = listing.data.data.display();
        println!(
            "No account yet; the link that `candor-collector account link --data {data}` prints makes one"
        );
    }
    for (account, created_at) in accounts {
        println!("{} ({}) since {created_at}", account.name, account.role.word());
    }
    Ok(())
}

async fn remove(arguments: &Remove) -> anyhow::Result<()> {
    let (name, data) = (&arguments.name, &arguments.listing.data.data);
    let store = existing_store(data).await?;
    let removal = store.accounts().remove(name.trim(), COMMAND_LINE, clock().now()).await?;
    store.close().await;
    match removal {
        Removal::Removed { account, sessions } if arguments.listing.json => {
            print_json(&json!({ "removed": account.name, "sessions_ended": sessions }))
        }
        Removal::Removed { account, sessions } => {
            println!(
                "Removed {}; sessions ended: {sessions}. One-time links that were open are void.",
                account.name
            );
            Ok(())
        }
        Removal::NoSuchAccount => bail!(no_such_account(name, data)),
        Removal::LastAccount => bail!(
            "`{name}` is the only account, and stays: without it nobody could sign in. Make another one first, with the \
             link that `candor-collector account link --data {}` prints",
            data.display()
        ),
    }
}
