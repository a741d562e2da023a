//! The site's two secrets, each a file that only its owner reads: the installation's signing key, and the secret that
//! keys hashes. Neither leaves the site. Both are made when they are first needed, which is never before a consent.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use candor_policy::{InstallationId, PublicKey};
use ed25519_dalek::SigningKey;

use crate::Error;
use crate::folder::{Found, StateFolder};
use crate::limits::KEY_BYTES;

const LOCK: &str = "key.lock";

/// The installation's signing key and the name that follows from it.
#[derive(Clone)]
pub struct InstallationKey {
    secret: SigningKey,
    /// The public half.
    pub public: PublicKey,
    /// The installation's name.
    pub installation: InstallationId,
}

impl InstallationKey {
    /// The key in `installation.key`, made where there is none.
    pub fn open(folder: &StateFolder) -> Result<Self, Error> {
        let secret = SigningKey::from_bytes(&secret(folder, "installation.key", "ed25519-secret:")?);
        let public = PublicKey::from_bytes(secret.verifying_key().to_bytes());
        Ok(Self { secret, public, installation: InstallationId::of(&public) })
    }

    /// What signs.
    pub fn secret(&self) -> &SigningKey {
        &self.secret
    }
}

impl std::fmt::Debug for InstallationKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "InstallationKey({})", self.installation)
    }
}

/// The secret in `site.key` that keys the site's hashes, made where there is none.
pub fn site_secret(folder: &StateFolder) -> Result<[u8; 32], Error> {
    secret(folder, "site.key", "site-secret:")
}

/// Thirty-two secret bytes from a file, which is made where it is not there.
fn secret(folder: &StateFolder, name: &str, prefix: &str) -> Result<[u8; 32], Error> {
    if let Some(secret) = read(folder, name, prefix)? {
        return Ok(secret);
    }
    let _lock = folder.lock(LOCK)?;
    if let Some(secret) = read(folder, name, prefix)? {
        return Ok(secret);
    }
    let mut secret = [0; 32];
    let drawn = getrandom::fill(&mut secret).map_err(std::io::Error::other);
    drawn.map_err(Error::folder("draw random bytes for", &folder.path().join(name)))?;
    folder.write(name, format!("{prefix}{}\n", STANDARD.encode(secret)).as_bytes())?;
    Ok(secret)
}

fn read(folder: &StateFolder, name: &str, prefix: &str) -> Result<Option<[u8; 32]>, Error> {
    let bytes = match folder.read(name, KEY_BYTES)? {
        Found::Nothing => return Ok(None),
        Found::Bytes(bytes) => bytes,
        Found::TooLong | Found::Unusable(_) => Vec::new(),
    };
    let decode = || {
        let text = std::str::from_utf8(&bytes).ok()?.trim().strip_prefix(prefix)?;
        STANDARD.decode(text).ok()?.try_into().ok()
    };
    let broken = || std::io::Error::other("it does not hold a key; move it away and a new one is made");
    decode().map(Some).ok_or_else(|| Error::folder("use", &folder.path().join(name))(broken()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_only_its_owner_reads_it() {
        let place = tempfile::tempdir().unwrap();
        let folder = StateFolder::new(place.path().join("state"));
        let key = InstallationKey::open(&folder).unwrap();
        assert_eq!(InstallationKey::open(&folder).unwrap().installation, key.installation);
        assert_eq!(site_secret(&folder).unwrap(), site_secret(&folder).unwrap());
        #[cfg(unix)]
        for name in ["installation.key", "site.key"] {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
        assert!(!format!("{key:?}").contains("secret"));
    }

    #[test]
    fn a_broken_key_is_named_and_never_replaced() {
        let place = tempfile::tempdir().unwrap();
        let folder = StateFolder::new(place.path().to_owned());
        std::fs::write(folder.path().join("installation.key"), "rubbish").unwrap();
        let error = InstallationKey::open(&folder).unwrap_err().to_string();
        assert!(error.contains("installation.key") && error.contains("move it away"), "{error}");
    }
}
