//! `candor-collector installation`: lists installations, blocks them, and erases what they have sent.

use anyhow::{Context, bail};
use candor_collector::publish::COMMAND_LINE;
use candor_collector::store::{Blocking, ControlStore, Installation, KnownInstallation};
use candor_policy::InstallationId;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Listing, clock, existing_store, print_json};

/// Commands about installations.
#[derive(Subcommand)]
pub enum InstallationCommand {
    /// List installations, those that enrolled last first.
    List {
        /// How many at most
        #[arg(long, default_value_t = 1_000)]
        most: u32,
        #[command(flatten)]
        listing: Listing,
    },
    /// Take nothing more from an installation; it is told so. What it has sent stays.
    Block(Named),
    /// Let a blocked installation in again.
    Unblock(Named),
    /// Erase all that an installation has sent. Figures follow within seconds.
    Remove(Named),
}

/// Which installation.
#[derive(Args)]
pub struct Named {
    /// Its name, as `list` and the last reports on the Overview page have it
    #[arg(allow_hyphen_values = true)]
    name: String,
    #[command(flatten)]
    listing: Listing,
}

/// Does what is asked.
///
/// # Errors
/// Where there is no such installation, or the journal fails.
pub async fn run(command: InstallationCommand) -> anyhow::Result<()> {
    match command {
        InstallationCommand::List { most, listing } => list(&listing, most).await,
        InstallationCommand::Block(named) => block(&named, true).await,
        InstallationCommand::Unblock(named) => block(&named, false).await,
        InstallationCommand::Remove(named) => remove(&named).await,
    }
}

async fn list(listing: &Listing, most: u32) -> anyhow::Result<()> {
    let store = existing_store(&listing.data.data).await?;
    let installations = store.standings().installations(most).await?;
    store.close().await;
    if listing.json {
        return print_json(&Value::Array(installations.iter().map(as_json).collect()));
    }
    if installations.is_empty() {
        println!("No installation has enrolled yet");
    }
    installations.iter().for_each(|installation| println!("{}", line(installation)));
    Ok(())
}

fn as_json(installation: &KnownInstallation) -> Value {
    json!({
        "installation": installation.name,
        "enrolled_at": installation.enrolled_at,
        "voucher": installation.voucher,
        "customer": installation.customer,
        "blocked_at": installation.blocked_at,
    })
}

fn line(installation: &KnownInstallation) -> String {
    let standing = match (&installation.voucher, &installation.customer) {
        (None, _) => "unverified".to_owned(),
        (Some(voucher), None) => format!("a licensed copy (voucher {voucher})"),
        (Some(voucher), Some(customer)) => format!("of {customer} (voucher {voucher})"),
    };
    let blocked = installation.blocked_at.map(|at| format!(", blocked {at}")).unwrap_or_default();
    format!("{} enrolled {}, {standing}{blocked}", installation.name, installation.enrolled_at)
}

fn parsed(named: &Named) -> anyhow::Result<InstallationId> {
    InstallationId::parse(named.name.trim())
        .with_context(|| format!("`{}` is not an installation's name, which has 22 characters", named.name))
}

fn nobody(name: &InstallationId, listing: &Listing) -> anyhow::Error {
    anyhow::anyhow!(
        "no installation `{name}` has enrolled; `candor-collector installation list --data {}` names those that have",
        listing.data.data.display()
    )
}

async fn block(named: &Named, blocked: bool) -> anyhow::Result<()> {
    let (name, listing) = (parsed(named)?, &named.listing);
    let store = existing_store(&listing.data.data).await?;
    let blocking = store.standings().block(&name, blocked, COMMAND_LINE, clock().now()).await?;
    store.close().await;
    if blocking == Blocking::NoSuchInstallation {
        return Err(nobody(&name, listing));
    }
    if listing.json {
        return print_json(
            &json!({ "installation": name, "blocked": blocked, "already": blocking == Blocking::AlreadyDone }),
        );
    }
    match (blocked, blocking) {
        (true, Blocking::AlreadyDone) => println!("{name} was blocked before"),
        (false, Blocking::AlreadyDone) => println!("{name} is not blocked"),
        (true, _) => println!(
            "Blocked {name}; a running collector refuses it within seconds. What it has sent stays: `candor-collector \
             installation remove` erases it"
        ),
        (false, _) => {
            println!("{name} is let in again; a running collector takes its reports within seconds")
        }
    }
    Ok(())
}

async fn remove(named: &Named) -> anyhow::Result<()> {
    let (name, listing) = (parsed(named)?, &named.listing);
    let store = existing_store(&listing.data.data).await?;
    let found = store.installations().find(&name).await?;
    let erased = match &found {
        Some(installation) => Some(erase(&store, installation).await),
        None => None,
    };
    store.close().await;
    let Some(erased) = erased else { return Err(nobody(&name, listing)) };
    let erased = erased?;
    if listing.json {
        return print_json(&json!({ "removed": name, "reports": erased }));
    }
    println!(
        "Erased what {name} had sent: {erased} reports. It may send more; `candor-collector installation block {name}` prevents \
         that"
    );
    Ok(())
}

/// What had arrived when it was asked for. The log, which has the erased bytes, is truncated as soon as no reader holds it.
async fn erase(store: &ControlStore, installation: &Installation) -> anyhow::Result<u64> {
    let now = clock().now();
    store.standings().note_removal(&installation.name, COMMAND_LINE, now).await?;
    match store.erasure().erase(installation.number, Timestamp::MAX, now).await {
        Ok(erased) => Ok(erased),
        Err(error) => bail!("the erasure did not come to its end: {error}; run the command again"),
    }
}
