//! What is said beside the output, on the error output. An installer may have closed it, or its disk may be full: that is no
//! reason to fail, so nothing here can.

use std::fmt::Display;
use std::io::Write;

/// Says one line; where nobody can hear it, it is lost.
pub fn say(line: impl Display) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
