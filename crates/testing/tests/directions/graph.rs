//! A crate's modules, and what each names, as whole paths.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::scan::{Scanned, scan};

/// More steps than any name is handed on.
const MOST_STEPS: usize = 16;

/// The clone's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// One name of something, by a module.
#[derive(Clone, Debug)]
pub struct Reference {
    /// File and line.
    pub place: String,
    /// The module that names it; empty for the crate's root.
    pub from: Vec<String>,
    /// What is named: from the crate's root on, or from another crate's name on.
    pub path: Vec<String>,
}

impl Reference {
    pub fn is_from(&self, module: &str) -> bool {
        self.from.first().is_some_and(|first| first == module)
    }

    pub fn is_to(&self, module: &str) -> bool {
        self.path.first().is_some_and(|first| first == module)
    }
}

/// A crate's sources, read.
pub struct Sources {
    name: String,
    modules: BTreeMap<Vec<String>, Vec<(PathBuf, Scanned)>>,
    references: Vec<(bool, Reference)>,
}

impl Sources {
    /// Reads a crate by its package's name.
    pub fn of(package: &str) -> Self {
        let folder = root().join("crates").join(package.trim_start_matches("candor-")).join("src");
        let mut modules: BTreeMap<Vec<String>, Vec<(PathBuf, Scanned)>> = BTreeMap::new();
        for file in rust_files(&folder) {
            let text = std::fs::read_to_string(&file).unwrap();
            let module = module_of(file.strip_prefix(&folder).unwrap());
            modules.entry(module).or_default().push((file, scan(&text)));
        }
        let for_tests: BTreeSet<Vec<String>> = modules
            .iter()
            .flat_map(|(module, files)| files.iter().map(move |(_, scanned)| (module, scanned)))
            .flat_map(|(module, scanned)| {
                scanned
                    .for_tests
                    .iter()
                    .map(|child| [module.as_slice(), std::slice::from_ref(child)].concat())
            })
            .collect();
        modules.retain(|module, _| !(1..=module.len()).any(|length| for_tests.contains(&module[..length])));
        let mut sources = Self { name: package.replace('-', "_"), modules, references: Vec::new() };
        sources.references = sources.resolved();
        sources
    }

    /// What names something of the same crate.
    pub fn inside(&self) -> impl Iterator<Item = &Reference> {
        self.references.iter().filter(|(inside, _)| *inside).map(|(_, reference)| reference)
    }

    /// What names something of another crate.
    pub fn outside(&self) -> impl Iterator<Item = &Reference> {
        self.references.iter().filter(|(inside, _)| !*inside).map(|(_, reference)| reference)
    }

    pub fn has_module(&self, name: &str) -> bool {
        self.modules.contains_key(&vec![name.to_owned()])
    }

    pub fn is_module(&self, path: &[String]) -> bool {
        self.modules.contains_key(path)
    }

    fn resolved(&self) -> Vec<(bool, Reference)> {
        let mut references = Vec::new();
        let root = root();
        for (module, files) in &self.modules {
            for (file, scanned) in files {
                for named in &scanned.paths {
                    let within = [module.as_slice(), &named.within].concat();
                    let place = format!("{}:{}", file.strip_prefix(&root).unwrap().display(), named.line);
                    let (inside, path) = match self.absolute(&within, &named.path) {
                        Some(path) => (true, self.origin(path)),
                        None => (false, named.path.clone()),
                    };
                    references.push((inside, Reference { place, from: module.clone(), path }));
                }
            }
        }
        references
    }

    /// A path from the crate's root on; none where it leads into another crate, or is no module's.
    fn absolute(&self, within: &[String], path: &[String]) -> Option<Vec<String>> {
        let mut base = within.to_vec();
        let mut rest = path;
        match path.first()?.as_str() {
            "crate" => base.clear(),
            first if *first == self.name => base.clear(),
            "self" => {}
            "super" => {
                while rest.first().is_some_and(|first| first == "super") {
                    base.pop();
                    rest = &rest[1..];
                }
                return Some([base.as_slice(), rest].concat());
            }
            child => {
                let whole = [within, &[child.to_owned()]].concat();
                return self.modules.contains_key(&whole).then(|| [within, path].concat());
            }
        }
        base.extend_from_slice(&rest[1..]);
        Some(base)
    }

    /// Follows `use`: who names `crate::AppState` names the module that has it.
    fn origin(&self, mut path: Vec<String>) -> Vec<String> {
        for _ in 0..MOST_STEPS {
            let Some(next) = self.handed_on(&path) else { break };
            if next == path {
                break;
            }
            path = next;
        }
        path
    }

    fn handed_on(&self, path: &[String]) -> Option<Vec<String>> {
        let depth = (0..path.len()).rev().find(|&length| self.modules.contains_key(&path[..length]))?;
        let (module, name) = (&path[..depth], &path[depth]);
        if self.modules.contains_key(&path[..=depth]) {
            return None;
        }
        let uses = self.modules[module].iter().flat_map(|(_, scanned)| &scanned.uses);
        let (_, _, target) =
            uses.filter(|(within, _, _)| within.is_empty()).find(|(_, given, _)| given == name)?;
        let target = self.absolute(module, target)?;
        Some([target.as_slice(), &path[depth + 1..]].concat())
    }
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// `a/b.rs` and `a/b/mod.rs` are `a::b`; `lib.rs` and `main.rs` are the root.
fn module_of(file: &Path) -> Vec<String> {
    let mut module: Vec<String> =
        file.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if module
        .last()
        .is_some_and(|last| last == "mod" || (module.len() == 1 && (last == "lib" || last == "main")))
    {
        module.pop();
    }
    module
}
