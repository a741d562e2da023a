//! The state folder: whole files, written durably, under locks.
//!
//! It refuses to leave half a file where a whole one is expected (temporary file, fsync, rename, fsync of the folder), to
//! follow a link or to open anything but a regular file ([`handle`]), and to remove a name that candor does not write.

#[cfg_attr(unix, path = "handle_unix.rs")]
#[cfg_attr(not(unix), path = "handle_other.rs")]
mod handle;
mod lock;
mod reading;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use candor_policy::Digest;

use self::handle::Handle;
use crate::Error;

pub use lock::Lock;
pub use reading::{Found, read_bounded};

/// How a file that is being written starts.
const TEMPORARY: &str = ".writing-";

/// The folder of files that were set aside.
const DAMAGED: &str = "damaged";

/// The state folder of a site; nothing is opened or made yet.
#[derive(Clone, Debug)]
pub struct StateFolder(PathBuf);

impl StateFolder {
    /// The folder at this path.
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Opens it; `None` where it is not there.
    pub fn find(&self) -> Result<Option<Folder>, Error> {
        Folder::found(&self.0, Handle::open(&self.0))
    }

    /// Opens it, made where it is missing.
    pub fn make(&self) -> Result<Folder, Error> {
        let handle = Handle::make(&self.0).map_err(Error::folder("make the folder", &self.0))?;
        Ok(Folder { handle, path: self.0.clone() })
    }

    /// Opens a folder in it; `None` where one of the two is not there.
    pub fn find_folder(&self, name: &str) -> Result<Option<Folder>, Error> {
        let Some(own) = self.find()? else { return Ok(None) };
        Folder::found(&self.0.join(name), own.handle.open_folder(name))
    }

    /// Opens a folder in it; both are made where they are missing.
    pub fn make_folder(&self, name: &str) -> Result<Folder, Error> {
        let (own, path) = (self.make()?, self.0.join(name));
        let handle = own.handle.make_folder(name).map_err(Error::folder("make the folder", &path))?;
        Ok(Folder { handle, path })
    }

    /// Reads a file in it of `longest` bytes at the most.
    pub fn read(&self, name: &str, longest: u64) -> Result<Found, Error> {
        self.find()?.map_or(Ok(Found::Nothing), |folder| folder.read(name, longest))
    }

    /// Moves files to the folder of damaged ones, as far as they are there; gives that folder.
    pub fn move_aside(&self, from: &Folder, names: &[&str]) -> Result<Folder, Error> {
        let damaged = self.make_folder(DAMAGED)?;
        for name in names {
            from.rename(name, &damaged, name)?;
        }
        Ok(damaged)
    }

    /// Writes a whole file in it, durably.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        self.make()?.write(name, bytes)
    }
}

/// An open folder. Names in it are single components: no `/`, not `..`.
#[derive(Debug)]
pub struct Folder {
    handle: Handle,
    /// For messages.
    path: PathBuf,
}

impl Folder {
    fn found(path: &Path, opened: io::Result<Handle>) -> Result<Option<Self>, Error> {
        match opened {
            Ok(handle) => Ok(Some(Self { handle, path: path.to_owned() })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::folder("open the folder", path)(error)),
        }
    }

    fn fault(&self, doing: &'static str, name: &str) -> impl FnOnce(io::Error) -> Error {
        Error::folder(doing, &self.path.join(name))
    }

    /// Reads a file of `longest` bytes at the most.
    pub fn read(&self, name: &str, longest: u64) -> Result<Found, Error> {
        reading::found(self.handle.read(name), longest).map_err(self.fault("read", name))
    }

    /// The digest of a file of any length; `None` where there is none that can be read.
    pub fn digest(&self, name: &str) -> Option<Digest> {
        self.handle.read(name).and_then(Digest::of_reader).ok()
    }

    /// Writes a whole file so that after a crash there is the old one or the new one, never half of either. The caller holds
    /// the file's lock.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let temporary = format!("{TEMPORARY}{name}");
        let written = self
            .write_and_sync(&temporary, bytes)
            .and_then(|()| self.handle.rename(&temporary, &self.handle, name));
        if written.is_err() {
            // What is left of it is removed by the next sweep.
            let _ = self.handle.remove(&temporary);
        }
        written.and_then(|()| self.handle.sync()).map_err(self.fault("write", name))
    }

    fn write_and_sync(&self, temporary: &str, bytes: &[u8]) -> io::Result<()> {
        // Left behind by a crash: nobody else writes while the lock is held.
        found_or_not(self.handle.remove(temporary))?;
        let mut file = self.handle.create(temporary)?;
        file.write_all(bytes)?;
        file.sync_all()
    }

    /// Appends to a file, made where it is missing, and waits until it is on disk.
    pub fn append(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let append = || {
            let mut file = match self.handle.create(name) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => self.handle.append(name),
                made => made,
            }?;
            file.write_all(bytes)?;
            file.sync_all()?;
            self.handle.sync()
        };
        append().map_err(self.fault("append to", name))
    }

    /// Cuts off what is behind a file's first bytes, and waits until the rest is on disk.
    pub fn cut(&self, name: &str, bytes: u64) -> Result<(), Error> {
        let cut = || {
            let file = self.handle.change(name)?;
            if file.metadata()?.len() > bytes {
                file.set_len(bytes)?;
            }
            file.sync_all()
        };
        found_or_not(cut()).map_err(self.fault("cut", name))
    }

    /// Removes a file; that it is gone already is as good.
    pub fn remove(&self, name: &str) -> Result<(), Error> {
        found_or_not(self.handle.remove(name)).map_err(self.fault("remove", name))
    }

    /// Moves a file, or whatever has its name, to another folder; that it is gone already is as good.
    pub fn rename(&self, name: &str, to: &Self, new_name: &str) -> Result<(), Error> {
        found_or_not(self.handle.rename(name, &to.handle, new_name)).map_err(self.fault("move", name))
    }

    /// A file's length, bytes; 0 where it is gone.
    pub fn length(&self, name: &str) -> u64 {
        self.handle.length(name).unwrap_or(0)
    }

    /// Whether there is something of this name.
    pub fn holds(&self, name: &str) -> bool {
        self.handle.length(name).is_ok()
    }

    /// The names of the files in the folder, sorted; without those that are being written. Names that are not UTF-8 are
    /// nobody's of ours.
    pub fn names(&self) -> Result<Vec<String>, Error> {
        let mut names = self.all_names()?;
        names.retain(|name| !name.starts_with(TEMPORARY));
        names.sort();
        Ok(names)
    }

    fn all_names(&self) -> Result<Vec<String>, Error> {
        let names = self.handle.names().map_err(Error::folder("list", &self.path))?;
        Ok(names.into_iter().filter_map(|name| name.into_string().ok()).collect())
    }

    /// Removes what a crash left half written. The caller holds the lock, so nobody is writing.
    pub fn sweep(&self) -> Result<(), Error> {
        for name in self.all_names()?.iter().filter(|name| name.starts_with(TEMPORARY)) {
            self.remove(name)?;
        }
        Ok(())
    }

    /// Keeps the newest `most` of candor's own files, by name; gives the number of those removed.
    pub fn keep_newest(&self, most: usize, is_own: impl Fn(&str) -> bool) -> Result<u64, Error> {
        let mut names = self.names()?;
        names.retain(|name| is_own(name));
        let surplus = names.len().saturating_sub(most);
        for name in &names[..surplus] {
            self.remove(name)?;
        }
        Ok(surplus as u64)
    }

    /// Makes renames and removals durable.
    pub fn sync(&self) -> Result<(), Error> {
        self.handle.sync().map_err(Error::folder("write", &self.path))
    }
}

/// Something that candor did not put there.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Unusable(String);

fn unusable(why: impl Into<String>) -> io::Error {
    io::Error::other(Unusable(why.into()))
}

fn is_unusable(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<Unusable>())
}

/// What was opened; nothing where something that candor did not put there has its name. It must not hinder a denial.
pub fn unless_of_others<T>(opened: Result<Option<T>, Error>) -> Result<Option<T>, Error> {
    match opened {
        Err(Error::Folder { fault, .. }) if is_unusable(&fault) => Ok(None),
        opened => opened,
    }
}

/// That something is not there is as good as done.
fn found_or_not(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
