//! Locks on the state folder. A lock is an open file; what was put in its place is replaced, so that it cannot hang or hinder.

use std::fs::{File, TryLockError};
use std::io;
use std::time::{Duration, Instant};

use super::{Folder, StateFolder, is_unusable};
use crate::Error;
use crate::limits::{LOCK_PAUSE, LOCK_WAIT};

/// Held while the state folder is changed; given back when it goes out of scope.
#[derive(Debug)]
#[must_use = "the lock is given back as soon as this is dropped"]
pub struct Lock(#[expect(dead_code, reason = "the open file is the lock")] File);

impl StateFolder {
    /// Takes a lock, waiting while another process holds it, but never for long.
    pub fn lock(&self, name: &str) -> Result<Lock, Error> {
        self.lock_within(name, LOCK_WAIT)
    }

    /// The same, waiting no longer than this either.
    pub fn lock_within(&self, name: &str, wait: Duration) -> Result<Lock, Error> {
        let until = Instant::now() + wait.min(LOCK_WAIT);
        loop {
            if let Some(lock) = self.try_lock(name)? {
                return Ok(lock);
            }
            if Instant::now() >= until {
                return Err(Error::Busy { path: self.path().join(name) });
            }
            std::thread::sleep(LOCK_PAUSE);
        }
    }

    /// Takes a lock; `None` where another process holds it.
    pub fn try_lock(&self, name: &str) -> Result<Option<Lock>, Error> {
        let folder = self.make()?;
        let file = open(&folder, name).map_err(folder.fault("open", name))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Lock(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(folder.fault("lock", name)(source)),
        }
    }
}

fn open(folder: &Folder, name: &str) -> io::Result<File> {
    match folder.handle.create(name) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            folder.handle.change(name).or_else(|error| replaced(folder, name, error))
        }
        made => made,
    }
}

/// Candor writes this name, and what cannot be opened under it is not a lock that anybody holds.
fn replaced(folder: &Folder, name: &str, error: io::Error) -> io::Result<File> {
    if !is_unusable(&error) {
        return Err(error);
    }
    folder.handle.remove(name)?;
    folder.handle.create(name)
}
