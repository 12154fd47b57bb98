//! Words, emphasis and links of a paragraph, as Markdown on one line.

use super::{Node, is_fiche_file};
use crate::domain::markdown::escape;

/// A paragraph's content.
pub fn inline(node: &Node) -> String {
    let mut out = String::new();
    for child in &node.children {
        write(child, &mut out);
    }
    tidy(&out)
}

fn write(node: &Node, out: &mut String) {
    match node.name.as_str() {
        "" => out.push_str(&escape(&one_spaced(&node.text))),
        "MiseEnEvidence" => wrap(node, "**", out),
        "Expression" | "Citation" | "TermeEtranger" => wrap(node, "*", out),
        "LienInterne" => {
            let id = node.attribute("LienPublication");
            // Services and themes have no page here: their words stay.
            if is_fiche_file(id) { link(node, &format!("fiche:{id}"), out) } else { plain(node, out) }
        }
        "LienExterne" | "LienWeb" => {
            let url = node.attribute("URL").trim();
            let url = url.replace(' ', "%20").replace('(', "%28").replace(')', "%29");
            if url.starts_with("https://") || url.starts_with("http://") {
                link(node, &url, out)
            } else {
                plain(node, out)
            }
        }
        "Image" => {}
        _ => plain(node, out),
    }
}

fn plain(node: &Node, out: &mut String) {
    for child in &node.children {
        write(child, out);
    }
}

fn inner(node: &Node) -> (String, bool, bool) {
    let mut text = String::new();
    plain(node, &mut text);
    let (before, after) = (text.starts_with(' '), text.ends_with(' '));
    (text.trim().to_owned(), before, after)
}

/// Marks must touch the words they mark: spaces inside go outside.
fn wrap(node: &Node, mark: &str, out: &mut String) {
    let (text, before, after) = inner(node);
    if text.is_empty() {
        return;
    }
    // Next to a letter, or around marks of its own, emphasis would be read as stars.
    if text.contains('*') && !text.contains("\\*") || (!before && out.ends_with(char::is_alphanumeric)) {
        space(before, out);
        out.push_str(&text);
    } else {
        space(before, out);
        out.push_str(mark);
        out.push_str(&text);
        out.push_str(mark);
    }
    space(after, out);
}

fn link(node: &Node, url: &str, out: &mut String) {
    let (text, before, after) = inner(node);
    space(before, out);
    if text.is_empty() {
        return;
    }
    out.push('[');
    out.push_str(&text);
    out.push_str("](");
    out.push_str(url);
    out.push(')');
    space(after, out);
}

fn space(wanted: bool, out: &mut String) {
    if wanted && !out.ends_with(' ') {
        out.push(' ');
    }
}

fn one_spaced(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        // A no-break space is kept: it is typography.
        if matches!(c, ' ' | '\n' | '\r' | '\t') {
            space(true, &mut out);
        } else if !c.is_control() {
            out.push(c);
        }
    }
    out
}

/// One space between words, none before a comma or a full stop that followed a link.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.trim().chars() {
        if matches!(c, '.' | ',' | ')') && out.ends_with(' ') {
            out.pop();
        }
        if c != ' ' || !out.ends_with(' ') {
            out.push(c);
        }
    }
    // A line that begins so would be a list or a heading.
    if out.starts_with(['-', '+'])
        || out.split('.').next().is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    {
        let at = out.find(|c: char| !c.is_ascii_digit()).unwrap_or(0);
        out.insert(at, '\\');
    }
    out
}
