//! The state folder: whole files, written durably, under one lock.
//!
//! It refuses to leave half a file where a whole one is expected: temporary file, fsync, rename, fsync of the folder.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::Error;
use crate::limits::{LOCK_PAUSE, LOCK_WAIT};

/// How a file that is being written starts.
const TEMPORARY: &str = ".writing-";

/// The state folder of a site.
#[derive(Clone, Debug)]
pub struct StateFolder(PathBuf);

/// Held while the state folder is changed; given back when it goes out of scope.
#[derive(Debug)]
#[must_use = "the lock is given back as soon as this is dropped"]
pub struct Lock(#[expect(dead_code, reason = "the open file is the lock")] File);

impl StateFolder {
    /// The folder at this path; made when something is first written.
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A file or folder in it.
    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// A folder in it, made where it is not there.
    pub fn folder(&self, name: &str) -> Result<PathBuf, Error> {
        make_folder(&self.0).map_err(Error::folder("make the folder", &self.0))?;
        let path = self.join(name);
        make_folder(&path).map_err(Error::folder("make the folder", &path))?;
        Ok(path)
    }

    /// Takes a lock, waiting for whoever holds it, but never for long.
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
                return Err(Error::Busy { path: self.join(name) });
            }
            std::thread::sleep(LOCK_PAUSE);
        }
    }

    /// Takes a lock, where nobody holds it.
    pub fn try_lock(&self, name: &str) -> Result<Option<Lock>, Error> {
        make_folder(&self.0).map_err(Error::folder("make the folder", &self.0))?;
        let path = self.join(name);
        let file = open(private().write(true), &path).map_err(Error::folder("open", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Lock(file))),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(source)) => Err(Error::folder("lock", &path)(source)),
        }
    }
}

/// Makes a folder that only its owner looks into. What is above it stays open: whoever may not read a machine-wide folder
/// must still see that it is there.
fn make_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(above) = path.parent() {
        make_folders(above, 0o755)?;
    }
    make_one_folder(path, 0o700)
}

/// Makes a folder and all above it with this mode, where there are modes.
fn make_folders(path: &Path, mode: u32) -> io::Result<()> {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    if let Some(above) = path.parent() {
        make_folders(above, mode)?;
    }
    make_one_folder(path, mode)
}

/// Makes a folder, unless somebody else has just made it.
#[cfg(unix)]
fn make_one_folder(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
    match fs::DirBuilder::new().mode(mode).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
        Ok(()) => {
            let only_a_folder = libc::O_NOFOLLOW | libc::O_DIRECTORY;
            let made = OpenOptions::new().read(true).custom_flags(only_a_folder).open(path)?;
            fit_in(&made, path, mode)
        }
    }
}

#[cfg(not(unix))]
fn make_one_folder(path: &Path, _mode: u32) -> io::Result<()> {
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}

/// Opens a file; one that is not there is made.
fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    match options.clone().create_new(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => options.open(path),
        made => {
            let made = made?;
            fit_in(&made, path, 0o600)?;
            Ok(made)
        }
    }
}

/// Makes what was just made fit into its folder. What an administrator makes as root in a product's folder is the product's, or
/// it could neither read nor remove it. And in a folder that a group shares (set-group-ID, and writable to the group), so is
/// what is in it.
#[cfg(unix)]
fn fit_in(made: &File, path: &Path, own_mode: u32) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    const SHARED: u32 = 0o2020;
    const ROOT: u32 = 0;
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    let (folder, own) = (fs::metadata(folder)?, made.metadata()?);
    // Only root may give away, and only what is its own: it has just made it.
    if own.uid() == ROOT && folder.uid() != ROOT {
        fchown(made, Some(folder.uid()), Some(folder.gid()))?;
    }
    if folder.mode() & SHARED == SHARED {
        let to_group = (own_mode & 0o700) >> 3;
        made.set_permissions(fs::Permissions::from_mode(own.mode() | to_group))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn fit_in(_made: &File, _path: &Path, _own_mode: u32) -> io::Result<()> {
    Ok(())
}

/// Options for files that only their owner reads. A symbolic link in a file's place is an error: where others may write in the
/// folder, it would lead an installer that runs as root to a file of their choice.
fn private() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "only Unix has modes"))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600).custom_flags(libc::O_NOFOLLOW);
    }
    options
}

/// Writes a whole file so that after a crash there is the old one or the new one, never half of either.
pub fn write_durably(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let failed = || Error::folder("write", path);
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(failed()(io::Error::other("the path names no file")));
    };
    // Whoever writes a file holds its lock, so the name is free; what a crash left there goes.
    let mut temporary = std::ffi::OsString::from(TEMPORARY);
    temporary.push(name);
    let temporary = parent.join(temporary);
    let written = write_and_sync(&temporary, bytes).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // Whatever is left of it is swept away with the next look at the folder.
        let _ = fs::remove_file(&temporary);
    }
    written.and_then(|()| sync_folder(parent)).map_err(failed())
}

fn write_and_sync(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = private().create_new(true).write(true).open(path)?;
    fit_in(&file, path, 0o600)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Appends to a file and waits until it is on disk.
pub fn append_durably(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let append = || {
        let mut file = open(private().append(true), path)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        path.parent().map_or(Ok(()), sync_folder)
    };
    append().map_err(Error::folder("append to", path))
}

/// Cuts off what stands behind a file's first bytes, and waits until the rest is on disk.
pub fn cut_durably(path: &Path, bytes: u64) -> Result<(), Error> {
    let cut = || {
        let file = private().write(true).open(path)?;
        if file.metadata()?.len() > bytes {
            file.set_len(bytes)?;
        }
        file.sync_all()
    };
    match cut() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        cut => cut.map_err(Error::folder("mend", path)),
    }
}

/// Makes renames and removals in a folder durable. Windows does so by itself and has no call for it.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

/// What stands at a path.
pub enum Found {
    /// No file.
    Nothing,
    /// A file that is longer than it may be; nothing of it is kept in memory.
    TooLong,
    /// The file's bytes.
    Bytes(Vec<u8>),
}

/// Reads a file of `longest` bytes at the most.
pub fn find_bounded(path: &Path, longest: u64) -> Result<Found, Error> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(Error::folder("read", path)(error)),
    };
    let mut bytes = Vec::new();
    file.take(longest + 1).read_to_end(&mut bytes).map_err(Error::folder("read", path))?;
    Ok(if bytes.len() as u64 > longest { Found::TooLong } else { Found::Bytes(bytes) })
}

/// The folder of files that were set aside.
const DAMAGED: &str = "damaged";

/// Moves files aside, as far as they are there; gives the folder that they are in now.
pub fn move_aside(folder: &StateFolder, files: &[PathBuf]) -> Result<PathBuf, Error> {
    let damaged = folder.folder(DAMAGED)?;
    for file in files {
        let Some(name) = file.file_name() else { continue };
        match std::fs::rename(file, damaged.join(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::folder("set aside", file)(error));
            }
            _ => {}
        }
    }
    Ok(damaged)
}

/// A file's bytes, or nothing where there is no file. What is longer than `longest` bytes is an error.
pub fn read_bounded(path: &Path, longest: u64) -> Result<Option<Vec<u8>>, Error> {
    match find_bounded(path, longest)? {
        Found::Nothing => Ok(None),
        Found::Bytes(bytes) => Ok(Some(bytes)),
        Found::TooLong => {
            let fault = io::Error::other(format!("it is longer than {longest} bytes"));
            Err(Error::folder("read", path)(fault))
        }
    }
}

/// The names of the files in a folder, sorted; none where there is no folder. Files that are being written are left out.
pub fn file_names(folder: &Path) -> Result<Vec<String>, Error> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::folder("list", folder)(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(Error::folder("list", folder))?.file_name().to_string_lossy().into_owned();
        if !name.starts_with(TEMPORARY) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// Removes what a crash left half written. The caller holds the lock, so nobody is writing.
pub fn sweep(folder: &Path) -> Result<(), Error> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(TEMPORARY) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

/// Removes a file; that it is gone already is as good.
pub fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::folder("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Keeps the newest `most` files of a folder, by name; gives the number of those removed.
pub fn keep_newest(folder: &Path, most: usize) -> Result<u64, Error> {
    let names = file_names(folder)?;
    let surplus = names.len().saturating_sub(most);
    for name in names.iter().take(surplus) {
        remove(&folder.join(name))?;
    }
    Ok(surplus as u64)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn others_see_that_a_state_folder_is_there_and_not_what_is_in_it() {
        let place = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let usual = place.path().join("usual");
        make_folders(&usual, 0o755).unwrap();
        let above = place.path().join("candor");
        let state = StateFolder::new(above.join("policy"));
        let spool = state.folder("spool").unwrap();
        assert_eq!(mode(&above), mode(&usual), "as open as this process's mask lets it be");
        assert_eq!((mode(state.path()), mode(&spool)), (0o700, 0o700));
    }

    /// Guards against an administrator's call, as root, that locks the product out of its own folder.
    #[test]
    fn what_is_made_in_somebody_elses_folder_is_theirs() {
        use std::os::unix::fs::{MetadataExt, chown};
        let place = tempfile::tempdir().unwrap();
        let theirs = place.path().join("theirs");
        fs::create_dir(&theirs).unwrap();
        if chown(&theirs, Some(65_534), Some(65_534)).is_err() {
            return; // Only root can be tested with.
        }
        let state = StateFolder::new(theirs.join("candor").join("product"));
        let _lock = state.try_lock("lock").unwrap().unwrap();
        write_durably(&state.join("file"), b"").unwrap();
        append_durably(&state.folder("spool").unwrap().join("log"), b"").unwrap();
        let own = ["lock", "file", "spool", "spool/log"].map(|name| format!("candor/product/{name}"));
        for name in own.iter().map(String::as_str).chain(["candor", "candor/product"]) {
            let made = fs::metadata(theirs.join(name)).unwrap();
            assert_eq!((made.uid(), made.gid()), (65_534, 65_534), "{name}");
        }
    }

    #[test]
    fn a_folder_that_a_group_shares_has_files_that_it_shares() {
        let place = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let with_mode = |bits: u32| {
            let folder = place.path().join(format!("{bits:o}"));
            fs::create_dir(&folder).unwrap();
            fs::set_permissions(&folder, fs::Permissions::from_mode(bits)).unwrap();
            let state = StateFolder::new(folder.clone());
            write_durably(&folder.join("file"), b"").unwrap();
            (mode(&folder.join("file")), mode(&state.folder("spool").unwrap()))
        };
        assert_eq!(with_mode(0o2770), (0o660, 0o770));
        assert_eq!(with_mode(0o775), (0o600, 0o700), "writable to a group, and not said to be shared");
    }

    /// Guards against a link that leads an installer, which runs as root, to a file of somebody else's choice.
    #[test]
    fn no_write_follows_a_link() {
        let place = tempfile::tempdir().unwrap();
        let path = |name: &str| place.path().join(name);
        fs::write(path("theirs"), "theirs").unwrap();
        let link = |name: &str| std::os::unix::fs::symlink(path("theirs"), path(name)).unwrap();
        for name in [".writing-file", "log", "lock"] {
            link(name);
        }
        write_durably(&path("file"), b"ours").unwrap();
        assert_eq!(fs::read(path("file")).unwrap(), b"ours");
        append_durably(&path("log"), b"ours").unwrap_err();
        cut_durably(&path("log"), 0).unwrap_err();
        StateFolder::new(place.path().to_owned()).try_lock("lock").unwrap_err();
        assert_eq!(fs::read(path("theirs")).unwrap(), b"theirs");
    }
}
