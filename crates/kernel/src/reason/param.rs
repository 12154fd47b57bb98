//! What a reason carries: typed, bounded, and never what somebody sent. It tells what is accepted.

use std::fmt;

use jiff::civil::Date;

use crate::text::excerpt;

/// Characters of a word at most.
const LONGEST: usize = 60;
/// Words of a list at most.
const MOST: usize = 30;

/// A parameter: as text on the wire, and back.
pub(super) trait Param: Sized {
    fn write(&self) -> String;
    /// `None` for a text that is none, or too long: what another version wrote.
    fn read(text: &str) -> Option<Self>;
    /// One, for the parameter of that name.
    fn example(name: &str) -> Self;
}

/// A number as one writes it with a point: `12`, `-1.5`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number(String);

impl Number {
    /// As text, with a point.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<f64> for Number {
    fn from(number: f64) -> Self {
        Self(number.to_string())
    }
}

impl From<u64> for Number {
    fn from(number: u64) -> Self {
        Self(number.to_string())
    }
}

impl Param for Number {
    fn write(&self) -> String {
        self.0.clone()
    }
    fn read(text: &str) -> Option<Self> {
        let finite = text.len() <= 330 && text.parse::<f64>().is_ok_and(f64::is_finite);
        finite.then(|| Self(text.to_owned()))
    }
    fn example(_name: &str) -> Self {
        Self("18".to_owned())
    }
}

impl Param for u64 {
    fn write(&self) -> String {
        self.to_string()
    }
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
    fn example(name: &str) -> Self {
        if name == "least" { 3 } else { 200 }
    }
}

impl Param for Date {
    fn write(&self) -> String {
        self.to_string()
    }
    fn read(text: &str) -> Option<Self> {
        (text.len() == 10).then(|| text.parse().ok()).flatten()
    }
    fn example(_name: &str) -> Self {
        Self::constant(2026, 5, 31)
    }
}

/// A code, or the name of a field or a placeholder: one short line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word(String);

impl Word {
    /// The beginning of `text`.
    pub fn new(text: &str) -> Self {
        Self(excerpt(text, LONGEST))
    }
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Word {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Param for Word {
    fn write(&self) -> String {
        self.0.clone()
    }
    fn read(text: &str) -> Option<Self> {
        (text.len() <= 4 * (LONGEST + 1)).then(|| Self::new(text))
    }
    fn example(_name: &str) -> Self {
        Self("outcome".to_owned())
    }
}

/// What may be chosen: the first codes of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choices(Vec<Word>);

impl Choices {
    /// The first of `codes`.
    pub fn new<T: AsRef<str>>(codes: impl IntoIterator<Item = T>) -> Self {
        // A comma parts them on the wire.
        let words = codes.into_iter().filter(|code| !code.as_ref().contains(','));
        Self(words.take(MOST).map(|code| Word::new(code.as_ref())).collect())
    }
    /// Each.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Word::as_str)
    }
    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Param for Choices {
    fn write(&self) -> String {
        self.iter().collect::<Vec<_>>().join(",")
    }
    fn read(text: &str) -> Option<Self> {
        (text.len() <= MOST * 4 * (LONGEST + 2)).then(|| Self::new(text.split(',').filter(|code| !code.is_empty())))
    }
    fn example(_name: &str) -> Self {
        Self::new(["email", "letter"])
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The stable word.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl Param for $name {
            fn write(&self) -> String {
                self.as_str().to_owned()
            }
            fn read(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text)
            }
            fn example(_name: &str) -> Self {
                Self::ALL[0]
            }
        }
    };
}

words! {
    /// A shape that a value must have.
    Expected {
        /// An e-mail address.
        Email = "email",
        /// A telephone number.
        Phone = "phone",
        /// A day of the calendar: `2026-05-31`.
        Day = "day",
        /// A day, or a month or a year where no more is known: `2026-05-31`, `2026-05`, `2026`.
        PartialDay = "partial_day",
        /// An instant: `2026-05-31T10:00:00Z`.
        Instant = "instant",
        /// A number.
        Number = "number",
        /// A number without decimals.
        WholeNumber = "whole_number",
        /// `true` or `false`.
        Boolean = "boolean",
        /// A text.
        Text = "text",
        /// A list.
        List = "list",
        /// A JSON object.
        Object = "object",
        /// One line, without control characters.
        OneLine = "one_line",
        /// 2 to 40 of a-z, 0-9 and dash.
        Code = "code",
        /// An identifier that Parvis gave (UUID).
        Id = "id",
        /// A request's reference: `412-873-952-K`.
        Reference = "reference",
        /// The number of an establishment: 14 digits.
        Siret = "siret",
        /// The number of an organisation: RNA, SIREN or SIRET.
        Organisation = "organisation",
        /// A language's tag: `fr`.
        Language = "language",
        /// The address of a site.
        Url = "url",
        /// 1 to 200 printable ASCII characters.
        IdempotencyKey = "idempotency_key",
        /// A place: `47.218371,-1.553621`.
        Point = "point",
        /// The token of a list's next page.
        PageToken = "page_token",
        /// The version of what was read.
        Version = "version",
        /// The type of a file: `application/pdf`.
        MediaType = "media_type",
        /// The name of a file.
        FileName = "file_name",
    }
}

words! {
    /// What may be named and not be there.
    Thing {
        /// What a citizen asked, by its reference and tracking code.
        Request = "request",
        /// A request as agents handle it.
        Case = "case",
        /// A procedure of the catalogue.
        Procedure = "procedure",
        /// A file sent.
        Attachment = "attachment",
        /// A supporting document that a procedure asks for.
        Document = "document",
        /// An article of the knowledge base.
        Article = "article",
        /// A version of an article.
        ArticleVersion = "article_version",
        /// A page of information.
        Page = "page",
        /// A template of answers.
        Template = "template",
        /// A unit of the directory.
        Unit = "unit",
        /// A team of the directory.
        Team = "team",
        /// An agent of the directory.
        Agent = "agent",
        /// A case offered to an agent.
        Offer = "offer",
        /// A notice.
        Notice = "notice",
        /// A partner's system.
        Partner = "partner",
        /// A published set of routing rules.
        RuleSet = "rule_set",
        /// Rules not yet in force.
        Draft = "draft",
        /// A local authority.
        Authority = "authority",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_bounded_on_both_sides() {
        assert_eq!(Word::new(&"a".repeat(900)).as_str().chars().count(), LONGEST + 1);
        assert_eq!(Word::read(&"a".repeat(900)), None);
        let many: Vec<_> = (0..100).map(|at| format!("c{at}")).collect();
        assert_eq!(Choices::new(&many).iter().count(), MOST);
        assert_eq!(Choices::read(&many.join(",")).unwrap().iter().count(), MOST);
        assert_eq!(Choices::read(&"a".repeat(90_000)), None);
        assert_eq!(Number::read("inf"), None);
        assert_eq!(Number::from(-1.5).as_str(), "-1.5");
        assert_eq!(Date::read("2026-02-30"), None);
    }
}
