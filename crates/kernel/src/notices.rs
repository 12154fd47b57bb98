//! Names of notices and of the ways they go, as people read them.

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
    fn every_mode_has_its_way() {
        let other = by_mode("of a later version");
        for mode in crate::ContactMode::ALL {
            assert_ne!(by_mode(mode.as_str()), other, "{mode}");
        }
        assert_eq!(notice_went("closed", "letter"), "Fin de la demande : envoi par courrier");
        assert_eq!(notice_went("message", "portal"), "Message : mise en ligne sur la page de suivi");
    }
}
