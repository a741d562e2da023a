//! The demo's copies of the example policies: the same text, with the demo's own collector filled in.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::collector;
use crate::{process, workspace};

/// The demo's policies.
pub struct Policies {
    /// The data collection programme of an installed product; the customer's site and the installed base run it.
    pub lucity: PathBuf,
    /// The usage programme of a portal.
    pub cireson: PathBuf,
    /// The key of vouchers; a vendor's lies on another machine than the collector.
    pub voucher_key: PathBuf,
}

/// Writes the demo's copies, with the address and the key of the collector that will serve them. The key is made here.
///
/// # Errors
/// Where an example has no `[collector]` table, or the key cannot be made.
pub fn prepare(folder: &Path, port: u16) -> Result<Policies> {
    let data = collector::data_folder(folder);
    fs::create_dir_all(&data)?;
    let key = process::output(&mut collector::program(&["key"], &data))?;
    let voucher_key = folder.join("vouchers.key");
    let mut command = collector::plain(&["voucher", "key", "--json", "--out"]);
    let made = process::output(command.arg(&voucher_key))?;
    let vouchers =
        quoted_after(&made, "\"voucher_key\": ").context("the collector's program made no voucher key")?;
    let address = collector::address(port);
    let place = folder.join("policies");
    fs::create_dir_all(&place)?;
    let copy = |name: &str| -> Result<PathBuf> {
        let example = workspace::root().join("examples/policies").join(name);
        let manifest =
            fs::read_to_string(&example).with_context(|| format!("cannot read {}", example.display()))?;
        let own = with_collector(&manifest, &address, key.trim(), &vouchers)
            .with_context(|| format!("{name} has no [collector] table with a url and a public_key"))?;
        let copy = place.join(name);
        fs::write(&copy, own)?;
        Ok(copy)
    };
    Ok(Policies {
        lucity: copy("lucity-data-collection.toml")?,
        cireson: copy("cireson-product-metrics.toml")?,
        voucher_key,
    })
}

/// The text in quotation marks after a word.
fn quoted_after(text: &str, word: &str) -> Option<String> {
    Some(text.split_once(word)?.1.strip_prefix('"')?.split_once('"')?.0.to_owned())
}

/// Publishes them, which works while the collector runs.
///
/// # Errors
/// Where the collector's program refuses one; the message carries its faults.
pub fn publish(folder: &Path, policies: &Policies) -> Result<()> {
    let data = collector::data_folder(folder);
    for policy in [&policies.lucity, &policies.cireson] {
        let mut command = collector::program(&["policy", "publish"], &data);
        command.arg(policy);
        println!("      $ {}", process::shown(&command));
        print!("{}", super::site::indented(&process::output(&mut command)?));
    }
    Ok(())
}

/// The manifest's text with another collector in its `[collector]` table, and no other line changed.
fn with_collector(manifest: &str, address: &str, key: &str, vouchers: &str) -> Option<String> {
    let mut inside = false;
    let mut changed = 0;
    let lines = manifest.lines().map(|line| {
        if line.trim_start().starts_with('[') {
            inside = line.trim() == "[collector]";
        }
        let name = line.split('=').next().unwrap_or_default().trim();
        match name {
            "url" if inside => {
                changed += 1;
                format!("url = \"{address}\"\n")
            }
            "public_key" if inside => {
                changed += 1;
                format!("public_key = \"{key}\"\nvoucher_key = \"{vouchers}\"\n")
            }
            _ => format!("{line}\n"),
        }
    });
    let text: String = lines.collect();
    (changed == 2).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_collector_is_replaced() {
        let manifest = "[policy]\nurl = \"x\"\n[collector]\nurl = \"a\"\npublic_key = \"b\"\n[purposes.p]\ntitle = \"c\"\n";
        let own = with_collector(manifest, "http://127.0.0.1:1", "ed25519:k", "ed25519:v").unwrap();
        assert_eq!(
            own,
            "[policy]\nurl = \"x\"\n[collector]\nurl = \"http://127.0.0.1:1\"\npublic_key = \"ed25519:k\"\n\
             voucher_key = \"ed25519:v\"\n[purposes.p]\ntitle = \"c\"\n"
        );
        assert_eq!(with_collector("[policy]\n", "a", "b", "c"), None);
    }
}
