//! Invented places and the bodies that run them. No name is meant to be a real one.

use crate::dice::Dice;

const STEMS: [&str; 34] = [
    "Happy", "North", "Amber", "Bramble", "Candle", "Copper", "Dapple", "Ember", "Fable", "Gossamer",
    "Harrow", "Juniper", "Kestrel", "Lantern", "Marigold", "Nettle", "Otter", "Pebble", "Quill", "Russet",
    "Saffron", "Thistle", "Umber", "Velvet", "Wander", "Yarrow", "Zephyr", "Badger", "Clover", "Drizzle",
    "Feather", "Gable", "Heron", "Mossy",
];
const ENDINGS: [&str; 12] =
    ["ville", "moor", "mere", "holt", "wick", "haven", "combe", "stead", "reach", "barrow", "fold", "crest"];
/// What runs a place, `{}` its name; and how common it is.
const BODIES: [(&str, u32); 10] = [
    ("Town of {}", 26),
    ("City of {}", 30),
    ("Village of {}", 10),
    ("{} County", 9),
    ("{} Water Authority", 7),
    ("{} Sanitary District", 5),
    ("{} Public Works", 4),
    ("Borough of {}", 4),
    ("{} Utilities", 3),
    ("{} Regional Airport", 2),
];

/// A place and what runs it.
pub(crate) struct Named {
    /// Such as `Town of Happyville`.
    pub(crate) name: String,
    /// Such as `HAPPYVILLE`.
    pub(crate) domain: String,
}

/// This many names, no two of the same place.
pub(crate) fn invent(seed: u64, count: usize) -> Vec<Named> {
    let mut dice = Dice::of(seed, "names");
    let mut places: Vec<String> =
        STEMS.iter().flat_map(|stem| ENDINGS.map(|ending| format!("{stem}{ending}"))).collect();
    dice.shuffle(&mut places);
    (0..count)
        .map(|index| {
            let place = place(&places, index);
            let body = BODIES[dice.weighted(BODIES.iter().map(|(_, weight)| *weight))].0;
            Named { name: body.replace("{}", &place), domain: place.to_uppercase().replace(' ', "-") }
        })
        .collect()
}

/// Bare names first, then with a direction in front, then with a number behind.
fn place(places: &[String], index: usize) -> String {
    const FRONTS: [&str; 6] = ["", "Upper ", "Lower ", "New ", "East ", "West "];
    let front = FRONTS[index / places.len() % FRONTS.len()];
    let round = index / (places.len() * FRONTS.len());
    let back = if round == 0 { String::new() } else { format!(" {}", round + 1) };
    format!("{front}{}{back}", places[index % places.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_customers_share_a_name() {
        let names = invent(7, 3000);
        let distinct: std::collections::BTreeSet<_> = names.iter().map(|named| &named.name).collect();
        assert_eq!((names.len(), distinct.len()), (3000, 3000));
    }
}
