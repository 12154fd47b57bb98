//! One table of the file, read key by key: each wrong value is noted with its line, and keys nobody asked for are
//! refused at the end.

use parvis_kernel::{ids::is_code, text::excerpt};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{Located, lines::Lines};

/// A table in reading.
pub(super) struct Section<'a> {
    lines: &'a Lines<'a>,
    /// How messages name it: `procedure « acte-naissance »`.
    pub(super) name: String,
    line: usize,
    table: &'a DeTable<'a>,
    asked: Vec<&'static str>,
    errors: Vec<Located>,
}

impl<'a> Section<'a> {
    pub(super) fn new(lines: &'a Lines<'a>, name: impl Into<String>, offset: usize, table: &'a DeTable<'a>) -> Self {
        let line = lines.line(offset);
        Self { lines, name: name.into(), line, table, asked: Vec::new(), errors: Vec::new() }
    }

    /// The line of its header.
    pub(super) fn line(&self) -> usize {
        self.line
    }

    /// An error about the table as a whole.
    pub(super) fn error(&mut self, message: impl AsRef<str>) {
        self.error_at(self.line, message);
    }

    /// An error about one of its values.
    pub(super) fn error_at(&mut self, line: usize, message: impl AsRef<str>) {
        let located = self.located(line, format!("{}: {}", self.name, message.as_ref()));
        self.errors.push(located);
    }

    /// An error as it will be printed.
    pub(super) fn located(&self, line: usize, message: impl Into<String>) -> Located {
        self.lines.error_at_line(line, message)
    }

    /// Takes in the errors of a part.
    pub(super) fn absorb(&mut self, errors: Vec<Located>) {
        self.errors.extend(errors);
    }

    /// The value under `key` and its line.
    fn value(&mut self, key: &'static str) -> Option<(&'a DeValue<'a>, usize)> {
        self.asked.push(key);
        let value: &'a Spanned<DeValue<'a>> = self.table.get(key)?;
        Some((value.get_ref(), self.lines.line(value.span().start)))
    }

    /// Whether the key is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// The line of `key`, where it is there; else the table's.
    pub(super) fn line_of(&self, key: &str) -> usize {
        self.table.get(key).map_or(self.line, |value| self.lines.line(value.span().start))
    }

    fn wrong_type(&mut self, key: &str, line: usize, value: &DeValue<'_>, wanted: &str) {
        self.error_at(line, format!("{key}: {} is written where {wanted} is expected", a_type(value)));
    }

    /// A text of at most `max` characters; empty where absent.
    pub(super) fn text(&mut self, key: &'static str, max: usize) -> String {
        let Some((value, line)) = self.value(key) else { return String::new() };
        let Some(text) = value.as_str() else {
            self.wrong_type(key, line, value, "a text between quotes");
            return String::new();
        };
        self.check_text(key, text, max, line);
        text.to_owned()
    }

    /// The same, which must be there and not be blank.
    pub(super) fn required_text(&mut self, key: &'static str, max: usize) -> String {
        if !self.has(key) {
            self.asked.push(key);
            self.error(format!("{key} is missing; add {key} = \"…\""));
            return String::new();
        }
        let before = self.errors.len();
        let text = self.text(key, max);
        if text.trim().is_empty() && self.errors.len() == before {
            self.error_at(self.line_of(key), format!("{key} is empty; write something"));
        }
        text
    }

    fn check_text(&mut self, key: &str, text: &str, max: usize, line: usize) {
        if text.chars().count() > max {
            self.error_at(line, format!("{key}: longer than {max} characters; shorten it"));
        }
        if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
            self.error_at(line, format!("{key}: holds a control character; remove it"));
        }
    }

    /// A code, with its line, which must be there.
    pub(super) fn required_code(&mut self, key: &'static str) -> Option<(String, usize)> {
        if !self.has(key) {
            self.asked.push(key);
            self.error(format!("{key} is missing; add {key} = \"…\""));
            return None;
        }
        self.code(key)
    }

    /// A code, with its line.
    pub(super) fn code(&mut self, key: &'static str) -> Option<(String, usize)> {
        let (value, line) = self.value(key)?;
        let Some(text) = value.as_str() else {
            self.wrong_type(key, line, value, "a text between quotes");
            return None;
        };
        if !is_code(text) {
            self.error_at(
                line,
                format!(
                    "{key}: « {} » is not a code; use 2 to 40 of a-z, 0-9 and dash, without a dash at an end",
                    excerpt(text, 40)
                ),
            );
            return None;
        }
        Some((text.to_owned(), line))
    }

    /// One of some words.
    pub(super) fn word<T: std::str::FromStr>(&mut self, key: &'static str, known: &str) -> Option<T> {
        let (value, line) = self.value(key)?;
        let Some(text) = value.as_str() else {
            self.wrong_type(key, line, value, "a text between quotes");
            return None;
        };
        self.one_of(key, text, line, known)
    }

    /// The same, which must be there.
    pub(super) fn required_word<T: std::str::FromStr>(&mut self, key: &'static str, known: &str) -> Option<T> {
        if !self.has(key) {
            self.asked.push(key);
            self.error(format!("{key} is missing; add one of: {known}"));
            return None;
        }
        self.word(key, known)
    }

    fn one_of<T: std::str::FromStr>(&mut self, key: &str, text: &str, line: usize, known: &str) -> Option<T> {
        let read = text.parse().ok();
        if read.is_none() {
            self.error_at(line, format!("{key}: « {} » is not known; use one of: {known}", excerpt(text, 40)));
        }
        read
    }

    /// Some of some words, each once.
    pub(super) fn words<T: std::str::FromStr + PartialEq>(&mut self, key: &'static str, known: &str) -> Vec<T> {
        let mut read = Vec::new();
        for (text, line) in self.texts(key, 100, 40) {
            let Some(word) = self.one_of(key, &text, line, known) else { continue };
            if read.contains(&word) {
                self.error_at(line, format!("{key}: « {text} » is there twice; remove one"));
            } else {
                read.push(word);
            }
        }
        read
    }

    /// Several texts, with their lines.
    pub(super) fn texts(&mut self, key: &'static str, most: usize, max: usize) -> Vec<(String, usize)> {
        let Some((value, line)) = self.value(key) else { return Vec::new() };
        let Some(array) = value.as_array() else {
            self.wrong_type(key, line, value, "a list [\"…\", \"…\"]");
            return Vec::new();
        };
        if array.len() > most {
            self.error_at(line, format!("{key}: more than {most} of them; keep the most useful"));
            return Vec::new();
        }
        let mut read = Vec::with_capacity(array.len());
        for item in array.iter() {
            let line = self.lines.line(item.span().start);
            match item.get_ref().as_str() {
                Some(text) if text.trim().is_empty() => {
                    self.error_at(line, format!("{key}: an empty text; remove it"));
                }
                Some(text) => {
                    self.check_text(key, text, max, line);
                    read.push((text.to_owned(), line));
                }
                None => self.wrong_type(key, line, item.get_ref(), "a text between quotes"),
            }
        }
        read
    }

    /// `true` or `false`; `false` where absent.
    pub(super) fn boolean(&mut self, key: &'static str) -> bool {
        let Some((value, line)) = self.value(key) else { return false };
        value.as_bool().unwrap_or_else(|| {
            self.wrong_type(key, line, value, "true or false");
            false
        })
    }

    /// A whole number within bounds.
    pub(super) fn integer(&mut self, key: &'static str, least: u32, most: u32) -> Option<u32> {
        let (value, line) = self.value(key)?;
        let Some(integer) = value.as_integer() else {
            self.wrong_type(key, line, value, "a whole number");
            return None;
        };
        let read =
            i64::from_str_radix(integer.as_str(), integer.radix()).ok().and_then(|read| u32::try_from(read).ok());
        let within = read.filter(|read| (least..=most).contains(read));
        if within.is_none() {
            self.error_at(line, format!("{key}: {} is not between {least} and {most}", integer.as_str()));
        }
        within
    }

    /// A number, whole or not.
    pub(super) fn number(&mut self, key: &'static str) -> Option<f64> {
        let (value, line) = self.value(key)?;
        let read = match value {
            DeValue::Integer(integer) => {
                i64::from_str_radix(integer.as_str(), integer.radix()).ok().map(|read| read as f64)
            }
            DeValue::Float(float) => float.as_str().parse::<f64>().ok(),
            _ => {
                self.wrong_type(key, line, value, "a number");
                return None;
            }
        };
        let finite = read.filter(|read| read.is_finite());
        if finite.is_none() {
            self.error_at(line, format!("{key}: not a number that can be compared; write it in digits"));
        }
        finite
    }

    /// The tables under `key` (`[[key]]`), each named `name` until its code is known.
    pub(super) fn tables(&mut self, key: &'static str, name: &str, most: usize) -> Vec<Section<'a>> {
        let Some((value, line)) = self.value(key) else { return Vec::new() };
        let Some(array) = value.as_array() else {
            self.wrong_type(key, line, value, &format!("[[…{key}]] or a list of {{ … }}"));
            return Vec::new();
        };
        if array.len() > most {
            self.error_at(line, format!("{key}: more than {most} of them; keep fewer"));
            return Vec::new();
        }
        let mut read = Vec::with_capacity(array.len());
        for item in array.iter() {
            match item.get_ref().as_table() {
                Some(table) => read.push(Section::new(self.lines, name, item.span().start, table)),
                None => {
                    let line = self.lines.line(item.span().start);
                    self.wrong_type(key, line, item.get_ref(), "a table");
                }
            }
        }
        read
    }

    /// Refuses the keys that nobody asked for, and gives every error.
    pub(super) fn finish(mut self) -> Vec<Located> {
        let table = self.table;
        for key in table.keys() {
            if !self.asked.contains(&key.get_ref().as_ref()) {
                let line = self.lines.line(key.span().start);
                let known = self.asked.join(", ");
                self.error_at(
                    line,
                    format!("« {} » is not a known key; remove it, or use one of: {known}", excerpt(key.get_ref(), 40)),
                );
            }
        }
        self.errors
    }
}

fn a_type(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
