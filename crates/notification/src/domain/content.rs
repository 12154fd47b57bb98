//! What a notice has to say, read from the event that asks for it (docs/reference/notices.md).

use std::collections::BTreeMap;

use jiff::{civil::Date, tz::TimeZone};
use parvis_kernel::{ContactMode, Result, Timestamp, dates::long_date};
use parvis_proto::casework::NoticeRequested;

use crate::domain::{
    Kind,
    code::{MARK, without_mark},
    french::one_line,
};

/// Longest text field that is kept whole.
const LONGEST: usize = 20_000;

/// The authority that speaks.
#[derive(Clone, Debug)]
pub struct Town {
    /// Its name.
    pub name: String,
    /// Where citizens write; may be empty.
    pub email: String,
    /// Where citizens call; may be empty.
    pub phone: String,
    /// Where citizens come; may be empty.
    pub address: String,
    /// Its time zone.
    pub zone: TimeZone,
    /// What links begin with, without a slash at the end.
    pub public_url: String,
}

impl Town {
    /// One of which only the name is known.
    pub fn named(name: &str, public_url: &str) -> Self {
        Self {
            name: name.to_owned(),
            email: String::new(),
            phone: String::new(),
            address: String::new(),
            zone: TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC),
            public_url: public_url.to_owned(),
        }
    }
}

/// What a notice has to say.
#[derive(Clone, Debug)]
pub struct Content {
    /// Why.
    pub kind: Kind,
    /// How: the mode that the person chose; the portal where they chose none that is known.
    pub mode: ContactMode,
    /// The request's reference.
    pub reference: String,
    /// What stands for the tracking code; empty where the notice is not for the person.
    pub code: String,
    /// Name to write to; may be empty.
    pub name: String,
    /// Where the mode leads: e-mail address, telephone number or postal address (several lines).
    pub address: String,
    /// The authority.
    pub town: Town,
    /// Day on which the notice was asked for, in long form.
    pub written_on: String,
    /// Whether an e-mail goes to an address that nobody verified, for a request of somebody who did not sign in.
    pub to_stranger: bool,
    /// Answers to the notice go there: the service's e-mail, else the authority's; may be empty.
    pub reply_to: String,
    fields: BTreeMap<String, String>,
}

impl Content {
    /// Reads the event.
    pub fn read(message: &NoticeRequested, town: &Town, at: Timestamp) -> Result<Self> {
        let kind = Kind::parse(&message.kind)?;
        let recipient = message.recipient.clone().unwrap_or_default();
        let mode = recipient.contact_mode.parse().unwrap_or(ContactMode::Portal);
        let unverified = kind.is_for_citizen() && !message.recipient_verified;
        let to_stranger = unverified && mode == ContactMode::Email;
        let unit = message.unit.clone().unwrap_or_default();
        let mut fields: BTreeMap<String, String> = message
            .fields
            .iter()
            .filter(|field| !field.value.trim().is_empty())
            .map(|field| (field.name.clone(), without_mark(field.value.trim()).chars().take(LONGEST).collect()))
            .collect();
        if unverified {
            // Whoever gave another's address would have the town send them their words: a title that is not the
            // procedure's, a name.
            let procedure = message.procedure.as_ref().map(|procedure| procedure.title.trim()).unwrap_or_default();
            fields.retain(|name, value| name != "title" || value == procedure);
        }
        // Every event carries these beside its fields.
        let silence = message.procedure.as_ref().map(|procedure| procedure.silence.clone()).unwrap_or_default();
        let beside = [
            ("agent_name", &message.agent_name),
            ("service_name", &unit.name),
            ("service_email", &unit.email),
            ("service_phone", &unit.phone),
            ("service_address", &unit.postal_address),
            ("silence", &silence),
        ];
        for (name, value) in beside {
            if !value.trim().is_empty() {
                fields.entry(name.to_owned()).or_insert_with(|| value.trim().to_owned());
            }
        }
        let address = match mode {
            ContactMode::Email => recipient.email.trim().to_owned(),
            ContactMode::Phone | ContactMode::Sms => one_line(&recipient.phone, 60),
            ContactMode::Letter => recipient.postal_address.trim().chars().take(1000).collect(),
            ContactMode::Portal => String::new(),
        };
        let declared = if recipient.organization_name.trim().is_empty() {
            format!("{} {}", recipient.first_name, recipient.last_name)
        } else {
            recipient.organization_name.clone()
        };
        let name = match fields.get("requester_name") {
            _ if to_stranger => "",
            Some(name) => name,
            None => declared.as_str(),
        };
        Ok(Self {
            kind,
            mode,
            reference: one_line(&message.reference, 40),
            code: if kind.is_for_citizen() { MARK.to_string() } else { String::new() },
            name: one_line(name, 200),
            to_stranger,
            address,
            town: town.clone(),
            written_on: long_date(at.to_zoned(town.zone.clone()).date()),
            reply_to: if unit.email.trim().is_empty() { town.email.clone() } else { unit.email.trim().to_owned() },
            fields,
        })
    }

    /// A field; `None` where it has nothing to say.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    /// A day in long form; `None` where it is absent or no day.
    pub fn day(&self, name: &str) -> Option<String> {
        self.field(name)?.parse::<Date>().ok().map(long_date)
    }

    /// A field of several lines.
    pub fn lines(&self, name: &str) -> Vec<&str> {
        self.field(name).unwrap_or_default().lines().map(str::trim).filter(|line| !line.is_empty()).collect()
    }

    /// Whether silence means a decision.
    pub fn has_silence_rule(&self) -> bool {
        matches!(self.field("silence"), Some("accept" | "reject"))
    }

    /// The follow-up page. The code is written beside it and never in it: addresses end up in logs.
    pub fn follow_up(&self) -> String {
        format!("{}/suivi?reference={}", self.town.public_url, self.reference)
    }

    /// The case's page, for agents.
    pub fn case_page(&self) -> String {
        format!("{}/agent/dossiers/{}", self.town.public_url, self.reference)
    }

    /// Whether somebody posts it.
    pub fn is_letter(&self) -> bool {
        self.mode == ContactMode::Letter
    }

    /// What keeps the notice from being sent: the first of what is missing, by name.
    ///
    /// An acknowledgment without all that CRPA R112-11-1 asks for would not set appeal time limits running (L112-6),
    /// so it is not sent at all.
    pub fn missing(&self) -> Option<&'static str> {
        // Whoever posts a request to a body whose address is not known writes it on the envelope.
        let by_hand = self.kind == Kind::Referral && self.is_letter();
        if self.mode != ContactMode::Portal && self.address.is_empty() && !by_hand {
            return Some(match self.mode {
                ContactMode::Email => "recipient.email",
                ContactMode::Letter => "recipient.postal_address",
                ContactMode::Phone | ContactMode::Sms | ContactMode::Portal => "recipient.phone",
            });
        }
        if self.kind != Kind::Acknowledgment || !self.has_silence_rule() {
            return None;
        }
        if self.day("received_on").is_none() {
            return Some("received_on");
        }
        if self.field("service_name").is_none() {
            return Some("service_name");
        }
        if self.field("service_address").or(self.field("service_email")).is_none() {
            return Some("service_address");
        }
        if self.field("service_phone").is_none() {
            return Some("service_phone");
        }
        if self.day("implicit_on").is_none() {
            return Some("implicit_on");
        }
        let right = if self.field("silence") == Some("accept") { "certificate_sentence" } else { "appeal_sentence" };
        ["silence_sentence", right].into_iter().find(|name| self.field(name).is_none())
    }
}
