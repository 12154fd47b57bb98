//! What every page must be, checked on its HTML: well formed, labelled, nothing inline.

use std::collections::{BTreeMap, BTreeSet};

const VOID: [&str; 8] = ["meta", "link", "br", "hr", "input", "img", "rect", "line"];

/// An element's start.
#[derive(Debug)]
pub struct Tag {
    pub name: String,
    pub attributes: BTreeMap<String, String>,
}

impl Tag {
    fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }
}

/// Reads the tags and refuses what is not nested properly.
pub fn tags(html: &str) -> Vec<Tag> {
    let (mut all, mut open) = (Vec::new(), Vec::<String>::new());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if rest.starts_with('!') {
            rest = &rest[rest.find('>').unwrap()..];
            continue;
        }
        let end = end_of_tag(rest);
        let (inside, after) = rest.split_at(end);
        rest = after;
        if let Some(name) = inside.strip_prefix('/') {
            let expected = open.pop();
            assert_eq!(expected.as_deref(), Some(name.trim()), "closed out of order before: {}", around(after));
            continue;
        }
        let tag = read(inside.trim_end_matches('/'));
        let closed = inside.ends_with('/') || VOID.contains(&tag.name.as_str());
        if !closed {
            open.push(tag.name.clone());
        }
        all.push(tag);
    }
    assert!(open.is_empty(), "never closed: {open:?}");
    all
}

fn around(text: &str) -> String {
    text.chars().take(120).collect()
}

fn end_of_tag(text: &str) -> usize {
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '>' if !quoted => return at,
            '<' if !quoted => panic!("a tag is not closed: {}", around(text)),
            _ => {}
        }
    }
    panic!("a tag is not closed: {}", around(text))
}

fn read(inside: &str) -> Tag {
    let (name, mut rest) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
    let mut attributes = BTreeMap::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return Tag { name: name.to_owned(), attributes };
        }
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let key = rest[..end].to_owned();
        rest = &rest[end..];
        let mut value = String::new();
        if let Some(quoted) = rest.strip_prefix("=\"") {
            let close = quoted.find('"').unwrap_or_else(|| panic!("a value is not closed: {inside}"));
            quoted[..close].clone_into(&mut value);
            rest = &quoted[close + 1..];
        } else {
            assert!(!rest.starts_with('='), "a value is not quoted: {inside}");
        }
        assert!(attributes.insert(key.clone(), value).is_none(), "{key} twice: {inside}");
    }
}

/// Panics where a page is not what every page must be.
pub fn check(page: &str, html: &str) {
    let tags = tags(html);
    let count = |name: &str| tags.iter().filter(|tag| tag.name == name).count();
    for name in ["h1", "main", "title", "footer"] {
        assert_eq!(count(name), 1, "{page}: {name}");
    }
    assert!(tags.iter().any(|tag| tag.name == "html" && tag.attribute("lang") == "fr"), "{page}: lang");
    assert!(html.contains("class=\"skip\" href=\"#contenu\""), "{page}: skip link");
    assert!(!html.contains("{{") && !html.contains("{%"), "{page}: template left over");

    let mut ids = BTreeSet::new();
    for tag in tags.iter().filter(|tag| tag.attributes.contains_key("id")) {
        assert!(ids.insert(tag.attribute("id")), "{page}: id {} twice", tag.attribute("id"));
    }
    let labelled: BTreeSet<&str> =
        tags.iter().filter(|tag| tag.name == "label").map(|tag| tag.attribute("for")).collect();
    for tag in &tags {
        check_tag(page, tag, &ids, &labelled);
    }
    check_headings(page, &tags);
    assert_eq!(count("table"), count("caption"), "{page}: a table without its caption");
    assert_eq!(count("fieldset"), count("legend"), "{page}: a group without its legend");
}

fn check_tag(page: &str, tag: &Tag, ids: &BTreeSet<&str>, labelled: &BTreeSet<&str>) {
    for key in tag.attributes.keys() {
        assert!(key != "style" && !key.starts_with("on"), "{page}: {key} inline in {tag:?}");
    }
    assert_ne!(tag.name, "style", "{page}");
    if tag.name == "script" {
        assert!(tag.attribute("src").starts_with("/assets/"), "{page}: {tag:?}");
    }
    if matches!(tag.name.as_str(), "link" | "img") {
        assert!(!tag.attribute("href").starts_with("http") && !tag.attribute("src").starts_with("http"), "{page}");
    }
    let typed =
        matches!(tag.name.as_str(), "select" | "textarea") || tag.name == "input" && tag.attribute("type") != "hidden";
    if typed {
        assert!(labelled.contains(tag.attribute("id")), "{page}: no label for {tag:?}");
    }
    for key in ["aria-describedby", "aria-labelledby"] {
        for id in tag.attribute(key).split_whitespace() {
            assert!(ids.contains(id), "{page}: {key} names {id}, which is not there");
        }
    }
    if tag.name == "label" {
        assert!(ids.contains(tag.attribute("for")), "{page}: a label for nothing: {tag:?}");
    }
    if tag.name == "th" {
        assert!(matches!(tag.attribute("scope"), "col" | "row"), "{page}: {tag:?}");
    }
    if let Some(id) = tag.attribute("href").strip_prefix('#') {
        assert!(ids.contains(id), "{page}: a link to {id}, which is not there");
    }
}

/// No level of heading is skipped downwards.
fn check_headings(page: &str, tags: &[Tag]) {
    let mut last = 0;
    for tag in tags {
        let Some(level) = tag.name.strip_prefix('h').and_then(|level| level.parse::<u32>().ok()) else { continue };
        // The error summary comes before the page's h1, as its first heading.
        assert!(level <= last + 1 || last == 0, "{page}: h{level} after h{last}");
        last = level;
    }
}
