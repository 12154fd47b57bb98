//! An agent's lists.

use jiff::civil::Date;
use parvis_kernel::{
    Caller, Error, FieldViolation, PageRequest, Reason, Reference, Refusal, Result, Role,
    ids::is_code,
    reason::Expected,
    typed::{organisation::Number, phone, tidy::is_blank},
};

use super::Casework;
use crate::{
    domain::{Case, Standing, State, access::READERS, person_words::Wanted},
    repo::{
        self,
        list::{Cursor, Filter, Source},
    },
};

/// Characters of what is searched at most.
const MAX_QUERY: usize = 100;
/// From so many digits on, what is searched is a reference.
const REFERENCE_DIGITS: usize = 7;

const VIEWS: [&str; 5] = ["mine", "unit", "queue", "filed", "counter"];

/// Ask for a page of cases.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the contract's message documents each")]
pub struct ListCases {
    pub view: String,
    pub unit: String,
    pub states: Vec<String>,
    pub query: String,
    pub page: PageRequest,
    pub due_by: String,
    pub agent: String,
}

impl Casework {
    /// Lists. A reference is found wherever the caller may read it, whatever the view and the states.
    pub async fn list_cases(&self, caller: &Caller, command: ListCases) -> Result<(Vec<Case>, String)> {
        let agent = caller.require_agent(&READERS)?;
        if caller.has(Role::ElectedOfficial) {
            return Err(Error::denied("elected officials read figures, not cases").refused(Refusal::FiguresOnly));
        }
        if command.query.chars().count() > MAX_QUERY {
            return Err(FieldViolation::too_long("query", MAX_QUERY).into());
        }
        for (field, code) in [("unit", &command.unit), ("agent", &command.agent)] {
            if !code.is_empty() && !is_code(code) {
                let reason = Expected::Code;
                return Err(Error::wrong(field, reason, "is not a code: 2 to 40 of a-z, 0-9 and dash"));
            }
        }
        let units = || {
            caller
                .units
                .iter()
                .map(|unit| unit.to_string())
                .filter(|unit| command.unit.is_empty() || *unit == command.unit)
        };
        let sources = match command.view.as_str() {
            "mine" => vec![Source::Agent(agent.to_string())],
            "filed" => vec![Source::FiledBy(agent.to_string())],
            "unit" if !command.agent.is_empty() => {
                units().map(|unit| Source::AgentOfUnit { agent: command.agent.clone(), unit }).collect()
            }
            _ if !command.agent.is_empty() => {
                let reason = Reason::ConflictsWith { other: "view".into() };
                return Err(Error::wrong("agent", reason, "goes with the view unit only"));
            }
            "unit" => units().map(Source::Unit).collect(),
            "queue" => units().map(Source::Queue).collect(),
            "counter" => {
                caller.require(&[Role::FrontDesk])?;
                if is_blank(&command.query) {
                    return Err(Error::wrong("query", Reason::Required, "is needed: who is there, or their reference"));
                }
                vec![Source::Town]
            }
            other => return Err(FieldViolation::not_one_of("view", other, &VIEWS).into()),
        };
        let states = states(&command.states)?;
        let after = Cursor::parse(&command.page.token)?;
        if looks_like_a_reference(&command.query) {
            return self.find_reference(caller, &command.query).await;
        }
        let filter = Filter {
            tenant: caller.tenant.clone(),
            sources,
            states,
            unit: command.unit.clone(),
            due_by: day("due_by", &command.due_by)?,
            wanted: wanted(&command.query)?,
        };
        let (cases, next) = repo::list::page(self.store.read(), &filter, after, command.page.limit()).await?;
        Ok((cases.into_iter().filter_map(|case| shown(caller, case)).collect(), next))
    }

    async fn find_reference(&self, caller: &Caller, query: &str) -> Result<(Vec<Case>, String)> {
        let reference: Reference = query.parse().map_err(|error: Error| error.about("query"))?;
        let case = repo::case::by_reference(self.store.read(), &caller.tenant, reference).await?;
        Ok((case.and_then(|case| shown(caller, case)).into_iter().collect(), String::new()))
    }
}

/// The case as a list may show it, as if its unit were sensitive and nobody had had it: what is certain.
fn shown(caller: &Caller, case: Case) -> Option<Case> {
    let standing = Standing::of(caller, &case, true, &[], None)?;
    Some(if standing.text.shows_filed() { case } else { case.without_text() })
}

/// An ISO date that may be left out.
pub(super) fn day(field: &str, text: &str) -> Result<Option<Date>> {
    let reason = || Expected::Day;
    let wrong = |_| Error::wrong(field, reason(), "is not a date: write it as 2026-05-31");
    (!text.is_empty()).then(|| text.parse().map_err(wrong)).transpose()
}

fn states(words: &[String]) -> Result<Vec<State>> {
    if words.is_empty() {
        return Ok(State::ALL.iter().copied().filter(|state| state.is_open()).collect());
    }
    if words.len() > State::ALL.len() {
        return Err(Error::wrong("states", Reason::Duplicate, "names a state twice: name each once"));
    }
    words.iter().map(|word| word.parse().map_err(|error: Error| error.about("states"))).collect()
}

/// Digits and a letter, or as many digits as are neither a telephone's nor an organisation's number.
fn looks_like_a_reference(query: &str) -> bool {
    let digits = query.chars().filter(char::is_ascii_digit).count();
    query.parse::<Reference>().is_ok()
        || (digits >= REFERENCE_DIGITS
            && !query.contains('@')
            && phone::key(query).is_none()
            && Number::read(query).is_none())
}

fn wanted(query: &str) -> Result<Option<Wanted>> {
    if is_blank(query) {
        return Ok(None);
    }
    let too_little = || Error::wrong("query", Reason::TooShort { least: 2 }, "two letters are needed at least");
    Wanted::read(query).map(Some).ok_or_else(too_little)
}
