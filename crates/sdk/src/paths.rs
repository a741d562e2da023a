//! Where things stand by each platform's convention. Nothing here is created; only whether a folder is there is looked at.

use std::path::{Path, PathBuf};

use candor_policy::PolicyId;

use crate::environment::{CANDOR_SETTINGS, Environment};
use crate::settings::SettingsFile;

/// The state folder of one policy's programme. One site has one consent for all its sources, so the machine-wide folder
/// is taken where it is there already or where this process may make it; a user's own folder otherwise. That it cannot be
/// looked into does not mean that it is not there: it may hold a denial, so it is taken, and nothing is gathered. Only on
/// Linux does a process know here that it may make the folder; on Windows and macOS the product's installer makes it.
pub fn state_folder(policy: &PolicyId, environment: &Environment) -> PathBuf {
    let machine_wide = machine_state().join(policy.as_str());
    if is_there(&machine_wide) || is_privileged() {
        return machine_wide;
    }
    user_state(environment).map_or(machine_wide, |user| user.join(policy.as_str()))
}

/// Whether something is there, or cannot be known not to be.
fn is_there(path: &Path) -> bool {
    !matches!(std::fs::symlink_metadata(path), Err(error) if error.kind() == std::io::ErrorKind::NotFound)
}

/// The settings files that an administrator may have written, the one that wins first.
pub fn settings_files(environment: &Environment) -> Vec<SettingsFile> {
    let named = environment.path(CANDOR_SETTINGS).map(|path| SettingsFile { path, is_named: true });
    let mut files = vec![SettingsFile { path: machine_settings(), is_named: false }];
    files.extend(named);
    files
}

#[cfg(windows)]
fn machine_state() -> PathBuf {
    Path::new(r"C:\ProgramData").join("Candor")
}

#[cfg(target_os = "macos")]
fn machine_state() -> PathBuf {
    Path::new("/Library/Application Support").join("Candor")
}

#[cfg(not(any(windows, target_os = "macos")))]
fn machine_state() -> PathBuf {
    Path::new("/var/lib").join("candor")
}

/// A fixed path: the user who starts a process chooses its variables, and must not choose away the machine's settings.
#[cfg(windows)]
fn machine_settings() -> PathBuf {
    Path::new(r"C:\ProgramData").join("Candor").join("settings.toml")
}

#[cfg(target_os = "macos")]
fn machine_settings() -> PathBuf {
    Path::new("/Library/Application Support").join("Candor").join("settings.toml")
}

#[cfg(not(any(windows, target_os = "macos")))]
fn machine_settings() -> PathBuf {
    Path::new("/etc").join("candor").join("settings.toml")
}

#[cfg(windows)]
fn user_state(environment: &Environment) -> Option<PathBuf> {
    Some(environment.path("LOCALAPPDATA")?.join("Candor"))
}

#[cfg(target_os = "macos")]
fn user_state(environment: &Environment) -> Option<PathBuf> {
    Some(environment.path("HOME")?.join("Library/Application Support/Candor"))
}

#[cfg(not(any(windows, target_os = "macos")))]
fn user_state(environment: &Environment) -> Option<PathBuf> {
    let state = environment.path("XDG_STATE_HOME").filter(|path| path.is_absolute());
    let state = state.or_else(|| Some(environment.path("HOME")?.join(".local/state")));
    Some(state?.join("candor"))
}

/// Whether this process runs as root; the owner of its entry in `/proc` is its effective user.
#[cfg(target_os = "linux")]
fn is_privileged() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|entry| entry.uid() == 0)
}

#[cfg(not(target_os = "linux"))]
fn is_privileged() -> bool {
    false
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    /// Guards against an administrator's denial that a user's process cannot see and therefore steps around.
    #[test]
    fn a_folder_that_cannot_be_looked_into_is_there() {
        let place = tempfile::tempdir().unwrap();
        let path = |name: &str| place.path().join(name);
        assert!(!is_there(&path("missing")));
        assert!(is_there(place.path()));
        std::fs::write(path("file"), "").unwrap();
        assert!(is_there(&path("file").join("policy")), "the look fails, and says nothing of what is behind");
        std::os::unix::fs::symlink(path("nowhere"), path("link")).unwrap();
        assert!(is_there(&path("link")));
    }

    #[test]
    fn a_user_has_a_folder_of_their_own_and_no_say_over_the_machines_settings() {
        let environment = Environment::of([("HOME", "/home/ada"), (CANDOR_SETTINGS, "/tmp/more.toml")]);
        assert_eq!(user_state(&environment), Some("/home/ada/.local/state/candor".into()));
        let relative = Environment::of([("HOME", "/home/ada"), ("XDG_STATE_HOME", "relative")]);
        assert_eq!(user_state(&relative), Some("/home/ada/.local/state/candor".into()));
        assert_eq!(
            settings_files(&environment),
            [
                SettingsFile { path: "/etc/candor/settings.toml".into(), is_named: false },
                SettingsFile { path: "/tmp/more.toml".into(), is_named: true }
            ]
        );
    }

    /// Guards against two users whose homes become the same text.
    #[test]
    fn a_home_of_any_bytes_is_that_home() {
        use std::os::unix::ffi::OsStrExt;
        let home = std::ffi::OsStr::from_bytes(b"/home/u\xe9");
        let environment = Environment::of([("HOME", home), (CANDOR_SETTINGS, home)]);
        assert_eq!(user_state(&environment), Some(Path::new(home).join(".local/state/candor")));
        assert_eq!(settings_files(&environment)[1].path, home);
    }
}
