//! Letters of other alphabets as the ASCII letters that are nearest, so that one list of words serves `Contraseña`,
//! `Schlüssel` and `Сервер`. Case stays: it says where a word starts.

use std::borrow::Cow;

/// The text in ASCII. Cyrillic is romanised; what has no counterpart is `?`, which ends a word.
pub(super) fn to_ascii(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\0'..='\x7f' => folded.push(letter),
            // Combining accents, soft hyphens and marks of width zero belong to the letter before.
            '\u{300}'..='\u{36f}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{feff}' => {}
            '\u{ff01}'..='\u{ff5e}' => {
                folded.extend(char::from_u32(u32::from(letter) - 0xfee0));
            }
            _ => push(&mut folded, letter),
        }
    }
    Cow::Owned(folded)
}

fn push(folded: &mut String, letter: char) {
    let lower = letter.to_lowercase().next().unwrap_or(letter);
    let ascii = latin(lower).or_else(|| cyrillic(lower)).unwrap_or("?");
    let mut letters = ascii.chars();
    match letters.next() {
        Some(first) if lower != letter => folded.push(first.to_ascii_uppercase()),
        Some(first) => folded.push(first),
        None => {}
    }
    folded.push_str(letters.as_str());
}

fn latin(lower: char) -> Option<&'static str> {
    Some(match lower {
        'à'..='å' | 'ā' | 'ă' | 'ą' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è'..='ë' | 'ē' | 'ę' | 'ě' => "e",
        'ğ' => "g",
        'ì'..='ï' | 'ı' => "i",
        'ł' => "l",
        'ñ' | 'ń' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'ő' => "o",
        'œ' => "oe",
        'ř' => "r",
        'ß' => "ss",
        'ś' | 'š' | 'ş' => "s",
        'ť' | 'ţ' => "t",
        'ù'..='ü' | 'ů' | 'ű' => "u",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        'º' | '°' | '№' => "o",
        '’' | '‘' => "'",
        '‐'..='―' | '−' => "-",
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' => " ",
        _ => return None,
    })
}

fn cyrillic(lower: char) -> Option<&'static str> {
    const LETTERS: [&str; 32] = [
        "a", "b", "v", "g", "d", "e", "zh", "z", "i", "y", "k", "l", "m", "n", "o", "p", "r", "s", "t", "u",
        "f", "kh", "ts", "ch", "sh", "shch", "", "y", "", "e", "yu", "ya",
    ];
    match lower {
        'а'..='я' => LETTERS.get(u32::from(lower).checked_sub(u32::from('а'))? as usize).copied(),
        'ё' => Some("e"),
        'і' | 'ї' => Some("i"),
        'є' => Some("e"),
        'ґ' => Some("g"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::to_ascii;

    #[test]
    fn letters_are_folded_and_case_stays() {
        for (text, folded) in [
            ("Contraseña", "Contrasena"),
            ("Schlüssel", "Schlussel"),
            ("STRAßE", "STRAssE"),
            ("Пароль БД", "Parol BD"),
            ("Clé d’accès", "Cle d'acces"),
            ("cle\u{301}", "cle"),
            ("Ｓｅｒｖｅｒ", "Server"),
            ("名前", "??"),
        ] {
            assert_eq!(to_ascii(text), folded);
        }
    }
}
