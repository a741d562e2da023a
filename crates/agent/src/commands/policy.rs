//! `candor policy`: for the people who write a policy, and for their build. It reads and prints files; it touches no site
//! and no collector.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use candor_policy::diff::diff;
use candor_policy::manifest::Faults;
use candor_policy::{Policy, render, schema};
use clap::{Subcommand, ValueEnum};
use serde_json::json;

use crate::exit::Exit;

/// What to do with a policy.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Say all that is wrong with a manifest, with line, column and what to do.
    Check {
        /// The manifest.
        file: PathBuf,
        /// The published version that it is to follow: also say what may not change between the two.
        #[arg(long, value_name = "FILE")]
        previous: Option<PathBuf>,
    },
    /// Write the page that people read.
    Render {
        /// The manifest.
        file: PathBuf,
        /// How the page is written.
        #[arg(long, value_enum, default_value_t = PageFormat::Html)]
        format: PageFormat,
        /// Where to write it; without it, to standard output.
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Say what widened, narrowed or was only reworded, and which metrics need fresh consent.
    Diff {
        /// The published version.
        old: PathBuf,
        /// The version that is to follow it.
        new: PathBuf,
        /// How the changes are written.
        #[arg(long, value_enum, default_value_t = DiffFormat::Text)]
        format: DiffFormat,
    },
    /// Print a JSON Schema, for editors and other programs.
    Schema {
        /// Of what.
        #[arg(value_enum)]
        of: SchemaOf,
    },
}

/// How a page is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PageFormat {
    /// One self-contained HTML file.
    Html,
    /// Markdown.
    Markdown,
}

/// How changes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For a terminal.
    Text,
    /// Markdown.
    Markdown,
}

/// What there is a schema of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// The manifest.
    Manifest,
    /// The report.
    Report,
}

/// Runs the command; the number is the process's exit code: [`Exit::Usage`] where a manifest has faults.
///
/// # Errors
/// Where a file cannot be read or the output not be written.
pub fn run(command: &PolicyCommand, json: bool, out: &mut dyn Write) -> anyhow::Result<u8> {
    let exit = match command {
        PolicyCommand::Check { file, previous } => check(file, previous.as_deref(), json, out)?,
        PolicyCommand::Render { file, format, output } => page(file, *format, output.as_deref(), json, out)?,
        PolicyCommand::Diff { old, new, format } => changes(old, new, *format, json, out)?,
        PolicyCommand::Schema { of } => {
            let schema = match of {
                SchemaOf::Manifest => schema::manifest(),
                SchemaOf::Report => schema::report(),
            };
            writeln!(out, "{schema:#}")?;
            Exit::Done
        }
    };
    Ok(exit.code())
}

fn check(file: &Path, previous: Option<&Path>, json: bool, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let manifest = text(file)?;
    let read = match previous {
        None => Policy::read(&manifest),
        Some(previous) => match Policy::read(&text(previous)?) {
            Ok(earlier) => Policy::read_next(&manifest, &earlier),
            Err(faults) => return print_faults(previous, &faults, json, out),
        },
    };
    let policy = match read {
        Ok(policy) => policy,
        Err(faults) => return print_faults(file, &faults, json, out),
    };
    if json {
        let answer = json!({
            "file": file, "policy": policy.id, "version": policy.version, "digest": policy.digest,
            "metrics": policy.metrics.len(), "faults": [],
        });
        writeln!(out, "{answer:#}")?;
    } else {
        let (metrics, file) = (policy.metrics.len(), file.display());
        let noun = if metrics == 1 { "metric" } else { "metrics" };
        let (id, version) = (&policy.id, &policy.version);
        writeln!(out, "{id} {version}: {metrics} {noun}, no faults; next: candor policy render {file}")?;
    }
    Ok(Exit::Done)
}

fn page(
    file: &Path,
    format: PageFormat,
    output: Option<&Path>,
    json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<Exit> {
    let policy = match Policy::read(&text(file)?) {
        Ok(policy) => policy,
        Err(faults) => return print_faults(file, &faults, json, out),
    };
    let page = match format {
        PageFormat::Html => render::html(&policy),
        PageFormat::Markdown => render::markdown(&policy),
    };
    let Some(output) = output else {
        out.write_all(page.as_bytes())?;
        return Ok(Exit::Done);
    };
    std::fs::write(output, &page).with_context(|| {
        format!("{} cannot be written: choose a folder that is there and is yours", output.display())
    })?;
    if json {
        writeln!(out, "{:#}", json!({"written": output, "bytes": page.len(), "digest": policy.digest}))?;
    } else {
        let (id, version) = (&policy.id, &policy.version);
        writeln!(
            out,
            "{id} {version} written to {}; next: open it in a browser, then publish it",
            output.display()
        )?;
    }
    Ok(Exit::Done)
}

fn changes(
    old: &Path,
    new: &Path,
    format: DiffFormat,
    json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<Exit> {
    let earlier = match Policy::read(&text(old)?) {
        Ok(policy) => policy,
        Err(faults) => return print_faults(old, &faults, json, out),
    };
    let later = match Policy::read(&text(new)?) {
        Ok(policy) => policy,
        Err(faults) => return print_faults(new, &faults, json, out),
    };
    let difference = diff(&earlier, &later);
    if json {
        writeln!(out, "{:#}", serde_json::to_value(&difference)?)?;
    } else {
        let written = match format {
            DiffFormat::Text => difference.to_text(),
            DiffFormat::Markdown => difference.to_markdown(),
        };
        out.write_all(written.as_bytes())?;
    }
    Ok(Exit::Done)
}

fn text(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file)
        .with_context(|| format!("{} cannot be read: name a manifest, a TOML file in UTF-8", file.display()))
}

/// One line per fault as compilers write them, `file:line:column: message`, and a second with what to do.
fn print_faults(file: &Path, faults: &Faults, json: bool, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let count = faults.0.len();
    if json {
        let list: Vec<_> = faults
            .0
            .iter()
            .map(|fault| {
                json!({
                    "line": fault.line, "column": fault.column, "message": fault.message, "hint": fault.hint,
                })
            })
            .collect();
        writeln!(out, "{:#}", json!({"file": file, "faults": list}))?;
        return Ok(Exit::Usage);
    }
    for fault in &faults.0 {
        writeln!(out, "{}:{}:{}: {}", file.display(), fault.line, fault.column, fault.message)?;
        writeln!(out, "    {}", fault.hint)?;
    }
    writeln!(out, "{count} {}", if count == 1 { "fault" } else { "faults" })?;
    Ok(Exit::Usage)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/policies").join(name)
    }

    fn ran(command: &PolicyCommand, json: bool) -> (u8, String) {
        let mut out = Vec::new();
        let code = run(command, json, &mut out).unwrap();
        (code, String::from_utf8(out).unwrap())
    }

    fn check_of(file: PathBuf) -> PolicyCommand {
        PolicyCommand::Check { file, previous: None }
    }

    #[test]
    fn a_clean_policy_is_one_line_that_says_what_next() {
        let (code, out) = ran(&check_of(example("lucity-data-collection.toml")), false);
        assert_eq!(code, 0);
        assert!(
            out.starts_with("lucity-data-collection 2.0: 14 metrics, no faults; next: candor policy render ")
        );
        assert_eq!(out.lines().count(), 1);
    }

    #[test]
    fn faults_name_file_line_and_column_and_end_with_their_own_code() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("broken.toml");
        std::fs::write(&file, "[policy]\nid = 7\n").unwrap();
        let (code, out) = ran(&check_of(file.clone()), false);
        assert_eq!(code, Exit::Usage.code());
        assert!(
            out.contains(&format!("{}:2:6: `id` of `[policy]` is a number, not a text\n", file.display())),
            "{out}"
        );
        let (code, out) = ran(&check_of(file), true);
        assert_eq!(code, Exit::Usage.code());
        let answer: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert!(answer["faults"].as_array().unwrap().len() > 10);
    }

    #[test]
    fn a_next_version_is_held_against_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("next.toml");
        let published = example("lucity-data-collection.toml");
        let next = std::fs::read_to_string(&published)
            .unwrap()
            .replace("retention_months = 12", "retention_months = 24");
        std::fs::write(&file, next).unwrap();
        let (code, out) =
            ran(&PolicyCommand::Check { file: file.clone(), previous: Some(published.clone()) }, false);
        assert_eq!(code, Exit::Usage.code());
        assert!(out.contains("version 2.0 was published with other content"), "{out}");
        let (code, out) =
            ran(&PolicyCommand::Diff { old: published, new: file, format: DiffFormat::Text }, false);
        assert_eq!(code, 0);
        assert!(out.contains("1 metric needs fresh consent: public_address"), "{out}");
    }

    #[test]
    fn a_page_is_written_where_it_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("policy.html");
        let file = example("cireson-product-metrics.toml");
        let command = PolicyCommand::Render { file, format: PageFormat::Html, output: Some(output.clone()) };
        assert_eq!(ran(&command, false).0, 0);
        assert!(std::fs::read_to_string(output).unwrap().starts_with("<!DOCTYPE html>"));
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = run(&check_of("no/such.toml".into()), false, &mut Vec::new()).unwrap_err();
        assert!(error.to_string().contains("no/such.toml cannot be read"), "{error}");
    }
}
