//! What rules may name in this town, and what each is called.

use parvis_kernel::{Channel, languages, text::fold};
use parvis_proto::{
    intake::{FormField, ListProceduresRequest, Procedure},
    routing::{CompetentBody, Directory, GetDirectoryRequest},
};

use crate::{
    pages::{field::Choice, format, page::Desk},
    state::answer,
};

/// Who may ask, as a condition says it.
pub(super) const REQUESTERS: [(&str, &str); 3] =
    [("person", "un particulier"), ("organization", "une association ou une entreprise"), ("anonymous", "anonyme")];
/// Days of the week.
pub(super) const DAYS: [(&str, &str); 7] = [
    ("monday", "lundi"),
    ("tuesday", "mardi"),
    ("wednesday", "mercredi"),
    ("thursday", "jeudi"),
    ("friday", "vendredi"),
    ("saturday", "samedi"),
    ("sunday", "dimanche"),
];
/// How pressing, most first.
pub(super) const PRIORITIES: [&str; 4] = ["urgent", "high", "normal", "low"];

/// The directory, the procedures with their forms, and the competent bodies of the rule set.
#[derive(Default)]
pub(super) struct Names {
    pub(super) directory: Directory,
    pub(super) procedures: Vec<Procedure>,
    pub(super) bodies: Vec<CompetentBody>,
}

impl Names {
    /// Asks for them. A role that is down leaves codes in the place of names.
    pub(super) async fn of(desk: &Desk, bodies: &[CompetentBody]) -> Self {
        let state = &desk.page.state;
        let with_forms = ListProceduresRequest { query: String::new(), with_forms: true };
        let (directory, procedures) = tokio::join!(
            async { answer(state.routing()?.get_directory(desk.call(GetDirectoryRequest {})).await) },
            async { answer(state.intake()?.list_procedures(desk.call(with_forms)).await) },
        );
        Self {
            directory: directory.unwrap_or_default(),
            procedures: procedures.unwrap_or_default().procedures,
            bodies: bodies.to_vec(),
        }
    }

    pub(super) fn unit(&self, code: &str) -> String {
        format::unit_name(&self.directory, code)
    }

    pub(super) fn team(&self, code: &str) -> String {
        format::team_name(&self.directory, code)
    }

    pub(super) fn district(&self, code: &str) -> String {
        format::named(self.directory.districts.iter().map(|it| (&*it.code, &*it.name)), code)
    }

    pub(super) fn calendar(&self, code: &str) -> String {
        format::named(self.directory.calendars.iter().map(|it| (&*it.code, &*it.name)), code)
    }

    pub(super) fn procedure(&self, code: &str) -> String {
        format::named(self.procedures.iter().map(|it| (&*it.code, &*it.title)), code)
    }

    pub(super) fn body(&self, code: &str) -> String {
        format::named(self.bodies.iter().map(|it| (&*it.code, &*it.name)), code)
    }

    /// The first question of that code, of the procedures named, else of all.
    pub(super) fn question(&self, code: &str, procedures: &[String]) -> Option<&FormField> {
        let asked = |it: &&Procedure| procedures.is_empty() || procedures.contains(&it.code);
        let within = self.procedures.iter().filter(asked).flat_map(|it| &it.fields).find(|field| field.code == code);
        within.or_else(|| self.procedures.iter().flat_map(|it| &it.fields).find(|field| field.code == code))
    }

    pub(super) fn units(&self) -> Vec<Choice> {
        self.directory.units.iter().map(|it| Choice::new(&it.code, &it.name)).collect()
    }

    pub(super) fn teams(&self) -> Vec<Choice> {
        let of_unit = |unit: &str| self.unit(unit);
        let teams = self.directory.teams.iter();
        teams.map(|it| Choice { group: of_unit(&it.unit), ..Choice::new(&it.code, &it.name) }).collect()
    }

    pub(super) fn districts(&self) -> Vec<Choice> {
        self.directory.districts.iter().map(|it| Choice::new(&it.code, &it.name)).collect()
    }

    pub(super) fn calendars(&self) -> Vec<Choice> {
        self.directory.calendars.iter().map(|it| Choice::new(&it.code, &it.name)).collect()
    }

    pub(super) fn skills(&self) -> Vec<Choice> {
        self.directory.skills.iter().map(|code| Choice::new(code, format::capital(&format::skill(code)))).collect()
    }

    /// Those of the rule, those that agents speak, then others often spoken. A rule may name any language.
    pub(super) fn languages<'a>(&'a self, own: impl Iterator<Item = &'a str>) -> Vec<Choice> {
        let spoken = self.directory.languages.iter().map(String::as_str);
        let mut choices: Vec<Choice> = Vec::new();
        for code in own.chain(spoken).chain(languages::ALL.iter().map(|(code, _)| *code)) {
            if !code.is_empty() && !choices.iter().any(|known| known.value == code) {
                let label = match languages::named(code) {
                    None => format!("Langue «\u{a0}{code}\u{a0}»"),
                    // « pt-BR » beside « pt ».
                    Some(name) if code.contains('-') => format!("{} ({code})", format::capital(name)),
                    Some(name) => format::capital(name),
                };
                choices.push(Choice::new(code, label));
            }
        }
        choices
    }

    pub(super) fn procedures(&self) -> Vec<Choice> {
        let choice =
            |it: &Procedure| Choice { group: format::theme(&it.theme).to_owned(), ..Choice::new(&it.code, &it.title) };
        self.procedures.iter().map(choice).collect()
    }

    pub(super) fn bodies(&self) -> Vec<Choice> {
        self.bodies.iter().map(|it| Choice::new(&it.code, &it.name)).collect()
    }

    /// Questions of the procedures named, else of all; each once.
    pub(super) fn questions(&self, procedures: &[String]) -> Vec<Choice> {
        let asked = |it: &&Procedure| procedures.is_empty() || procedures.contains(&it.code);
        let mut choices: Vec<Choice> = Vec::new();
        for procedure in self.procedures.iter().filter(asked) {
            for field in &procedure.fields {
                if !choices.iter().any(|known| known.value == field.code) {
                    let group = procedure.title.clone();
                    choices.push(Choice { group, ..Choice::new(&field.code, &field.label) });
                }
            }
        }
        choices
    }
}

pub(super) fn channels() -> Vec<Choice> {
    Channel::ALL.iter().map(|it| Choice::new(it.as_str(), format::channel(it.as_str()))).collect()
}

/// A fixed list, each name beginning with a capital.
pub(super) fn fixed(of: &[(&str, &str)]) -> Vec<Choice> {
    of.iter().map(|(code, name)| Choice::new(*code, format::capital(name))).collect()
}

/// A code made from a name, for people never to write one; unlike those in `taken`.
pub(super) fn code_from<'a>(name: &str, taken: impl Iterator<Item = &'a str> + Clone) -> String {
    /// What histories call other things than a rule.
    const RESERVED: [&str; 5] = ["default", "procedure", "manual", "triage", "classifier"];
    /// A code has 40 characters at most: room for a number.
    const LONGEST: usize = 34;
    let mut code = String::new();
    for letter in fold(name).chars() {
        if letter.is_ascii_alphanumeric() {
            code.push(letter);
        } else if !code.is_empty() && !code.ends_with('-') {
            code.push('-');
        }
    }
    code.truncate(LONGEST);
    let code = code.trim_end_matches('-');
    let code = if code.len() < 2 { "regle" } else { code };
    let free = |code: &str| !RESERVED.contains(&code) && !taken.clone().any(|known| known == code);
    if free(code) {
        return code.to_owned();
    }
    (2_u32..).map(|number| format!("{code}-{number}")).find(|code| free(code)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_comes_from_the_name_and_is_free() {
        let taken = ["rats", "rats-2"];
        assert_eq!(
            code_from("  Dépôts sauvages : cœur de ville !", taken.into_iter()),
            "depots-sauvages-coeur-de-ville"
        );
        assert_eq!(code_from("Rats", taken.into_iter()), "rats-3");
        assert_eq!(code_from("Default", taken.into_iter()), "default-2");
        assert_eq!(code_from("?", taken.into_iter()), "regle");
        assert!(parvis_kernel::ids::is_code(&code_from(&"é".repeat(200), taken.into_iter())));
    }
}
