//! A procedure: what the authority does for citizens, with the form that asks what it needs.

use std::{fmt, str::FromStr};

use jiff::civil::Date;
use parvis_kernel::typed::number;
use parvis_proto::{common, intake};
use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $text)] $variant),+
        }

        impl $name {
            /// Every value, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable word.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// Every word, for a message.
            pub fn known() -> String {
                Self::ALL.iter().map(|value| value.as_str()).collect::<Vec<_>>().join(", ")
            }
        }

        impl FromStr for $name {
            type Err = ();
            fn from_str(text: &str) -> Result<Self, ()> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text).ok_or(())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// What sort of request it is.
    Kind {
        /// Asks for something.
        Request = "request",
        /// Tells something that must be told.
        Declaration = "declaration",
        /// Is not satisfied.
        Complaint = "complaint",
        /// Reports something in the town.
        Incident = "incident",
        /// Asks to know.
        Information = "information",
    }
}

words! {
    /// What the authority's silence means.
    Silence {
        /// Acceptance, after the months given.
        Accept = "accept",
        /// Rejection, after the months given.
        Reject = "reject",
        /// Nothing: no implicit decision.
        None = "none",
    }
}

words! {
    /// Who may need it.
    Audience {
        /// A person.
        Person = "person",
        /// A company, an association.
        Organization = "organization",
    }
}

words! {
    /// What a field takes.
    FieldType {
        /// One line.
        Text = "text",
        /// Several lines.
        Textarea = "textarea",
        /// A day, `2026-05-31`.
        Date = "date",
        /// A decimal number.
        Number = "number",
        /// An e-mail address.
        Email = "email",
        /// A telephone number, as typed.
        Phone = "phone",
        /// One of the choices.
        Choice = "choice",
        /// Some of the choices.
        MultiChoice = "multi_choice",
        /// `true` or `false`.
        Boolean = "boolean",
        /// A postal address, on several lines.
        Address = "address",
    }
}

/// The themes under which procedures and instant answers are filed.
pub const THEMES: [&str; 15] = [
    "etat-civil",
    "elections",
    "urbanisme",
    "voirie",
    "proprete",
    "enfance",
    "education",
    "social",
    "sport",
    "culture",
    "securite",
    "commerce",
    "finances",
    "vie-associative",
    "administration",
];

/// One possible answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What is kept.
    pub code: String,
    /// What is read.
    pub label: String,
}

/// One question of a form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Unique in the form.
    pub code: String,
    /// The question.
    pub label: String,
    /// What it takes.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// Whether it must be answered.
    pub required: bool,
    /// Help under the question.
    pub help: String,
    /// Characters at most, for text.
    pub max_length: u32,
    /// Least number.
    pub min: Option<f64>,
    /// Greatest number.
    pub max: Option<f64>,
    /// Whether a number has no decimals.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole: bool,
    /// First day taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earliest: Option<DayBound>,
    /// Last day taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest: Option<DayBound>,
    /// Whether a date may be a month or a year, where no more is known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
    /// Possible answers.
    pub choices: Vec<Choice>,
}

/// A bound of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DayBound {
    /// The day on which the form is sent.
    #[serde(rename = "today")]
    Today,
    /// A day of the calendar.
    #[serde(untagged)]
    Day(Date),
}

impl FromStr for DayBound {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        if text == "today" { Ok(Self::Today) } else { number::day(text).map(Self::Day).ok_or(()) }
    }
}

impl fmt::Display for DayBound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Today => f.write_str("today"),
            Self::Day(day) => day.fmt(f),
        }
    }
}

/// One supporting document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Unique in the procedure.
    pub code: String,
    /// Its name.
    pub label: String,
    /// Whether the request is incomplete without it.
    pub required: bool,
    /// What is accepted.
    pub help: String,
}

/// A procedure's content: what a version is a version of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each is described in docs/reference/data-files.md under its name")]
pub struct Content {
    pub code: String,
    pub title: String,
    pub summary: String,
    pub theme: String,
    pub kind: Kind,
    pub audience: Vec<Audience>,
    pub unit: String,
    pub skill: String,
    pub silence: Silence,
    pub silence_months: u32,
    pub silence_source: String,
    pub service_level_days: u32,
    pub anonymous: bool,
    pub keywords: Vec<String>,
    pub fields: Vec<Field>,
    pub documents: Vec<Document>,
}

/// A procedure in one version.
#[derive(Clone, Debug, PartialEq)]
pub struct Procedure {
    /// From 1.
    pub version: u32,
    /// What it says.
    pub content: Content,
}

impl Procedure {
    /// What later roles need to know of it.
    pub fn snapshot(&self) -> common::ProcedureSnapshot {
        let it = &self.content;
        common::ProcedureSnapshot {
            code: it.code.clone(),
            version: self.version,
            title: it.title.clone(),
            kind: it.kind.to_string(),
            theme: it.theme.clone(),
            unit: it.unit.clone(),
            skill: it.skill.clone(),
            silence: it.silence.to_string(),
            silence_months: it.silence_months,
            silence_source: it.silence_source.clone(),
            service_level_days: it.service_level_days,
        }
    }

    /// The contract's message without the form, for lists.
    pub fn outline(&self) -> intake::Procedure {
        let it = &self.content;
        intake::Procedure {
            code: it.code.clone(),
            version: self.version,
            title: it.title.clone(),
            summary: it.summary.clone(),
            theme: it.theme.clone(),
            kind: it.kind.to_string(),
            audience: it.audience.iter().map(ToString::to_string).collect(),
            unit: it.unit.clone(),
            skill: it.skill.clone(),
            silence: it.silence.to_string(),
            silence_months: it.silence_months,
            silence_source: it.silence_source.clone(),
            service_level_days: it.service_level_days,
            anonymous: it.anonymous,
            keywords: it.keywords.clone(),
            fields: Vec::new(),
            documents: Vec::new(),
        }
    }

    /// The contract's message, whole.
    pub fn message(&self) -> intake::Procedure {
        intake::Procedure {
            fields: self.content.fields.iter().map(field_message).collect(),
            documents: self.content.documents.iter().map(document_message).collect(),
            ..self.outline()
        }
    }
}

/// What later roles are told of a request that follows no procedure.
pub fn free_text_snapshot() -> common::ProcedureSnapshot {
    common::ProcedureSnapshot {
        title: "Autre demande".to_owned(),
        kind: Kind::Request.to_string(),
        silence: Silence::None.to_string(),
        ..common::ProcedureSnapshot::default()
    }
}

fn field_message(field: &Field) -> intake::FormField {
    intake::FormField {
        code: field.code.clone(),
        label: field.label.clone(),
        r#type: field.kind.to_string(),
        required: field.required,
        help: field.help.clone(),
        max_length: field.max_length,
        min: field.min,
        max: field.max,
        whole: field.whole,
        earliest: field.earliest.as_ref().map(ToString::to_string).unwrap_or_default(),
        latest: field.latest.as_ref().map(ToString::to_string).unwrap_or_default(),
        partial: field.partial,
        choices: field
            .choices
            .iter()
            .map(|choice| intake::Choice { code: choice.code.clone(), label: choice.label.clone() })
            .collect(),
    }
}

fn document_message(document: &Document) -> intake::SupportingDocument {
    intake::SupportingDocument {
        code: document.code.clone(),
        label: document.label.clone(),
        required: document.required,
        help: document.help.clone(),
    }
}
