//! Puts what somebody typed back into the form where they typed it.

use std::{cell::RefCell, fmt::Write as _, rc::Rc};

use lol_html::{
    RewriteStrSettings, element, end_tag,
    html_content::{ContentType, Element},
    rewrite_str,
};

use super::Typed;

/// Fields that are ours to give anew, or a person's to give again.
const NEVER: [&str; 1] = [crate::csrf::FIELD];
/// What a file already sent is carried by; its page shows it once it is sent again.
const FILE: &str = "piece";

struct Filling {
    action: String,
    typed: Vec<(String, Option<String>)>,
    /// In which form of the page.
    inside: bool,
    done: bool,
    select: String,
}

impl Filling {
    /// The next value of a field that may come several times.
    fn take(&mut self, name: &str) -> Option<String> {
        self.typed.iter_mut().find(|(key, value)| key == name && value.is_some()).and_then(|(_, value)| value.take())
    }

    /// Whether a field was sent with this value; it is taken.
    fn chosen(&mut self, name: &str, value: &str) -> bool {
        let found = self.typed.iter_mut().find(|(key, typed)| key == name && typed.as_deref() == Some(value));
        found.is_some_and(|(_, typed)| typed.take().is_some())
    }
}

/// The page with the form that goes to `action` filled in with `typed`, headed by `notice`; `None` where the page has no
/// such form. Passwords stay empty. What the form has no field for any more is shown in the notice.
pub fn fill(html: &str, action: &str, typed: &Typed, notice: &str) -> Option<String> {
    let typed = typed.0.iter().filter(|(name, _)| !NEVER.contains(&name.as_str()));
    let filling = Rc::new(RefCell::new(Filling {
        action: action.to_owned(),
        typed: typed.map(|(name, value)| (name.clone(), Some(value.clone()))).collect(),
        inside: false,
        done: false,
        select: String::new(),
    }));
    let filled = rewrite_str(
        html,
        RewriteStrSettings::new()
            .append_element_content_handler(element!("form", |it: &mut Element<'_, '_>| form(it, &filling)))
            .append_element_content_handler(element!("input", |it: &mut Element<'_, '_>| input(it, &filling)))
            .append_element_content_handler(element!("textarea", |it: &mut Element<'_, '_>| textarea(it, &filling)))
            .append_element_content_handler(element!("select", |it: &mut Element<'_, '_>| {
                filling.borrow_mut().select = attribute(it, "name");
                Ok(())
            }))
            .append_element_content_handler(element!("option", |it: &mut Element<'_, '_>| option(it, &filling))),
    )
    .ok()?;
    let filling = filling.borrow();
    // Where the form begins, now that it is known what found no field.
    filling.done.then(|| filled.replacen(PLACE, &said(notice, &filling.typed), 1))
}

const PLACE: &str = "<!-- ce qui a été gardé -->";

type Handled = Result<(), Box<dyn std::error::Error + Send + Sync>>;

fn form(it: &mut Element<'_, '_>, filling: &Rc<RefCell<Filling>>) -> Handled {
    let mut now = filling.borrow_mut();
    if now.done || attribute(it, "action") != now.action || !attribute(it, "method").eq_ignore_ascii_case("post") {
        return Ok(());
    }
    (now.inside, now.done) = (true, true);
    it.prepend(PLACE, ContentType::Html);
    let filling = filling.clone();
    it.on_end_tag(end_tag!(move |_| {
        filling.borrow_mut().inside = false;
        Ok(())
    }))
}

fn input(it: &mut Element<'_, '_>, filling: &Rc<RefCell<Filling>>) -> Handled {
    let mut now = filling.borrow_mut();
    let (name, kind) = (attribute(it, "name"), attribute(it, "type").to_ascii_lowercase());
    if !now.inside || NEVER.contains(&name.as_str()) {
        return Ok(());
    }
    match kind.as_str() {
        "password" => drop(now.take(&name)),
        "file" | "submit" | "button" => {}
        "checkbox" | "radio" => {
            let value = attribute(it, "value");
            if now.chosen(&name, if value.is_empty() { "on" } else { &value }) {
                it.set_attribute("checked", "")?;
            } else {
                it.remove_attribute("checked");
            }
        }
        _ if attribute(it, "autocomplete") == "one-time-code" => drop(now.take(&name)),
        _ => {
            if let Some(value) = now.take(&name) {
                it.set_attribute("value", &escaped(&value))?;
            }
        }
    }
    Ok(())
}

fn textarea(it: &mut Element<'_, '_>, filling: &Rc<RefCell<Filling>>) -> Handled {
    let mut now = filling.borrow_mut();
    if now.inside
        && let Some(value) = now.take(&attribute(it, "name"))
    {
        // The first line end of a text area is not a part of it.
        it.set_inner_content(&format!("\n{value}"), ContentType::Text);
    }
    Ok(())
}

fn option(it: &mut Element<'_, '_>, filling: &Rc<RefCell<Filling>>) -> Handled {
    let mut now = filling.borrow_mut();
    if now.inside {
        let (name, value) = (now.select.clone(), attribute(it, "value"));
        if now.chosen(&name, &value) {
            it.set_attribute("selected", "")?;
        } else {
            it.remove_attribute("selected");
        }
    }
    Ok(())
}

/// The notice: what happened, the files that came already, and answers whose field is gone.
fn said(notice: &str, left: &[(String, Option<String>)]) -> String {
    let left = || left.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_deref()?)));
    let mut html = format!("<div class=\"flash flash-warn\" role=\"alert\" id=\"garde\"><p>{}</p>", escaped(notice));
    let files: Vec<_> = left().filter(|(name, _)| *name == FILE).map(|(_, value)| value).collect();
    if !files.is_empty() {
        html.push_str("<p>Fichiers déjà reçus&nbsp;:</p><ul>");
        for file in files {
            let shown = file.splitn(4, '|').nth(3).unwrap_or_default();
            let _ = write!(
                html,
                "<li>{}<input type=\"hidden\" name=\"{FILE}\" value=\"{}\"></li>",
                escaped(shown),
                escaped(file)
            );
        }
        html.push_str("</ul>");
    }
    let texts: Vec<_> = left().filter(|(name, value)| *name != FILE && is_text(value)).collect();
    if !texts.is_empty() {
        html.push_str("<p>La page a changé entre-temps, et ceci n’y a plus sa place&nbsp;:</p>");
        for (_, text) in texts {
            let _ = write!(html, "<p class=\"kept\">{}</p>", escaped(text).replace('\n', "<br>"));
        }
    }
    html.push_str("</div>");
    html
}

/// Whether somebody wrote it, rather than a page.
fn is_text(value: &str) -> bool {
    value.trim().contains(char::is_whitespace)
}

/// A decoded attribute; empty where it is missing.
fn attribute(it: &Element<'_, '_>, name: &str) -> String {
    let raw = it.get_attribute(name).unwrap_or_default();
    if !raw.contains('&') {
        return raw;
    }
    // What our own templates write.
    [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")]
        .into_iter()
        .chain([("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")])
        .fold(raw, |text, (from, to)| text.replace(from, to))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<form method=\"get\" action=\"/a\"><input name=\"nom\" value=\"autre\"></form>\
        <form method=\"post\" action=\"/a\"><input type=\"hidden\" name=\"csrf\" value=\"frais\">\
        <input name=\"nom\" value=\"\"><input type=\"password\" name=\"passe\" value=\"\">\
        <input type=\"radio\" name=\"mode\" value=\"l&#39;un\" checked><input type=\"radio\" name=\"mode\" value=\"deux\">\
        <select name=\"choix\"><option value=\"\" selected>-</option><option value=\"b\">B</option></select>\
        <textarea name=\"texte\">ancien</textarea></form><input name=\"nom\" value=\"dehors\">";

    fn typed(pairs: &[(&str, &str)]) -> Typed {
        Typed(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn what_was_typed_is_back_in_its_form_and_nowhere_else() {
        let typed = typed(&[
            ("csrf", "vieux"),
            ("nom", "Zoé \"<b>\" & Cie"),
            ("passe", "secret"),
            ("mode", "deux"),
            ("choix", "b"),
            ("texte", "\nl'un </textarea><script>"),
            ("piece", "1|identite|12|carte <1>.pdf"),
            ("ancien-champ", "ce qui n’a plus de place"),
            ("version", "3"),
        ]);
        let html = fill(PAGE, "/a", &typed, "Vérifiez.").unwrap();
        assert!(html.contains("value=\"frais\"") && !html.contains("vieux") && !html.contains("secret"), "{html}");
        assert!(html.contains("<input name=\"nom\" value=\"Zoé &quot;&lt;b&gt;&quot; &amp; Cie\">"), "{html}");
        assert!(html.contains("value=\"deux\" checked") && !html.contains("value=\"l&#39;un\" checked"), "{html}");
        assert!(
            html.contains("<option value=\"b\" selected") && !html.contains("<option value=\"\" selected"),
            "{html}"
        );
        assert!(html.contains(">\n\nl'un &lt;/textarea&gt;&lt;script&gt;</textarea>"), "{html}");
        assert!(html.contains("value=\"autre\"") && html.contains("value=\"dehors\""), "{html}");
        assert!(html.contains("carte &lt;1&gt;.pdf") && html.contains("ce qui n’a plus de place"), "{html}");
        assert!(html.find("Vérifiez.") < html.find("Zoé") && html.find("action=\"/a\"") < html.find("Vérifiez."));
        assert!(fill(PAGE, "/b", &typed, "Vérifiez.").is_none());
    }
}
