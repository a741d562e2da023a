//! What the SDK finds out by itself: the operating system's name and version, and its language.
//!
//! Each is asked for only where a policy declares it and a consent covers it. It refuses to know more: no host name, no
//! user, no hardware.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::environment::Environment;
use crate::limits::{LOCK_PAUSE, TOOL_BYTES, TOOL_WAIT};

/// The operating system's name and version, such as "Debian GNU/Linux 12" or "Windows 10.0.20348"; nothing where it
/// cannot be told.
pub fn os_version() -> Option<String> {
    if cfg!(windows) {
        return windows_version(&output("cmd", &["/c", "ver"])?);
    }
    if cfg!(target_os = "macos") {
        return one_line(&output("sw_vers", &["-productVersion"])?).map(|version| format!("macOS {version}"));
    }
    let release =
        ["/etc/os-release", "/usr/lib/os-release"].iter().find_map(|p| std::fs::read_to_string(p).ok());
    release.as_deref().and_then(linux_version).or_else(|| one_line(&output("uname", &["-sr"])?))
}

/// The operating system's language as a language tag, such as "en-GB"; nothing where none is set.
pub fn os_locale(environment: &Environment) -> Option<String> {
    if cfg!(windows) {
        let key = r"HKCU\Control Panel\International";
        return windows_locale(&output("reg", &["query", key, "/v", "LocaleName"])?);
    }
    let variables = environment.first(&["LC_ALL", "LC_MESSAGES", "LANG"]).and_then(language_tag);
    if cfg!(target_os = "macos") && variables.is_none() {
        return output("defaults", &["read", "-g", "AppleLocale"]).as_deref().and_then(language_tag);
    }
    variables
}

/// Name and version of an `os-release` file (freedesktop.org, os-release).
fn linux_version(text: &str) -> Option<String> {
    let field = |name: &str| {
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='))?;
        one_line(value.trim().trim_matches(['"', '\'']))
    };
    match (field("NAME"), field("VERSION_ID").or_else(|| field("VERSION_CODENAME"))) {
        (Some(name), Some(version)) => Some(format!("{name} {version}")),
        (name, _) => field("PRETTY_NAME").or(name),
    }
}

/// "Microsoft Windows [Version 10.0.20348.2227]" without the build's revision, which changes every month.
fn windows_version(text: &str) -> Option<String> {
    let digits = |word: &str| word.starts_with(|first: char| first.is_ascii_digit()) && word.contains('.');
    let version = text.split([' ', '[', ']', '\r', '\n']).find(|word| digits(word))?;
    let parts: Vec<&str> = version.split('.').take(3).collect();
    Some(format!("Windows {}", parts.join(".")))
}

fn windows_locale(text: &str) -> Option<String> {
    language_tag(text.lines().find(|line| line.contains("LocaleName"))?.split_whitespace().last()?)
}

/// "en_GB.UTF-8@euro" as "en-GB"; "C" and "POSIX" name no language.
fn language_tag(text: &str) -> Option<String> {
    let bare = text.split(['.', '@']).next()?.trim().replace('_', "-");
    let is_tag = bare.len() <= 35
        && bare.split('-').next().is_some_and(|language| (2..=3).contains(&language.len()))
        && bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_tag.then_some(bare)
}

fn one_line(text: &str) -> Option<String> {
    let line = text.trim().lines().next()?.trim();
    let short: String = line.chars().filter(|character| !character.is_control()).take(60).collect();
    (!short.is_empty()).then_some(short)
}

/// What one of the operating system's own tools prints, within a bounded time.
fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().ok()?;
    let until = Instant::now() + TOOL_WAIT;
    while child.try_wait().ok()?.is_none() {
        if Instant::now() >= until {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        std::thread::sleep(LOCK_PAUSE);
    }
    let mut text = String::new();
    child.stdout.take()?.take(TOOL_BYTES).read_to_string(&mut text).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_platforms_own_words_become_name_and_version() {
        let debian =
            "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"";
        assert_eq!(linux_version(debian).as_deref(), Some("Debian GNU/Linux 12"));
        assert_eq!(linux_version("NAME=Arch\nPRETTY_NAME='Arch Linux'").as_deref(), Some("Arch Linux"));
        assert_eq!(linux_version("ID=x"), None);
        let windows = "\r\nMicrosoft Windows [Version 10.0.20348.2227]\r\n";
        assert_eq!(windows_version(windows).as_deref(), Some("Windows 10.0.20348"));
        let german = "Microsoft Windows [Versionsnummer 6.3.9600]";
        assert_eq!(windows_version(german).as_deref(), Some("Windows 6.3.9600"));
        assert_eq!(windows_locale("\r\n    LocaleName    REG_SZ    de-AT\r\n").as_deref(), Some("de-AT"));
    }

    #[test]
    fn a_locale_is_a_language_tag_or_nothing() {
        assert_eq!(language_tag("en_GB.UTF-8").as_deref(), Some("en-GB"));
        assert_eq!(language_tag("de_AT@euro").as_deref(), Some("de-AT"));
        assert_eq!(language_tag("C.UTF-8"), None);
        assert_eq!(language_tag("POSIX"), None);
        assert_eq!(language_tag("../../etc"), None);
    }

    #[test]
    fn this_machine_has_a_name_and_version() {
        let version = os_version().unwrap();
        assert!(version.len() <= 64 && !version.chars().any(char::is_control), "{version}");
    }
}
