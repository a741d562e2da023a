//! An open folder, worked in by its handle: no path is looked up twice, so nobody can put something else in its place.
//!
//! Inside of a state folder no link is followed, whoever made it; what is opened is a regular file with one name that
//! belongs to the folder's owner, to root or to this process. On the way to the folder a link is followed only where nobody but root or
//! this process's own user can have put it there.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path};

use rustix::fs::{self, AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use rustix::process::{Gid, Uid, geteuid};

use super::unusable;

/// Links that are followed on the way to a folder, as many as Linux follows.
const LINKS: usize = 40;
const ROOT: u32 = 0;
/// A folder of a group: set-group-ID, and writable to the group.
const GROUP_SHARED: u32 = 0o2020;
const WRITABLE_TO_OTHERS: u32 = 0o022;
const STICKY: u32 = 0o1000;
/// A folder that is passed through needs no permission to list it.
#[cfg(any(target_os = "linux", target_os = "android"))]
const PASSED_THROUGH: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const PASSED_THROUGH: OFlags = LISTED;
const LISTED: OFlags = OFlags::DIRECTORY.union(OFlags::CLOEXEC);
/// A FIFO or a device is opened without waiting, and then refused.
const ONLY_A_FILE: OFlags = OFlags::NOFOLLOW.union(OFlags::NONBLOCK).union(OFlags::CLOEXEC);

/// An open folder.
#[derive(Debug)]
pub struct Handle {
    folder: OwnedFd,
    stat: Stat,
}

/// Whether folders that are missing are made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Missing {
    IsAnError,
    IsMade,
}

impl Handle {
    /// Opens the folder at a path.
    pub fn open(path: &Path) -> io::Result<Self> {
        Self::of(walk(path, Missing::IsAnError)?)
    }

    /// The same; what is missing is made. Only the owner looks into the folder itself. What is above it stays open: a
    /// process that may not read a machine-wide folder must still see that it is there.
    pub fn make(path: &Path) -> io::Result<Self> {
        Self::of(walk(path, Missing::IsMade)?)
    }

    fn of(folder: OwnedFd) -> io::Result<Self> {
        let stat = fs::fstat(&folder)?;
        Ok(Self { folder, stat })
    }

    /// Opens a folder in this one.
    pub fn open_folder(&self, name: &str) -> io::Result<Self> {
        let opened = fs::openat(&self.folder, name, LISTED | OFlags::NOFOLLOW, Mode::empty());
        let opened = Self::of(opened.map_err(not_a_folder)?)?;
        self.check_owner(opened.stat.st_uid)?;
        Ok(opened)
    }

    /// The same, made where it is missing.
    pub fn make_folder(&self, name: &str) -> io::Result<Self> {
        match self.open_folder(name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                drop(make_one(self.folder.as_fd(), OsStr::new(name), 0o700)?);
                self.open_folder(name)
            }
            opened => opened,
        }
    }

    /// Opens a file to read it.
    pub fn read(&self, name: &str) -> io::Result<File> {
        self.open_file(name, OFlags::RDONLY)
    }

    /// Opens a file to write behind its end.
    pub fn append(&self, name: &str) -> io::Result<File> {
        self.open_file(name, OFlags::WRONLY | OFlags::APPEND)
    }

    /// Opens a file to change it in place.
    pub fn change(&self, name: &str) -> io::Result<File> {
        self.open_file(name, OFlags::WRONLY)
    }

    /// Makes a file that only its owner reads; that there is something of this name already is an error.
    pub fn create(&self, name: &str) -> io::Result<File> {
        let flags = ONLY_A_FILE | OFlags::WRONLY | OFlags::APPEND | OFlags::CREATE | OFlags::EXCL;
        let made = fs::openat(&self.folder, name, flags, Mode::from_raw_mode(0o600))?;
        fit_in(made.as_fd(), &self.stat, 0o600)?;
        Ok(File::from(made))
    }

    fn open_file(&self, name: &str, access: OFlags) -> io::Result<File> {
        let opened = fs::openat(&self.folder, name, ONLY_A_FILE | access, Mode::empty());
        let opened = opened.map_err(|error| match error {
            Errno::LOOP => unusable("it is a link"),
            // A FIFO that nobody reads, or a folder.
            Errno::NXIO | Errno::ISDIR => unusable("it is not a regular file"),
            error => error.into(),
        })?;
        let stat = fs::fstat(&opened)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(unusable("it is not a regular file"));
        }
        if stat.st_nlink > 1 {
            return Err(unusable("the file has a second name elsewhere"));
        }
        self.check_owner(stat.st_uid)?;
        Ok(File::from(opened))
    }

    /// What is in the folder belongs to its owner, to root or to this process; where a group shares the folder, to anybody.
    fn check_owner(&self, owner: u32) -> io::Result<()> {
        let is_shared = self.stat.st_mode & GROUP_SHARED == GROUP_SHARED;
        if is_shared || [self.stat.st_uid, ROOT, geteuid().as_raw()].contains(&owner) {
            return Ok(());
        }
        Err(unusable(format!("it belongs to user {owner} and not to the folder's owner")))
    }

    /// Removes a file, or whatever has its name and is not a folder.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        Ok(fs::unlinkat(&self.folder, name, AtFlags::empty())?)
    }

    /// Moves whatever has this name.
    pub fn rename(&self, name: &str, to: &Self, new_name: &str) -> io::Result<()> {
        Ok(fs::renameat(&self.folder, name, &to.folder, new_name)?)
    }

    /// A regular file's length, bytes.
    pub fn length(&self, name: &str) -> io::Result<u64> {
        let stat = fs::statat(&self.folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
        let is_file = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
        Ok(if is_file { u64::try_from(stat.st_size).unwrap_or(0) } else { 0 })
    }

    /// The names of all that is in the folder.
    pub fn names(&self) -> io::Result<Vec<OsString>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.folder)? {
            let name = OsStr::from_bytes(entry?.file_name().to_bytes()).to_owned();
            if name != "." && name != ".." {
                names.push(name);
            }
        }
        Ok(names)
    }

    /// Makes renames and removals in the folder durable.
    pub fn sync(&self) -> io::Result<()> {
        Ok(fs::fsync(&self.folder)?)
    }
}

fn not_a_folder(error: Errno) -> io::Error {
    match error {
        Errno::LOOP | Errno::NOTDIR => unusable("it is a link or not a folder"),
        error => error.into(),
    }
}

/// Opens the folder at a path, component by component.
fn walk(path: &Path, missing: Missing) -> io::Result<OwnedFd> {
    let mut here = fs::openat(CWD, ".", PASSED_THROUGH, Mode::empty())?;
    let mut rest: VecDeque<OsString> = steps(path);
    let mut links = 0;
    while let Some(step) = rest.pop_front() {
        let flags = if rest.is_empty() { LISTED } else { PASSED_THROUGH };
        if step == "/" {
            here = fs::openat(CWD, "/", flags, Mode::empty())?;
            continue;
        }
        here = match fs::openat(&here, &step, flags | OFlags::NOFOLLOW, Mode::empty()) {
            Ok(next) => next,
            Err(Errno::NOENT) if missing == Missing::IsMade => {
                make_one(here.as_fd(), &step, if rest.is_empty() { 0o700 } else { 0o755 })?
            }
            Err(Errno::LOOP | Errno::NOTDIR) => {
                links += 1;
                let target = trusted_link(here.as_fd(), &step, links)?;
                for step in steps(&target).into_iter().rev() {
                    rest.push_front(step);
                }
                continue;
            }
            Err(error) => return Err(error.into()),
        };
    }
    // A path without components names this folder, which has only been passed through so far.
    Ok(fs::openat(&here, ".", LISTED, Mode::empty())?)
}

fn steps(path: &Path) -> VecDeque<OsString> {
    let names = path.components().filter_map(|component| match component {
        Component::CurDir | Component::Prefix(_) => None,
        Component::RootDir | Component::ParentDir | Component::Normal(_) => {
            Some(component.as_os_str().to_owned())
        }
    });
    names.collect()
}

/// Where a link leads, if nobody but root or this process's own user can have put it there.
fn trusted_link(folder: BorrowedFd<'_>, name: &OsStr, links: usize) -> io::Result<std::path::PathBuf> {
    let link = fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
    if FileType::from_raw_mode(link.st_mode) != FileType::Symlink {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    let around = fs::fstat(folder)?;
    let is_ours = |owner: u32| owner == ROOT || owner == geteuid().as_raw();
    let is_closed = around.st_mode & WRITABLE_TO_OTHERS == 0 || around.st_mode & STICKY != 0;
    if links > LINKS || !is_ours(link.st_uid) || !is_ours(around.st_uid) || !is_closed {
        let shown = name.display();
        return Err(unusable(format!(
            "`{shown}` on the way to it is a link that somebody else can change; name the folder that is meant"
        )));
    }
    let target = fs::readlinkat(folder, name, Vec::new())?;
    Ok(OsString::from_vec(target.into_bytes()).into())
}

/// Makes a folder, unless another process has just made it, and opens it.
fn make_one(folder: BorrowedFd<'_>, name: &OsStr, mode: u32) -> io::Result<OwnedFd> {
    let made = fs::mkdirat(folder, name, Mode::from_raw_mode(mode));
    let opened = || fs::openat(folder, name, LISTED | OFlags::NOFOLLOW, Mode::empty()).map_err(not_a_folder);
    match made {
        Err(Errno::EXIST) => opened(),
        Err(error) => Err(error.into()),
        Ok(()) => {
            let opened = opened()?;
            fit_in(opened.as_fd(), &fs::fstat(folder)?, mode)?;
            Ok(opened)
        }
    }
}

/// Makes what was just made fit into its folder. What an administrator makes as root in a product's folder is the product's, or
/// it could neither read nor remove it. And in a folder that a group shares, so is what is in it.
fn fit_in(made: BorrowedFd<'_>, folder: &Stat, own_mode: u32) -> io::Result<()> {
    let own = fs::fstat(made)?;
    // Only root may give away, and only what is its own: it has just made it.
    if own.st_uid == ROOT && folder.st_uid != ROOT {
        let (user, group) = (Uid::from_raw(folder.st_uid), Gid::from_raw(folder.st_gid));
        fs::fchown(made, Some(user), Some(group))?;
    }
    if folder.st_mode & GROUP_SHARED == GROUP_SHARED {
        let to_group = (own_mode & 0o700) >> 3;
        fs::fchmod(made, Mode::from_raw_mode((own.st_mode | to_group) & 0o7777))?;
    }
    Ok(())
}
