//! Options and settings as they stand at a site, rewritten by the policy's rules before they go into a report.

use std::collections::BTreeMap;

use candor_policy::redact::{Redacting, apply};
use candor_policy::{Digest, Entry, KeyPattern, Metric, Origin, Redacted, Redaction, RedactionForm};

use crate::dice::Dice;
use crate::facts::Scene;
use crate::facts::flavour::{Choice, OPTION_TABLES, Own, SYSTEM_SETTINGS, Setting};
use crate::shape::SETTING_CHANGES;

/// All settings that the metric covers, redacted as the site would.
pub(super) fn settings(
    scene: &Scene<'_>,
    metric: &Metric,
    keys: &[KeyPattern],
    rules: &Redaction,
) -> BTreeMap<String, Entry> {
    // A table of names and values holds every value as text.
    let is_text = matches!(metric.origin, Origin::DatabaseRows { .. });
    let covered = |key: &str| keys.iter().any(|pattern| pattern.matches(key));
    known_settings(&metric.origin, keys)
        .into_iter()
        .filter(|(key, _)| covered(key))
        .filter_map(|(key, setting)| {
            let value = value(scene, &key, setting);
            let value = if is_text { as_text(value) } else { value };
            let entry = hashed(scene, rules, &key, value);
            match apply(rules, &key, entry) {
                Redacting::Kept(entry) | Redacting::Rewritten(entry) => Some((key, entry)),
                Redacting::Omitted => None,
            }
        })
        .collect()
}

fn as_text(entry: Entry) -> Entry {
    match entry {
        Entry::Flag(true) => Entry::Text("True".to_owned()),
        Entry::Flag(false) => Entry::Text("False".to_owned()),
        Entry::Integer(number) => Entry::Text(number.to_string()),
        entry => entry,
    }
}

/// The settings that such a product has, by the origin that the policy names.
fn known_settings(origin: &Origin, keys: &[KeyPattern]) -> Vec<(String, Option<&'static Setting>)> {
    if let Origin::DatabaseColumns { tables } = origin {
        let known = OPTION_TABLES.iter().filter(|(table, _)| tables.iter().any(|rule| rule.matches(table)));
        return known
            .flat_map(|(table, settings)| {
                settings.iter().map(move |setting| (format!("{table}.{}", setting.name), Some(setting)))
            })
            .collect();
    }
    let literal = keys.iter().filter_map(|key| key.literal());
    let named = literal.map(|key| (key.to_owned(), SYSTEM_SETTINGS.iter().find(|known| known.name == key)));
    let open = keys.iter().any(|key| key.literal().is_none());
    let all = SYSTEM_SETTINGS.iter().filter(|_| open).map(|known| (known.name.to_owned(), Some(known)));
    named.chain(all).collect()
}

/// The value at a site; most stay as they are, some are changed once.
fn value(scene: &Scene<'_>, key: &str, setting: Option<&Setting>) -> Entry {
    let mut history = scene.dice(&format!("changes of {key}"));
    let changed_at = history.between(0.0, f64::from(scene.months));
    let changed = history.chance(SETTING_CHANGES) && scene.moment >= changed_at;
    // Most installations of a customer are set alike.
    let mut dice = match (changed, history.chance(0.85)) {
        (false, true) => scene.customer_dice(&format!("setting {key}")),
        (false, false) => scene.dice(&format!("setting {key}")),
        (true, _) => scene.dice(&format!("changed setting {key}")),
    };
    let Some(setting) = setting else { return Entry::Flag(dice.chance(0.5)) };
    let drawn = dice.share();
    if drawn < setting.unset {
        return Entry::Unset;
    }
    if drawn < setting.unset + setting.empty {
        return Entry::Text(String::new());
    }
    choose(scene, &mut dice, &setting.choice)
}

fn choose(scene: &Scene<'_>, dice: &mut Dice, choice: &Choice) -> Entry {
    match choice {
        Choice::Flag(share) => Entry::Flag(dice.chance(*share)),
        Choice::Number(numbers) => {
            Entry::Integer(numbers[dice.weighted(numbers.iter().map(|(_, weight)| *weight))].0)
        }
        Choice::Word(words) => {
            Entry::Text(words[dice.weighted(words.iter().map(|(_, weight)| *weight))].0.to_owned())
        }
        Choice::Own(own) => Entry::Text(own_value(scene, dice, *own)),
    }
}

/// Something that would tell about the site's insides; the policy's rules must catch it.
fn own_value(scene: &Scene<'_>, dice: &mut Dice, own: Own) -> String {
    let domain = scene.customer.domain.to_lowercase();
    let machine = dice.below(90) + 10;
    match own {
        Own::Host => format!("srv{machine}.{domain}.example"),
        Own::Url => format!("https://gis{machine}.{domain}.example/services"),
        Own::Share => format!("\\\\fs{machine}\\works\\documents"),
        Own::Address => format!("works@{domain}.example"),
        Own::Secret => {
            let bytes: [u8; 12] = dice.bytes();
            bytes.iter().map(|byte| format!("{byte:02X}")).collect()
        }
    }
}

/// A site hashes with its own secret what the policy wants hashed, before anything else sees it.
fn hashed(scene: &Scene<'_>, rules: &Redaction, key: &str, entry: Entry) -> Entry {
    let bare = key.split_once('.').map_or(key, |(_, column)| column);
    let rule = rules.named.iter().find(|(pattern, _)| pattern.matches(key) || pattern.matches(bare));
    let text = match &entry {
        Entry::Text(text) if !text.is_empty() => text.clone(),
        Entry::Integer(number) => number.to_string(),
        Entry::Flag(flag) => flag.to_string(),
        _ => return entry,
    };
    if !matches!(rule, Some((_, RedactionForm::Hash))) {
        return entry;
    }
    let secret: [u8; 16] = scene.dice("site's secret").bytes();
    let digest = Digest::of(&[&secret, text.as_bytes()].concat());
    let hexadecimal = digest.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    Entry::Redacted(Redacted::Hash(hexadecimal))
}
