//! Numbers and lists as people read them; the sentences of figures are made of these.

/// A whole number with thousands separators: `12,345`.
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        text.push('−');
    }
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count with thousands separators.
pub fn grouped_count(number: usize) -> String {
    grouped(i64::try_from(number).unwrap_or(i64::MAX))
}

/// A number as it is: whole without a point, otherwise with at most three places after it.
pub fn plain(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 9e15 {
        return grouped(number as i64);
    }
    let text = format!("{number:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A number and its noun: `1 customer`, `1,204 customers`.
pub fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped_count(number), if number == 1 { one } else { many })
}

/// Installations, counted.
pub fn installations(number: usize) -> String {
    counted(number, "installation", "installations")
}

/// A share of a whole as a percentage: `43 %`, `0.4 %`, with a no-break space; nothing of nothing is no share.
pub fn percent(part: usize, whole: usize) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    percentage(part as f64 / whole as f64)
}

/// A share from 0 to 1 as a percentage.
pub fn percentage(share: f64) -> String {
    let percent = share * 100.0;
    if percent != 0.0 && percent.abs() < 9.95 {
        format!("{percent:.1}\u{a0}%").replace('-', "−")
    } else {
        format!("{}\u{a0}%", grouped(percent.round() as i64))
    }
}

/// A change with its sign: `+4 %`, `−12 %`, `0 %`.
pub fn change(share: f64) -> String {
    let text = percentage(share);
    if share > 0.0 { format!("+{text}") } else { text }
}

/// Names in a sentence: `a`, `a and b`, `a, b and c`.
pub fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_thousands_separators() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1000), "1,000");
        assert_eq!(grouped(-1_234_567), "−1,234,567");
        assert_eq!(plain(1.5), "1.5");
        assert_eq!(plain(2000.0), "2,000");
    }

    #[test]
    fn shares_are_as_exact_as_they_are_small() {
        assert_eq!(percent(1, 3), "33\u{a0}%");
        assert_eq!(percent(1, 250), "0.4\u{a0}%");
        assert_eq!(percent(0, 250), "0\u{a0}%");
        assert_eq!(percent(0, 0), "–");
        assert_eq!(change(0.041), "+4.1\u{a0}%");
        assert_eq!(change(-0.25), "−25\u{a0}%");
    }

    #[test]
    fn names_are_listed_as_in_a_sentence() {
        let names = |names: &[&str]| listed(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(names(&["a"]), "a");
        assert_eq!(names(&["a", "b", "c"]), "a, b and c");
    }
}
