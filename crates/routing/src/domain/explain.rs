//! Decisions told in French.

use parvis_directory::{RequesterKind, Rule, RuleTime};
use parvis_kernel::Channel;

use super::{
    desk::{Cause, EscalationStep},
    snapshot::Snapshot,
    trace::{Candidate, Pick, RuleOutcome, Trace, Why},
};

/// One thing that the router looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// `rule` or `candidate`.
    pub kind: &'static str,
    /// The rule's or agent's code.
    pub subject: String,
    /// Its name.
    pub label: String,
    /// Whether it won.
    pub kept: bool,
    /// Why.
    pub why: String,
}

/// The decision in one sentence.
pub fn summary(cause: Cause, unit_name: &str, agent_name: &str, trace: &Trace) -> String {
    if agent_name.is_empty() && trace.pick.is_some() {
        return format!("Proposé à un agent du service « {unit_name} », qui peut l’accepter.");
    }
    if agent_name.is_empty() {
        return format!("En attente dans la file du service « {unit_name} » : aucun agent n’est disponible.");
    }
    let verb = match cause {
        Cause::Opened | Cause::Presence | Cause::CapacityFreed | Cause::Escalated | Cause::Accepted => "Confié",
        Cause::Reopened => "Rouvert et confié",
        Cause::Reassigned | Cause::AgentGone | Cause::Substituted | Cause::Moved => "Réaffecté",
    };
    let because = match trace.pick {
        Some(Pick::SamePerson) => ", qui suit déjà un dossier de cette personne",
        Some(Pick::HadIt) => ", qui suivait déjà ce dossier",
        Some(Pick::Speaks) => ", qui parle la langue de la personne",
        Some(Pick::Deputy) => ", en suppléance",
        Some(Pick::Accepted) => ", qui l’a accepté",
        Some(Pick::LongestIdle | Pick::FairShare | Pick::Named) | None => "",
    };
    format!("{verb} à {agent_name}{because} (service « {unit_name} »).")
}

/// A step of the ladder in one sentence, for agents. `name`: the supervisor told, the agent reminded.
pub fn escalation(step: EscalationStep, unit_name: &str, name: Option<&str>) -> String {
    match (step, name) {
        (EscalationStep::Widened, _) => {
            format!("Ouvert aux agents des services voisins : personne n’a pu le prendre au service « {unit_name} ».")
        }
        (EscalationStep::LevelLowered, _) => {
            "Ouvert à tout niveau de la compétence demandée : personne de ce niveau n’a pu le prendre.".to_owned()
        }
        (EscalationStep::PriorityRaised, _) => {
            format!("Priorité relevée : il attend toujours un agent du service « {unit_name} ».")
        }
        (EscalationStep::OpenedToSupervisors, _) => {
            format!("Ouvert aux responsables du service « {unit_name} », quelles que soient leurs compétences.")
        }
        (EscalationStep::Reminded, Some(name)) => format!("Rappelé à {name} : le dossier attend une suite."),
        (EscalationStep::Escalated, Some(name)) => {
            format!("Signalé à {name}, responsable : le dossier attend une suite.")
        }
        (EscalationStep::Reminded | EscalationStep::Escalated, None) => {
            format!("Attend une suite au service « {unit_name} », qui n’a pas de responsable dans l’annuaire.")
        }
    }
}

/// Everything looked at, in order. `rules`: those of the rule set used; `rule`: what won.
pub fn steps(trace: &Trace, rule: &str, rules: &[Rule], snapshot: &Snapshot) -> Vec<Step> {
    let tried = rules.iter().zip(&trace.rules).filter(|(_, outcome)| **outcome != RuleOutcome::NotTried);
    // Those naming the procedure came first: they alone have procedures and got past that condition.
    let names_it = |rule: &Rule, outcome: RuleOutcome| !rule.procedures.is_empty() && outcome != RuleOutcome::Procedure;
    let (first, others): (Vec<_>, Vec<_>) = tried.partition(|(rule, outcome)| names_it(rule, **outcome));
    let mut steps: Vec<Step> = first.into_iter().map(|(rule, outcome)| rule_step(rule, *outcome, trace)).collect();
    if rule == "procedure" {
        steps.push(fixed("procedure", "Service de la démarche", "La démarche désigne ce service."));
    }
    steps.extend(others.into_iter().map(|(rule, outcome)| rule_step(rule, *outcome, trace)));
    if rule == "default" {
        steps.push(fixed("default", "Service par défaut", "Aucune règle ne s’applique."));
    }
    if rule == "manual" {
        steps.push(fixed("manual", "Choix d’un agent", "Une personne habilitée l’a demandé."));
    }
    steps.extend(trace.candidates.iter().map(|candidate| candidate_step(candidate, trace, snapshot)));
    steps
}

fn fixed(subject: &str, label: &str, why: &str) -> Step {
    Step { kind: "rule", subject: subject.to_owned(), label: label.to_owned(), kept: true, why: why.to_owned() }
}

fn rule_step(rule: &Rule, outcome: RuleOutcome, trace: &Trace) -> Step {
    let why = match outcome {
        RuleOutcome::Kept => match trace.word.and_then(|at| rule.words.get(at)) {
            Some(word) => format!("Toutes ses conditions sont remplies ; le texte contient « {word} »."),
            None => "Toutes ses conditions sont remplies.".to_owned(),
        },
        RuleOutcome::Channel => "La demande n’est pas arrivée par un de ses canaux.".to_owned(),
        RuleOutcome::Procedure => "Elle vise une autre démarche.".to_owned(),
        RuleOutcome::Words => "Aucun de ses mots n’est dans le texte.".to_owned(),
        RuleOutcome::District => "Le lieu n’est pas dans un de ses quartiers.".to_owned(),
        RuleOutcome::Requester => "Elle vise un autre type de demandeur.".to_owned(),
        RuleOutcome::Time => "L’heure de réception ne convient pas.".to_owned(),
        RuleOutcome::NotTried => String::new(),
    };
    let kept = outcome == RuleOutcome::Kept;
    Step { kind: "rule", subject: rule.code.clone(), label: rule.name.clone(), kept, why }
}

fn candidate_step(candidate: &Candidate, trace: &Trace, snapshot: &Snapshot) -> Step {
    let Candidate(agent, why, load, capacity) = candidate;
    let (load, capacity) = (cases(*load), cases(*capacity));
    let label = snapshot.agent(agent).map_or_else(|| agent.to_string(), |agent| agent.full_name());
    let missing =
        if trace.language_missing { " Personne de disponible ne parle la langue de la personne." } else { "" };
    let why_text = match why {
        Why::Kept => match trace.pick {
            Some(Pick::SamePerson) => "Suit déjà un dossier ouvert de la même personne.".to_owned(),
            Some(Pick::HadIt) => "Suivait ce dossier avant sa clôture.".to_owned(),
            Some(Pick::Speaks) => "Parle la langue de la personne.".to_owned(),
            Some(Pick::Named) => "Désigné nommément.".to_owned(),
            Some(Pick::Deputy) => "Supplée l’agent habituel, qui est absent.".to_owned(),
            Some(Pick::Accepted) => "A accepté le dossier qui lui était proposé.".to_owned(),
            Some(Pick::FairShare) | None => {
                format!(
                    "Disponible, et a reçu le moins de travail pour ses heures de présence ({load} sur {capacity}).{missing}"
                )
            }
            Some(Pick::LongestIdle) => {
                format!(
                    "Disponible, et depuis le plus longtemps sans nouveau dossier ({load} sur {capacity}).{missing}"
                )
            }
        },
        Why::LessIdle => format!("Disponible ({load} sur {capacity}), mais un autre agent convient mieux."),
        Why::NotInTeam => "N’est pas dans l’équipe demandée.".to_owned(),
        Why::ReceivesNone => "Ne reçoit pas de dossier.".to_owned(),
        Why::NoSkill => "N’a pas la compétence demandée.".to_owned(),
        Why::NoLanguage => "Ne parle pas la langue demandée.".to_owned(),
        Why::Absent => "En absence ce jour.".to_owned(),
        Why::OutsideHours => "En dehors de ses horaires.".to_owned(),
        Why::Away => "S’est indiqué indisponible.".to_owned(),
        Why::Full => format!("A atteint sa capacité ({load} sur {capacity})."),
        Why::HandedItOn => "Vient de le transmettre.".to_owned(),
        Why::LowLevel => "N’a pas le niveau de compétence demandé.".to_owned(),
        Why::Declined => "Ne l’a pas accepté.".to_owned(),
    };
    Step { kind: "candidate", subject: agent.to_string(), label, kept: *why == Why::Kept, why: why_text }
}

/// Hundredths of a case, in cases: « 3 », « 1,5 ».
fn cases(hundredths: u32) -> String {
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    match rest {
        0 => whole.to_string(),
        _ => format!("{whole},{rest:02}").trim_end_matches('0').to_owned(),
    }
}

/// A rule's conditions, a sentence each.
pub fn conditions(rule: &Rule, snapshot: &Snapshot) -> Vec<String> {
    let mut sentences = Vec::new();
    let mut say = |start: &str, values: Vec<String>| {
        if !values.is_empty() {
            sentences.push(format!("{start} {}.", values.join(" ou ")));
        }
    };
    say("La démarche est", rule.procedures.iter().map(|code| format!("« {code} »")).collect());
    say("La demande arrive par", rule.channels.iter().map(|channel| channel_name(*channel).to_owned()).collect());
    say("Elle vient", rule.requesters.iter().map(|kind| requester_name(*kind).to_owned()).collect());
    say("Le texte contient", rule.words.iter().map(|word| format!("« {word} »")).collect());
    let district = |code: &String| {
        let found = snapshot.directory.districts.iter().find(|district| district.code == *code);
        format!("« {} »", found.map_or(code, |district| &district.name))
    };
    say("Le lieu est dans le quartier", rule.districts.iter().map(district).collect());
    match rule.time {
        Some(RuleTime::Inside) => sentences.push("La demande est reçue pendant les heures d’ouverture.".to_owned()),
        Some(RuleTime::Outside) => sentences.push("La demande est reçue en dehors des heures d’ouverture.".to_owned()),
        None => {}
    }
    if sentences.is_empty() {
        sentences.push("Toujours.".to_owned());
    }
    sentences
}

fn channel_name(channel: Channel) -> &'static str {
    match channel {
        Channel::Web => "internet",
        Channel::Phone => "téléphone",
        Channel::Counter => "le guichet",
        Channel::Email => "courriel",
        Channel::Letter => "courrier",
        Channel::Open311 => "Open311",
        Channel::Api => "l’API",
        Channel::Partner => "un partenaire",
    }
}

fn requester_name(kind: RequesterKind) -> &'static str {
    match kind {
        RequesterKind::Person => "d’une personne",
        RequesterKind::Organization => "d’une organisation",
        RequesterKind::Anonymous => "d’une personne anonyme",
    }
}
