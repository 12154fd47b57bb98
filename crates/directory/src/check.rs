//! What a file's tables say of each other.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    hash::Hash,
};

use parvis_kernel::{Role, UnitId, typed::street};

use crate::{
    model::{Agent, GeoPoint, Rule},
    read::{Item, Tables},
    reader::{Entry, Located, Problems},
};

/// Keeps every duplicate, unknown reference and contradiction as a problem.
pub(crate) fn references(top: &Entry<'_>, default_unit: Option<&UnitId>, tables: &Tables<'_>) {
    let sites = unique(&tables.sites, "site", |site| site.code.as_str());
    let calendars = unique(&tables.calendars, "calendar", |calendar| calendar.code.as_str());
    let districts = unique(&tables.districts, "district", |district| district.code.as_str());
    let units = unique(&tables.units, "unit", |unit| unit.code.as_str());
    let teams = unique(&tables.teams, "team", |team| team.code.as_str());
    let agents = unique(&tables.agents, "agent", |agent| agent.code.as_str());
    unique(&tables.rules, "rule", |rule| rule.code.as_str());

    if let Some(code) = default_unit.filter(|code| !units.contains(code.as_str())) {
        top.error("default_unit", unknown("unit", code.as_str()));
    }
    for Item { value: unit, entry } in &tables.units {
        known(entry, "parent", "unit", unit.parent.as_ref(), &units);
        known(entry, "site", "site", unit.site.as_ref(), &sites);
        known(entry, "calendar", "calendar", unit.calendar.as_ref(), &calendars);
    }
    cycles(tables);
    for Item { value: team, entry } in &tables.teams {
        known(entry, "unit", "unit", Some(&team.unit), &units);
    }
    let unit_of: HashMap<_, _> = tables.teams.iter().map(|team| (&team.value.code, &team.value.unit)).collect();
    for item in &tables.agents {
        let Item { value: agent, entry } = item;
        for (at, unit) in agent.units.iter().enumerate().filter(|(_, unit)| !units.contains(unit.as_str())) {
            entry.error_nth("units", at, unknown("unit", unit.as_str()));
        }
        for (at, team) in agent.teams.iter().enumerate() {
            match unit_of.get(team) {
                None => entry.error_nth("teams", at, unknown("team", team.as_str())),
                Some(unit) if !agent.units.contains(unit) => {
                    let message = format!(
                        "team « {team} » belongs to unit « {unit} », where this agent is not; add the unit or remove the team"
                    );
                    entry.error_nth("teams", at, message);
                }
                Some(_) => {}
            }
        }
        known(entry, "site", "site", agent.site.as_ref(), &sites);
        known(entry, "calendar", "calendar", agent.calendar.as_ref(), &calendars);
        agent_alone(item, tables);
    }
    for Item { value: absence, entry } in &tables.absences {
        known(entry, "agent", "agent", Some(&absence.agent), &agents);
        if absence.until < absence.from {
            let message =
                format!("the absence ends ({}) before it begins ({}); swap them", absence.until, absence.from);
            entry.error("until", message);
        }
    }
    for Item { value: rule, entry } in &tables.rules {
        known(entry, "unit", "unit", Some(&rule.unit), &units);
        for (at, district) in rule.districts.iter().enumerate().filter(|(_, code)| !districts.contains(code.as_str())) {
            entry.error_nth("district", at, unknown("district", district));
        }
        if rule.level > 0 && rule.skill.is_none() {
            entry.error("level", "a level needs its skill; add skill = \"…\" or remove the level");
        }
        known(entry, "team", "team", rule.team.as_ref(), &teams);
        let team = rule.team.as_ref().and_then(|team| Some((team, unit_of.get(team)?)));
        if let Some((team, unit)) = team.filter(|(_, unit)| ***unit != rule.unit) {
            let message =
                format!("team « {team} » belongs to unit « {unit} », not to « {} »; change one of them", rule.unit);
            entry.error("team", message);
        }
    }
}

/// What an agent needs to be one.
fn agent_alone(Item { value: agent, entry }: &Item<'_, Agent>, tables: &Tables<'_>) {
    if agent.roles.is_empty() {
        entry.error(
            "roles",
            "an agent needs at least one role: front_desk, case_worker, supervisor, elected_official or administrator",
        );
    }
    if agent.roles.contains(&Role::Partner) {
        entry.error("roles", "« partner » is for other systems, not for an agent; remove it");
    }
    let works = [Role::FrontDesk, Role::CaseWorker, Role::Supervisor].iter().any(|role| agent.roles.contains(role));
    if agent.units.is_empty() && (works || agent.capacity > 0) {
        entry.error("units", "an agent needs at least one unit; add units = [\"…\"]");
    }
    let handles = agent.roles.contains(&Role::CaseWorker) || agent.roles.contains(&Role::Supervisor);
    if agent.capacity > 0 && !handles {
        entry.error("capacity", "only a case_worker or a supervisor receives cases; add the role, or set capacity = 0");
    }
    let main = agent.units.first();
    if agent.capacity > 0 && agent.calendar.is_none() && main.is_some_and(|unit| !has_calendar(unit, tables)) {
        entry.error(
            "calendar",
            "an agent who receives cases needs a calendar, of their own or of their main unit; add calendar = \"…\"",
        );
    }
}

/// Whether the unit or one above has a calendar. A chain that is broken is a problem of its own: no second one.
fn has_calendar(unit: &UnitId, tables: &Tables<'_>) -> bool {
    let mut at = unit;
    for _ in 0..=tables.units.len() {
        let Some(Item { value: unit, .. }) = tables.units.iter().find(|unit| unit.value.code == *at) else {
            return true;
        };
        match &unit.parent {
            _ if unit.calendar.is_some() => return true,
            Some(parent) => at = parent,
            None => return false,
        }
    }
    true
}

/// The codes of one table, each twice-used one being a problem.
fn unique<'a, T, K: Eq + Hash + Ord + std::fmt::Display + Copy>(
    items: &'a [Item<'_, T>],
    kind: &str,
    key: impl Fn(&'a T) -> K,
) -> BTreeSet<K> {
    let mut seen = BTreeSet::new();
    for item in items {
        let code = key(&item.value);
        if !seen.insert(code) {
            item.entry.error("code", format!("a second {kind} is called « {code} »; give it another code"));
        }
    }
    seen
}

fn known<T: AsRef<str>>(entry: &Entry<'_>, key: &str, kind: &str, code: Option<&T>, codes: &BTreeSet<&str>) {
    if let Some(code) = code.map(AsRef::as_ref).filter(|code| !codes.contains(code)) {
        entry.error(key, unknown(kind, code));
    }
}

fn unknown(kind: &str, code: &str) -> String {
    format!("no {kind} is called « {code} » in this file; add a [[{kind}]] or correct the code")
}

/// Every unit that is above itself.
fn cycles(tables: &Tables<'_>) {
    let parents: HashMap<_, _> =
        tables.units.iter().map(|unit| (&unit.value.code, unit.value.parent.as_ref())).collect();
    for Item { value: unit, entry } in &tables.units {
        let mut path = vec![&unit.code];
        let mut at = unit.parent.as_ref();
        while let Some(above) = at {
            if *above == unit.code {
                path.push(above);
                let path = path.iter().map(|code| code.as_str()).collect::<Vec<_>>().join(" → ");
                entry.error("parent", format!("the unit is above itself ({path}); change one parent"));
                break;
            }
            if path.contains(&above) {
                break;
            }
            path.push(above);
            at = parents.get(above).copied().flatten();
        }
    }
}

/// What looks like a mistake and is not one for sure.
pub(crate) fn warnings(problems: &Problems, tables: &Tables<'_>) -> Vec<Located> {
    let mut warnings = Vec::new();
    let mut skilled: BTreeMap<&str, BTreeMap<&UnitId, u8>> = BTreeMap::new();
    for Item { value: agent, .. } in tables.agents.iter().filter(|item| item.value.capacity > 0) {
        for (skill, level) in &agent.skills {
            let best = skilled.entry(skill).or_default();
            for unit in &agent.units {
                best.entry(unit).and_modify(|best| *best = (*best).max(*level)).or_insert(*level);
            }
        }
    }
    let takes_all = tables.rules.iter().position(|item| has_no_condition(&item.value));
    for (at, Item { value: rule, entry }) in tables.rules.iter().enumerate() {
        if let Some(skill) = rule.skill.as_deref()
            && let best = skilled.get(skill).and_then(|units| units.get(&rule.unit))
            && best.is_none_or(|best| *best < rule.level)
        {
            let which = if best.is_some() { format!(" at level {}", rule.level) } else { String::new() };
            let message = format!(
                "nobody in unit « {} » who receives cases has the skill « {skill} »{which}: they will wait in the queue, then go up the ladder",
                rule.unit
            );
            let key = if best.is_some() { "level" } else { "skill" };
            warnings.push(problems.locate(&entry.span_of(key), message));
        }
        if takes_all.is_some_and(|first| at > first) {
            let message = format!("the rule « {} » is never tried: an earlier one has no condition", rule.code);
            warnings.push(problems.locate(&entry.span_of("code"), message));
        }
    }
    districts(problems, tables, &mut warnings);
    warnings
}

/// Streets of two districts, and outlines that are elsewhere.
fn districts(problems: &Problems, tables: &Tables<'_>, warnings: &mut Vec<Located>) {
    let mut owners: HashMap<Vec<String>, &str> = HashMap::new();
    for Item { value: district, entry } in &tables.districts {
        for (at, street) in district.streets.iter().enumerate() {
            let words = street::words(street);
            if words.is_empty() {
                let message = format!("« {street} » names no street: nobody's address will match it; remove it");
                warnings.push(problems.locate(&entry.span_of_nth("streets", at), message));
                continue;
            }
            let first = owners.entry(words).or_insert(&district.code);
            if *first != district.code {
                let message = format!(
                    "« {street} » is a street of « {first} » too, which gets the requests; leave it in one of them, or \
                     give both an outline"
                );
                warnings.push(problems.locate(&entry.span_of_nth("streets", at), message));
            }
        }
        if !district.polygon.is_empty() && district.polygon.iter().all(looks_turned_round) {
            let message = format!(
                "the outline of « {} » lies in the Indian Ocean: write the latitude first, then the longitude",
                district.code
            );
            warnings.push(problems.locate(&entry.span_of("polygon"), message));
        }
    }
}

/// Whether a point is in metropolitan France once its two numbers are swapped, and is not as it stands.
fn looks_turned_round(point: &GeoPoint) -> bool {
    let degrees = |micro: i32| f64::from(micro) / 1e6;
    (-6.0..=10.0).contains(&degrees(point.latitude)) && (41.0..=52.0).contains(&degrees(point.longitude))
}

fn has_no_condition(rule: &Rule) -> bool {
    rule.channels.is_empty()
        && rule.procedures.is_empty()
        && rule.words.is_empty()
        && rule.districts.is_empty()
        && rule.requesters.is_empty()
        && rule.time.is_none()
}
