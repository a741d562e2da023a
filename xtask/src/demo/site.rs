//! One customer's site on this machine: what the installer, the utility and the monthly batch run, with the real `candor`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::collector;
use super::policies::Policies;
use crate::{process, workspace};

/// The customer that the demo plays, as the product's own configuration would name it.
const CLIENT_ID: &str = "HAPPY-0417";
const CLIENT_NAME: &str = "Town of Happyville";
/// The release that is installed there.
const RELEASE: &str = "2016";

/// A played site.
pub struct Site {
    /// Its policy.
    pub policy: PathBuf,
    /// Its state folder: consent, key, spool, sent log.
    pub state: PathBuf,
    /// The product's database.
    pub database: PathBuf,
    /// The voucher in the product's configuration.
    pub voucher: PathBuf,
}

/// Plays the site: makes the product's database, asks for consent, and sends what installer, utility and batch send.
///
/// # Errors
/// Where a command does not end well; `--strict` makes an undelivered report such a case.
pub fn play(folder: &Path, policies: &Policies) -> Result<Site> {
    let site = Site {
        policy: policies.lucity.clone(),
        state: folder.join("site"),
        database: folder.join("product.sqlite"),
        voucher: folder.join("product.voucher"),
    };
    let database = format!("sqlite:{}", site.database.display());
    let client = [format!("client_id={CLIENT_ID}"), format!("client_name={CLIENT_NAME}")];
    let sample = workspace::target()
        .join("debug/examples")
        .join(format!("sample_product{}", std::env::consts::EXE_SUFFIX));

    say(
        "The product is installed there, with its database: modules, options, settings, and secrets among them.",
    );
    show(Command::new(sample).arg(&site.database))?;
    say(
        "The vendor has issued a voucher for this customer, which is shipped in the product's configuration.",
    );
    let mut issue =
        collector::plain(&["voucher", "issue", "--customer", CLIENT_ID, "--expires", "2099-12-31"]);
    show(issue.arg("--key").arg(&policies.voucher_key).arg("--out").arg(&site.voucher))?;
    say("The installer shows a box; the administrator leaves it ticked.");
    show(site.candor().args(["consent", "grant", "--actor", "Administrator"]))?;
    say("Right before it exits, the installer makes its one call.");
    show(site.candor().args([
        "report",
        "--source",
        "web-installer",
        "--application",
        "Lucity Web",
        "--version",
        RELEASE,
        "--strict",
    ]))?;
    say("The database utility adds the database and the client.");
    let utility = [
        "--source",
        "client-maintenance",
        "--application",
        "Lucity Client Maintenance",
        "--version",
        RELEASE,
        "--strict",
    ];
    show(
        site.candor()
            .arg("report")
            .args(utility)
            .args(["--database", &database])
            .args(["--set", &client[0]])
            .args(["--set", &client[1]]),
    )?;
    say("Once a month, the batch service reads the product's database.");
    let batch = [
        "--source",
        "monthly-batch",
        "--application",
        "Lucity Batch Service",
        "--version",
        RELEASE,
        "--strict",
    ];
    show(site.candor().arg("snapshot").args(batch).args(["--database", &database]))?;
    say("What left is in the site's own log.");
    show(site.candor().arg("log"))?;
    Ok(site)
}

impl Site {
    /// `candor`, at this site.
    fn candor(&self) -> Command {
        let mut command = Command::new(workspace::binary("candor"));
        command.env("CANDOR_POLICY", &self.policy).env("CANDOR_STATE", &self.state);
        command.env("CANDOR_VOUCHER", &self.voucher);
        // The demo's site decides for itself, whatever the machine that it runs on has decided.
        command.env_remove("DO_NOT_TRACK").env_remove("CANDOR_CONSENT");
        command
    }
}

fn say(text: &str) {
    println!("\n      {text}");
}

/// Runs a command as a person would see it: the command, then its answer.
fn show(command: &mut Command) -> Result<()> {
    println!("      $ {}", process::shown(command));
    print!("{}", indented(&process::output(command)?));
    Ok(())
}

/// Text, set in under its command.
pub fn indented(text: &str) -> String {
    text.lines().map(|line| format!("        {line}\n")).collect()
}
