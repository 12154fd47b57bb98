//! From TOML to the model, table by table.

use std::{collections::BTreeMap, str::FromStr};

use jiff::civil::{Date, Weekday};
use parvis_calendar::WorkingHours;
use parvis_kernel::{Channel, Error, ids::is_code, text::excerpt, typed::email};
use toml::de::DeTable;

use crate::{
    check, deputies, handling,
    model::{Absence, Agent, Calendar, DirectoryFile, District, GeoPoint, Rule, Site, Team, Unit},
    outline,
    reader::{Entry, Located, Problems},
};

/// A file is at most this long, in bytes.
const MAX_FILE: usize = 8_000_000;
const MAX_CAPACITY: u32 = 10_000;
/// A case weighs at most ten.
const MAX_WEIGHT: u32 = 1_000;
const MAX_POLYGON: usize = 2_000;

/// What was read and the table it came from, for the lines of later problems.
pub(crate) struct Item<'t, T> {
    pub(crate) value: T,
    pub(crate) entry: Entry<'t>,
}

/// The tables of a file; those too wrong to be represented are left out and their problems kept.
pub(crate) struct Tables<'t> {
    pub(crate) sites: Vec<Item<'t, Site>>,
    pub(crate) calendars: Vec<Item<'t, Calendar>>,
    pub(crate) districts: Vec<Item<'t, District>>,
    pub(crate) units: Vec<Item<'t, Unit>>,
    pub(crate) teams: Vec<Item<'t, Team>>,
    pub(crate) agents: Vec<Item<'t, Agent>>,
    pub(crate) absences: Vec<Item<'t, Absence>>,
    pub(crate) rules: Vec<Item<'t, Rule>>,
}

/// Reads and checks a directory file.
///
/// # Errors
/// Everything that is wrong, in the order of the file.
pub fn parse(file_name: &str, text: &str) -> Result<DirectoryFile, Vec<Located>> {
    let problems = Problems::new(file_name, text);
    if text.len() > MAX_FILE {
        return Err(vec![
            problems.locate(&(0..0), "the file is longer than 8 MB; split the town or remove what is old"),
        ]);
    }
    let (document, syntax) = DeTable::parse_recoverable(text);
    if !syntax.is_empty() {
        for error in syntax {
            let message = format!("not valid TOML: {}", error.message().trim());
            problems.error(&error.span().unwrap_or(0..0), message);
        }
        return Err(problems.finish());
    }
    let span = document.span();
    let top = Entry::new(&problems, document.get_ref(), 0..span.end.min(1), "the file");
    let (tenant, default_unit) = (top.required("tenant"), top.required("default_unit"));
    let weights = weights(&top);
    let tables = Tables {
        sites: items(top.tables("site", "[[site]]"), site),
        calendars: items(top.tables("calendar", "[[calendar]]"), calendar),
        districts: items(top.tables("district", "[[district]]"), district),
        units: items(top.tables("unit", "[[unit]]"), unit),
        teams: items(top.tables("team", "[[team]]"), team),
        agents: items(top.tables("agent", "[[agent]]"), agent),
        absences: items(top.tables("absence", "[[absence]]"), absence),
        rules: items(top.tables("rule", "[[rule]]"), rule),
    };
    top.finish();
    check::references(&top, default_unit.as_ref(), &tables);
    handling::check_replaced(&tables.units);
    deputies::check(&tables.agents);
    let mut warnings = check::warnings(&problems, &tables);
    warnings.extend(deputies::warnings(&problems, &tables.agents));
    let read = tenant.zip(default_unit).map(|(tenant, default_unit)| DirectoryFile {
        tenant,
        default_unit,
        weights,
        sites: values(tables.sites),
        calendars: values(tables.calendars),
        districts: values(tables.districts),
        units: values(tables.units),
        teams: values(tables.teams),
        agents: values(tables.agents),
        absences: values(tables.absences),
        rules: values(tables.rules),
        warnings,
    });
    drop(top);
    let errors = problems.finish();
    match read {
        Some(file) if errors.is_empty() => Ok(file),
        _ => Err(errors),
    }
}

fn items<'t, T>(entries: Vec<Entry<'t>>, read: fn(&Entry<'t>) -> Option<T>) -> Vec<Item<'t, T>> {
    let mut items = Vec::with_capacity(entries.len());
    for entry in entries {
        let value = read(&entry);
        entry.finish();
        items.extend(value.map(|value| Item { value, entry }));
    }
    items
}

fn values<T>(items: Vec<Item<'_, T>>) -> Vec<T> {
    items.into_iter().map(|item| item.value).collect()
}

/// What cases weigh, by channel.
fn weights(top: &Entry<'_>) -> BTreeMap<Channel, u32> {
    let mut weights = BTreeMap::new();
    for (channel, weight) in top.numbers("weights", 1, MAX_WEIGHT) {
        match channel.parse::<Channel>() {
            Ok(channel) => {
                weights.insert(channel, weight);
            }
            Err(error) => {
                let why = error.violations().first().map_or(error.message(), |violation| &violation.message);
                top.error("weights", format!("« weights »: {why}"));
            }
        }
    }
    weights
}

/// A code that has no type of its own.
struct Code(String);

impl FromStr for Code {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        if is_code(text) {
            return Ok(Self(text.to_owned()));
        }
        let text = excerpt(text, 40);
        Err(Error::invalid("code", format!("« {text} » is not a code: 2 to 40 of a-z, 0-9 and dash")))
    }
}

/// A day written 2026-12-21.
struct Day(Date);

impl FromStr for Day {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let day = (text.len() == 10).then(|| text.parse().ok()).flatten();
        day.map(Self).ok_or_else(|| {
            let text = excerpt(text, 40);
            Error::invalid("day", format!("« {text} » is not a day; write it like 2026-12-21"))
        })
    }
}

/// A language tag: `fr`, `pt-BR`.
struct Language(String);

impl FromStr for Language {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let mut parts = text.split('-');
        let primary = parts.next().unwrap_or_default();
        let alphanumeric =
            |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
        if (2..=3).contains(&primary.len())
            && primary.bytes().all(|b| b.is_ascii_lowercase())
            && parts.all(alphanumeric)
        {
            return Ok(Self(text.to_owned()));
        }
        let text = excerpt(text, 40);
        Err(Error::invalid("language", format!("« {text} » is not a language tag; write it like fr or pt-BR (BCP 47)")))
    }
}

fn site(entry: &Entry<'_>) -> Option<Site> {
    let code = entry.required("code");
    let (name, address, phone) = (entry.required_text("name"), entry.text("address"), entry.text("phone"));
    Some(Site { code: code?, name, address, phone })
}

const DAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

fn calendar(entry: &Entry<'_>) -> Option<Calendar> {
    let code = entry.required::<Code>("code");
    let name = entry.required_text("name");
    let mut hours = WorkingHours::default();
    for (key, day) in DAYS {
        if let Err(error) = hours.set_day(day, &entry.texts(key)) {
            entry.error(key, format!("« {key} »: {error}"));
        }
    }
    if hours.is_empty() && DAYS.iter().all(|(key, _)| entry.texts(key).is_empty()) {
        let code = code.as_ref().map_or("", |code| code.0.as_str());
        entry.error("code", format!("the calendar « {code} » has no open hour; add a day: monday = [\"08:30-12:00\"]"));
    }
    Some(Calendar { code: code?.0, name, hours })
}

fn district(entry: &Entry<'_>) -> Option<District> {
    let code = entry.required::<Code>("code");
    let (name, streets) = (entry.required_text("name"), entry.texts("streets"));
    let polygon: Vec<GeoPoint> = entry.list("polygon");
    if (1..3).contains(&polygon.len()) || polygon.len() > MAX_POLYGON {
        let message = format!("an outline has 3 to {MAX_POLYGON} points; this one has {}", polygon.len());
        entry.error("polygon", message);
    } else if let Some(crossing) = outline::crossing(&polygon) {
        let message = format!(
            "the outline of « {} » crosses itself: side {} meets side {}; give its corners in the order of a walk round it",
            code.as_ref().map_or("", |code| code.0.as_str()),
            crossing.first,
            crossing.second,
        );
        entry.error("polygon", message);
    }
    Some(District { code: code?.0, name, streets, polygon })
}

fn unit(entry: &Entry<'_>) -> Option<Unit> {
    let code = entry.required("code");
    let unit = (
        entry.required_text("name"),
        entry.optional("parent"),
        email(entry, false),
        entry.text("phone"),
        entry.text("address"),
        entry.optional("site"),
        entry.optional::<Code>("calendar").map(|code| code.0),
    );
    let (name, parent, email, phone, address, site, calendar) = unit;
    let (sensitive, handling) = (entry.flag("sensitive"), handling::read(entry));
    Some(Unit { code: code?, name, parent, email, phone, address, site, calendar, sensitive, handling })
}

fn team(entry: &Entry<'_>) -> Option<Team> {
    let (code, name, unit) = (entry.required("code"), entry.required_text("name"), entry.required("unit"));
    Some(Team { code: code?, name, unit: unit? })
}

fn agent(entry: &Entry<'_>) -> Option<Agent> {
    let code = entry.required("code");
    let skills = entry.numbers("skills", 1, 5);
    let skills: BTreeMap<_, _> =
        skills.into_iter().map(|(skill, level)| (skill, u8::try_from(level).unwrap_or(5))).collect();
    let (first_name, last_name) = (entry.required_text("first_name"), entry.required_text("last_name"));
    let (email, job_title) = (email(entry, true), entry.text("job_title"));
    let (roles, units, teams) = (entry.list("roles"), entry.list("units"), entry.list("teams"));
    let languages = entry.list::<Language>("languages").into_iter().map(|language| language.0).collect();
    let (site, calendar) = (entry.optional("site"), entry.optional::<Code>("calendar").map(|code| code.0));
    let capacity = entry.number("capacity", 0, MAX_CAPACITY).unwrap_or(0);
    let deputies = entry.list("deputies");
    Some(Agent {
        code: code?,
        first_name,
        last_name,
        email,
        job_title,
        roles: roles.into_iter().collect(),
        units,
        teams,
        skills,
        languages,
        site,
        calendar,
        capacity,
        deputies,
    })
}

/// An address that has a chance to work; empty where absent.
fn email(entry: &Entry<'_>, required: bool) -> String {
    let typed = if required { entry.required_text("email") } else { entry.text("email") };
    if typed.is_empty() {
        return typed;
    }
    email::read(&typed).unwrap_or_else(|| {
        entry.error(
            "email",
            format!("« {} » is not an e-mail address; write it like nom@commune.fr", excerpt(&typed, 60)),
        );
        typed
    })
}

fn absence(entry: &Entry<'_>) -> Option<Absence> {
    let (agent, from, until) = (entry.required("agent"), entry.required::<Day>("from"), entry.required::<Day>("until"));
    let reason = entry.text("reason");
    Some(Absence { agent: agent?, from: from?.0, until: until?.0, reason })
}

fn rule(entry: &Entry<'_>) -> Option<Rule> {
    let code = entry.required::<Code>("code");
    let name = entry.required_text("name");
    let (channels, procedures, words) = (entry.list("channel"), entry.list("procedure"), entry.texts("words"));
    let districts = entry.list::<Code>("district").into_iter().map(|code| code.0).collect();
    let (requesters, time, unit) = (entry.list("requester"), entry.optional("time"), entry.required("unit"));
    let (team, skill) = (entry.optional("team"), entry.optional::<Code>("skill").map(|code| code.0));
    let level = entry.number("level", 1, 5).and_then(|level| u8::try_from(level).ok()).unwrap_or(0);
    let language = entry.optional::<Language>("language").map(|language| language.0);
    let priority = entry.optional("priority");
    Some(Rule {
        code: code?.0,
        name,
        channels,
        procedures,
        words,
        districts,
        requesters,
        time,
        unit: unit?,
        team,
        skill,
        level,
        language,
        priority,
    })
}

#[cfg(test)]
mod tests;
