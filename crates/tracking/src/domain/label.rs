//! French sentences of the timeline. None names a citizen; only what agents read names an agent.

use parvis_kernel::{
    notices::{by_mode, notice_name, notice_went},
    text::excerpt,
};

/// Longest label.
const LONGEST: usize = 300;

/// At most [`LONGEST`] characters, on one line.
pub fn cut(text: &str) -> String {
    excerpt(text.trim(), LONGEST)
}

/// The request came in.
pub fn received(channel: &str) -> String {
    let how = match channel {
        "web" => " par internet",
        "phone" => " par téléphone",
        "counter" => " au guichet",
        "email" => " par courriel",
        "letter" => " par courrier",
        "open311" => " par une application de signalement",
        "api" | "partner" => " par un service partenaire",
        _ => "",
    };
    format!("Demande reçue{how}")
}

/// A change that casework put no words on.
pub fn status(kind: &str) -> String {
    match kind {
        "started" => "Traitement commencé",
        "waiting" => "En attente de la réponse de l’usager",
        "resumed" => "Traitement repris",
        "decided" => "Décision prise",
        "closed" => "Dossier clos",
        "reopened" => "Dossier rouvert",
        "overdue" => "Délai annoncé dépassé",
        _ => "Dossier mis à jour",
    }
    .to_owned()
}

/// A message or a note: for agents, for citizens.
pub fn message(direction: &str) -> (String, String) {
    let (label, public) = match direction {
        "to_citizen" => ("Message envoyé à l’usager", "Le service vous a écrit"),
        "from_citizen" => ("Message reçu de l’usager", "Votre message a été transmis au service"),
        _ => ("Note interne ajoutée", ""),
    };
    (label.to_owned(), public.to_owned())
}

/// A decision of the router: for agents, for citizens.
pub fn assigned(unit: &str, agent: &str, cause: &str) -> (String, String) {
    let unit = if unit.is_empty() { "service compétent" } else { unit };
    let again = matches!(cause, "reassigned" | "moved" | "substituted");
    let public = match (agent.is_empty(), again) {
        (true, false) => format!("Transmise au service : {unit}"),
        (true, true) => format!("Réorientée vers le service : {unit}"),
        (false, false) => format!("Confiée à un agent du service : {unit}"),
        (false, true) => format!("Réorientée vers un agent du service : {unit}"),
    };
    let label = match (agent.is_empty(), again) {
        (true, false) => format!("Placée dans la file du service : {unit}"),
        (true, true) => format!("Réaffectée à la file du service : {unit}"),
        (false, false) => format!("Affectée à {agent} ({unit})"),
        (false, true) => format!("Réaffectée à {agent} ({unit})"),
    };
    (label, public)
}

/// A step of a service's ladder: for agents only. `to`: the agent reminded, the supervisor told.
pub fn escalated(step: &str, to: &str) -> String {
    match (step, to) {
        ("widened", _) => "Ouverte aux agents des services voisins".to_owned(),
        ("level_lowered", _) => "Ouverte à tout niveau de la compétence demandée".to_owned(),
        ("priority_raised", _) => "Priorité relevée : la demande attend toujours un agent".to_owned(),
        ("opened_to_supervisors", _) => "Ouverte aux responsables du service".to_owned(),
        ("reminded" | "escalated", "") => "Attend une suite".to_owned(),
        ("reminded", to) => format!("Rappelée à {to}"),
        ("escalated", to) => format!("Signalée à {to}, responsable"),
        _ => "Relancée".to_owned(),
    }
}

/// A request may rather be another body's: for agents only, until one of them confirms it.
pub fn transfer_proposed(body: &str) -> String {
    match body {
        "" => "Transmission à un autre organisme proposée".to_owned(),
        body => format!("Transmission proposée à : {body}"),
    }
}

/// It is not: for agents only. Why is told in the case's history, where an agent wrote it.
pub fn transfer_refused(body: &str) -> String {
    match body {
        "" => "Transmission à un autre organisme refusée".to_owned(),
        body => format!("Transmission refusée à : {body}"),
    }
}

/// A notice: for agents, for citizens. What did not go, or waits for a person, is for agents.
pub fn told(kind: &str, mode: &str, state: &str) -> (String, String) {
    let (what, by) = (notice_name(kind), by_mode(mode));
    match state {
        // What the citizen waits for: that the request went to whom it belongs.
        "sent" | "handed_over" if kind == "referral" => {
            let done = format!("Demande transmise à l’organisme compétent {by}");
            (done.clone(), done)
        }
        "sent" | "handed_over" => (notice_went(kind, mode), notice_went(kind, mode)),
        "to_hand_over" => (format!("{what} : à transmettre {by}"), String::new()),
        _ => (format!("{what} : envoi impossible {by}"), String::new()),
    }
}

/// A channel's name.
pub fn channel(code: &str) -> &str {
    match code {
        "web" => "Internet",
        "phone" => "Téléphone",
        "counter" => "Guichet",
        "email" => "Courriel",
        "letter" => "Courrier",
        "open311" => "Open311",
        "api" => "API",
        "partner" => "Partenaire",
        other => other,
    }
}

/// A theme's name.
pub fn theme(code: &str) -> &str {
    match code {
        "etat-civil" => "État civil",
        "elections" => "Élections",
        "urbanisme" => "Urbanisme",
        "voirie" => "Voirie",
        "proprete" => "Propreté",
        "enfance" => "Petite enfance",
        "education" => "Éducation",
        "social" => "Social",
        "sport" => "Sport",
        "culture" => "Culture",
        "securite" => "Sécurité",
        "commerce" => "Commerce",
        "finances" => "Finances",
        "vie-associative" => "Vie associative",
        "administration" => "Administration",
        "" => "Sans démarche",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_did_not_go_is_for_agents() {
        for kind in ["acknowledgment", "closed", "referral"] {
            for (mode, state) in [("email", "failed"), ("letter", "to_hand_over"), ("letter", "failed")] {
                let (label, public) = told(kind, mode, state);
                assert!(public.is_empty() && !label.is_empty(), "{kind} {mode} {state}: {public}");
            }
            assert!(!told(kind, "letter", "handed_over").1.is_empty(), "{kind}");
        }
    }

    #[test]
    fn sentences_are_french() {
        assert_eq!(received("counter"), "Demande reçue au guichet");
        assert_eq!(told("acknowledgment", "email", "sent").1, "Accusé de réception : envoi par courriel");
        assert_eq!(
            told("acknowledgment", "portal", "sent").1,
            "Accusé de réception : mise en ligne sur la page de suivi"
        );
        assert_eq!(told("waiting", "letter", "handed_over").1, "Demande de précisions : envoi par courrier");
        assert_eq!(told("referral", "email", "sent").1, "Demande transmise à l’organisme compétent par courriel");
        let (label, public) = assigned("Voirie", "Claire Martin", "opened");
        assert!(label.contains("Claire Martin") && !public.contains("Claire"), "{label} {public}");
        assert!(assigned("Voirie", "Claire Martin", "moved").0.starts_with("Réaffectée"));
        assert_eq!(escalated("escalated", "Sophie Lemaire"), "Signalée à Sophie Lemaire, responsable");
        assert_eq!(escalated("of_a_later_version", ""), "Relancée");
    }
}
