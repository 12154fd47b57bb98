//! Reads TOML tables one key at a time and keeps every problem with its line, instead of stopping at the first.

use std::{cell::RefCell, collections::BTreeSet, fmt, ops::Range, str::FromStr};

use parvis_kernel::{Error, ids::is_code, text::excerpt};
use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue},
};

/// Texts of one line are at most this long, in characters.
pub const SHORT_TEXT: usize = 200;

/// Something about one line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Located {
    /// The file's name, as given.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for Located {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// The problems of one file.
pub struct Problems {
    file: String,
    line_starts: Vec<usize>,
    errors: RefCell<Vec<Located>>,
}

impl Problems {
    /// None yet, for `text` read from `file`.
    pub fn new(file: &str, text: &str) -> Self {
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { file: file.to_owned(), line_starts, errors: RefCell::default() }
    }

    /// `message` at the line where `span` starts.
    pub fn locate(&self, span: &Range<usize>, message: impl Into<String>) -> Located {
        let line = self.line_starts.partition_point(|start| *start <= span.start).max(1);
        Located { file: self.file.clone(), line, message: message.into() }
    }

    /// One more.
    pub fn error(&self, span: &Range<usize>, message: impl Into<String>) {
        self.errors.borrow_mut().push(self.locate(span, message));
    }

    /// All of them, in the order of the file.
    pub fn finish(self) -> Vec<Located> {
        let mut errors = self.errors.into_inner();
        errors.sort();
        errors.dedup();
        errors
    }
}

/// One table. Ask for every key it may have, then [`Entry::finish`]: what was not asked for is unknown.
pub struct Entry<'t> {
    problems: &'t Problems,
    table: &'t DeTable<'t>,
    span: Range<usize>,
    kind: &'static str,
    asked: RefCell<BTreeSet<&'static str>>,
}

type Value<'t> = &'t Spanned<DeValue<'t>>;

impl<'t> Entry<'t> {
    /// The table at `span`, called `kind` in messages.
    pub fn new(problems: &'t Problems, table: &'t DeTable<'t>, span: Range<usize>, kind: &'static str) -> Self {
        Self { problems, table, span, kind, asked: RefCell::default() }
    }

    /// Whether `key` is there.
    pub fn has(&self, key: &str) -> bool {
        self.lookup(key).is_some()
    }

    /// Where the value of `key` is, or the table where it has none.
    pub fn span_of(&self, key: &str) -> Range<usize> {
        self.lookup(key).map_or_else(|| self.span.clone(), Spanned::span)
    }

    /// Where the `at`-th element of the list `key` is.
    pub fn span_of_nth(&self, key: &str, at: usize) -> Range<usize> {
        let element = self.lookup(key).and_then(|value| value.get_ref().as_array()).and_then(|list| list.get(at));
        element.map_or_else(|| self.span_of(key), Spanned::span)
    }

    /// A problem with the value of `key`.
    pub fn error(&self, key: &str, message: impl Into<String>) {
        self.problems.error(&self.span_of(key), message);
    }

    /// A problem with the `at`-th element of the list `key`.
    pub fn error_nth(&self, key: &str, at: usize, message: impl Into<String>) {
        self.problems.error(&self.span_of_nth(key, at), message);
    }

    fn lookup(&self, key: &str) -> Option<Value<'t>> {
        self.table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
    }

    fn ask(&self, key: &'static str) -> Option<Value<'t>> {
        self.asked.borrow_mut().insert(key);
        self.lookup(key)
    }

    fn wrong_type(&self, value: Value<'_>, key: &str, wanted: &str) {
        let found = value.get_ref().type_str();
        self.problems.error(&value.span(), format!("« {key} » is of type {found}; write {wanted}"));
    }

    fn missing(&self, key: &str) {
        self.problems.error(&self.span, format!("« {key} » is missing in {}; add it", self.kind));
    }

    fn string(&self, value: Value<'t>, key: &str, max: usize) -> Option<&'t str> {
        let Some(text) = value.get_ref().as_str() else {
            self.wrong_type(value, key, "a text between quotes");
            return None;
        };
        if text.chars().count() > max {
            self.problems.error(&value.span(), format!("« {key} » is longer than {max} characters; shorten it"));
            return None;
        }
        if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
            self.problems.error(&value.span(), format!("« {key} » contains a control character; remove it"));
            return None;
        }
        Some(text)
    }

    /// A text that may be left out.
    pub fn optional_text(&self, key: &'static str, max: usize) -> Option<String> {
        let text = self.string(self.ask(key)?, key, max)?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// A text that may be left out, then empty.
    pub fn text(&self, key: &'static str) -> String {
        self.optional_text(key, SHORT_TEXT).unwrap_or_default()
    }

    /// A text that must be there; empty where it is wrong, which is then kept as a problem.
    pub fn required_text(&self, key: &'static str) -> String {
        let Some(value) = self.ask(key) else {
            self.missing(key);
            return String::new();
        };
        let Some(text) = self.string(value, key, SHORT_TEXT) else { return String::new() };
        if text.trim().is_empty() {
            self.problems.error(&value.span(), format!("« {key} » is empty; fill it in"));
        }
        text.trim().to_owned()
    }

    /// A word of a known set, a code, a date: whatever reads itself from text.
    pub fn optional<T: FromStr<Err = Error>>(&self, key: &'static str) -> Option<T> {
        self.parse_value(self.ask(key)?, key)
    }

    /// The same, which must be there.
    pub fn required<T: FromStr<Err = Error>>(&self, key: &'static str) -> Option<T> {
        match self.ask(key) {
            Some(value) => self.parse_value(value, key),
            None => {
                self.missing(key);
                None
            }
        }
    }

    fn parse_value<T: FromStr<Err = Error>>(&self, value: Value<'t>, key: &str) -> Option<T> {
        let text = self.string(value, key, SHORT_TEXT)?;
        match text.parse() {
            Ok(parsed) => Some(parsed),
            Err(error) => {
                let why = error.violations().first().map_or(error.message(), |violation| &violation.message);
                self.problems.error(&value.span(), format!("« {key} »: {why}"));
                None
            }
        }
    }

    /// A list of whatever reads itself from text; empty where absent. The elements that are wrong are left out.
    pub fn list<T: FromStr<Err = Error>>(&self, key: &'static str) -> Vec<T> {
        self.elements(key).filter_map(|element| self.parse_value(element, key)).collect()
    }

    /// A list of texts; empty where absent.
    pub fn texts(&self, key: &'static str) -> Vec<String> {
        let mut texts = Vec::new();
        for element in self.elements(key) {
            let Some(text) = self.string(element, key, SHORT_TEXT) else { continue };
            if text.trim().is_empty() {
                self.problems.error(&element.span(), format!("« {key} » has an empty element; remove it"));
            } else {
                texts.push(text.trim().to_owned());
            }
        }
        texts
    }

    fn elements(&self, key: &'static str) -> impl Iterator<Item = Value<'t>> {
        let value = self.ask(key);
        let list = value.and_then(|value| value.get_ref().as_array());
        if let (Some(value), None) = (value, list) {
            self.wrong_type(value, key, "a list of texts: [\"…\"]");
        }
        list.into_iter().flat_map(|list| list.iter())
    }

    /// A yes or a no.
    pub fn flag(&self, key: &'static str) -> Option<bool> {
        let value = self.ask(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.wrong_type(value, key, "true or false");
        }
        flag
    }

    /// A whole number from `min` to `max`.
    pub fn number(&self, key: &'static str, min: u32, max: u32) -> Option<u32> {
        whole(self.problems, self.ask(key)?, key, min, max)
    }

    /// A table of whole numbers, `{ code = 3 }`, each from `min` to `max`.
    pub fn numbers(&self, key: &'static str, min: u32, max: u32) -> Vec<(String, u32)> {
        let Some(value) = self.ask(key) else { return Vec::new() };
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_type(value, key, "a table: { code = 3 }");
            return Vec::new();
        };
        let mut numbers = Vec::new();
        for (name, number) in table.iter() {
            self.check_code(name, key);
            if let Some(number) = whole(self.problems, number, name.get_ref(), min, max) {
                numbers.push((name.get_ref().to_string(), number));
            }
        }
        numbers
    }

    fn check_code(&self, name: &Spanned<DeString<'_>>, key: &str) {
        if !is_code(name.get_ref()) {
            let shown = excerpt(name.get_ref(), 40);
            let message = format!("« {key} »: « {shown} » is not a code: 2 to 40 of a-z, 0-9 and dash");
            self.problems.error(&name.span(), message);
        }
    }

    /// The tables of the array `[[key]]`; `kind` names them in messages.
    pub fn tables(&self, key: &'static str, kind: &'static str) -> Vec<Entry<'t>> {
        let mut tables = Vec::new();
        let Some(value) = self.ask(key) else { return tables };
        let Some(list) = value.get_ref().as_array() else {
            self.wrong_type(value, key, &format!("tables: [[{key}]]"));
            return tables;
        };
        for element in list.iter() {
            match element.get_ref().as_table() {
                Some(table) => tables.push(Self::new(self.problems, table, element.span(), kind)),
                None => self.wrong_type(element, key, &format!("a table: [[{key}]]")),
            }
        }
        tables
    }

    /// Keeps as problems the keys that were never asked for.
    pub fn finish(&self) {
        let asked = self.asked.borrow();
        for (name, _) in self.table.iter().filter(|(name, _)| !asked.contains(name.get_ref().as_ref())) {
            let known = asked.iter().copied().collect::<Vec<_>>().join(", ");
            let shown = excerpt(name.get_ref(), 40);
            let message = format!("unknown key « {shown} » in {}; remove it, or write one of: {known}", self.kind);
            self.problems.error(&name.span(), message);
        }
    }
}

fn whole(problems: &Problems, value: Value<'_>, key: &str, min: u32, max: u32) -> Option<u32> {
    let integer = value.get_ref().as_integer();
    let number = integer.and_then(|number| u32::from_str_radix(number.as_str(), number.radix()).ok());
    let number = number.filter(|number| (min..=max).contains(number));
    if number.is_none() {
        let shown = excerpt(key, 40);
        problems.error(&value.span(), format!("« {shown} » must be a whole number from {min} to {max}"));
    }
    number
}
