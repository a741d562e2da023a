//! The collector's keys, as far as this site has heard of them: once a key was followed by another, the one before it is believed no
//! more, so that whoever has it, from an old backup or as a thief, comes too late.

use candor_policy::PublicKey;
use candor_policy::succession::present_key;

use crate::Error;
use crate::folder::{Found, StateFolder};
use crate::limits::SUCCESSIONS_BYTES;

const FILE: &str = "collector-successions";

/// The key that stands where the policy's stood, by all that was heard.
pub fn present(folder: &StateFolder, named: &PublicKey) -> Result<PublicKey, Error> {
    Ok(match folder.read(FILE, SUCCESSIONS_BYTES)? {
        Found::Bytes(known) => present_key(named, &String::from_utf8_lossy(&known)),
        Found::Nothing | Found::TooLong | Found::Unusable(_) => *named,
    })
}

/// Remembers the successions of an answer that was believed, where they name a key after the present one.
pub fn remember(folder: &StateFolder, present: &PublicKey, heard: Option<&str>) -> Result<(), Error> {
    let Some(heard) = heard.filter(|heard| present_key(present, heard) != *present) else { return Ok(()) };
    let known = match folder.read(FILE, SUCCESSIONS_BYTES)? {
        Found::Bytes(known) => String::from_utf8_lossy(&known).into_owned() + ", ",
        Found::Nothing | Found::TooLong | Found::Unusable(_) => String::new(),
    };
    folder.write(FILE, (known + heard).as_bytes())
}

#[cfg(test)]
mod tests {
    use candor_policy::succession::Succession;
    use ed25519_dalek::{Signer, SigningKey};
    use jiff::Timestamp;

    use super::*;

    fn key(byte: u8) -> (SigningKey, PublicKey) {
        let key = SigningKey::from_bytes(&[byte; 32]);
        let public = PublicKey::from_bytes(key.verifying_key().to_bytes());
        (key, public)
    }

    fn follows(from: u8, to: u8) -> String {
        let (signer, public) = key(from);
        let sign = |bytes: &[u8]| signer.sign(bytes).to_bytes();
        Succession::sign(public, key(to).1, Timestamp::UNIX_EPOCH, sign).to_string()
    }

    #[test]
    fn what_was_heard_first_stands_against_another_successor_of_the_same_key() {
        let place = tempfile::tempdir().unwrap();
        let folder = StateFolder::new(place.path().to_owned());
        assert_eq!(present(&folder, &key(1).1).unwrap(), key(1).1);
        remember(&folder, &key(1).1, None).unwrap();
        remember(&folder, &key(1).1, Some(&follows(1, 2))).unwrap();
        assert_eq!(present(&folder, &key(1).1).unwrap(), key(2).1);
        // A thief of key 1 signs for a key of its own.
        remember(&folder, &key(2).1, Some(&follows(1, 9))).unwrap();
        assert_eq!(present(&folder, &key(1).1).unwrap(), key(2).1);
        remember(&folder, &key(2).1, Some(&format!("{}, {}", follows(1, 2), follows(2, 3)))).unwrap();
        assert_eq!(present(&folder, &key(1).1).unwrap(), key(3).1);
        assert_eq!(present(&folder, &key(7).1).unwrap(), key(7).1, "a policy of another collector");
    }
}
