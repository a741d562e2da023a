//! Dates, times, durations and schedules, and the formats that they and numbers are written in.

/// Whether the value is one of them.
pub(super) fn is_known(value: &str) -> bool {
    is_moment(value)
        || is_duration(value)
        || is_schedule(value)
        || is_date_format(value)
        || is_strftime(value)
        || is_number_format(value)
        || is_placeholders(value)
}

/// `21.11.2015`, `2015-11-21T22:10:05.123+01:00`, `12:30 PM`: groups of one to four digits, at least two.
fn is_moment(value: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_digit() || b"-/.:+ TZtzAPMapm,".contains(&byte);
    if value.len() > 35 || !value.bytes().all(allowed) {
        return false;
    }
    let groups = |text: &str| -> Vec<usize> {
        text.split(|sign: char| !sign.is_ascii_digit()).map(str::len).filter(|length| *length > 0).collect()
    };
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    let opening = value.split([' ', 'T', ',']).next().unwrap_or_default();
    let is_clock = opening.contains(':');
    let first = groups(opening);
    let is_day = matches!(first[..], [4, 1..=2, 1..=2] | [1..=2, 1..=2, 4] | [1..=2, 1..=2, 2]);
    let is_time = is_clock && matches!(first[..], [1..=2, 2, ..]) && first.len() <= 4;
    (is_day || is_time) && letters <= 3 && groups(value).iter().all(|length| *length <= 9)
}

/// ISO 8601: `PT15M`, `P1DT12H`.
fn is_duration(value: &str) -> bool {
    value.strip_prefix('P').is_some_and(|rest| {
        rest.len() >= 2
            && rest.len() <= 24
            && rest.bytes().all(|byte| byte.is_ascii_digit() || b"YMWDTHS.".contains(&byte))
            && rest.ends_with(|last: char| last.is_ascii_uppercase())
            && rest.bytes().any(|byte| byte.is_ascii_digit())
    })
}

/// Cron: five to seven fields.
fn is_schedule(value: &str) -> bool {
    let mut fields = value.split_ascii_whitespace();
    (5..=7).contains(&fields.clone().count())
        && fields.all(|field| {
            field.len() <= 12
                && field.bytes().all(|byte| byte.is_ascii_digit() || b"*/,-?LW#".contains(&byte))
        })
}

/// `dd/MM/yyyy`, `yyyy-MM-dd'T'HH:mm:ss`, `DD-MON-RR HH24:MI`: runs of one letter each.
fn is_date_format(value: &str) -> bool {
    const WORDS: [&str; 14] = [
        "am", "pm", "am/pm", "mon", "month", "day", "mi", "hh24", "hh12", "t", "utc", "dy", "d.o.y", "sssss",
    ];
    let mut runs = value.split(|sign: char| !sign.is_ascii_alphanumeric()).filter(|run| !run.is_empty());
    let is_run = |run: &str| {
        let mut letters = run.bytes();
        let first = letters.next().unwrap_or(b' ');
        let one_letter = b"dMyHhmsftzKgEaGuwWkSnXxVqQLDYR".contains(&first)
            && run.len() <= 9
            && letters.all(|next| next == first);
        one_letter || WORDS.iter().any(|word| word.eq_ignore_ascii_case(run)) || is_packed(run)
    };
    value.len() >= 3
        && value.len() <= 48
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" /-.:,'\"\\[]()".contains(&byte))
        && runs.clone().any(|run| run.len() >= 2)
        && runs.all(is_run)
}

/// `yyyyMMdd`, `HHmmss`, `ddMMMyyyy`.
fn is_packed(run: &str) -> bool {
    let bytes = run.as_bytes();
    bytes.len() >= 4
        && bytes.iter().all(|byte| b"dMyHhmsfYDT".contains(byte))
        && bytes.chunk_by(|left, right| left == right).all(|chunk| chunk.len() >= 2 || chunk == b"T")
}

/// `%Y-%m-%d`, `%H:%M`.
fn is_strftime(value: &str) -> bool {
    let (mut signs, mut rest) = (0, value);
    while let Some((before, after)) = rest.split_once('%') {
        let after = after
            .trim_start_matches(['-', '_', '#', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '.', '$']);
        if before.bytes().any(|byte| byte.is_ascii_alphanumeric() && byte != b'T')
            || !after.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '%')
        {
            return false;
        }
        rest = &after[1..];
        signs += 1;
    }
    signs >= 1 && !rest.bytes().any(|byte| byte.is_ascii_alphanumeric())
}

/// `#,##0.00`, `0.00%`, `0.0E+00`, `N2`, `[Red]-0`.
fn is_number_format(value: &str) -> bool {
    let plain = value.replace("[Red]", "").replace("[Blue]", "").replace("General", "0");
    let short = plain.len() <= 3
        && plain.starts_with(|first: char| "NCFDPXGRE".contains(first.to_ascii_uppercase()))
        && plain[1..].bytes().all(|byte| byte.is_ascii_digit());
    short
        || (plain.contains(['#', '0'])
            && plain.chars().all(|sign| "#0,.;%‰$€£¥()-+ _E'\"?*/".contains(sign))
            && plain.len() <= 40)
}

/// Placeholders with nothing but punctuation around them: `{0} - {1:N2}`, `{FirstName} {LastName}`, `[#]-####`, `@@@`.
fn is_placeholders(value: &str) -> bool {
    let (mut depth, mut inside, mut placeholders) = (0_usize, 0, 0);
    for sign in value.chars() {
        match sign {
            '{' => (depth, inside) = (depth + 1, 0),
            '}' if depth > 0 => {
                depth -= 1;
                placeholders += usize::from(inside <= 32);
            }
            _ if depth > 0 && (sign.is_ascii_alphanumeric() || "_:.#,-%/ $".contains(sign)) => inside += 1,
            _ if depth > 0 => return false,
            _ if sign.is_alphanumeric() => return false,
            _ => {}
        }
    }
    depth == 0 && (placeholders >= 1 || value.chars().all(|sign| sign.is_ascii_punctuation() || sign == ' '))
}
