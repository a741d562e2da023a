//! The collector's own key: 32 bytes in `collector.key`, readable by its owner alone. Its public half stands in every
//! policy, so a lost file means a new version of each.

use std::io::{ErrorKind, Write};
use std::path::Path;

use anyhow::{Context, bail};
use aws_lc_rs::signature::Ed25519KeyPair;
use candor_policy::PublicKey;
use ed25519_dalek::SigningKey;

use crate::data_folder::has_journal;

/// The file's name in the data folder.
pub const FILE: &str = "collector.key";

/// The key that is to follow, while it does not yet.
pub const NEXT_FILE: &str = "collector.key.next";

/// Reads the key, making it where there is none yet.
///
/// # Errors
/// Where the file cannot be read or created, or does not hold a key; where a change of keys was begun and not ended; where it is
/// missing beside a journal, since every site rejects receipts that another key signed.
pub fn read_or_create(folder: &Path) -> anyhow::Result<SigningKey> {
    let path = folder.join(FILE);
    change_is_over(folder)?;
    match find(&path)? {
        Some(key) => Ok(key),
        None if has_journal(folder) => bail!(
            "{} is missing, and {} holds a journal: a new key would sign receipts that every site rejects. Restore {FILE} from the \
             backup. Where it is lost for good, `candor-collector key replace` makes \
             another, and the docs for developers say what follows",
            path.display(),
            folder.display()
        ),
        None => create(&path),
    }
}

/// Reads the key of a folder that is a collector's; what is done in any other would be done in the wrong place.
///
/// # Errors
/// Where there is no key, or it cannot be read, or is none.
pub fn read(folder: &Path) -> anyhow::Result<SigningKey> {
    let missing = || {
        anyhow::anyhow!(
            "{0} is not a collector's data folder: it has no {FILE}. Name the collector's folder, or create one: \
             `candor-collector key --data {0}` does, and prints the key that its policies name",
            folder.display()
        )
    };
    change_is_over(folder)?;
    find(&folder.join(FILE))?.ok_or_else(missing)
}

fn change_is_over(folder: &Path) -> anyhow::Result<()> {
    anyhow::ensure!(
        !folder.join(NEXT_FILE).exists(),
        "{} holds {NEXT_FILE}: a change of keys was begun and not ended. Run `candor-collector key rotate` or `key replace`, \
         whichever it was, once more",
        folder.display()
    );
    Ok(())
}

/// The key that is there, also in the middle of a change.
///
/// # Errors
/// Where the file cannot be read, or is no key.
pub fn present(folder: &Path) -> anyhow::Result<Option<SigningKey>> {
    find(&folder.join(FILE))
}

/// The key that is to follow; made where there is none.
///
/// # Errors
/// Where the file cannot be read or made, or is no key.
pub fn next(folder: &Path) -> anyhow::Result<SigningKey> {
    let path = folder.join(NEXT_FILE);
    find(&path)?.map_or_else(|| create(&path), Ok)
}

/// The key that follows takes the place of the one before it, which is gone then.
///
/// # Errors
/// Where the file cannot be renamed.
pub fn take_over(folder: &Path) -> anyhow::Result<()> {
    let path = folder.join(FILE);
    std::fs::rename(folder.join(NEXT_FILE), &path)
        .and_then(|()| std::fs::File::open(folder)?.sync_all())
        .with_context(|| format!("{} cannot be replaced", path.display()))
}

fn find(path: &Path) -> anyhow::Result<Option<SigningKey>> {
    match std::fs::read(path) {
        Ok(bytes) => {
            from_bytes(&bytes).map(Some).with_context(|| format!("{} does not hold a key", path.display()))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
}

/// The public half, as it stands in a policy.
pub fn public_key(key: &SigningKey) -> PublicKey {
    PublicKey::from_bytes(key.verifying_key().to_bytes())
}

/// The key made ready to sign answers: aws-lc signs in half the time, and Ed25519 has one signature for each message,
/// whoever computes it.
///
/// # Errors
/// Where aws-lc does not take the key.
pub fn for_answers(key: &SigningKey) -> anyhow::Result<Ed25519KeyPair> {
    let public = key.verifying_key().to_bytes();
    Ed25519KeyPair::from_seed_and_public_key(key.as_bytes(), &public)
        .map_err(|rejected| anyhow::anyhow!("the collector's key cannot sign: {rejected}"))
}

fn from_bytes(bytes: &[u8]) -> anyhow::Result<SigningKey> {
    let Ok(bytes) = <[u8; 32]>::try_from(bytes) else { bail!("it has {} bytes instead of 32", bytes.len()) };
    Ok(SigningKey::from_bytes(&bytes))
}

fn create(path: &Path) -> anyhow::Result<SigningKey> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).context("the system gives no random bytes")?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // Written under another name first: a crash leaves no half of a key.
    let unfinished = path.with_file_name("collector.key.new");
    let _left_over = std::fs::remove_file(&unfinished);
    let mut file =
        options.open(&unfinished).with_context(|| format!("{} cannot be made", unfinished.display()))?;
    file.write_all(&bytes).and_then(|()| file.sync_all()).context("the key cannot be written")?;
    match std::fs::hard_link(&unfinished, path) {
        // Another process was first: its key counts.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bytes = std::fs::read(path)?.as_slice().try_into()?
        }
        other => other.with_context(|| format!("{} cannot be made", path.display()))?,
    }
    std::fs::remove_file(&unfinished)?;
    Ok(SigningKey::from_bytes(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let made = read_or_create(folder.path()).unwrap();
        assert_eq!(read_or_create(folder.path()).unwrap().to_bytes(), made.to_bytes());
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::mode(
                &std::fs::metadata(folder.path().join(FILE)).unwrap().permissions(),
            );
            assert_eq!(mode & 0o777, 0o600);
        }
        std::fs::write(folder.path().join(FILE), b"short").unwrap();
        assert!(read_or_create(folder.path()).is_err());
    }
}
