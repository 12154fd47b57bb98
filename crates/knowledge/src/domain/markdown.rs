//! Markdown as pages and as searchable sections.
//!
//! What an author writes becomes HTML here and nowhere else: raw HTML is dropped, an image is its description, a link
//! leads to `https`, `http`, `mailto`, `tel`, a place of the site or of the page, or a fiche (`fiche:F123`).

use pulldown_cmark::{CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, html};

use super::slug::slugify;

/// A heading of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// 2 to 4: the page's title is 1.
    pub level: u8,
    /// Its words.
    pub title: String,
    /// Its anchor on the page.
    pub anchor: String,
}

/// A text between two headings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// The headings above it, outermost first; empty before the first.
    pub path: Vec<String>,
    /// The anchor of the nearest; empty before the first.
    pub anchor: String,
    /// Words without marks.
    pub text: String,
}

/// A page's body.
#[derive(Clone, Debug, Default)]
pub struct Rendered {
    /// HTML without anything the author could have hidden in it.
    pub html: String,
    /// Its headings.
    pub headings: Vec<Heading>,
}

/// Where a link that names a fiche leads.
pub trait Links {
    /// The address of the fiche of that id, as `fiche:F123` names it (`F123`); on the site where it is served there.
    fn fiche(&self, id: &str) -> String;
}

/// Makes a page's body.
pub fn render(text: &str, links: &dyn Links) -> Rendered {
    let (events, headings) = clean(text, Some(links));
    let mut html = String::with_capacity(text.len() * 3 / 2);
    html::push_html(&mut html, events.into_iter());
    Rendered { html, headings }
}

/// Cuts a text into sections.
pub fn sections(text: &str) -> Vec<Section> {
    let (events, headings) = clean(text, None);
    let mut headings = headings.into_iter();
    let mut path: Vec<(u8, String)> = Vec::new();
    let mut all = vec![Section::default()];
    let mut in_heading = false;
    for event in events {
        match event {
            Event::Start(Tag::Heading { .. }) => {
                in_heading = true;
                let Some(heading) = headings.next() else { continue };
                path.retain(|(level, _)| *level < heading.level);
                path.push((heading.level, heading.title));
                let path = path.iter().map(|(_, title)| title.clone()).collect();
                all.push(Section { path, anchor: heading.anchor, text: String::new() });
            }
            Event::End(TagEnd::Heading(_)) => in_heading = false,
            _ if in_heading => {}
            Event::Text(words) | Event::Code(words) => push(&mut all, &words),
            Event::SoftBreak | Event::HardBreak => push(&mut all, " "),
            Event::End(TagEnd::Paragraph | TagEnd::Item | TagEnd::TableCell) => push(&mut all, "\n"),
            _ => {}
        }
    }
    for section in &mut all {
        section.text = section.text.trim().to_owned();
    }
    all.retain(|section| !section.text.is_empty() || !section.path.is_empty());
    all
}

fn push(all: &mut [Section], words: &str) {
    if let Some(section) = all.last_mut() {
        section.text.push_str(words);
    }
}

/// Every address that a text links to and that is not allowed.
pub fn forbidden_links(text: &str) -> Vec<String> {
    Parser::new_ext(text, options())
        .filter_map(|event| match event {
            Event::Start(Tag::Link { dest_url, link_type, .. }) if !is_allowed(&dest_url, link_type) => {
                Some(dest_url.into_string())
            }
            _ => None,
        })
        .collect()
}

fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH
}

fn is_allowed(url: &str, kind: LinkType) -> bool {
    if kind == LinkType::Email {
        return true;
    }
    let url = url.trim();
    if let Some(id) = url.strip_prefix("fiche:") {
        return !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    }
    if url.starts_with('#') || (url.starts_with('/') && !url.starts_with("//") && !url.starts_with("/\\")) {
        return true;
    }
    let scheme = url.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("https" | "http" | "mailto" | "tel"))
}

/// The events of a text without what may not be shown, headings numbered from 2 and given anchors.
fn clean<'a>(text: &'a str, links: Option<&dyn Links>) -> (Vec<Event<'a>>, Vec<Heading>) {
    let mut headings: Vec<Heading> = Vec::new();
    let mut events: Vec<Event<'a>> = Vec::new();
    let mut heading_at = None;
    let mut kept_links = Vec::new();
    for event in Parser::new_ext(text, options()) {
        match event {
            Event::Html(_) | Event::InlineHtml(_) => {}
            Event::Start(Tag::HtmlBlock | Tag::Image { .. }) | Event::End(TagEnd::HtmlBlock | TagEnd::Image) => {}
            Event::Start(Tag::Heading { level, .. }) => {
                heading_at = Some(events.len());
                events.push(Event::Start(Tag::Heading {
                    level: shown_level(level),
                    id: None,
                    classes: Vec::new(),
                    attrs: Vec::new(),
                }));
            }
            Event::End(TagEnd::Heading(level)) => {
                let level = shown_level(level);
                if let Some(start) = heading_at.take() {
                    close_heading(&mut events, start, level, &mut headings);
                }
                events.push(Event::End(TagEnd::Heading(level)));
            }
            Event::Start(Tag::Link { link_type, dest_url, .. }) => {
                let kept = is_allowed(&dest_url, link_type);
                kept_links.push(kept);
                if kept {
                    let dest_url = match (dest_url.strip_prefix("fiche:"), links) {
                        (Some(id), Some(links)) => CowStr::from(links.fiche(id)),
                        _ => dest_url,
                    };
                    let (title, id) = (CowStr::Borrowed(""), CowStr::Borrowed(""));
                    events.push(Event::Start(Tag::Link { link_type, dest_url, title, id }));
                }
            }
            Event::End(TagEnd::Link) => {
                if kept_links.pop() == Some(true) {
                    events.push(Event::End(TagEnd::Link));
                }
            }
            other => events.push(other),
        }
    }
    (events, headings)
}

fn shown_level(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 | HeadingLevel::H2 => HeadingLevel::H2,
        HeadingLevel::H3 => HeadingLevel::H3,
        HeadingLevel::H4 | HeadingLevel::H5 | HeadingLevel::H6 => HeadingLevel::H4,
    }
}

/// Gives the heading that starts at `start` its anchor, distinct on the page.
fn close_heading(events: &mut [Event<'_>], start: usize, level: HeadingLevel, headings: &mut Vec<Heading>) {
    let title: String = events[start..]
        .iter()
        .filter_map(|event| match event {
            Event::Text(words) | Event::Code(words) => Some(words.as_ref()),
            Event::SoftBreak | Event::HardBreak => Some(" "),
            _ => None,
        })
        .collect();
    let base = format!("s-{}", slugify(&title, 60));
    let mut anchor = base.clone();
    let mut number = 2;
    while headings.iter().any(|heading| heading.anchor == anchor) {
        anchor = format!("{base}-{number}");
        number += 1;
    }
    if let Some(Event::Start(Tag::Heading { id, .. })) = events.get_mut(start) {
        *id = Some(CowStr::from(anchor.clone()));
    }
    headings.push(Heading { level: level as u8, title: title.trim().to_owned(), anchor });
}

/// Text that Markdown shows as it is.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    struct Here;

    impl Links for Here {
        fn fiche(&self, id: &str) -> String {
            format!("/infos/{}", id.to_lowercase())
        }
    }

    #[test]
    fn what_an_author_hides_is_dropped() {
        let text = "Bonjour <b onclick=x()>vous</b>\n\n<script>alert(1)</script>\n\n[a](javascript:alert(1)) \
                    [b](//mal.example) [c](https://ex.example) ![chat](https://x.example/p.gif)";
        let html = render(text, &Here).html;
        for bad in ["<script", "onclick", "javascript", "<img", "//mal"] {
            assert!(!html.contains(bad), "{bad} in {html}");
        }
        assert!(html.contains("href=\"https://ex.example\""), "{html}");
        assert!(html.contains("chat"), "{html}");
        assert_eq!(forbidden_links(text), ["javascript:alert(1)", "//mal.example"]);
    }

    #[test]
    fn headings_have_anchors_and_sections_their_path() {
        let text = "Avant.\n\n## Où ?\n\nIci.\n\n### Quand ?\n\nLundi.\n\n## Où ?\n\nLà, voir [la fiche](fiche:F12).";
        let page = render(text, &Here);
        let anchors: Vec<_> = page.headings.iter().map(|heading| heading.anchor.as_str()).collect();
        assert_eq!(anchors, ["s-ou", "s-quand", "s-ou-2"]);
        assert!(page.html.contains("<h2 id=\"s-ou-2\">"), "{}", page.html);
        assert!(page.html.contains("href=\"/infos/f12\""), "{}", page.html);
        let sections = sections(text);
        assert_eq!(sections[0].text, "Avant.");
        assert_eq!(sections[2].path, ["Où ?", "Quand ?"]);
        assert_eq!(sections[2].text, "Lundi.");
        assert_eq!(sections[3].path, ["Où ?"]);
    }

    proptest! {
        #[test]
        fn escaped_text_is_shown_as_it_is(text in "[a-zA-Z<>&*_#|`~\\[\\]() ]{0,60}") {
            let shown: Vec<String> = sections(&format!("x{}", escape(&text))).into_iter().map(|it| it.text).collect();
            let expected = format!("x{}", text.trim_end());
            prop_assert_eq!(shown.concat(), expected);
        }

        #[test]
        fn no_text_makes_a_script(text in "[<>a-z/=\"'():\\[\\]!\n ]{0,200}") {
            let html = render(&format!("{text}<script>"), &Here).html;
            prop_assert!(!html.contains("<script"), "{}", html);
            prop_assert!(!html.contains("<img"), "{}", html);
        }
    }
}
