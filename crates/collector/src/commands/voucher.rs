//! `candor-collector voucher`: makes the voucher key, issues vouchers with it, and revokes them in a collector.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use candor_collector::publish::COMMAND_LINE;
use candor_collector::store::{KnownVoucher, Revoking};
use candor_collector::{key_file, voucher_key};
use candor_policy::InstallationId;
use candor_policy::voucher::{Terms, Voucher};
use clap::{Args, Subcommand};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::{Listing, clock, existing_store, print_json};

/// Commands about vouchers.
#[derive(Subcommand)]
pub enum VoucherCommand {
    /// Make a voucher key in a new file. Do it on a machine that is not the collector's, and keep the file there.
    Key {
        /// The file to make
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Answer as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Issue a voucher; needs the voucher key, and no collector.
    Issue(Issue),
    /// Revoke a voucher: nobody enrols with it any more, and who did is unverified. Works while the collector runs.
    Revoke {
        /// Its name, or the file that holds it
        voucher: String,
        #[command(flatten)]
        listing: Listing,
    },
    /// List the vouchers that were used or revoked; works while the collector runs.
    List(Listing),
}

/// What a voucher is to say.
#[derive(Args)]
pub struct Issue {
    /// The file of the voucher key
    #[arg(long, value_name = "FILE", env = "CANDOR_VOUCHER_KEY")]
    key: PathBuf,
    /// The customer, as the policy's identity metric has it; without it, the voucher says "a licensed copy" and no more
    #[arg(long, value_name = "CUSTOMER")]
    customer: Option<String>,
    /// The last day on which an installation can enrol with it, such as 2027-12-31
    #[arg(long, value_name = "DAY")]
    expires: Date,
    /// How many installations can enrol with it under the customer's name
    #[arg(long, value_name = "NUMBER", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    installations: u32,
    /// The file to make
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Answer as JSON.
    #[arg(long)]
    json: bool,
}

/// Does what is asked.
///
/// # Errors
/// Where a file cannot be read or made, or the journal fails.
pub async fn run(command: VoucherCommand) -> anyhow::Result<()> {
    match command {
        VoucherCommand::Key { out, json } => make_key(&out, json),
        VoucherCommand::Issue(arguments) => issue(&arguments, today()),
        VoucherCommand::Revoke { voucher, listing } => revoke(&voucher, &listing).await,
        VoucherCommand::List(listing) => list(&listing).await,
    }
}

fn today() -> Date {
    clock().now().to_zoned(TimeZone::UTC).date()
}

fn make_key(out: &Path, json: bool) -> anyhow::Result<()> {
    let public = key_file::public_key(&voucher_key::create(out)?);
    if json {
        return print_json(&json!({ "voucher_key": public, "file": out }));
    }
    println!(
        "Made {}; keep it off the collector's machine. Now add this line to the policy's [collector] table:",
        out.display()
    );
    println!("voucher_key = \"{public}\"");
    Ok(())
}

fn issue(arguments: &Issue, today: Date) -> anyhow::Result<()> {
    let key = voucher_key::read(&arguments.key)?;
    let seed = voucher_key::random()?;
    let terms = arguments.customer.as_deref().map(|customer| Terms {
        customer: customer.trim(),
        installations: arguments.installations,
        seed,
    });
    let voucher = Voucher::issue(&key, terms.as_ref(), today, arguments.expires)
        .context("no voucher was issued; correct --customer or --expires")?;
    let whom = arguments.customer.as_deref().unwrap_or("licensed copies, without a name");
    let comment = format!(
        "# A voucher for {whom}, until {}. It holds a secret: ship it with the product, and publish it nowhere.\n",
        arguments.expires
    );
    voucher_key::write_new(&arguments.out, &(comment + &voucher.text()))?;
    let ids: Vec<String> = voucher.parts().map(|part| part.certificate.id()).collect();
    if arguments.json {
        return print_json(&json!({
            "file": arguments.out,
            "customer": arguments.customer,
            "expires": arguments.expires,
            "voucher": arguments.customer.is_some().then(|| ids.first()),
            "nameless_voucher": ids.last(),
        }));
    }
    println!(
        "Issued {} for {whom}, until {}: {}. Ship it in the product's configuration; `candor report --voucher FILE` shows it.",
        ids.first().map(String::as_str).unwrap_or_default(),
        arguments.expires,
        arguments.out.display()
    );
    Ok(())
}

/// The voucher of this name, or the first part of the one in this file: the bound one, where there is one.
fn name_of(voucher: &str) -> anyhow::Result<String> {
    if let Some(name) = InstallationId::parse(voucher) {
        return Ok(name.to_string());
    }
    let text = std::fs::read_to_string(voucher).with_context(|| {
        format!("`{voucher}` is neither a voucher's name of 22 characters nor a file that can be read")
    })?;
    let read = Voucher::read(&text).with_context(|| format!("{voucher} cannot be used"))?;
    let bound = read.part(true);
    if bound.certificate.customer.is_none() {
        bail!(
            "{voucher} names no customer: its only part, {0}, is in every voucher that ends in the same year. To revoke it for \
             all of them, pass its name: {0}",
            bound.certificate.id()
        );
    }
    Ok(bound.certificate.id())
}

async fn revoke(voucher: &str, listing: &Listing) -> anyhow::Result<()> {
    let name = name_of(voucher)?;
    let store = existing_store(&listing.data.data).await?;
    let revoking = store.standings().revoke(&name, COMMAND_LINE, clock().now()).await?;
    store.close().await;
    let unverified = match revoking {
        Revoking::Revoked(unverified) => unverified,
        Revoking::AlreadyRevoked => 0,
    };
    if listing.json {
        let already = revoking == Revoking::AlreadyRevoked;
        return print_json(&json!({ "revoked": name, "already": already, "unverified": unverified }));
    }
    match revoking {
        Revoking::AlreadyRevoked => println!("{name} was revoked before"),
        Revoking::Revoked(_) => println!(
            "Revoked {name}; installations that are unverified now: {unverified}. Give their customer a new voucher, and they are \
             verified with their next delivery."
        ),
    }
    Ok(())
}

async fn list(listing: &Listing) -> anyhow::Result<()> {
    let store = existing_store(&listing.data.data).await?;
    let vouchers = store.standings().vouchers().await?;
    store.close().await;
    if listing.json {
        return print_json(&Value::Array(vouchers.iter().map(as_json).collect()));
    }
    if vouchers.is_empty() {
        println!("No voucher was used yet; `candor-collector voucher issue` issues one");
    }
    vouchers.iter().for_each(|voucher| println!("{}", line(voucher)));
    Ok(())
}

fn as_json(voucher: &KnownVoucher) -> Value {
    json!({
        "voucher": voucher.id,
        "customer": voucher.customer,
        "installations": voucher.installations,
        "enrolled": voucher.enrolled,
        "expires": voucher.expires,
        "revoked_at": voucher.revoked_at,
    })
}

fn line(voucher: &KnownVoucher) -> String {
    let whom = match (&voucher.customer, voucher.expires) {
        (Some(customer), _) => customer.as_str(),
        (None, Some(_)) => "nameless",
        (None, None) => "never used",
    };
    let until = voucher.expires.map(|day| format!(", until {day}")).unwrap_or_default();
    let of = voucher.installations.map(|most| format!(" of {most}")).unwrap_or_default();
    let revoked = voucher.revoked_at.map(|at| format!(", revoked {at}")).unwrap_or_default();
    format!("{} {whom}: {}{of} installations{until}{revoked}", voucher.id, voucher.enrolled)
}
