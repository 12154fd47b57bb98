//! A request sent on to the body that it belongs to (CRPA L114-2): the request as it was made and how to answer the
//! person; never the tracking code, which opens the authority's own follow-up page.

use parvis_kernel::typed::{email, organisation::Number};
use parvis_proto::{
    casework::NoticeRequested,
    common::{Answer, Requester},
    routing::TransferProposed,
};

use super::{notice::Notices, text, wording};

/// Characters of the answers at most: the rest is sent when asked for, and the text says so.
const MAX_ANSWERS: usize = 19_000;

impl Notices<'_> {
    /// To the body: by e-mail where it has one, else by a letter that somebody posts.
    pub fn referral(&self, body: &TransferProposed, author: &str) -> NoticeRequested {
        let submitted = &self.request.submitted;
        let mut fields = self.about();
        fields.service(&self.contact());
        fields.add("author_name", author);
        fields.add("person", &person(&self.request.requester()));
        if submitted.acted_by != "citizen" {
            let by = [submitted.acted_by_name.trim(), wording::basis(&submitted.acted_by_basis)];
            fields.add("acted_by", &by.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(", "));
        }
        fields.add("request_text", &submitted.text);
        fields.add("answers", &answers(&submitted.answers));
        fields.add("place", &submitted.address);
        let files: Vec<&str> = submitted.attachments.iter().map(|file| file.file_name.as_str()).collect();
        fields.add("attachments", &files.join("\n"));
        fields.add("body_contact", &body.contact);
        let address = email::read(&body.email);
        let by_email = address.is_some();
        let recipient = Requester {
            kind: "organization".to_owned(),
            organization_name: body.name.clone(),
            email: address.unwrap_or_default(),
            postal_address: body.postal_address.clone(),
            contact_mode: if by_email { "email" } else { "letter" }.to_owned(),
            ..Requester::default()
        };
        let cause = self.case.version.to_string();
        let notice = self.notice("referral", &cause, fields);
        NoticeRequested { recipient: Some(recipient), tracking_code: String::new(), ..notice }
    }
}

/// Who asks and how to answer, a line each.
fn person(requester: &Requester) -> String {
    let name = text::display_name(requester);
    let mut lines = vec![if name.is_empty() { "Personne qui ne s’est pas nommée".to_owned() } else { name }];
    let represented = [requester.first_name.trim(), requester.last_name.trim()].join(" ");
    let mut add = |label: &str, value: &str| {
        let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
        if !value.is_empty() {
            lines.push(format!("{label} : {value}"));
        }
    };
    if !requester.organization_name.trim().is_empty() {
        add("Représentée par", &represented);
        match Number::read(&requester.siret) {
            Some(number) => {
                let (label, shown) = number.shown();
                add(label, &shown);
            }
            None => add("SIRET", &requester.siret),
        }
    }
    add("Téléphone", &requester.phone);
    add("Courriel", &requester.email);
    add("Adresse", &requester.postal_address.lines().map(str::trim).collect::<Vec<_>>().join(", "));
    let wish = match requester.contact_mode.as_str() {
        "email" => "par courriel",
        "phone" => "par téléphone",
        "sms" => "par SMS",
        "letter" => "par courrier",
        _ => "",
    };
    add("Souhaite une réponse", wish);
    lines.join("\n")
}

fn answers(given: &[Answer]) -> String {
    let mut lines = String::new();
    for answer in given {
        let Some(line) = text::answer_line(answer) else { continue };
        if lines.chars().count() + line.chars().count() > MAX_ANSWERS {
            lines.push_str("La suite des réponses est tenue à votre disposition.\n");
            break;
        }
        lines.push_str(&line);
        lines.push('\n');
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_answers_knows_whom_and_how() {
        let requester = Requester {
            first_name: "Zoé".into(),
            last_name: "Lefèvre".into(),
            phone: "06 00 00 00 00".into(),
            postal_address: "12 rue des Lilas\n49999 Clairval".into(),
            contact_mode: "letter".into(),
            ..Requester::default()
        };
        assert_eq!(
            person(&requester),
            "Zoé Lefèvre\nTéléphone : 06 00 00 00 00\nAdresse : 12 rue des Lilas, 49999 Clairval\nSouhaite une réponse : \
             par courrier"
        );
        let company = Requester { organization_name: "Les Lilas".into(), siret: "123".into(), ..requester };
        assert!(person(&company).starts_with("Les Lilas\nReprésentée par : Zoé Lefèvre\nSIRET : 123\n"));
        assert_eq!(person(&Requester::default()), "Personne qui ne s’est pas nommée");
    }

    #[test]
    fn too_many_answers_are_cut_and_it_is_said() {
        let answer = Answer { label: "Question".into(), values: vec!["x".repeat(500)], ..Answer::default() };
        let told = answers(&vec![answer; 100]);
        assert!(told.chars().count() < 20_000 && told.ends_with("à votre disposition.\n"));
    }
}
