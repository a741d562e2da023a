//! Reading regular files of a bounded length, without ever waiting for somebody to write one.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::{is_unusable, unusable};
use crate::Error;

/// What is at a name.
#[derive(Debug)]
pub enum Found {
    /// No file.
    Nothing,
    /// A file that is longer than it may be; nothing of it is kept in memory.
    TooLong,
    /// Something that candor did not put there: a link, a FIFO, a file of somebody else's.
    Unusable(String),
    /// The file's bytes.
    Bytes(Vec<u8>),
}

pub(super) fn found(opened: io::Result<File>, longest: u64) -> io::Result<Found> {
    let file = match opened {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) if is_unusable(&error) => return Ok(Found::Unusable(error.to_string())),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    file.take(longest + 1).read_to_end(&mut bytes)?;
    Ok(if bytes.len() as u64 > longest { Found::TooLong } else { Found::Bytes(bytes) })
}

/// The bytes of a file that somebody has named, or `None` where there is none. Links are followed: the name is its owner's to
/// choose. What is longer than `longest` bytes, or not a regular file, is an error.
pub fn read_bounded(path: &Path, longest: u64) -> Result<Option<Vec<u8>>, Error> {
    let read = || match found(open_regular(path), longest)? {
        Found::Nothing => Ok(None),
        Found::Bytes(bytes) => Ok(Some(bytes)),
        Found::Unusable(why) => Err(io::Error::other(why)),
        Found::TooLong => Err(io::Error::other(format!("it is longer than {longest} bytes"))),
    };
    read().map_err(Error::folder("read", path))
}

fn open_regular(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // Opening a FIFO would wait for somebody who writes to it.
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits() as i32);
    }
    let file = options.open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(unusable("it is not a regular file")) }
}
