//! The data folder: made for its owner alone, and served by one process at a time.

use std::fs::{File, TryLockError};
use std::path::Path;

use anyhow::{Context, bail};

const LOCK_FILE: &str = "serving.lock";

/// Makes the folder where it is not there: it holds customers' data, so nobody else may read it.
///
/// # Errors
/// Where it cannot be made.
pub fn prepare(folder: &Path) -> anyhow::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).with_context(|| format!("the folder {} cannot be made", folder.display()))
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
