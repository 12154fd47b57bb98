//! How cases end, what silence means, why a case came here, what notices say of themselves.

pub use parvis_kernel::notices::{by_mode as notice_way, notice_name as notice_kind};

/// A case's outcome, for an agent.
pub fn outcome(code: &str) -> &str {
    match code {
        "granted" => "Accordée",
        "rejected" => "Refusée",
        "answered" => "Réponse donnée",
        "closed_without_action" => "Close sans suite",
        "transferred_out" => "Transmise à une autre administration",
        other => other,
    }
}

/// The same, for whoever asked.
pub fn outcome_public(code: &str) -> &str {
    match code {
        "granted" => "Votre demande est acceptée.",
        "rejected" => "Votre demande est refusée.",
        "answered" => "Nous vous avons répondu.",
        "closed_without_action" => "Votre demande est close sans suite.",
        "transferred_out" => "Votre demande est transmise à l'administration compétente.",
        _ => "",
    }
}

/// What the authority's silence means, in plain words; `None` where there is no implicit decision.
pub fn silence(code: &str, months: u32) -> Option<String> {
    let period = if months == 1 { "1 mois".to_owned() } else { format!("{months} mois") };
    match code {
        "accept" => Some(format!(
            "Sans réponse de notre part au bout de {period}, votre demande est acceptée, si votre dossier est complet."
        )),
        "reject" => Some(format!(
            "Sans réponse de notre part au bout de {period}, votre demande est refusée. Vous pouvez alors contester ce refus."
        )),
        _ => None,
    }
}

/// Why the router decided something.
pub fn cause(code: &str) -> &str {
    match code {
        "opened" => "À l'arrivée de la demande",
        "reopened" => "À la réouverture",
        "reassigned" => "Transmission",
        "presence" => "Retour d'un agent",
        "capacity_freed" => "Place libérée chez un agent",
        "agent_gone" => "Départ d'un agent",
        "accepted" => "Proposition acceptée",
        "escalated" => "Attente trop longue",
        "substituted" => "Suppléance",
        "moved" => "Travail déplacé",
        other => other,
    }
}

/// A line of a case's history.
pub fn history_kind(code: &str) -> &str {
    match code {
        "opened" => "Ouverture",
        "assigned" => "Affectation",
        "queued" => "Mise en file",
        "started" => "Prise en charge",
        "waiting" => "Attente de l'usager",
        "message" => "Message",
        "note" => "Note interne",
        "closed" => "Clôture",
        "reopened" => "Réouverture",
        "overdue" => "Échéance dépassée",
        "decided" => "Décision",
        "transfer_proposed" => "Transmission proposée",
        "transfer_refused" => "Transmission refusée",
        other => other,
    }
}

/// How a notice travels.
pub fn notice_mode(code: &str) -> &str {
    match code {
        "email" => "courriel",
        "portal" => "page de suivi",
        "letter" => "courrier postal",
        "phone" => "appel téléphonique",
        "sms" => "SMS",
        other => other,
    }
}

/// Where a notice stands.
pub fn notice_state(code: &str) -> &str {
    match code {
        "pending" => "En cours d'envoi",
        "sent" => "Envoyé",
        "to_hand_over" => "À remettre",
        "handed_over" => "Remis",
        "failed" => "Non parvenu",
        other => other,
    }
}

/// Why a notice did not arrive, from what notification or a mail server says of it.
pub fn failure(detail: &str) -> String {
    let text = detail.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let known = if has(&["is not an e-mail address", "not an e-mail"]) {
        "Ce n’est pas une adresse électronique : corrigez-la."
    } else if has(&["recipient.email is missing"]) {
        "L’adresse électronique manque."
    } else if text.starts_with("recipient.") {
        "Le moyen de joindre la personne manque."
    } else if text.ends_with("is missing") {
        "Il manque à l’accusé de réception une mention que la loi demande : voyez l’annuaire et la démarche."
    } else if has(&["mailbox full", "over quota", "quota exceeded", "5.2.2", "552"]) {
        "La boîte aux lettres de la personne est pleine."
    } else if has(&[
        "user unknown",
        "unknown user",
        "no such user",
        "mailbox unavailable",
        "does not exist",
        "5.1.1",
        "550",
        "551",
        "553",
    ]) {
        "Le serveur de courrier ne connaît pas cette adresse, ou refuse de la servir."
    } else if has(&["spam", "5.7.", "blocked", "554"]) {
        "Le serveur de courrier du destinataire a refusé le message."
    } else if has(&["smtputf8", "non-ascii"]) {
        "Le serveur de courrier ne sait pas écrire à une adresse avec des accents."
    } else if has(&["takes too long", "timed out", "timeout", "connect", "lookup", "dns", "interrupted"]) {
        "Le serveur de courrier n’a pas répondu."
    } else {
        "Le message n’a pas pu partir."
    };
    // What a server says itself helps whoever looks after it.
    let by_server = detail.chars().next().is_some_and(|c| c.is_ascii_digit()) || known.starts_with("Le message");
    if by_server && !detail.is_empty() { format!("{known} ({detail})") } else { known.to_owned() }
}

/// Said in place of what a notice said, once that is no longer kept.
pub const TEXT_REMOVED: &str = "Le texte de cet envoi n’est plus conservé (durée de conservation dépassée).";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_said_only_where_it_means_something() {
        assert!(silence("accept", 2).unwrap().contains("2 mois, votre demande est acceptée"));
        assert!(silence("reject", 1).unwrap().contains("1 mois, votre demande est refusée"));
        assert_eq!(silence("none", 0), None);
    }

    #[test]
    fn every_outcome_is_said_to_agents_and_to_citizens() {
        for known in ["granted", "rejected", "answered", "closed_without_action", "transferred_out"] {
            assert_ne!(outcome(known), known);
            assert!(!outcome_public(known).is_empty());
        }
    }
}
