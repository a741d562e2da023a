//! The data folder: made for its owner alone, and served by one process at a time.

use std::fs::{File, TryLockError};
use std::path::Path;

use anyhow::{Context, bail};

/// The journal's name in the folder.
pub const JOURNAL_FILE: &str = "journal.sqlite";
const LOCK_FILE: &str = "serving.lock";
/// The address that people used when the collector served last.
const ADDRESS_FILE: &str = "serving.url";

/// Whether a collector has served this folder.
pub fn has_journal(folder: &Path) -> bool {
    folder.join(JOURNAL_FILE).is_file()
}

/// Notes the address that people use, for commands beside the collector.
///
/// # Errors
/// Where the note cannot be written.
pub fn remember_address(folder: &Path, url: &str) -> anyhow::Result<()> {
    let path = folder.join(ADDRESS_FILE);
    // Written under another name first: whoever reads meanwhile sees the whole of one.
    let unfinished = path.with_extension("url.new");
    std::fs::write(&unfinished, url)
        .and_then(|()| std::fs::rename(&unfinished, &path))
        .with_context(|| format!("{} cannot be written", path.display()))
}

/// The address that people used when a collector served this folder last; none where it never did.
///
/// # Errors
/// Where the note is there and cannot be read.
pub fn address(folder: &Path) -> anyhow::Result<Option<String>> {
    let path = folder.join(ADDRESS_FILE);
    match std::fs::read_to_string(&path) {
        Ok(url) => Ok(Some(url.trim().to_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
}

/// Files that this process makes from now on are for its owner alone.
pub fn make_files_private() {
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
}

/// Makes the folder where it is not there: it holds customers' data, so nobody else may read it. A folder that was made
/// beforehand, and the files that a collector left in it, are closed to others too.
///
/// # Errors
/// Where it cannot be made, or not be closed.
pub fn prepare(folder: &Path) -> anyhow::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    #[cfg(unix)]
    close_to_others(folder).with_context(|| {
        format!("{} can be read by others than its owner, and that cannot be changed", folder.display())
    })?;
    Ok(())
}

/// Takes everybody else's rights away. A folder that holds other things and no journal was named by mistake, or is about to
/// be shared: it stays as it is, and what is put into it is private by itself.
#[cfg(unix)]
fn close_to_others(folder: &Path) -> std::io::Result<()> {
    let entries = std::fs::read_dir(folder)?.collect::<std::io::Result<Vec<_>>>()?;
    if !entries.is_empty() && !has_journal(folder) {
        return Ok(());
    }
    take_rights_away(folder)?;
    for entry in entries.iter().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file())) {
        match take_rights_away(&entry.path()) {
            // A database's side file, gone since the folder was read.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            taken => taken?,
        }
    }
    Ok(())
}

#[cfg(unix)]
fn take_rights_away(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mut permissions = std::fs::metadata(path)?.permissions();
    if permissions.mode() & 0o077 == 0 {
        return Ok(());
    }
    permissions.set_mode(permissions.mode() & !0o077);
    std::fs::set_permissions(path, permissions)
}

/// The right to serve a folder; it ends with the process, however that ends.
#[derive(Debug)]
pub struct Serving(#[expect(dead_code, reason = "an open file is what holds the lock")] File);

impl Serving {
    /// Claims a folder.
    ///
    /// # Errors
    /// Where another process serves it.
    pub fn claim(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(LOCK_FILE);
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let file = file.with_context(|| format!("{} cannot be made", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => bail!(
                "another collector serves {}; stop it first, or name another folder with --data",
                folder.display()
            ),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("{} cannot be locked", path.display()))
            }
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777
    }

    fn open_to_all(path: &Path, mode: u32) {
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).expect("it is ours");
    }

    #[test]
    fn a_folder_that_was_there_is_closed_with_what_a_collector_left_in_it() {
        let folder = tempfile::tempdir().unwrap();
        open_to_all(folder.path(), 0o755);
        prepare(folder.path()).unwrap();
        assert_eq!(mode(folder.path()), 0o700);
        let journal = folder.path().join(JOURNAL_FILE);
        std::fs::write(&journal, b"").unwrap();
        open_to_all(&journal, 0o644);
        open_to_all(folder.path(), 0o755);
        prepare(folder.path()).unwrap();
        assert_eq!((mode(folder.path()), mode(&journal)), (0o700, 0o600));
    }

    #[test]
    fn a_folder_of_something_else_keeps_its_rights() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("somebody.txt"), b"").unwrap();
        open_to_all(folder.path(), 0o755);
        prepare(folder.path()).unwrap();
        assert_eq!(mode(folder.path()), 0o755);
    }
}
