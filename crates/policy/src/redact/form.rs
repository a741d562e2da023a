//! The forms of redaction that a policy asks for by name. Each leaves alone what has that form already, and takes what is
//! left of a value that another rule rewrote no further apart than to "in use".

use super::Redacting;
use crate::{Entry, Redacted, RedactionForm};

/// There is a value, and no more is said.
pub(super) fn in_use() -> Redacting {
    Redacting::Rewritten(Entry::Redacted(Redacted::InUse))
}

/// Rewrites an entry as a rule says. Unset and empty stay what they are: neither reveals anything, and both mean
/// something else than "in use".
pub(super) fn by_form(form: RedactionForm, entry: Entry) -> Redacting {
    match (form, entry) {
        (RedactionForm::Omit, _) => Redacting::Omitted,
        (_, kept @ (Entry::Unset | Entry::Unreadable | Entry::Redacted(Redacted::InUse))) => {
            Redacting::Kept(kept)
        }
        (_, Entry::Text(text)) if text.is_empty() => Redacting::Kept(Entry::Text(text)),
        (RedactionForm::InUse, _) => in_use(),
        (RedactionForm::Hash, kept @ Entry::Redacted(Redacted::Hash(_))) => Redacting::Kept(kept),
        (RedactionForm::Hash, Entry::Redacted(_)) => in_use(),
        (RedactionForm::Hash, _) => Redacting::Omitted,
        (RedactionForm::Bucket, Entry::Redacted(Redacted::Bucket(text))) if is_bucket(&text) => {
            Redacting::Kept(Entry::Redacted(Redacted::Bucket(text)))
        }
        (RedactionForm::Bucket, entry) => bucket(&entry)
            .map_or_else(in_use, |bucket| Redacting::Rewritten(Entry::Redacted(Redacted::Bucket(bucket)))),
    }
}

/// The power of ten that a number from 0 falls into: `0`, `1-9`, `10-99`, … Anything else has none.
fn bucket(entry: &Entry) -> Option<String> {
    let number = match entry {
        Entry::Integer(number) => u64::try_from(*number).ok()?,
        Entry::Decimal(number) => whole(*number)?,
        Entry::Text(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| whole(text.parse().ok()?))?
        }
        _ => return None,
    };
    Some(bucket_of(number))
}

/// The whole part of a number from 0 to 10¹⁸, up to which the powers of ten fit into 64 bits.
fn whole(number: f64) -> Option<u64> {
    (0.0..1e18).contains(&number).then_some(number as u64)
}

fn bucket_of(number: u64) -> String {
    match number.checked_ilog10() {
        None => "0".to_owned(),
        Some(power) => {
            let low = 10u64.pow(power);
            // The last bucket's upper end has one digit more than 64 bits hold.
            format!("{low}-{}", u128::from(low) * 10 - 1)
        }
    }
}

/// Whether the text is a bucket that `bucket_of` writes, and not another number in its clothes.
fn is_bucket(text: &str) -> bool {
    let low = text.split_once('-').map_or(text, |(low, _)| low);
    low.parse::<u64>().is_ok_and(|low| bucket_of(low) == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucketed(entry: Entry) -> Option<String> {
        match by_form(RedactionForm::Bucket, entry) {
            Redacting::Rewritten(Entry::Redacted(Redacted::Bucket(text))) => Some(text),
            Redacting::Rewritten(Entry::Redacted(Redacted::InUse)) => None,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_number_falls_into_its_power_of_ten() {
        for (number, expected) in [
            (Entry::Integer(0), "0"),
            (Entry::Integer(1), "1-9"),
            (Entry::Integer(9), "1-9"),
            (Entry::Integer(10), "10-99"),
            (Entry::Integer(i64::MAX), "1000000000000000000-9999999999999999999"),
            (Entry::Decimal(0.4), "0"),
            // A logarithm would have rounded this one up.
            (Entry::Decimal(999.999_999_999_9), "100-999"),
            (Entry::Text(" 2500 ".to_owned()), "1000-9999"),
            (Entry::Text("12.5".to_owned()), "10-99"),
        ] {
            assert_eq!(bucketed(number.clone()).as_deref(), Some(expected), "{number:?}");
        }
    }

    #[test]
    fn what_is_no_number_from_zero_is_in_use() {
        for entry in [
            Entry::Integer(-1),
            Entry::Decimal(f64::NAN),
            Entry::Decimal(1e300),
            Entry::Flag(true),
            Entry::Text("many".to_owned()),
            Entry::Redacted(Redacted::Bucket("17-23".to_owned())),
            Entry::Redacted(Redacted::Bucket("192-168".to_owned())),
            Entry::Redacted(Redacted::Hash("0".repeat(64))),
        ] {
            assert_eq!(bucketed(entry.clone()), None, "{entry:?}");
        }
    }

    #[test]
    fn a_hash_stands_only_where_a_hash_was_asked_for() {
        let hash = Entry::Redacted(Redacted::Hash("0".repeat(64)));
        assert_eq!(by_form(RedactionForm::Hash, hash.clone()), Redacting::Kept(hash.clone()));
        assert_eq!(by_form(RedactionForm::InUse, hash), in_use());
        assert_eq!(by_form(RedactionForm::Hash, Entry::Text("plain".to_owned())), Redacting::Omitted);
    }
}
