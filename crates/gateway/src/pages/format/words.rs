//! The domain's stable words, as people read them. A word that a later version brings is shown as it is.

use parvis_kernel::languages::spoken;

/// A case's state, for an agent.
pub fn state(code: &str) -> &str {
    match code {
        "new" => "Nouveau",
        "received" => "Reçue",
        "queued" => "En file d'attente",
        "assigned" => "Affecté",
        "in_progress" => "En cours",
        "waiting_citizen" => "En attente de l'usager",
        "decided" => "Décidé",
        "closed" => "Clos",
        "reopened" => "Rouvert",
        other => other,
    }
}

/// The same, for whoever asked: one plain sentence.
pub fn state_public(code: &str) -> &str {
    match code {
        "new" | "received" => "Votre demande est enregistrée.",
        "queued" => "Votre demande est arrivée au bon service. Elle attend qu'un agent soit disponible.",
        "assigned" => "Un agent est chargé de votre demande.",
        "in_progress" => "Un agent travaille sur votre demande.",
        "waiting_citizen" => "Nous attendons une réponse de votre part.",
        "decided" => "Une décision a été prise.",
        "closed" => "Votre demande est terminée.",
        "reopened" => "Votre demande est rouverte : nous la reprenons.",
        _ => "Votre demande suit son cours.",
    }
}

/// Which of the theme's tones shows a state. The text always says it too.
pub fn state_tone(code: &str) -> &'static str {
    match code {
        "new" | "received" | "queued" => "new",
        "assigned" | "in_progress" | "reopened" => "going",
        "waiting_citizen" => "waiting",
        "decided" | "closed" => "done",
        _ => "plain",
    }
}

/// The door a request came in by.
pub fn channel(code: &str) -> &str {
    match code {
        "web" => "Internet",
        "phone" => "Téléphone",
        "counter" => "Guichet",
        "email" => "Courriel",
        "letter" => "Courrier",
        "open311" => "Application de signalement",
        "api" => "Autre logiciel",
        "partner" => "Partenaire",
        other => other,
    }
}

/// How someone wants to be answered.
pub fn contact_mode(code: &str) -> &str {
    match code {
        "email" => "Par courriel",
        "phone" => "Par téléphone",
        "sms" => "Par SMS",
        "letter" => "Par courrier postal",
        "portal" => "Sur la page de suivi",
        "" => "Non précisé",
        other => other,
    }
}

/// A theme of the procedures.
pub fn theme(code: &str) -> &str {
    match code {
        "etat-civil" => "État civil et papiers",
        "elections" => "Élections",
        "urbanisme" => "Urbanisme et logement",
        "voirie" => "Voirie et éclairage",
        "proprete" => "Propreté et déchets",
        "enfance" => "Petite enfance",
        "education" => "École et périscolaire",
        "social" => "Aide sociale et solidarité",
        "sport" => "Sport",
        "culture" => "Culture",
        "securite" => "Tranquillité et sécurité",
        "commerce" => "Commerces et marchés",
        "finances" => "Paiements et finances",
        "vie-associative" => "Vie associative",
        "administration" => "Relations avec la mairie",
        "" => "Autres",
        other => other,
    }
}

/// What sort of procedure it is.
pub fn kind(code: &str) -> &str {
    match code {
        "request" => "Demande",
        "declaration" => "Déclaration",
        "complaint" => "Réclamation",
        "incident" => "Signalement",
        "information" => "Renseignement",
        other => other,
    }
}

/// How urgent a case is.
pub fn priority(code: &str) -> &str {
    match code {
        "low" => "Basse",
        "normal" | "" => "Normale",
        "high" => "Haute",
        "urgent" => "Urgente",
        other => other,
    }
}

/// Why somebody at the counter opens a request.
pub fn reading_reason(code: &str) -> &str {
    match code {
        "person_present" => "L'usager est devant moi",
        "person_on_phone" => "L'usager est au téléphone et a dit qui il est",
        "mail_received" => "Un courrier ou un message reçu s'y rapporte",
        "correction" => "Quelque chose y a été mal noté",
        "wrong_service" => "La demande n'est pas dans le bon service",
        other => other,
    }
}

/// Whether an agent said to be there.
pub fn presence(code: &str) -> &str {
    match code {
        "present" => "Présent",
        "away" => "Absent",
        other => other,
    }
}

/// A role of an account.
pub fn role(code: &str) -> &str {
    match code {
        "front_desk" => "Accueil",
        "case_worker" => "Instruction",
        "supervisor" => "Encadrement",
        "elected_official" => "Élu",
        "administrator" => "Administration",
        "partner" => "Partenaire",
        other => other,
    }
}

/// A skill's code, with its words apart.
pub fn skill(code: &str) -> String {
    code.replace('-', " ")
}

/// A language, as one says that somebody speaks it.
pub fn language(code: &str) -> &str {
    spoken(code).unwrap_or(code)
}

/// With its first letter as a capital.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The paragraphs of a text typed by somebody, each with its lines.
pub fn paragraphs(text: &str) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    let mut current: Vec<String> = Vec::new();
    for line in text.lines().map(str::trim_end) {
        if !line.trim().is_empty() {
            current.push(line.to_owned());
        } else if !current.is_empty() {
            all.push(std::mem::take(&mut current));
        }
    }
    if !current.is_empty() {
        all.push(current);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_channel_and_contact_mode_has_a_french_name() {
        for known in parvis_kernel::Channel::ALL {
            assert_ne!(channel(known.as_str()), known.as_str());
        }
        for known in parvis_kernel::ContactMode::ALL {
            assert_ne!(contact_mode(known.as_str()), known.as_str());
        }
        for known in parvis_kernel::Role::ALL {
            assert_ne!(role(known.as_str()), known.as_str());
        }
    }

    #[test]
    fn every_state_is_said_to_agents_and_to_citizens() {
        for known in
            ["new", "queued", "assigned", "in_progress", "waiting_citizen", "decided", "closed", "reopened", "received"]
        {
            assert_ne!(state(known), known);
            assert_ne!(state_public(known), state_public("of a later version"));
            assert_ne!(state_tone(known), "plain");
        }
    }

    #[test]
    fn a_typed_text_keeps_its_lines_and_paragraphs() {
        let text = "Bonjour,\r\nligne deux\r\n\r\n\r\nMerci  \n";
        assert_eq!(paragraphs(text), [vec!["Bonjour,", "ligne deux"], vec!["Merci"]]);
        assert!(paragraphs(" \n ").is_empty());
    }
}
