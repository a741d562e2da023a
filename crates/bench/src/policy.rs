//! The policy of a measurement: an example's text, with the measured collector's address and key in it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use crate::server::run;

/// The policy's text with another collector in it, in a file of its own in `folder`.
pub(crate) fn own_policy(
    path: &Path,
    url: &str,
    public_key: Option<&str>,
    folder: &Path,
) -> anyhow::Result<PathBuf> {
    let manifest =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut inside = false;
    let mut own = String::with_capacity(manifest.len());
    for line in manifest.lines() {
        if line.trim_start().starts_with('[') {
            inside = line.trim() == "[collector]";
        }
        let replaced = match (line.split('=').next().unwrap_or_default().trim(), public_key) {
            ("url", _) if inside => Some(format!("url = \"{url}\"")),
            ("public_key", Some(key)) if inside => Some(format!("public_key = \"{key}\"")),
            _ => None,
        };
        own.push_str(replaced.as_deref().unwrap_or(line));
        own.push('\n');
    }
    let copy = folder.join("policy.toml");
    std::fs::write(&copy, own)?;
    Ok(copy)
}

/// The key of the collector with this data folder; made now, where there is none.
pub(crate) fn public_key(program: &Path, data: &Path) -> anyhow::Result<String> {
    let mut key = Command::new(program);
    key.arg("key").arg("--data").arg(data);
    Ok(run(key)?.trim().to_owned())
}

/// Publishes a policy in a data folder.
pub(crate) fn publish(program: &Path, policy: &Path, data: &Path) -> anyhow::Result<()> {
    let mut publish = Command::new(program);
    publish.args(["policy", "publish"]).arg(policy).arg("--data").arg(data);
    run(publish).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_collector_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let from = folder.path().join("from.toml");
        std::fs::write(&from, "[policy]\nurl = 1\n[collector]\nurl = 2\npublic_key = 3\n[x]\nurl = 4\n")
            .unwrap();
        let own = own_policy(&from, "http://here", Some("key"), folder.path()).unwrap();
        let text = std::fs::read_to_string(own).unwrap();
        assert_eq!(
            text,
            "[policy]\nurl = 1\n[collector]\nurl = \"http://here\"\npublic_key = \"key\"\n[x]\nurl = 4\n"
        );
    }
}
