//! The sentence that names what is most common; where several are, or only one installation speaks, it says so.

use super::Month;
use super::series::ByMonth;
use super::words::{counted, grouped_count, installations, listed, percent};

/// The names that a sentence lists before it counts them instead.
const LISTED: usize = 3;

/// What most installations have in a month, such as a version; nothing where none is known. `beside` follows the share of
/// the only one that leads.
pub(super) fn most_common(
    noun: &str,
    counts: &ByMonth,
    month: Month,
    beside: impl Fn(&str) -> String,
) -> Option<String> {
    let total = counts.total(month);
    let leaders = leaders(counts.by_size(month), |name| counts.at(name, month));
    let most = leaders.first()?;
    let count = counts.at(most, month);
    let share = percent(count, total);
    Some(match leaders.as_slice() {
        [only] if total == 1 => {
            format!("The only {noun} known is {only}, at 1 installation{}.", beside(only))
        }
        [only] => format!(
            "{only} is the most common {noun}: {} of {} ({share}){}.",
            grouped_count(count),
            installations(total),
            beside(only),
        ),
        several => format!(
            "{} are equally common: {} of {} each ({share}).",
            named(several, noun),
            grouped_count(count),
            installations(total),
        ),
    })
}

/// Those that have the most, in order; none where the most is nothing.
pub(super) fn leaders(names: Vec<String>, count: impl Fn(&str) -> usize) -> Vec<String> {
    let most = names.iter().map(|name| count(name)).max().unwrap_or_default();
    names.into_iter().filter(|name| most > 0 && count(name) == most).collect()
}

/// A few names, or how many there are.
pub(super) fn named(names: &[String], noun: &str) -> String {
    if names.len() > LISTED {
        return counted(names.len(), noun, &format!("{noun}s"));
    }
    listed(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(counts: &[(&str, usize)]) -> String {
        let month = Month::from_number(24_000);
        let mut of = ByMonth::default();
        counts.iter().for_each(|(name, count)| of.add(name, month, *count));
        most_common("edition", &of, month, |_| " now".to_owned()).unwrap_or_default()
    }

    #[test]
    fn one_leads_or_several_do_or_only_one_speaks() {
        assert_eq!(
            sentence(&[("A", 3), ("B", 1)]),
            "A is the most common edition: 3 of 4 installations (75\u{a0}%) now."
        );
        assert_eq!(
            sentence(&[("A", 1), ("B", 1)]),
            "A and B are equally common: 1 of 2 installations each (50\u{a0}%)."
        );
        assert_eq!(
            sentence(&[("A", 1), ("B", 1), ("C", 1), ("D", 1)]),
            "4 editions are equally common: 1 of 4 installations each (25\u{a0}%)."
        );
        assert_eq!(sentence(&[("A", 1)]), "The only edition known is A, at 1 installation now.");
        assert_eq!(sentence(&[("A", 0)]), "");
    }
}
