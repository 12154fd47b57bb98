//! A rule set compared with the directory, with the procedures, and with itself.

use std::collections::{BTreeMap, BTreeSet};

use parvis_directory::{Agent, DirectoryFile, outline};
use parvis_kernel::{ProcedureCode, UnitId};
use serde::{Deserialize, Serialize};

use super::{
    cover::Space,
    model::{Condition, FieldTest, Limit, Rule, RuleSet, Then},
    read::{number, primary},
    text::{Finding, Severity},
    together::Gap,
};

/// Warnings about pairs of rules at most: beyond, nobody reads them.
const MAX_OVERLAPS: usize = 50;

/// What routing knows of the procedures, to check rules and to learn from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalogue {
    /// Their current versions.
    pub procedures: Vec<ProcedureForm>,
}

/// A procedure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in the procedures' file")]
pub struct ProcedureForm {
    pub code: String,
    pub title: String,
    pub summary: String,
    pub unit: String,
    pub keywords: Vec<String>,
    pub fields: Vec<FormField>,
}

/// A field of its form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in the procedures' file")]
pub struct FormField {
    pub code: String,
    pub kind: String,
    pub choices: Vec<String>,
}

/// Adds to `findings`, those of the reading, what is wrong between `set` and what it names, and between its rules.
/// `catalogue`: `None` where the procedures are unknown here.
pub fn check(
    set: &RuleSet,
    directory: &DirectoryFile,
    catalogue: Option<&Catalogue>,
    mut findings: Vec<Finding>,
) -> Vec<Finding> {
    let broken: BTreeSet<usize> =
        findings.iter().filter(|finding| finding.severity == Severity::Error).map(|finding| finding.rule).collect();
    let mut report = Report { findings: &mut findings };
    if catalogue.is_none() && set.rules.iter().any(asks_of_procedures) {
        let message = "Les démarches ne sont pas connues ici : leurs codes et leurs champs ne sont pas vérifiés.";
        report.say(Severity::Warning, 0, "", "rules", message.to_owned());
    }
    let last = set.rules.last().map_or(1, |rule| rule.number + 1);
    names_of_then(&set.default, last, "default", set, directory, &mut report);
    for rule in &set.rules {
        names_of_then(&rule.then, rule.number, &rule.code, set, directory, &mut report);
        for (n, condition) in rule.when.iter().enumerate() {
            names_of_condition(rule, condition, &format!("conditions[{}]", n + 1), directory, catalogue, &mut report);
        }
    }
    let sound: Vec<(&Rule, Space)> = set
        .rules
        .iter()
        .filter(|rule| !broken.contains(&rule.number))
        .map(|rule| (rule, Space::of(&rule.when)))
        .collect();
    let possible: Vec<&(&Rule, Space)> = sound
        .iter()
        .filter(|(rule, space)| {
            let found = space.contradiction();
            if let Some((what, certain)) = &found {
                let several = rule_fields(rule).any(|field| may_have_several(field, catalogue));
                let severity = if *certain || !several { Severity::Error } else { Severity::Warning };
                let message = format!("Ses conditions se contredisent ({what}) : elle ne s’appliquerait jamais.");
                report.say(severity, rule.number, &rule.code, "conditions", message);
            }
            found.is_none()
        })
        .collect();
    pairs(&possible, &mut report);
    loops(set, &mut report);
    findings.sort_by_key(|finding| (finding.severity, finding.rule));
    findings
}

struct Report<'a> {
    findings: &'a mut Vec<Finding>,
}

impl Report<'_> {
    fn say(&mut self, severity: Severity, rule: usize, code: &str, field: &str, message: String) {
        let finding = Finding { severity, rule, code: code.to_owned(), field: field.to_owned(), message };
        self.findings.push(finding);
    }
}

fn asks_of_procedures(rule: &Rule) -> bool {
    rule.when.iter().any(|condition| matches!(condition, Condition::Procedure(_) | Condition::Field { .. }))
}

fn rule_fields(rule: &Rule) -> impl Iterator<Item = &str> {
    rule.when.iter().filter_map(|condition| match condition {
        Condition::Field { field, .. } => Some(field.as_str()),
        _ => None,
    })
}

/// Whether a field may have several answers at once, or is unknown.
fn may_have_several(field: &str, catalogue: Option<&Catalogue>) -> bool {
    let Some(catalogue) = catalogue else { return true };
    let mut fields = catalogue.procedures.iter().flat_map(|procedure| &procedure.fields);
    fields.any(|known| known.code == field && known.kind == "multi_choice")
}

fn receives(agent: &Agent) -> bool {
    agent.capacity > 0
}

fn names_of_then(
    then: &Then,
    number: usize,
    code: &str,
    set: &RuleSet,
    directory: &DirectoryFile,
    report: &mut Report<'_>,
) {
    // A rule has one action of each of these kinds: the kind names it.
    let mut say = |severity, kind: &str, message: String| {
        report.say(severity, number, code, &format!("actions.{kind}"), message);
    };
    if let Some(unit) = then.unit.as_ref().filter(|unit| directory.unit(unit).is_none()) {
        say(Severity::Error, "unit", format!("Aucun service ne s’appelle « {unit} » dans l’annuaire."));
    }
    if let Some(team) = &then.team {
        match directory.teams.iter().find(|known| known.code == *team) {
            None => say(Severity::Error, "team", format!("Aucune équipe ne s’appelle « {team} » dans l’annuaire.")),
            Some(known) if then.unit.as_ref().is_some_and(|unit| *unit != known.unit) => {
                say(Severity::Error, "team", format!("L’équipe « {team} » est du service « {} ».", known.unit));
            }
            Some(_) => {}
        }
    }
    if let Some(body) = then.transfer.as_ref().filter(|body| !set.bodies.iter().any(|known| known.code == **body)) {
        say(Severity::Error, "transfer", format!("Aucun organisme ne s’appelle « {body} » dans ce jeu de règles."));
    }
    let in_unit = |agent: &&Agent| then.unit.as_ref().is_none_or(|unit| agent.units.contains(unit));
    if let Some(skill) = &then.skill {
        let mut skilled = directory.agents.iter().filter(|agent| agent.skills.contains_key(skill)).peekable();
        if skilled.peek().is_none() {
            say(Severity::Error, "skill", format!("Personne n’a la compétence « {skill} »."));
        } else if !skilled
            .any(|agent| receives(agent) && in_unit(&agent) && agent.skills.get(skill).copied() >= then.level)
        {
            let level = then.level.map(|level| format!(" au niveau {level}")).unwrap_or_default();
            let message = format!("Personne de ce service ne reçoit de dossier avec la compétence « {skill} »{level}.");
            say(Severity::Warning, "skill", format!("{message} Ils attendront dans la file."));
        }
    }
    if let Some(language) = &then.language {
        let speaks = |agent: &&Agent| agent.languages.iter().any(|spoken| primary(spoken) == primary(language));
        if !directory.agents.iter().filter(in_unit).any(|agent| receives(agent) && speaks(&agent)) {
            let message = format!("Personne de ce service ne parle « {language} » : ils attendront dans la file.");
            say(Severity::Warning, "language", message);
        }
    }
}

fn names_of_condition(
    rule: &Rule,
    condition: &Condition,
    field: &str,
    directory: &DirectoryFile,
    catalogue: Option<&Catalogue>,
    report: &mut Report<'_>,
) {
    let mut say = |severity, part: &str, message: String| {
        report.say(severity, rule.number, &rule.code, &format!("{field}.{part}"), message);
    };
    match condition {
        Condition::District(any) => {
            for code in any.iter().filter(|code| !directory.districts.iter().any(|known| known.code == **code)) {
                say(Severity::Error, "values", format!("Aucun quartier ne s’appelle « {code} » dans l’annuaire."));
            }
            // Directories are refused with one; those imported before that was checked are still in force.
            for district in directory.districts.iter().filter(|known| any.contains(&known.code)) {
                let Some(crossing) = outline::crossing(&district.polygon) else { continue };
                let message = format!(
                    "Le contour du quartier « {} » se croise : son côté {} et son côté {}. Corrigez-le dans l’annuaire : \
                     ses points se suivent comme on en fait le tour.",
                    district.code, crossing.first, crossing.second
                );
                say(Severity::Error, "values", message);
            }
        }
        Condition::Hours { calendar: Some(code), .. } => {
            match directory.calendars.iter().find(|known| known.code == *code) {
                None => say(Severity::Error, "subject", format!("Aucun calendrier ne s’appelle « {code} ».")),
                Some(known) if known.hours.is_empty() => {
                    say(Severity::Warning, "subject", format!("Le calendrier « {code} » n’ouvre jamais."));
                }
                Some(_) => {}
            }
        }
        Condition::Load { unit, .. } if directory.unit(unit).is_none() => {
            say(Severity::Error, "subject", format!("Aucun service ne s’appelle « {unit} » dans l’annuaire."));
        }
        Condition::Procedure(any) => {
            let Some(catalogue) = catalogue else { return };
            for code in any.iter().filter(|code| catalogue.find(code).is_none()) {
                say(Severity::Error, "values", format!("Aucune démarche ne s’appelle « {code} »."));
            }
        }
        Condition::Field { field: code, test } => {
            let Some(catalogue) = catalogue else { return };
            let forms = catalogue.fields(rule, code);
            if forms.is_empty() {
                say(Severity::Error, "subject", format!("Aucun formulaire concerné n’a de champ « {code} »."));
            }
            for form in forms {
                if let Some(message) = wrong_type(form, test) {
                    say(Severity::Error, "test", message);
                }
            }
        }
        _ => {}
    }
}

impl Catalogue {
    fn find(&self, code: &ProcedureCode) -> Option<&ProcedureForm> {
        self.procedures.iter().find(|procedure| procedure.code == code.as_str())
    }

    /// The fields called `code` of the procedures that the rule names, else of all.
    fn fields<'a>(&'a self, rule: &Rule, code: &str) -> Vec<&'a FormField> {
        let mut named = rule.when.iter().filter_map(|condition| match condition {
            Condition::Procedure(any) => Some(any),
            _ => None,
        });
        let named = named.next();
        let concerned = self
            .procedures
            .iter()
            .filter(|procedure| named.is_none_or(|named| named.iter().any(|code| code.as_str() == procedure.code)));
        concerned.flat_map(|procedure| &procedure.fields).filter(|field| field.code == code).collect()
    }
}

fn wrong_type(field: &FormField, test: &FieldTest) -> Option<String> {
    let code = &field.code;
    match (test, field.kind.as_str()) {
        (FieldTest::Number(_), kind) if kind != "number" => {
            Some(format!("Le champ « {code} » n’est pas un nombre (type {kind}) : il ne peut être comparé ainsi."))
        }
        (FieldTest::OneOf(any), "choice" | "multi_choice") => {
            let wrong = any.iter().find(|value| !field.choices.contains(value))?;
            Some(format!("« {wrong} » n’est pas un des choix du champ « {code} »."))
        }
        (FieldTest::OneOf(any), "boolean") => {
            let wrong = any.iter().find(|value| !matches!(value.as_str(), "true" | "false"))?;
            Some(format!("Le champ « {code} » vaut true ou false, jamais « {wrong} »."))
        }
        (FieldTest::OneOf(any), "number") => {
            let wrong = any.iter().find(|value| number(value).is_none())?;
            Some(format!("Le champ « {code} » est un nombre, jamais « {wrong} »."))
        }
        _ => None,
    }
}

/// Rules that are never reached, and rules that take some of what a later one would.
fn pairs(rules: &[&(&Rule, Space)], report: &mut Report<'_>) {
    let mut overlaps = 0;
    for (at, (later, narrow)) in rules.iter().enumerate() {
        let mut hidden = false;
        // Those that would hide it but for one thing: together, they may.
        let mut nearly: Vec<(usize, Gap<'_>)> = Vec::new();
        for (earlier, wide) in &rules[..at] {
            // Those naming a procedure are read before the others.
            if earlier.names_procedures() != later.names_procedures() {
                continue;
            }
            let (first, last) = (&earlier.then, &later.then);
            let takes_place = first.unit.is_some() && last.unit.is_some();
            // A rule that names a unit is passed, its stop with it, where the place is known already (a procedure's
            // own unit): only one that names none surely stops.
            let hides = takes_place || (first.stop && first.unit.is_none());
            if hides && wide.covers(narrow) {
                let message = format!(
                    "Jamais atteinte : la règle {} « {} » prend avant elle tout ce qu’elle vise.",
                    earlier.number, earlier.name
                );
                report.say(Severity::Error, later.number, &later.code, "conditions", message);
                hidden = true;
                break;
            }
            if hides {
                nearly.extend(wide.only_gap(narrow).map(|gap| (earlier.number, gap)));
            }
            let elsewhere =
                takes_place && (&earlier.then.unit, &earlier.then.team) != (&later.then.unit, &later.then.team);
            if overlaps < MAX_OVERLAPS && elsewhere && !narrow.covers(wide) && wide.overlaps(narrow) {
                overlaps += 1;
                let message = format!(
                    "Vise en partie les mêmes demandes que la règle {} « {} », qui passe avant et les envoie ailleurs.",
                    earlier.number, earlier.name
                );
                report.say(Severity::Warning, later.number, &later.code, "conditions", message);
            }
        }
        if let Some(numbers) = (!hidden).then(|| narrow.hidden_together(&nearly)).flatten() {
            let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
            let message = format!(
                "Jamais atteinte : les règles {} prennent ensemble, avant elle, tout ce qu’elle vise.",
                numbers.join(", ")
            );
            report.say(Severity::Warning, later.number, &later.code, "conditions", message);
        }
    }
}

/// Rules by which units that are too loaded send their requests round in a circle.
fn loops(set: &RuleSet, report: &mut Report<'_>) {
    let mut edges: BTreeMap<&UnitId, Vec<(&UnitId, &Rule)>> = BTreeMap::new();
    for rule in &set.rules {
        let Some(to) = &rule.then.unit else { continue };
        for condition in &rule.when {
            if let Condition::Load { unit, limit: Limit::More(_) | Limit::AtLeast(_) } = condition {
                edges.entry(unit).or_default().push((to, rule));
            }
        }
    }
    for (from, outs) in &edges {
        for (to, rule) in outs {
            if comes_back(&edges, to, from) {
                let message = format!(
                    "Boucle : « {from} », trop chargé, envoie à « {to} », dont d’autres règles renvoient la surcharge à « {from} »."
                );
                report.say(Severity::Error, rule.number, &rule.code, "conditions", message);
            }
        }
    }
}

fn comes_back(edges: &BTreeMap<&UnitId, Vec<(&UnitId, &Rule)>>, start: &UnitId, goal: &UnitId) -> bool {
    let mut seen: BTreeSet<&UnitId> = BTreeSet::new();
    let mut open = vec![start];
    while let Some(unit) = open.pop() {
        if unit == goal {
            return true;
        }
        for (next, _) in edges.get(unit).into_iter().flatten() {
            if seen.insert(next) {
                open.push(next);
            }
        }
    }
    false
}
