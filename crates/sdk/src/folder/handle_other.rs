//! An open folder where there are no handles to work from: Windows. The folder is kept open so that nobody can move or
//! replace it meanwhile, and neither it nor a file in it is opened where it is a link or a junction. Who may write there is
//! the descriptor's matter, which the installer sets.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::windows::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::unusable;

const FILE_ATTRIBUTE_REPARSE_POINT: u32 = 0x400;
const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
/// Reading and writing, and not deleting: an open folder cannot be renamed or removed.
const SHARED_BUT_FOR_DELETION: u32 = 0x1 | 0x2;

/// An open folder.
#[derive(Debug)]
pub struct Handle {
    path: PathBuf,
    _kept_open: File,
}

impl Handle {
    /// Opens the folder at a path.
    pub fn open(path: &Path) -> io::Result<Self> {
        let kept_open = OpenOptions::new()
            .read(true)
            .share_mode(SHARED_BUT_FOR_DELETION)
            .custom_flags(FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT)
            .open(path)?;
        let found = kept_open.metadata()?;
        if !found.is_dir() || found.file_attributes() & FILE_ATTRIBUTE_REPARSE_POINT != 0 {
            return Err(unusable("it is a link or not a folder"));
        }
        Ok(Self { path: path.to_owned(), _kept_open: kept_open })
    }

    /// The same; what is missing is made.
    pub fn make(path: &Path) -> io::Result<Self> {
        fs::create_dir_all(path)?;
        Self::open(path)
    }

    /// Opens a folder in this one.
    pub fn open_folder(&self, name: &str) -> io::Result<Self> {
        Self::open(&self.path.join(name))
    }

    /// The same, made where it is missing.
    pub fn make_folder(&self, name: &str) -> io::Result<Self> {
        match fs::create_dir(self.path.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => self.open_folder(name),
        }
    }

    /// Opens a file to read it.
    pub fn read(&self, name: &str) -> io::Result<File> {
        self.open_file(name, OpenOptions::new().read(true))
    }

    /// Opens a file to write behind its end.
    pub fn append(&self, name: &str) -> io::Result<File> {
        self.open_file(name, OpenOptions::new().append(true))
    }

    /// Opens a file to change it in place.
    pub fn change(&self, name: &str) -> io::Result<File> {
        self.open_file(name, OpenOptions::new().write(true))
    }

    /// Makes a file; that there is something of this name already is an error.
    pub fn create(&self, name: &str) -> io::Result<File> {
        OpenOptions::new().create_new(true).append(true).open(self.path.join(name))
    }

    fn open_file(&self, name: &str, options: &mut OpenOptions) -> io::Result<File> {
        let file = options.custom_flags(FILE_FLAG_OPEN_REPARSE_POINT).open(self.path.join(name))?;
        let found = file.metadata()?;
        if !found.is_file() || found.file_attributes() & FILE_ATTRIBUTE_REPARSE_POINT != 0 {
            return Err(unusable("it is not a regular file"));
        }
        Ok(file)
    }

    /// Removes a file.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path.join(name))
    }

    /// Moves whatever has this name.
    pub fn rename(&self, name: &str, to: &Self, new_name: &str) -> io::Result<()> {
        fs::rename(self.path.join(name), to.path.join(new_name))
    }

    /// A regular file's length, bytes.
    pub fn length(&self, name: &str) -> io::Result<u64> {
        let found = fs::symlink_metadata(self.path.join(name))?;
        Ok(if found.is_file() { found.len() } else { 0 })
    }

    /// The names of all that is in the folder.
    pub fn names(&self) -> io::Result<Vec<OsString>> {
        fs::read_dir(&self.path)?.map(|entry| Ok(entry?.file_name())).collect()
    }

    /// Renames and removals are durable by themselves, and Windows has no call for it.
    #[expect(clippy::unused_self, reason = "the same call as where the system has one")]
    pub fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}
