//! Layers of configuration: the command line overrides the environment, the environment the file, and the file the default.
//!
//! The command line and the environment are clap's. The file's values become defaults of the same options, so that each
//! is parsed by the same function wherever it was said. A value that cannot be used is taken out of its layer and named, and
//! the rest is read on: so all faults are named at once.

use std::path::Path;

use anyhow::Context;
use clap::error::ErrorKind;
use clap::{Arg, Args, Command};
use toml::Value;

use crate::config::Options;

/// What the help says of it.
pub const PRECEDENCE: &str = "\
Each option can also be set in the environment, and all but --data, --config and --log-json in the configuration file. The \
command line overrides the environment, the environment overrides the file, and the file overrides the default. In the file, \
dashes are underscores, and options that begin with `caps`, `tls` or `trusted-proxy` are in a table of that name: \
--caps-report-bytes is report_bytes in [caps].";

/// The tables of the file.
const TABLES: [&str; 3] = ["caps", "tls", "trusted_proxy"];

/// Gives the options of `serve` their variables and what the file says, and collects what is wrong with either.
///
/// # Errors
/// Where the file cannot be read, or is not TOML.
pub fn layered(
    mut serve: Command,
    file: Option<&Path>,
    variable: impl Fn(&str) -> Option<String>,
    faults: &mut Vec<String>,
) -> anyhow::Result<Command> {
    let options = options();
    for option in options.get_arguments() {
        let name = variable_of(option);
        match variable(&name).map_or(Ok(()), |value| check(option, &[value])) {
            Ok(()) => serve = serve.mut_arg(option.get_id(), |option| option.env(name)),
            Err(fault) => faults.push(format!("{name}: {fault}")),
        }
    }
    let Some(file) = file else { return Ok(serve) };
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let table = text.parse().with_context(|| format!("{} is not valid TOML", file.display()))?;
    Ok(with_file(serve, &options, table, faults))
}

/// Gives the options of `serve` their variables, for its help.
pub fn documented(serve: Command) -> Command {
    options()
        .get_arguments()
        .fold(serve, |serve, option| serve.mut_arg(option.get_id(), |shown| shown.env(variable_of(option))))
}

fn with_file(serve: Command, options: &Command, table: toml::Table, faults: &mut Vec<String>) -> Command {
    flattened(table).into_iter().fold(serve, |serve, (key, value)| {
        let Some(option) = options.get_arguments().find(|option| key_of(option) == key) else {
            faults.push(format!("unknown key `{key}`"));
            return serve;
        };
        match words(value).and_then(|words| check(option, &words).map(|()| words)) {
            Ok(words) => serve.mut_arg(option.get_id(), |option| option.default_values(words)),
            Err(fault) => {
                faults.push(format!("`{key}`: {fault}"));
                serve
            }
        }
    })
}

fn options() -> Command {
    Options::augment_args(Command::new("options").no_binary_name(true).disable_help_flag(true))
}

/// Whether an option takes these values.
fn check(option: &Arg, values: &[String]) -> Result<(), String> {
    let alone = Command::new("option").no_binary_name(true).disable_help_flag(true).arg(option.clone());
    let name = option.get_long().unwrap_or_default();
    let said = values.iter().map(|value| format!("--{name}={value}"));
    let refused = alone.try_get_matches_from(said).err();
    refused.map_or(Ok(()), |error| {
        let value = values.join(", ");
        Err(match (error.kind(), std::error::Error::source(&error)) {
            (ErrorKind::ValueValidation, Some(source)) => format!("`{value}`: {source}"),
            (ErrorKind::ArgumentConflict, _) => format!("`{value}`: one value only"),
            _ => format!("`{value}` is not valid"),
        })
    })
}

fn variable_of(option: &Arg) -> String {
    format!("CANDOR_COLLECTOR_{}", underscored(option).to_uppercase())
}

/// The key of an option in the file, with its table.
fn key_of(option: &Arg) -> String {
    let name = underscored(option);
    let in_table = TABLES.iter().find_map(|table| {
        let rest = name.strip_prefix(table)?.strip_prefix('_')?;
        Some(format!("{table}.{rest}"))
    });
    in_table.unwrap_or(name)
}

fn underscored(option: &Arg) -> String {
    option.get_long().unwrap_or_default().replace('-', "_")
}

/// The keys with their tables before them. A table of none of these names is a key itself, so that it is not overlooked
/// where it is empty.
fn flattened(table: toml::Table) -> Vec<(String, Value)> {
    let mut keys = Vec::new();
    for (name, value) in table {
        match value {
            Value::Table(inner) if TABLES.contains(&name.as_str()) => {
                keys.extend(inner.into_iter().map(|(key, value)| (format!("{name}.{key}"), value)));
            }
            value => keys.push((name, value)),
        }
    }
    keys
}

/// A value as the command line would say it.
fn words(value: Value) -> Result<Vec<String>, String> {
    match value {
        Value::Array(values) => Ok(values.into_iter().map(words).collect::<Result<Vec<_>, _>>()?.concat()),
        Value::String(text) => Ok(vec![text]),
        Value::Integer(number) => Ok(vec![number.to_string()]),
        Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) | Value::Table(_) => {
            Err(format!("{} where a text or a whole number belongs", value.type_str()))
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::FromArgMatches;

    use super::*;
    use crate::config::Config;

    /// The configuration of a file, an environment and a command line.
    fn config(file: &str, environment: &[(&str, &str)], said: &[&str]) -> anyhow::Result<Config> {
        let mut faults = Vec::new();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("collector.toml");
        std::fs::write(&path, file).unwrap();
        let variable = |name: &str| {
            environment.iter().find_map(|(known, value)| (*known == name).then(|| (*value).to_owned()))
        };
        let serve = layered(options(), Some(&path), variable, &mut faults)?;
        let matches = serve.try_get_matches_from(said)?;
        Config::new(Options::from_arg_matches(&matches)?, faults)
    }

    #[test]
    fn unknown_keys_are_all_named() {
        let file = "lisen = \"x\"\n[caps]\nreports = 1\n[trusted_proxy]\nheader = \"x\"\nform = 1\n[cap]\n";
        let message = config(file, &[], &[]).unwrap_err().to_string();
        for key in ["lisen", "caps.reports", "trusted_proxy.form", "cap"] {
            assert!(
                message.contains(&format!("unknown key `{key}`\n"))
                    || message.ends_with(&format!("unknown key `{key}`")),
                "{key}: {message}"
            );
        }
    }

    #[test]
    fn all_faults_of_file_and_environment_are_named_together() {
        let file = "listen = \"here\"\npublic_url = \"collector.vendor.example\"\nlisten_on = 1\n\
                    [trusted_proxy]\nheader = \"X-Forwarded-For\"\nfrom = [\"everywhere\"]\n\
                    [tls]\nkey = \"key.pem\"\n\
                    [caps]\nreports_burst = \"many\"\nbody_seconds = 0\nreport_bytes = 999999999999\nheader_seconds = true\n";
        let environment = [("CANDOR_COLLECTOR_CAPS_ENROLMENTS_BURST", "-1")];
        let message = config(file, &environment, &[]).unwrap_err().to_string();
        let wanted = [
            "CANDOR_COLLECTOR_CAPS_ENROLMENTS_BURST: `-1`: invalid digit",
            "`listen`: `here`: invalid socket address",
            "`public_url`: `collector.vendor.example`: not a valid URL",
            "unknown key `listen_on`",
            "`trusted_proxy`: not a valid network: `everywhere`",
            "`tls.certificate` is missing",
            "`caps.reports_burst`: `many`: invalid digit",
            "`caps.body_seconds`: `0`: must be greater than 0",
            "`caps.report_bytes`: `999999999999`: may lower the limit",
            "`caps.header_seconds`: boolean where a text or a whole number belongs",
        ];
        for wanted in wanted {
            assert!(message.contains(wanted), "{wanted}: {message}");
        }
    }

    #[test]
    fn the_command_line_overrides_the_file_and_the_file_the_default() {
        let file = "listen = \"127.0.0.1:1\"\npublic_url = \"https://a.example/\"\n\
                    [trusted_proxy]\nheader = \"X-Forwarded-For\"\nfrom = [\"127.0.0.1\", \"10.0.0.0/8\"]\n\
                    [caps]\nreports_burst = 7\n";
        let config = config(file, &[], &["--listen", "127.0.0.1:2"]).unwrap();
        assert_eq!(config.listen.port(), 2);
        assert_eq!(config.public_url.as_deref(), Some("https://a.example"));
        assert!(config.is_https() && config.trusted_proxy.is_some());
        assert_eq!(config.caps.reports_burst, 7);
        assert_eq!(config.caps.reports_per_minute, crate::limits::REPORTS_PER_MINUTE);
    }
}
