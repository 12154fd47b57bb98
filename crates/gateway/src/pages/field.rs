//! A field of a form, with its label, help and error: one template for all of them.

use askama::Template;

use super::values::{Errors, Values, field_id};

/// How a field is filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// One line: the type of the `<input>`.
    Line(&'static str),
    /// Several lines, this many shown.
    Area(u8),
    /// One of a few; `true`: shown as cards.
    Radios(bool),
    /// Several of a few.
    Checks,
    /// Several of many: the list scrolls.
    CheckList,
    /// Yes, or nothing said.
    Tick,
    /// One of many.
    Select,
    /// Files.
    File,
}

/// One of the values to choose from.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// A few words more (in a select: words that find it).
    pub hint: String,
    /// The group it belongs to, in a select.
    pub group: String,
}

impl Choice {
    /// A choice without more.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), ..Self::default() }
    }

    /// With a few words more.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

/// What may be chosen, after `nothing`; the present value stays, be it known no more.
pub fn select(offered: Vec<Choice>, value: &str, nothing: &str) -> Vec<Choice> {
    let mut all = Vec::new();
    if !nothing.is_empty() {
        all.push(Choice::new("", nothing));
    }
    let known = value.is_empty() || offered.iter().any(|choice| choice.value == value);
    let gone = (!known).then(|| gone(value, &offered));
    all.extend(offered);
    all.extend(gone);
    all
}

/// Up to this many lines, a list keeps its order: all of it is seen.
const SEEN_AT_ONCE: usize = 10;

/// What may be ticked: what is comes first in a long list, be it known no more.
fn chosen_first(offered: Vec<Choice>, chosen: &[String]) -> Vec<Choice> {
    let unknown = chosen.iter().filter(|value| !offered.iter().any(|choice| choice.value == **value));
    let mut first: Vec<Choice> = unknown.map(|value| gone(value, &offered)).collect();
    if offered.len() <= SEEN_AT_ONCE {
        first.extend(offered);
        return first;
    }
    let (ticked, others): (Vec<_>, Vec<_>) = offered.into_iter().partition(|choice| chosen.contains(&choice.value));
    [first, ticked, others].concat()
}

/// A value that is not offered; where nothing is, the list could not be had, and the value may well be good.
fn gone(value: &str, offered: &[Choice]) -> Choice {
    let label = if offered.is_empty() { value.to_owned() } else { format!("{value} (n'existe plus)") };
    Choice::new(value, label)
}

/// The choices of one group of a select.
pub struct Group<'a> {
    /// Its name; empty: no group.
    pub name: &'a str,
    /// Its choices.
    pub choices: Vec<&'a Choice>,
}

/// A field.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/field.html")]
pub struct Field {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its label.
    pub label: String,
    /// Help, read with the label.
    pub hint: String,
    /// How it is filled in.
    pub input: Input,
    /// Its value.
    pub value: String,
    /// Its values, where it has several.
    pub values: Vec<String>,
    /// Whether it must be filled in.
    pub required: bool,
    /// Whether "facultatif" is said where it need not be.
    pub says_optional: bool,
    /// What is wrong with it; empty: nothing.
    pub error: String,
    /// Characters at most; 0: not said.
    pub max_length: u32,
    /// Bounds of a number or a date.
    pub min: String,
    /// Bounds of a number or a date.
    pub max: String,
    /// Steps of a number.
    pub step: &'static str,
    /// What the browser may fill in.
    pub autocomplete: &'static str,
    /// Whether the browser corrects the spelling.
    pub spelling: bool,
    /// What to choose from.
    pub choices: Vec<Choice>,
}

impl Field {
    /// A field that must be filled in.
    pub fn new(name: impl Into<String>, label: impl Into<String>, input: Input) -> Self {
        let name = name.into();
        Self {
            id: field_id(&name),
            name,
            label: label.into(),
            hint: String::new(),
            input,
            value: String::new(),
            values: Vec::new(),
            required: true,
            says_optional: true,
            error: String::new(),
            max_length: 0,
            min: String::new(),
            max: String::new(),
            step: "any",
            autocomplete: "",
            spelling: true,
            choices: Vec::new(),
        }
    }

    /// Several of `offered`, of which `chosen` are ticked.
    pub fn checks(name: impl Into<String>, label: impl Into<String>, offered: Vec<Choice>, chosen: &[String]) -> Self {
        let input = if offered.len() > SEEN_AT_ONCE { Input::CheckList } else { Input::Checks };
        Self::new(name, label, input).choices(chosen_first(offered, chosen))
    }

    /// It need not be filled in.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    /// It is needed in some cases only: neither required nor said to be optional.
    #[must_use]
    pub fn depends(mut self) -> Self {
        self.required = false;
        self.says_optional = false;
        self
    }

    /// Help under the label.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// Characters at most.
    #[must_use]
    pub fn max_length(mut self, max: u32) -> Self {
        self.max_length = max;
        self
    }

    /// What the browser may fill in.
    #[must_use]
    pub fn autocomplete(mut self, what: &'static str) -> Self {
        self.autocomplete = what;
        self
    }

    /// Codes and addresses are not spelled.
    #[must_use]
    pub fn no_spelling(mut self) -> Self {
        self.spelling = false;
        self
    }

    /// What to choose from.
    #[must_use]
    pub fn choices(mut self, choices: Vec<Choice>) -> Self {
        self.choices = choices;
        self
    }

    /// Puts in what was typed and what is wrong with it.
    #[must_use]
    pub fn fill(mut self, values: &Values, errors: &Errors) -> Self {
        let first = values.first(&self.name);
        if !first.is_empty() {
            first.clone_into(&mut self.value);
        }
        if matches!(self.input, Input::Checks | Input::CheckList) {
            self.values = values.all(&self.name).into_iter().map(str::to_owned).collect();
        }
        errors.of(&self.name).clone_into(&mut self.error);
        self
    }

    /// The ids of the texts that describe it.
    fn described_by(&self) -> Option<String> {
        let hint = (!self.hint.is_empty()).then(|| format!("{}-aide", self.id));
        let error = (!self.error.is_empty()).then(|| format!("{}-erreur", self.id));
        match (hint, error) {
            (Some(hint), Some(error)) => Some(format!("{hint} {error}")),
            (hint, error) => hint.or(error),
        }
    }

    fn says_it_is_optional(&self) -> bool {
        !self.required && self.says_optional
    }

    /// The first choice has the field's id, so that the summary's link reaches it.
    fn choice_id(&self, at: &usize) -> String {
        if *at == 0 { self.id.clone() } else { format!("{}-{at}", self.id) }
    }

    fn groups(&self) -> Vec<Group<'_>> {
        let mut groups: Vec<Group<'_>> = Vec::new();
        for choice in &self.choices {
            match groups.iter_mut().find(|group| group.name == choice.group) {
                Some(group) => group.choices.push(choice),
                None => groups.push(Group { name: &choice.group, choices: vec![choice] }),
            }
        }
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_comes_back_escaped_with_its_error() {
        let mut errors = Errors::default();
        errors.add("nom", "Indiquez votre nom.");
        let values = Values(vec![("nom".into(), "\"><script>".into())]);
        let html = Field::new("nom", "Nom", Input::Line("text")).hint("Le vôtre").fill(&values, &errors);
        let html = html.render().unwrap();
        assert!(!html.contains("<script>"), "{html}");
        assert!(html.contains("aria-describedby=\"c-nom-aide c-nom-erreur\""), "{html}");
        assert!(html.contains("aria-invalid=\"true\"") && html.contains("<label for=\"c-nom\">"), "{html}");
    }

    #[test]
    fn a_line_and_a_long_list_say_how_much_they_take() {
        assert!(
            Field::new("nom", "Nom", Input::Line("text"))
                .max_length(200)
                .render()
                .unwrap()
                .contains(" maxlength=\"200\"")
        );
        let offered = |count: usize| (0..count).map(|at| Choice::new(at.to_string(), "X")).collect::<Vec<_>>();
        let input = |count: usize| Field::checks("x", "X", offered(count), &[]).input;
        assert_eq!((input(SEEN_AT_ONCE), input(SEEN_AT_ONCE + 1)), (Input::Checks, Input::CheckList));
    }

    #[test]
    fn optional_fields_say_so_and_dependent_ones_do_not() {
        let field = || Field::new("nom", "Nom", Input::Line("text"));
        assert!(field().optional().render().unwrap().contains("facultatif"));
        assert!(!field().depends().render().unwrap().contains("facultatif"));
        assert!(field().render().unwrap().contains(" required"));
    }

    #[test]
    fn what_was_chosen_stays_when_it_is_offered_no_more() {
        let offered = || (0..12).map(|at| Choice::new(format!("v{at}"), format!("V{at}"))).collect::<Vec<_>>();
        let all = chosen_first(offered(), &["v5".to_owned(), "perdu".to_owned()]);
        let first: Vec<_> = all.iter().take(3).map(|choice| choice.label.as_str()).collect();
        assert_eq!((first.as_slice(), all.len()), (&["perdu (n'existe plus)", "V5", "V0"][..], 13));
        assert_eq!(select(offered(), "perdu", "Aucun").last().unwrap().label, "perdu (n'existe plus)");
        assert_eq!(select(Vec::new(), "voirie", "Aucun")[1].label, "voirie");
        assert_eq!(select(offered(), "v1", "").len(), 12);
    }

    #[test]
    fn choices_keep_what_was_chosen() {
        let choices = vec![Choice::new("a", "A"), Choice::new("b", "B")];
        let values = Values(vec![("x".into(), "b".into())]);
        for (input, mark) in [
            (Input::Radios(false), " checked"),
            (Input::Checks, " checked"),
            (Input::CheckList, " checked"),
            (Input::Select, " selected"),
        ] {
            let field = Field::new("x", "X", input).choices(choices.clone()).fill(&values, &Errors::default());
            let html = field.render().unwrap();
            let at = html.find(mark).unwrap();
            assert!(html[..at].contains("value=\"b\""), "{html}");
            assert_eq!(html.matches(mark).count(), 1, "{html}");
        }
    }
}
