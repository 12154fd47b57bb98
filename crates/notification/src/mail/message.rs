//! A notice as an e-mail. The same notice always gives the same bytes, whenever and by whichever process.

use askama::Template;
use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{ContentType, HeaderName, HeaderValue},
    },
};
use linkify::{LinkFinder, LinkKind};
use parvis_kernel::{Error, NoticeId, Result, Timestamp, typed::email};

use crate::domain::french::one_line;

/// Whether `text` is an e-mail address that can be written to.
pub fn is_address(text: &str) -> bool {
    address(text).is_some()
}

/// Where a message goes: the domain in ASCII, as few servers take others.
fn address(text: &str) -> Option<Address> {
    email::to_send(&email::read(text)?)?.parse().ok()
}

/// What an e-mail is made of.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// The notice.
    pub id: NoticeId,
    /// Name of the authority.
    pub from_name: String,
    /// Name of the person; may be empty.
    pub to_name: String,
    /// Their address.
    pub to: String,
    /// Where answers go; empty or no address: nowhere.
    pub reply_to: String,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub body: String,
    /// When the notice was written.
    pub at: Timestamp,
}

/// Who sends.
#[derive(Clone, Debug)]
pub struct Sender(Mailbox);

impl Sender {
    /// Reads the setting `notification.from`.
    pub fn parse(text: &str) -> Result<Self> {
        text.parse().map(Self).map_err(|_| {
            Error::invalid("notification.from", "must be an e-mail address, or: Name <address@example.org>")
        })
    }

    /// The message. Header values are one line each: nobody's name adds a header.
    pub fn message(&self, envelope: &Envelope) -> Result<Message> {
        let name = one_line(&envelope.from_name, 100);
        let from = Mailbox::new((!name.is_empty()).then_some(name).or(self.0.name.clone()), self.0.email.clone());
        let to_name = one_line(&envelope.to_name, 100);
        let to_address =
            address(&envelope.to).ok_or_else(|| Error::invalid("recipient.email", "is not an e-mail address"))?;
        let to = Mailbox::new((!to_name.is_empty()).then_some(to_name), to_address);
        let mut builder = Message::builder()
            .from(from)
            .to(to)
            .subject(one_line(&envelope.subject, 200))
            .date(std::time::SystemTime::from(envelope.at))
            .message_id(Some(format!("<{}@{}>", envelope.id, self.0.email.domain())))
            .raw_header(header("Auto-Submitted", "auto-generated"))
            .raw_header(header("Content-Language", "fr"));
        if let Some(address) = address(&envelope.reply_to) {
            builder = builder.reply_to(Mailbox::new(None, address));
        }
        let html = Html { subject: &envelope.subject, paragraphs: paragraphs(&envelope.body) };
        let html = html.render().map_err(Error::internal)?;
        let parts = MultiPart::alternative()
            .boundary(format!("parvis-{}", envelope.id.0.simple()))
            .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(envelope.body.clone()))
            .singlepart(SinglePart::builder().header(ContentType::TEXT_HTML).body(html));
        builder.multipart(parts).map_err(Error::internal)
    }
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

#[derive(Template)]
#[template(path = "email.html")]
struct Html<'a> {
    subject: &'a str,
    paragraphs: Vec<Vec<Vec<Part<'a>>>>,
}

/// A piece of a line.
struct Part<'a> {
    text: &'a str,
    is_link: bool,
}

/// The plain text in paragraphs, lines and parts: whatever is a web address is a link, what follows it is not of it.
fn paragraphs(body: &str) -> Vec<Vec<Vec<Part<'_>>>> {
    body.split("\n\n")
        .map(|paragraph| paragraph.lines().map(line).collect::<Vec<_>>())
        .filter(|lines| !lines.is_empty())
        .collect()
}

fn line(text: &str) -> Vec<Part<'_>> {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]).url_must_have_scheme(true);
    let mut parts = Vec::new();
    for span in finder.spans(text) {
        let is_web = ["https://", "http://"].iter().any(|scheme| span.as_str().starts_with(scheme));
        if span.kind().is_none() || !is_web {
            parts.push(Part { text: span.as_str(), is_link: false });
            continue;
        }
        let link = span.as_str().trim_end_matches(['…', '»', '’', '”']);
        parts.push(Part { text: link, is_link: true });
        parts.push(Part { text: &span.as_str()[link.len()..], is_link: false });
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn envelope() -> Envelope {
        Envelope {
            id: "0190b1c2-0000-7000-8000-000000000001".parse().unwrap(),
            from_name: "Ville de Clairval-sur-Loire".into(),
            to_name: "Zoé Élan".into(),
            to: "zoe@example.org".into(),
            reply_to: "voirie@clairval.example".into(),
            subject: "Accusé de réception".into(),
            body: "Bonjour <b>,\nici & là\n\nSuivre : http://localhost:8080/suivi?reference=1".into(),
            at: Timestamp::from_second(1_772_000_000).unwrap(),
        }
    }

    fn text(envelope: &Envelope) -> String {
        let sender = Sender::parse("Parvis <ne-pas-repondre@parvis.example>").unwrap();
        String::from_utf8(sender.message(envelope).unwrap().formatted()).unwrap()
    }

    #[test]
    fn a_message_has_its_headers_and_both_texts() {
        let text = text(&envelope());
        for header in [
            "Message-ID: <0190b1c2-0000-7000-8000-000000000001@parvis.example>\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "Content-Language: fr\r\n",
            "Reply-To: voirie@clairval.example\r\n",
            "MIME-Version: 1.0\r\n",
            "Date: Wed, 25 Feb 2026 06:13:20 +0000\r\n",
        ] {
            assert!(text.contains(header), "{header} not in\n{text}");
        }
        assert!(text.contains("From: \"Ville de Clairval-sur-Loire\" <ne-pas-repondre@parvis.example>"), "{text}");
        assert!(text.contains("text/plain; charset=utf-8") && text.contains("text/html; charset=utf-8"));
        assert!(text.contains("Subject: =?utf-8?b?"), "{text}");
    }

    #[test]
    fn the_same_notice_gives_the_same_bytes() {
        assert_eq!(text(&envelope()), text(&envelope()));
    }

    #[test]
    fn what_people_write_is_text_in_the_html() {
        let html = Html { subject: "<script>", paragraphs: paragraphs(&envelope().body) }.render().unwrap();
        assert!(!html.contains("<script>") && !html.contains("<b>"), "{html}");
        assert!(html.contains("<a href=\"http://localhost:8080/suivi?reference=1\""), "{html}");
        assert!(html.contains("lang=\"fr\""));
    }

    #[test]
    fn an_address_in_a_sentence_is_a_link_and_its_punctuation_is_not() {
        let link = "https://www.service-public.gouv.fr/F1341";
        for (text, before, after) in [
            (format!("voir {link}."), "voir ", "."),
            (format!("(voir {link})."), "(voir ", ")."),
            (format!("Sur {link}, puis « {link} »"), "Sur ", ", puis « "),
            (format!("Sur {link}…"), "Sur ", "…"),
            (format!("«{link}» dit tout"), "«", "» dit tout"),
            (format!("{link}?a=1&b=(2) ; et la suite"), "", ""),
        ] {
            let parts = line(&text);
            let at = parts.iter().position(|part| part.is_link).unwrap_or_else(|| panic!("{text}"));
            let said = |parts: &[Part<'_>]| parts.iter().map(|part| part.text).collect::<String>();
            assert!(parts[at].text.starts_with(link), "{text}");
            assert_eq!(said(&parts), text, "nothing is lost");
            assert!(said(&parts[..at]) == before && said(&parts[at + 1..]).starts_with(after), "{text}");
            if !after.is_empty() {
                assert_eq!(parts[at].text, link);
            }
        }
        for text in ["javascript:alert(1)", "ftp://exemple.fr", "mairie@exemple.fr", "exemple.fr/voirie", "https://"] {
            assert!(line(text).iter().all(|part| !part.is_link), "{text}");
        }
    }

    #[test]
    fn nobody_adds_a_header() {
        let evil = Envelope {
            to_name: "Zoé\r\nBcc: victim@example.org".into(),
            from_name: "Ville\nX-Evil: 1".into(),
            subject: "Objet\r\nX-Evil: 2\r\n\r\nbody".into(),
            reply_to: "a@b.example\r\nX-Evil: 3".into(),
            ..envelope()
        };
        let text = text(&evil);
        let headers = text.split("\r\n\r\n").next().unwrap();
        for line in headers.split("\r\n") {
            assert!(!line.starts_with("Bcc") && !line.starts_with("X-Evil"), "{headers}");
        }
        assert!(!is_address("a@b.example\r\nBcc: c@d.example"));
    }

    #[test]
    fn every_address_that_is_taken_can_be_sent_to() {
        for (typed, sent) in [
            ("accueil@mairie-évry.example", "accueil@xn--mairie-vry-h7a.example"),
            ("mailto:marie@exemple.fr", "marie@exemple.fr"),
            ("k.o’connor@exemple.fr", "k.o'connor@exemple.fr"),
            ("marie\u{200b}@exemple.fr", "marie@exemple.fr"),
        ] {
            let text = text(&Envelope { to: typed.into(), reply_to: typed.into(), ..envelope() });
            assert!(text.contains(sent) && text.contains(&format!("Reply-To: {sent}\r\n")), "{text}");
        }
        assert!(!is_address("zoé@exemple.fr") && !is_address("a:b@exemple.fr"));
        assert!(!is_address("a@b.example, c@d.example") && is_address("zoe@example.org"));
    }

    proptest::proptest! {
        /// The parser of addresses and the sender agree.
        #[test]
        fn whatever_is_an_address_lettre_takes(typed in "\\PC{0,10}[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,12}@[a-zà-ÿ0-9-]{1,10}\\.[a-z]{2,5}") {
            if let Some(read) = email::read(&typed) {
                proptest::prop_assert!(read.parse::<Address>().is_ok(), "{}", read);
                proptest::prop_assert!(email::to_send(&read).unwrap().parse::<Address>().is_ok(), "{}", read);
                proptest::prop_assert!(is_address(&read));
            }
        }
    }
}
