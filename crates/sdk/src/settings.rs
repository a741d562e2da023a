//! The machine's settings: what an administrator has laid down for all programmes on this machine. They only narrow, and
//! neither a page nor a caller overrides them.
//!
//! A settings file that cannot be understood might have said "denied", so it refuses collection until it is mended.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use candor_policy::CategoryId;
use serde::Deserialize;

use crate::cause::SettingsFault;
use crate::folder::read_bounded;
use crate::limits::SETTINGS_BYTES;

/// What the settings files of this machine say together.
#[derive(Clone, Debug, Default)]
pub struct MachineSettings {
    /// The file that refuses collection, where one does.
    pub denied_by: Option<PathBuf>,
    /// Categories that are refused, whatever a consent covers.
    pub refused: BTreeSet<CategoryId>,
    /// Where reports go instead: a relay of the customer's own. Receipts are still held against the policy's key.
    pub collector_url: Option<String>,
    /// The proxy; taken before those of the environment.
    pub proxy: Option<String>,
    /// The certificates to trust, PEM, instead of the platform's.
    pub ca_file: Option<PathBuf>,
    /// The product's voucher, where the product names none itself.
    pub voucher: Option<PathBuf>,
}

/// A settings file to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsFile {
    /// Where it is.
    pub path: PathBuf,
    /// Whether somebody has named it, so that it has to be there: it might have said "denied".
    pub is_named: bool,
}

/// One file, as written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    collection: Option<Collection>,
    #[serde(default)]
    refuse: Vec<CategoryId>,
    collector_url: Option<String>,
    proxy: Option<String>,
    ca_file: Option<PathBuf>,
    voucher: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Collection {
    Denied,
    /// As the consent says; the same as saying nothing.
    ByConsent,
}

impl MachineSettings {
    /// Reads these files; one that is not there says nothing, unless it was named. Refusals add up; of addresses the first one
    /// counts.
    ///
    /// # Errors
    /// [`SettingsFault`] for the first file that cannot be understood, or was named and is not there.
    pub fn read(files: &[SettingsFile]) -> Result<Self, SettingsFault> {
        let mut settings = Self::default();
        for SettingsFile { path: file, is_named } in files {
            let said = match read_file(file)? {
                Some(said) => said,
                None if *is_named => {
                    let what = "the file is not there".to_owned();
                    return Err(SettingsFault { file: file.clone(), line: None, what });
                }
                None => continue,
            };
            if matches!(said.collection, Some(Collection::Denied)) {
                settings.denied_by.get_or_insert_with(|| file.clone());
            }
            settings.refused.extend(said.refuse);
            settings.collector_url = settings.collector_url.or(said.collector_url);
            settings.proxy = settings.proxy.or(said.proxy);
            settings.ca_file = settings.ca_file.or(said.ca_file);
            settings.voucher = settings.voucher.or(said.voucher);
        }
        Ok(settings)
    }
}

fn read_file(file: &Path) -> Result<Option<Content>, SettingsFault> {
    let fault = |line, what: String| SettingsFault { file: file.to_owned(), line, what };
    let bytes = read_bounded(file, SETTINGS_BYTES).map_err(|error| fault(None, error.to_string()))?;
    let Some(bytes) = bytes else { return Ok(None) };
    let text = String::from_utf8(bytes).map_err(|_| fault(None, "it is not UTF-8".to_owned()))?;
    let said: Content = toml::from_str(&text).map_err(|error| {
        let line = error.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        fault(line, error.message().to_owned())
    })?;
    if let Some(url) = said.collector_url.as_deref().filter(|url| !is_address(url)) {
        let what = format!("collector_url = \"{url}\" is neither https nor http on loopback");
        return Err(fault(line_of(&text, "collector_url"), what));
    }
    Ok(Some(said))
}

fn line_of(text: &str, key: &str) -> Option<usize> {
    text.lines().position(|line| line.trim_start().starts_with(key)).map(|index| index + 1)
}

/// Whether reports may go there: encrypted, or not off this machine.
fn is_address(url: &str) -> bool {
    let Ok(uri) = url.parse::<ureq::http::Uri>() else { return false };
    match (uri.scheme_str(), uri.host()) {
        (Some("https"), Some(_)) => true,
        (Some("http"), Some(host)) => is_loopback(host),
        _ => false,
    }
}

/// Whether a URL's host is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(texts: &[&str]) -> Result<MachineSettings, SettingsFault> {
        let place = tempfile::tempdir().unwrap();
        let mut files = vec![SettingsFile { path: place.path().join("missing.toml"), is_named: false }];
        for (index, text) in texts.iter().enumerate() {
            let path = place.path().join(format!("{index}.toml"));
            std::fs::write(&path, text).unwrap();
            files.push(SettingsFile { path, is_named: false });
        }
        MachineSettings::read(&files)
    }

    /// Guards against a slip in a name that undoes a refusal.
    #[test]
    fn a_file_that_was_named_has_to_be_there() {
        let place = tempfile::tempdir().unwrap();
        let read = |path: PathBuf| MachineSettings::read(&[SettingsFile { path, is_named: true }]);
        let fault = read(place.path().join("denied.toml")).unwrap_err().to_string();
        assert!(fault.contains("denied.toml: the file is not there"), "{fault}");
        read(place.path().to_owned()).unwrap_err();
        read(place.path().join("denied.toml").join("x")).unwrap_err();
        std::fs::write(place.path().join("denied.toml"), "collection = \"denied\"").unwrap();
        assert!(read(place.path().join("denied.toml")).unwrap().denied_by.is_some());
    }

    #[test]
    fn refusals_add_up_and_the_first_address_counts() {
        let settings = read(&[
            "refuse = [\"settings\"]\ncollector_url = \"https://relay.example\"\ncollection = \"by-consent\"",
            "refuse = [\"modules\"]\ncollector_url = \"http://127.0.0.1:9\"\ncollection = \"denied\"",
        ])
        .unwrap();
        assert_eq!(settings.refused.len(), 2);
        assert_eq!(settings.collector_url.as_deref(), Some("https://relay.example"));
        assert!(settings.denied_by.unwrap().ends_with("1.toml"));
    }

    #[test]
    fn a_fault_names_file_and_line() {
        for (text, line) in [
            ("collection = \"denied\"\ncolection = 1", Some(2)),
            ("\ncollection = \"granted\"", Some(2)),
            ("proxy = \"p\"\ncollector_url = \"http://elsewhere.example\"", Some(2)),
        ] {
            let fault = read(&[text]).unwrap_err();
            assert_eq!(fault.line, line, "{fault}");
            assert!(fault.to_string().contains("0.toml, line 2"), "{fault}");
        }
    }
}
