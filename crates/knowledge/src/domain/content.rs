//! What an article or a response template says.

use jiff::civil::Date;
use parvis_kernel::{
    Error, FieldViolation, Reason, Result, ids::is_code, reason::Expected, text::excerpt, typed::tidy::many_lines,
};
use serde::{Deserialize, Serialize};

use super::{article::Kind, markdown, placeholder};

/// Characters of a title at most.
pub const MAX_TITLE: usize = 200;
/// Characters of a summary at most.
pub const MAX_SUMMARY: usize = 500;
/// Characters of a body at most.
pub const MAX_BODY: usize = 40_000;
/// Elements of a list at most.
const MAX_LIST: usize = 40;
/// Characters of a keyword or a body's name at most.
const MAX_WORDS: usize = 120;
/// Who may be meant.
pub const AUDIENCES: [&str; 3] = ["person", "organization", "agent"];

/// Another body that is competent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// Its name.
    pub name: String,
    /// Its site; empty where none is given.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub url: String,
}

/// A version's content. Kept as JSON: a field is only ever added.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Content {
    /// Its title.
    pub title: String,
    /// One or two sentences.
    pub summary: String,
    /// A theme's code.
    pub theme: String,
    /// `person`, `organization`, `agent`.
    pub audience: Vec<String>,
    /// Codes of the units concerned.
    pub units: Vec<String>,
    /// Who else is competent.
    pub bodies: Vec<Body>,
    /// Other words for the same thing.
    pub keywords: Vec<String>,
    /// Markdown; for a template, its text with placeholders.
    pub body: String,
    /// The same in plain language, Markdown; may be empty.
    pub plain: String,
    /// First day it is right; `None`: at once.
    pub valid_from: Option<Date>,
    /// Last day it is right; `None`: until further notice.
    pub valid_until: Option<Date>,
    /// Code of the procedure that follows from it; may be empty.
    pub procedure: String,
}

impl Content {
    /// The content as it is kept: trimmed, control characters dropped, an audience where none was said.
    ///
    /// # Errors
    /// Every field that is wrong, at once.
    pub fn checked(mut self, kind: Kind) -> Result<Self> {
        let mut wrong = Wrong::default();
        for (field, text, max, needed) in [
            ("title", &mut self.title, MAX_TITLE, true),
            ("summary", &mut self.summary, MAX_SUMMARY, kind == Kind::Article),
            ("body", &mut self.body, MAX_BODY, true),
            ("plain", &mut self.plain, MAX_BODY, false),
        ] {
            tidy(text);
            wrong.length(field, text, max, needed);
        }
        if self.title.contains('\n') {
            wrong.add("title", Expected::OneLine, "has several lines; write one");
        }
        if !is_code(&self.theme) {
            wrong.add("theme", Expected::Code, "is a theme's code: 2 to 40 of a-z, 0-9 and dash");
        }
        if !self.procedure.is_empty() && !is_code(&self.procedure) {
            wrong.add("procedure", Expected::Code, "is a procedure's code: 2 to 40 of a-z, 0-9 and dash");
        }
        self.check_lists(&mut wrong);
        if let (Some(from), Some(until)) = (self.valid_from, self.valid_until)
            && until < from
        {
            let reason = Reason::WrongOrder { other: "valid_from".into() };
            wrong.add("valid_until", reason, format!("{until} is before valid_from, {from}; exchange them"));
        }
        for (field, text) in [("body", &self.body), ("plain", &self.plain)] {
            if let Some(url) = markdown::forbidden_links(text).first() {
                let shown = excerpt(url, 60);
                wrong.add(
                    field,
                    Reason::LinkNotAllowed,
                    format!("links to « {shown} »; write an address that begins with https://, mailto:, tel: or /"),
                );
            }
            if kind == Kind::Template
                && let Err((reason, why)) = placeholder::check(text)
            {
                wrong.add(field, reason, why);
            }
        }
        wrong.finish()?;
        if self.audience.is_empty() {
            self.audience = if kind == Kind::Template {
                vec!["agent".to_owned()]
            } else {
                vec!["person".to_owned(), "organization".to_owned()]
            };
        }
        Ok(self)
    }

    fn check_lists(&mut self, wrong: &mut Wrong) {
        for (field, list, max) in [
            ("audience", &self.audience, AUDIENCES.len()),
            ("units", &self.units, MAX_LIST),
            ("keywords", &self.keywords, MAX_LIST),
        ] {
            if list.len() > max {
                let reason = Reason::TooMany { most: max as u64 };
                wrong.add(field, reason, format!("has {} elements; {max} at most", list.len()));
            }
        }
        if self.bodies.len() > MAX_LIST {
            let reason = Reason::TooMany { most: MAX_LIST as u64 };
            wrong.add("bodies", reason, format!("has {} elements; {MAX_LIST} at most", self.bodies.len()));
        }
        for audience in self.audience.iter().filter(|audience| !AUDIENCES.contains(&audience.as_str())) {
            wrong.0.push(FieldViolation::not_one_of("content.audience", audience, &AUDIENCES));
        }
        for unit in self.units.iter().filter(|unit| !is_code(unit)) {
            wrong.add("units", Expected::Code, format!("« {} » is not a unit's code", excerpt(unit, 40)));
        }
        for keyword in &mut self.keywords {
            tidy(keyword);
            wrong.length("keywords", keyword, MAX_WORDS, true);
        }
        for body in &mut self.bodies {
            tidy(&mut body.name);
            wrong.length("bodies", &body.name, MAX_WORDS, true);
            let is_url = body.url.is_empty() || body.url.starts_with("https://") || body.url.starts_with("http://");
            if !is_url
                || body.url.chars().count() > 300
                || body.url.chars().any(|c| c.is_whitespace() || c.is_control())
            {
                let why = format!("« {} » is not an address of a site: https://…", excerpt(&body.url, 60));
                wrong.add("bodies", Expected::Url, why);
            }
        }
    }

    /// Whether it is past its last day.
    pub fn is_past(&self, today: Date) -> bool {
        self.valid_until.is_some_and(|last| last < today)
    }

    /// Whether it is right on that day.
    pub fn is_valid_on(&self, today: Date) -> bool {
        !self.is_past(today) && self.valid_from.is_none_or(|first| first <= today)
    }
}

fn tidy(text: &mut String) {
    *text = many_lines(text);
}

#[derive(Default)]
struct Wrong(Vec<FieldViolation>);

impl Wrong {
    fn add(&mut self, field: &str, reason: impl Into<Reason>, message: impl Into<String>) {
        self.0.push(FieldViolation::new(format!("content.{field}"), reason, message));
    }

    fn length(&mut self, field: &str, text: &str, max: usize, needed: bool) {
        if needed && text.is_empty() {
            self.add(field, Reason::Required, "is empty; fill it in");
        }
        let length = text.chars().count();
        if length > max {
            self.add(field, Reason::TooLong { most: max as u64 }, format!("has {length} characters; {max} at most"));
        }
    }

    fn finish(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::invalid_fields(self.0)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Content {
        Content {
            title: " Déchèterie ".into(),
            summary: "Où et quand.".into(),
            theme: "dechets".into(),
            body: "## Où\n\nIci.".into(),
            ..Content::default()
        }
    }

    #[test]
    fn a_good_content_is_tidied() {
        let content = good().checked(Kind::Article).unwrap();
        assert_eq!(content.title, "Déchèterie");
        assert_eq!(content.audience, ["person", "organization"]);
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let content = Content {
            title: String::new(),
            theme: "Déchets !".into(),
            audience: vec!["martian".into()],
            units: vec!["Nope nope".into()],
            body: "[x](javascript:alert(1))".into(),
            valid_from: Some("2026-05-01".parse().unwrap()),
            valid_until: Some("2026-04-01".parse().unwrap()),
            bodies: vec![Body { name: "CAF".into(), url: "javascript:x".into() }],
            ..good()
        };
        let error = content.checked(Kind::Article).unwrap_err();
        let fields: Vec<_> = error.violations().iter().map(|it| it.field.as_str()).collect();
        for field in ["title", "theme", "audience", "units", "body", "valid_until", "bodies"] {
            assert!(fields.contains(&format!("content.{field}").as_str()), "{field} not in {fields:?}");
        }
    }

    #[test]
    fn a_template_is_refused_with_an_unknown_placeholder() {
        let content = Content { body: "Bonjour {{inconnu}}".into(), ..good() };
        assert!(content.clone().checked(Kind::Template).is_err());
        content.checked(Kind::Article).unwrap();
    }

    #[test]
    fn ten_megabytes_are_refused() {
        let content = Content { body: "a".repeat(10_000_000), ..good() };
        let error = content.checked(Kind::Article).unwrap_err();
        assert!(error.message().contains("40000 at most"), "{}", error.message());
    }
}
