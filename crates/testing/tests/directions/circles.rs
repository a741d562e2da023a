//! Circles among modules that have the same parent. A parent and its children may name each other.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::{Reference, Sources};

type Edges<'s> = BTreeMap<Vec<String>, BTreeMap<Vec<String>, &'s Reference>>;

/// Modules that all lead to each other.
pub struct Circle {
    /// Their names, such as `consent, error, folder`.
    pub members: String,
    /// One place for each that names another.
    pub places: Vec<String>,
}

/// Every circle of a crate once, as large as it is.
pub fn of(sources: &Sources) -> Vec<Circle> {
    let edges = edges(sources);
    let reached: BTreeMap<&Vec<String>, BTreeSet<&Vec<String>>> =
        edges.keys().map(|module| (module, reached_from(&edges, module))).collect();
    let mut seen = BTreeSet::new();
    let mut circles = Vec::new();
    for (module, others) in &reached {
        let back = |other: &&&Vec<String>| reached.get(*other).is_some_and(|ways| ways.contains(module));
        let members: Vec<&Vec<String>> = others.iter().filter(back).copied().collect();
        if !members.is_empty() && seen.insert(members.clone()) {
            circles.push(circle(&edges, &members));
        }
    }
    circles
}

fn circle(edges: &Edges<'_>, members: &[&Vec<String>]) -> Circle {
    let within = members.iter().filter_map(|member| Some((*member, edges.get(*member)?)));
    let places = within.flat_map(|(from, named)| {
        named
            .iter()
            .filter(|(to, _)| members.contains(to))
            .map(move |(to, by)| format!("    {}: {} names {}", by.place, from.join("::"), to.join("::")))
    });
    let names: Vec<String> = members.iter().map(|member| member.join("::")).collect();
    Circle { members: names.join(", "), places: places.collect() }
}

/// Which sibling names which, and one place for each.
fn edges(sources: &Sources) -> Edges<'_> {
    let mut edges = Edges::new();
    for reference in sources.inside() {
        let (from, to) = (&reference.from, &reference.path);
        let shared = from.iter().zip(to).take_while(|(own, other)| own == other).count();
        if shared < from.len() && shared < to.len() && sources.is_module(&to[..=shared]) {
            let (from, to) = (from[..=shared].to_vec(), to[..=shared].to_vec());
            edges.entry(from).or_default().entry(to).or_insert(reference);
        }
    }
    edges
}

fn reached_from<'e>(edges: &'e Edges<'_>, start: &Vec<String>) -> BTreeSet<&'e Vec<String>> {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![start];
    while let Some(module) = waiting.pop() {
        for next in edges.get(module).into_iter().flat_map(BTreeMap::keys) {
            if reached.insert(next) {
                waiting.push(next);
            }
        }
    }
    reached
}
