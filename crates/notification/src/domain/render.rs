//! The words. One template a kind for what is said, one a mode for what is around it.

use askama::Template;
use parvis_kernel::{ContactMode, Error, Result};

use crate::domain::{Content, Kind, french::tidy};

/// A notice in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Texts {
    /// One line.
    pub subject: String,
    /// What the follow-up page shows.
    pub portal: String,
    /// What goes by the mode chosen; empty where that is the portal.
    pub body: String,
}

macro_rules! templates {
    ($($name:ident = $path:literal),+ $(,)?) => {
        $(
            #[derive(Template)]
            #[template(path = $path)]
            struct $name<'a> {
                c: &'a Content,
            }
        )+
    };
}

templates! {
    Acknowledgment = "core/acknowledgment.txt",
    Reassigned = "core/reassigned.txt",
    Message = "core/message.txt",
    Waiting = "core/waiting.txt",
    Decision = "core/decision.txt",
    Closed = "core/closed.txt",
    Reopened = "core/reopened.txt",
    Escalation = "other/escalation.txt",
    Referral = "other/referral.txt",
}

macro_rules! frames {
    ($($name:ident = $path:literal),+ $(,)?) => {
        $(
            #[derive(Template)]
            #[template(path = $path)]
            struct $name<'a> {
                c: &'a Content,
                core: &'a str,
                subject: &'a str,
            }
        )+
    };
}

#[derive(Template)]
#[template(path = "mode/email.txt")]
struct Email<'a> {
    c: &'a Content,
    core: &'a str,
}

frames! {
    Letter = "mode/letter.txt",
    Phone = "mode/phone.txt",
    Sms = "mode/sms.txt",
}

impl Texts {
    /// Writes the notice.
    pub fn write(content: &Content) -> Result<Self> {
        let c = content;
        let core = match c.kind {
            Kind::Acknowledgment => render(&Acknowledgment { c }),
            Kind::Reassigned => render(&Reassigned { c }),
            Kind::Message => render(&Message { c }),
            Kind::Waiting => render(&Waiting { c }),
            Kind::Decision => render(&Decision { c }),
            Kind::Closed => render(&Closed { c }),
            Kind::Reopened => render(&Reopened { c }),
            Kind::Escalation => return Self::for_others(c, &Escalation { c }),
            Kind::Referral => return Self::for_others(c, &Referral { c }),
        }?;
        let subject = subject(c);
        let (core, subject) = (core.as_str(), subject.as_str());
        let body = match c.mode {
            ContactMode::Email => render(&Email { c, core })?,
            ContactMode::Letter => render(&Letter { c, core, subject })?,
            ContactMode::Phone => render(&Phone { c, core, subject })?,
            ContactMode::Sms => render(&Sms { c, core, subject })?.replace('\n', " "),
            ContactMode::Portal => String::new(),
        };
        Ok(Self { subject: subject.to_owned(), portal: core.to_owned(), body })
    }

    /// One that the person who asked is not shown: whole in itself, without a copy for the follow-up page.
    fn for_others(c: &Content, whole: &impl Template) -> Result<Self> {
        Ok(Self { subject: subject(c), portal: String::new(), body: render(whole)? })
    }
}

fn render(template: &impl Template) -> Result<String> {
    template.render().map(|text| tidy(&text)).map_err(Error::internal)
}

fn subject(c: &Content) -> String {
    let reference = &c.reference;
    match c.kind {
        Kind::Acknowledgment => format!("Accusé de réception de votre demande {reference}"),
        Kind::Reassigned => format!("Votre demande {reference} change de service"),
        Kind::Message => format!("Un message au sujet de votre demande {reference}"),
        Kind::Waiting => format!("Nous attendons votre réponse pour votre demande {reference}"),
        Kind::Decision => format!("Décision sur votre demande {reference}"),
        Kind::Closed => format!("Votre demande {reference} est close"),
        Kind::Reopened => format!("Votre demande {reference} est rouverte"),
        Kind::Escalation => format!("Le dossier {reference} attend une suite"),
        Kind::Referral => format!("Transmission d’une demande (notre référence {reference})"),
    }
}
