//! A PostgreSQL address as `psql` reads it, taken apart for a driver that knows one host and says its options once, at the
//! session's start, where a pooler may drop them.

/// One address for each host that an address names, in its order, and without `options`.
pub(super) fn each_host(url: &str) -> Vec<String> {
    let rest = url.strip_prefix("postgres://").unwrap_or(url);
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = place.find('/').map_or((place, ""), |at| place.split_at(at));
    let (login, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
    let pairs: Vec<(&str, &str)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .collect();
    let lists = pairs.iter().filter(|(name, _)| matches!(*name, "host" | "hostaddr")).map(|(_, list)| *list);
    let number = lists.chain([hosts]).map(|list| list.split(',').count()).max().unwrap_or(1);
    let one = |place: usize| {
        let host = nth_or_last(hosts, place);
        let mut kept: Vec<String> = pairs
            .iter()
            .filter(|(name, _)| *name != "options" && !name.starts_with("options["))
            .map(|(name, value)| match *name {
                "host" | "hostaddr" | "port" => format!("{name}={}", nth_or_last(value, place)),
                name => format!("{name}={value}"),
            })
            .collect();
        // The driver takes no user before an empty host.
        let login = match (login.is_empty(), host.is_empty()) {
            (true, _) => String::new(),
            (false, true) => {
                kept.push(format!("user={login}"));
                String::new()
            }
            (false, false) => format!("{login}@"),
        };
        let mark = if kept.is_empty() { "" } else { "?" };
        format!("postgres://{login}{host}{path}{mark}{}", kept.join("&"))
    };
    (0..number).map(one).collect()
}

fn nth_or_last(list: &str, place: usize) -> &str {
    list.split(',').nth(place).or_else(|| list.split(',').next_back()).unwrap_or_default()
}

/// What `options[name]=value` and `options=-c name=value` ask for, by name.
pub(super) fn session_settings(url: &str) -> Vec<(String, String)> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let mut settings = Vec::new();
    for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        let value = decoded(value);
        if let Some(name) = name.strip_prefix("options[").and_then(|name| name.strip_suffix(']')) {
            settings.push((name.to_owned(), value));
        } else if name == "options" {
            let words =
                value.split_whitespace().map(|word| word.trim_start_matches("--").trim_start_matches("-c"));
            settings.extend(words.filter_map(|word| {
                let (name, value) = word.split_once('=')?;
                Some((name.to_owned(), value.to_owned()))
            }));
        }
    }
    settings
}

/// Percent-decoded; an address was held against its form before.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let code = behind.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match code.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &behind[2..];
            }
            None => {
                bytes.push(first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_host_has_an_address() {
        for (url, each) in [
            ("postgres://u@h1,[::1]:5433/x", vec!["postgres://u@h1/x", "postgres://u@[::1]:5433/x"]),
            (
                "postgres:///x?host=h1,h2&port=5433,5434&user=u",
                vec!["postgres:///x?host=h1&port=5433&user=u", "postgres:///x?host=h2&port=5434&user=u"],
            ),
            ("postgres://u@/x", vec!["postgres:///x?user=u"]),
            ("postgres://h/x?options[search_path]=a&sslmode=require", vec!["postgres://h/x?sslmode=require"]),
            ("postgres://h", vec!["postgres://h"]),
        ] {
            assert_eq!(each_host(url), each, "{url}");
        }
    }

    #[test]
    fn options_of_either_form_are_found() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        for (query, settings) in [
            ("options[search_path]=shop%2Cpublic", vec![pair("search_path", "shop,public")]),
            (
                "options=-c%20search_path%3Dshop%20-c%20x.y%3D1",
                vec![pair("search_path", "shop"), pair("x.y", "1")],
            ),
            ("options=--search_path%3Dshop", vec![pair("search_path", "shop")]),
            ("sslmode=require", vec![]),
        ] {
            assert_eq!(session_settings(&format!("postgres://h/x?{query}")), settings, "{query}");
        }
    }
}
