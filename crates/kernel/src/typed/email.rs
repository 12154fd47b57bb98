//! E-mail addresses: what is one, how it is compared, where it is sent.
//!
//! An address accepted here is one that a message can be sent to: the part before the @ in ASCII (few servers take
//! others), the domain in any script, sent as punycode.

use email_address::EmailAddress;

use super::tidy::one_line;

/// Bytes of an address at most (RFC 5321), as sent and as typed.
const LONGEST: usize = 254;
const LONGEST_LOCAL: usize = 64;

/// The address that was meant, as shown and kept; `None` where it is not certain.
///
/// Taken off: `mailto:` and what follows a `?` behind it, a name before `<…>`, brackets and quotes around, a comma or
/// a full stop behind, spaces around the @, the full stops and the ends, characters that nobody sees. A typographic
/// apostrophe or dash is the one of a keyboard.
pub fn read(typed: &str) -> Option<String> {
    if typed.len() > 4 * LONGEST {
        return None;
    }
    let text: String = one_line(typed).chars().map(of_a_keyboard).collect();
    let text = bare(&text);
    let text = without_mailto(text);
    let text = bare(text);
    let mut address = String::with_capacity(text.len());
    let mut words = text.split(' ').filter(|word| !word.is_empty()).peekable();
    while let Some(word) = words.next() {
        address.push_str(word);
        // Only a space beside an @ or a full stop surely was not meant.
        if let Some(next) = words.peek()
            && !word.ends_with(['@', '.'])
            && !next.starts_with(['@', '.'])
        {
            return None;
        }
    }
    let address = address.trim_end_matches(['.', ',', ';']);
    is_email(address).then(|| address.to_owned())
}

/// Whether `text`, as it is, is an address that a message can be sent to.
pub fn is_email(text: &str) -> bool {
    to_send(text).is_some()
}

/// Where a message to `address` goes: the domain in ASCII. `None` where it is no address.
pub fn to_send(address: &str) -> Option<String> {
    if address.len() > LONGEST {
        return None;
    }
    let (local, domain) = address.rsplit_once('@')?;
    let quoted = local.contains('"');
    if quoted || !local.is_ascii() || local.len() > LONGEST_LOCAL || !EmailAddress::is_valid_local_part(local) {
        return None;
    }
    let domain = idna::domain_to_ascii(domain).ok()?;
    let labels: Vec<&str> = domain.split('.').collect();
    let label_is_fine = |label: &&str| {
        let letters = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        (1..=63).contains(&label.len()) && letters && !label.starts_with('-') && !label.ends_with('-')
    };
    let last = labels.last()?;
    let named = last.len() >= 2 && !last.bytes().all(|byte| byte.is_ascii_digit());
    let fine = labels.len() >= 2 && named && labels.iter().all(label_is_fine) && EmailAddress::is_valid_domain(&domain);
    let whole = format!("{local}@{domain}");
    (fine && whole.len() <= LONGEST).then_some(whole)
}

/// An address as compared, however it was typed: lower case, domain in ASCII; `None` where it is none.
pub fn key(typed: &str) -> Option<String> {
    to_send(&read(typed)?).map(|address| address.to_ascii_lowercase())
}

fn of_a_keyboard(c: char) -> char {
    match c {
        '’' | '‘' | 'ʼ' | '′' | '´' => '\'',
        '‐' | '‑' | '‒' | '–' | '—' | '−' => '-',
        '＠' | '﹫' => '@',
        '．' | '。' => '.',
        c => c,
    }
}

/// Without what stands around an address in a mail program or a sentence.
fn bare(text: &str) -> &str {
    let text = text.trim();
    if let Some((_, inside)) = text.strip_suffix('>').and_then(|text| text.split_once('<')) {
        return inside.trim();
    }
    let pairs = [('<', '>'), ('(', ')'), ('[', ']'), ('"', '"'), ('«', '»'), ('“', '”'), ('\'', '\'')];
    let inside = |(open, close): (char, char)| text.strip_prefix(open).and_then(|text| text.strip_suffix(close));
    pairs.into_iter().find_map(inside).unwrap_or(text).trim()
}

fn without_mailto(text: &str) -> &str {
    let Some(rest) = text.get(..7).filter(|start| start.eq_ignore_ascii_case("mailto:")).map(|_| &text[7..]) else {
        return text;
    };
    rest.split('?').next().unwrap_or(rest).trim()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_is_one_word_with_a_domain() {
        for right in ["demandes@caf.example", "a.b+c@sous-domaine.mairie.fr", "zoe@école.fr", "o'brien@example.org"] {
            assert!(is_email(right), "{right}");
        }
        let long = format!("{}@example.org", "a".repeat(65));
        for wrong in [
            "",
            "3230",
            "caf@",
            "@caf.example",
            "a@b@c.example",
            "a b@caf.example",
            "caf@local",
            "caf@.example",
            "caf@example.",
            ".caf@caf.example",
            "c..af@caf.example",
            "caf@-caf.example",
            "caf@192.168.0.1",
            "caf@[192.168.0.1]",
            "\"a b\"@caf.example",
            "a:b@caf.example",
            "zoé@caf.example",
            "Nom <caf@caf.example>",
            "a@caf.example, b@caf.example",
            "a@caf.example\r\nBcc: b@caf.example",
            "a@xn--.example",
            "a@caf_e.example",
            &long,
        ] {
            assert!(!is_email(wrong), "{wrong}");
        }
    }

    #[test]
    fn what_is_certain_is_put_right() {
        for typed in [
            "mailto:marie@exemple.fr",
            "MAILTO:marie@exemple.fr?subject=Bonjour",
            "<marie@exemple.fr>",
            "<mailto:marie@exemple.fr>",
            "Marie Dupont <marie@exemple.fr>",
            "(marie@exemple.fr)",
            "« marie@exemple.fr »",
            " marie@exemple.fr ",
            "\u{200b}marie@exem\u{200b}ple.fr",
            "\u{202a}marie@exemple.fr\u{202c}",
            "marie @ exemple.fr",
            "marie@exemple. fr",
            "marie@exemple.fr,",
            "marie@exemple.fr.",
            "marie＠exemple.fr",
            "marie@exemple.fr\r\n",
        ] {
            assert_eq!(read(typed).as_deref(), Some("marie@exemple.fr"), "{typed:?}");
        }
        assert_eq!(read("k.o’connor@exemple.fr").as_deref(), Some("k.o'connor@exemple.fr"));
        assert_eq!(read("a\u{2011}b@mairie–x.fr").as_deref(), Some("a-b@mairie-x.fr"));
        for typed in [
            "marie dupont@exemple.fr",
            "a:b@exemple.fr",
            "a@b.fr c@d.fr",
            "a@b.fr;c@d.fr",
            "zoé@exemple.fr",
            "marie(at)exemple.fr",
        ] {
            assert_eq!(read(typed), None, "{typed}");
        }
        assert_eq!(read(&"a".repeat(100_000)), None);
    }

    #[test]
    fn a_domain_with_accents_is_sent_in_ascii_and_shown_as_typed() {
        let typed = "Accueil@mairie-évry.example";
        assert_eq!(read(typed).as_deref(), Some(typed));
        assert_eq!(to_send(typed).as_deref(), Some("Accueil@xn--mairie-vry-h7a.example"));
        assert_eq!(key(typed), key("accueil@xn--mairie-vry-h7a.example"));
        assert_eq!(key("accueil@MAIRIE-E\u{301}VRY.example"), key(typed));
    }

    proptest! {
        #[test]
        fn what_is_read_reads_back_and_can_be_sent_to(typed in "\\PC{0,12}[a-z'’. ]{0,6}@[a-zé0-9. -]{0,10}\\.?[a-z]{0,4}\\PC{0,3}") {
            if let Some(address) = read(&typed) {
                prop_assert_eq!(read(&address), Some(address.clone()));
                let sent = to_send(&address).unwrap();
                prop_assert!(sent.is_ascii() && is_email(&sent));
                prop_assert_eq!(to_send(&sent).as_deref().map(str::to_owned), Some(sent.clone()));
                prop_assert_eq!(key(&sent), key(&address));
            }
        }
    }
}
