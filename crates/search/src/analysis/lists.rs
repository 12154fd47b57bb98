//! The word lists of `data/`, read once.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use super::fold::fold;

static STOP_WORDS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    lines(include_str!("../../data/stop_words.txt"))
        .flat_map(|line| line.split_whitespace().map(fold).collect::<Vec<_>>())
        .collect()
});

static ABBREVIATIONS: LazyLock<HashMap<String, Vec<String>>> = LazyLock::new(|| {
    lines(include_str!("../../data/abbreviations.txt"))
        .filter_map(|line| line.split_once('='))
        .map(|(short, long)| (fold(short.trim()), folded_words(long)))
        .collect()
});

/// Folded words of grammar and politeness.
pub(crate) fn stop_words() -> &'static HashSet<String> {
    &STOP_WORDS
}

/// Folded abbreviations and the folded words that they stand for.
pub(crate) fn abbreviations() -> &'static HashMap<String, Vec<String>> {
    &ABBREVIATIONS
}

/// The lines of a list that are neither empty nor a comment.
pub(crate) fn lines(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn folded_words(text: &str) -> Vec<String> {
    fold(text)
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}
