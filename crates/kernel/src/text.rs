//! Small things about French text.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// The first `max` characters, with an ellipsis where it was cut. For messages, never for storage.
pub fn excerpt(text: &str, max: usize) -> String {
    let clean = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut out: String = clean.clone().take(max).collect();
    if clean.count() > max {
        out.push('…');
    }
    out
}

/// Lower case, no accents, ligatures opened; whatever is no letter stays. What is compared.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match c {
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            // A capital of some alphabets lowers to a letter and a mark.
            c if is_combining_mark(c) => {}
            c => folded.push(c),
        }
    }
    folded
}

/// The words of a text, [folded](fold), with one space between them: what is searched.
pub fn folded_words(text: &str) -> String {
    let folded = fold(text);
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// What a notice is about, by its kind.
pub fn notice_name(kind: &str) -> &'static str {
    match kind {
        "acknowledgment" => "Accusé de réception",
        "message" => "Message",
        "waiting" => "Demande de précisions",
        "decision" => "Décision",
        "closed" => "Fin de la demande",
        "reopened" => "Réouverture",
        "reassigned" => "Changement de service",
        "escalation" => "Alerte au responsable",
        "referral" => "Transmission à l’organisme compétent",
        _ => "Avis",
    }
}

/// The way a notice goes, in a sentence.
pub fn by_mode(mode: &str) -> &'static str {
    match mode {
        "email" => "par courriel",
        "portal" => "sur la page de suivi",
        "letter" => "par courrier",
        "phone" => "par téléphone",
        "sms" => "par SMS",
        _ => "par un autre moyen",
    }
}

/// A notice that went, without a full stop: « Message : envoi par courriel ».
pub fn notice_went(kind: &str, mode: &str) -> String {
    let how = match mode {
        "portal" => "mise en ligne",
        "phone" => "annonce",
        _ => "envoi",
    };
    format!("{} : {how} {}", notice_name(kind), by_mode(mode))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_otherwise_is_the_same() {
        assert_eq!(fold("Œuvre d’ÉTÉ, n° 3"), "oeuvre d’ete, n° 3");
        assert_eq!(fold("E\u{301}te\u{301} Muñoz Páez Ağa"), "ete munoz paez aga");
        assert_eq!(folded_words("  LEFÈVRE-Œuvré,  Zoé "), "lefevre oeuvre zoe");
        assert_eq!(folded_words("D’Artagnan"), folded_words("d'artagnan"));
        assert_eq!(folded_words("№ ½"), "no 1 2");
        assert_eq!(folded_words(" -, "), "");
    }

    #[test]
    fn every_mode_has_its_way() {
        let other = by_mode("of a later version");
        for mode in crate::ContactMode::ALL {
            assert_ne!(by_mode(mode.as_str()), other, "{mode}");
        }
        assert_eq!(notice_went("closed", "letter"), "Fin de la demande : envoi par courrier");
        assert_eq!(notice_went("message", "portal"), "Message : mise en ligne sur la page de suivi");
    }
}
