//! Decisions told in French.

use parvis_search::classify::competence;

use super::{
    desk::{Cause, EscalationStep},
    place::Proposal,
    rules::{Condition, Rule, RuleSet},
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

/// Why the case came here, in one sentence for the agent. `rules`: the set used; `rule`: what won.
pub fn sentence(trace: &Trace, rule: &str, reason: &str, rules: &RuleSet) -> String {
    let words: Vec<String> = words_of(trace, rule, rules).iter().map(|word| format!("« {word} »")).collect();
    let because = match rule {
        "manual" if reason.is_empty() => "une personne habilitée l’a transmis à ce service".to_owned(),
        "manual" => format!("une personne habilitée l’a transmis à ce service : {}", reason.trim_end_matches('.')),
        "procedure" => "sa démarche relève de ce service".to_owned(),
        "default" => "aucune règle ne désigne un autre service".to_owned(),
        "triage" => "aucune règle ne désigne un service et aucune proposition n’est assez sûre : à vous de l’orienter"
            .to_owned(),
        "classifier" => {
            let best = trace.placed.guesses.first();
            let words = best.map(|best| best.words.iter().map(|word| format!("« {word} »")).collect::<Vec<_>>());
            let words = words.filter(|words| !words.is_empty()).map(|words| format!(", d’après {}", words.join(", ")));
            let percent = best.map_or(0, |best| best.percent);
            format!(
                "il ressemble à {percent} % à ceux de ce service{} (proposition automatique)",
                words.unwrap_or_default()
            )
        }
        code => {
            let name = rules.rules.iter().find(|rule| rule.code == code).map_or(code, |rule| &rule.name);
            match words.as_slice() {
                [] => format!("la règle « {name} » s’applique"),
                words => format!("la règle « {name} » s’applique : il contient {}", words.join(" et ")),
            }
        }
    };
    let that = if because.starts_with(['a', 'i', 'u']) { "qu’" } else { "que " };
    format!("Ce dossier vous est arrivé parce {that}{because}.")
}

/// The phrases of the rule `code` that were in the text.
fn words_of<'a>(trace: &Trace, code: &str, rules: &'a RuleSet) -> Vec<&'a str> {
    let Some((at, rule)) = rules.rules.iter().enumerate().find(|(_, rule)| rule.code == code) else {
        return Vec::new();
    };
    phrases(at, rule, trace)
}

fn phrases<'a>(at: usize, rule: &'a Rule, trace: &Trace) -> Vec<&'a str> {
    let clauses: Vec<&[String]> = rule
        .when
        .iter()
        .filter_map(|condition| match condition {
            Condition::Words(any) => Some(any.as_slice()),
            _ => None,
        })
        .collect();
    let hits = trace.placed.hits.iter().filter(|hit| hit.rule == at).map(|hit| (hit.clause, hit.phrase));
    let mut found: Vec<&str> =
        hits.filter_map(|(clause, phrase)| clauses.get(clause)?.get(phrase)).map(String::as_str).collect();
    if found.is_empty() {
        let earlier = trace.word.and_then(|word| clauses.first()?.get(word));
        found.extend(earlier.map(String::as_str));
    }
    found
}

/// Everything looked at, in order. `rules`: those used; `rule`: what won.
pub fn steps(trace: &Trace, rule: &str, rules: &RuleSet, snapshot: &Snapshot) -> Vec<Step> {
    let tried: Vec<(usize, &Rule, RuleOutcome)> = rules
        .rules
        .iter()
        .zip(&trace.rules)
        .enumerate()
        .filter(|(_, (_, outcome))| **outcome != RuleOutcome::NotTried)
        .map(|(at, (rule, outcome))| (at, rule, *outcome))
        .collect();
    // Those naming the procedure came first: they alone have procedures and got past that condition.
    let names_it = |rule: &Rule, outcome: RuleOutcome| rule.names_procedures() && outcome != RuleOutcome::Procedure;
    let (first, others): (Vec<_>, Vec<_>) = tried.into_iter().partition(|(_, rule, outcome)| names_it(rule, *outcome));
    let step = |(at, rule, outcome): (usize, &Rule, RuleOutcome)| rule_step(at, rule, outcome, trace);
    let mut steps: Vec<Step> = first.into_iter().map(step).collect();
    if rule == "procedure" {
        steps.push(fixed("procedure", "Service de la démarche", "La démarche désigne ce service."));
    }
    steps.extend(others.into_iter().map(step));
    for guess in &trace.placed.guesses {
        let unit = guess.unit.as_ref();
        let subject = unit.map_or_else(|| guess.competence.clone(), ToString::to_string);
        let label =
            unit.map_or_else(|| body_name(rules, &guess.competence), |unit| snapshot.unit_name(unit).to_owned());
        let words: Vec<String> = guess.words.iter().map(|word| format!("« {word} »")).collect();
        let because = if words.is_empty() { String::new() } else { format!(", d’après {}", words.join(", ")) };
        let why = format!("Probable à {} %{because}.", guess.percent);
        let kept = rule == "classifier" && steps.iter().all(|step| step.kind != "guess");
        steps.push(Step { kind: "guess", subject, label, kept, why });
    }
    match rule {
        "default" => steps.push(fixed("default", "Service par défaut", "Aucune règle ne s’applique.")),
        "triage" => {
            steps.push(fixed(
                "triage",
                "À orienter",
                "Aucune règle ne s’applique ; aucune proposition n’est assez sûre.",
            ));
        }
        "manual" => steps.push(fixed("manual", "Choix d’un agent", "Une personne habilitée l’a demandé.")),
        _ => {}
    }
    if let Some(Proposal { body, name, contact, .. }) = &trace.placed.transfer {
        let why = format!("Une transmission à cet organisme est proposée : {contact}.");
        steps.push(Step { kind: "transfer", subject: body.clone(), label: name.clone(), kept: true, why });
    }
    steps.extend(trace.candidates.iter().map(|candidate| candidate_step(candidate, trace, snapshot)));
    steps
}

/// What a competent body is called here, else in the national list.
pub fn body_name(rules: &RuleSet, code: &str) -> String {
    let own = rules.bodies.iter().find(|body| body.code == code).map(|body| body.name.clone());
    own.or_else(|| competence::body(code).map(|body| body.name.clone())).unwrap_or_else(|| code.to_owned())
}

fn fixed(subject: &str, label: &str, why: &str) -> Step {
    Step { kind: "rule", subject: subject.to_owned(), label: label.to_owned(), kept: true, why: why.to_owned() }
}

fn rule_step(at: usize, rule: &Rule, outcome: RuleOutcome, trace: &Trace) -> Step {
    let why = match outcome {
        RuleOutcome::Kept => {
            let words: Vec<String> = phrases(at, rule, trace).iter().map(|word| format!("« {word} »")).collect();
            match words.as_slice() {
                [] => "Toutes ses conditions sont remplies.".to_owned(),
                words => format!("Toutes ses conditions sont remplies ; le texte contient {}.", words.join(" et ")),
            }
        }
        RuleOutcome::Channel => "La demande n’est pas arrivée par un de ses canaux.".to_owned(),
        RuleOutcome::Procedure => "Elle vise une autre démarche.".to_owned(),
        RuleOutcome::Words => "Aucun de ses mots n’est dans le texte.".to_owned(),
        RuleOutcome::District => "Le lieu n’est pas dans un de ses quartiers.".to_owned(),
        RuleOutcome::Requester => "Elle vise un autre type de demandeur.".to_owned(),
        RuleOutcome::Time => "Le moment de réception ne convient pas.".to_owned(),
        RuleOutcome::Field => "Une réponse du formulaire ne convient pas.".to_owned(),
        RuleOutcome::Language => "La personne parle une autre langue.".to_owned(),
        RuleOutcome::Load => "La charge du service ne convient pas.".to_owned(),
        RuleOutcome::Failed => {
            let fault = trace.placed.faults.iter().find(|(rule, _)| *rule == at);
            let what = fault.map(|(_, fault)| fault.tell()).unwrap_or_default();
            format!("En erreur : {what} Le dossier a continué par la règle suivante.")
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_is_french_whatever_it_begins_with() {
        let because = |rule: &str| sentence(&Trace::default(), rule, "", &RuleSet::default());
        assert_eq!(because("procedure"), "Ce dossier vous est arrivé parce que sa démarche relève de ce service.");
        for (rule, said) in [("manual", "parce qu’une"), ("default", "parce qu’aucune"), ("classifier", "parce qu’il")]
        {
            assert!(because(rule).contains(said), "{}", because(rule));
        }
    }
}
