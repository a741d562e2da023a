//! The voucher key: made offline, a file of its own that never lies on the server. And the files of vouchers, which hold a
//! secret as well.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

use anyhow::{Context, bail};
use candor_policy::voucher;
use ed25519_dalek::SigningKey;

/// Makes a voucher key in a new file that only its owner reads.
///
/// # Errors
/// Where the file is there already, or cannot be made.
pub fn create(file: &Path) -> anyhow::Result<SigningKey> {
    let key = SigningKey::from_bytes(&random()?);
    write_new(file, &voucher::key_text(&key))?;
    Ok(key)
}

/// Reads a voucher key.
///
/// # Errors
/// Where the file cannot be read, or holds something else.
pub fn read(file: &Path) -> anyhow::Result<SigningKey> {
    let text = std::fs::read_to_string(file).with_context(|| {
        format!(
            "the voucher key {0} cannot be read; `candor-collector voucher key --out {0}` makes one",
            file.display()
        )
    })?;
    match voucher::read_key(&text) {
        Some(key) => Ok(key),
        None => bail!(
            "{} does not hold a voucher key; name the file that `candor-collector voucher key` made",
            file.display()
        ),
    }
}

/// Writes a secret into a new file that only its owner reads. A file that is there already stays as it is.
///
/// # Errors
/// Where the file is there already, or cannot be written.
pub fn write_new(file: &Path, text: &str) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = match options.open(file) {
        Ok(out) => out,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => bail!(
            "{} is there already, and is not overwritten; move it away, or name another file with --out",
            file.display()
        ),
        Err(error) => {
            return Err(error).with_context(|| format!("{} cannot be made", file.display()));
        }
    };
    out.write_all(text.as_bytes())
        .and_then(|()| out.sync_all())
        .with_context(|| format!("{} cannot be written", file.display()))
}

/// 32 random bytes.
///
/// # Errors
/// Where the system gives none.
pub fn random() -> anyhow::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).context("the system gives no random bytes")?;
    Ok(bytes)
}
