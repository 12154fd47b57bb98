//! What is written in French: history lines for agents, sentences of the law for citizens.

use jiff::civil::Date;
use parvis_kernel::{
    dates::date,
    notices::{by_mode, notice_name, notice_went},
};

use super::{
    case::{Case, Decision},
    history::Kind,
    words::Outcome,
};

/// How it came in.
pub fn opened(channel: &str) -> &'static str {
    match channel {
        "web" => "Demande déposée en ligne.",
        "phone" => "Demande reçue par téléphone.",
        "counter" => "Demande déposée au guichet.",
        "email" => "Demande reçue par courriel.",
        "letter" => "Demande reçue par courrier.",
        "partner" => "Demande transmise par un partenaire.",
        _ => "Demande reçue d’un autre système.",
    }
}

/// On what grounds somebody filed it for another; a word that is not known is not shown.
pub fn basis(code: &str) -> &'static str {
    match code {
        "in_person" => "en présence de la personne",
        "phone" => "au téléphone",
        "mail" => "d’après son courrier",
        "mandate" => "avec un mandat",
        _ => "",
    }
}

/// A decision of routing, for agents.
pub fn decision(decision: &Decision) -> String {
    let mut detail = match (decision.summary.as_str(), decision.agent_name.as_str()) {
        ("", "") => format!("En attente dans la file du service {}.", decision.unit.name),
        ("", name) => format!("Confiée à {name}, {}.", decision.unit.name),
        (summary, _) => summary.to_owned(),
    };
    if !decision.reason.is_empty() {
        detail.push_str(" Motif : ");
        detail.push_str(&decision.reason);
    }
    detail
}

/// Who has it, for the citizen.
pub fn handler(unit: &str, agent: &str) -> String {
    match agent {
        "" => format!("Votre demande est arrivée au service « {unit} »."),
        agent => format!("Votre demande est confiée à {agent}, service « {unit} »."),
    }
}

/// An outcome, in a list.
pub fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Granted => "demande acceptée",
        Outcome::Rejected => "demande refusée",
        Outcome::Answered => "réponse donnée",
        Outcome::ClosedWithoutAction => "classée sans suite",
        Outcome::TransferredOut => "transmise à une autre administration",
    }
}

/// An outcome, told to the citizen.
pub fn outcome_sentence(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Granted => "Votre demande est acceptée.",
        Outcome::Rejected => "Votre demande est refusée.",
        Outcome::Answered => "Une réponse vous a été apportée.",
        Outcome::ClosedWithoutAction => "Votre demande est classée sans suite.",
        Outcome::TransferredOut => "Votre demande relève d’une autre administration : elle lui est transmise.",
    }
}

/// A clock that struck.
pub fn timer(kind: Kind, case: &Case) -> String {
    let day = |due: Option<Date>| due.map(date).unwrap_or_default();
    match kind {
        Kind::Overdue => format!("La réponse était promise pour le {}.", day(case.service_due_on)),
        Kind::Escalated => "Toujours en retard : la priorité est relevée.".to_owned(),
        Kind::LegalNear => {
            format!(
                "Dernier jour pour notifier une décision : le silence en fera naître une le {}.",
                day(case.legal_due_on)
            )
        }
        _ => "Rien ne s’est passé depuis dix jours ouvrés.".to_owned(),
    }
}

/// What silence means and when (CRPA R112-11-1).
pub fn silence(rule: &str, due: Date) -> Option<String> {
    let means = match rule {
        "accept" => "votre demande sera considérée comme acceptée",
        "reject" => "votre demande sera considérée comme rejetée",
        _ => return None,
    };
    Some(format!(
        "Sans réponse de notre part le {}, {means} par une décision implicite, sous réserve que la demande soit complète.",
        date(due)
    ))
}

/// The right to a certificate of implicit acceptance.
pub const CERTIFICATE: &str = "Si la décision implicite d’acceptation naît, le service chargé de votre demande vous en \
délivre une attestation lorsque vous la demandez (article L. 232-3 du code des relations entre le public et \
l’administration).";

/// Appeal routes against an implicit rejection.
pub const APPEAL_IMPLICIT: &str = "Vous pourrez contester la décision implicite de rejet dans les deux mois qui suivent \
sa naissance, par un recours gracieux auprès de l’autorité qui l’a prise ou par un recours devant le tribunal \
administratif, déposé au greffe, envoyé par courrier ou sur www.telerecours.fr. Pour le recours devant le tribunal, ce \
délai est augmenté d’un mois si vous demeurez outre-mer et de deux mois si vous demeurez à l’étranger.";

/// Appeal routes against a rejection.
pub const APPEAL_EXPRESS: &str = "Si vous contestez cette décision, vous pouvez, dans les deux mois qui suivent sa \
notification, former un recours gracieux auprès de l’autorité qui l’a prise ou un recours devant le tribunal \
administratif, déposé au greffe, envoyé par courrier ou sur www.telerecours.fr. Pour le recours devant le tribunal, ce \
délai est augmenté d’un mois si vous demeurez outre-mer et de deux mois si vous demeurez à l’étranger.";

/// Routing thinks that the request is rather another body's, for agents.
pub fn transfer_proposed(body: &str) -> String {
    format!("Transmission proposée à : {body}.")
}

/// An agent says that it is not, for agents.
pub fn transfer_refused(body: &str, reason: &str) -> String {
    match reason {
        "" => format!("Transmission refusée à : {body}."),
        reason => format!("Transmission refusée à : {body}. Motif : {reason}"),
    }
}

/// A notice's end, for agents.
pub fn notice_outcome(kind: &str, mode: &str, state: &str) -> String {
    let (what, by) = (notice_name(kind), by_mode(mode));
    match state {
        "to_hand_over" => format!("{what} : à transmettre {by}."),
        "failed" => format!("{what} : la transmission {by} a échoué."),
        _ => format!("{}.", notice_went(kind, mode)),
    }
}
