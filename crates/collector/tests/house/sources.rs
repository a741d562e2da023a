//! The sources of this crate as lines of code.

use std::path::{Path, PathBuf};

/// A source file, its path below `src`.
pub struct Source {
    pub path: String,
    pub text: String,
}

/// All sources of the collector.
pub fn all() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension() {
                _ if path.is_dir() => folders.push(path),
                Some(ending) if ending == "rs" => sources.push(read(&root, path)),
                _ => {}
            }
        }
    }
    sources
}

fn read(root: &Path, path: PathBuf) -> Source {
    let text = std::fs::read_to_string(&path).unwrap();
    Source { path: path.strip_prefix(root).unwrap().display().to_string(), text }
}

impl Source {
    /// Its lines without comments and text in quotation marks, each with its number.
    pub fn code(&self) -> impl Iterator<Item = (usize, String)> {
        let code = |line: &str| {
            let without_text: String = line.split('"').step_by(2).collect::<Vec<_>>().join("\"\"");
            without_text.split("//").next().unwrap_or_default().to_owned()
        };
        (1..).zip(self.text.lines().map(code))
    }
}
