//! From the tree of the distribution to a fiche in Markdown.

use super::{Fiche, Link, Node, Public, inline::inline, is_fiche_file};
use crate::domain::markdown::escape;

/// Fiches near another that are kept at most.
const MAX_RELATED: usize = 12;

/// Reads the tree. `Ok(None)`: it is something else than a fiche.
pub fn fiche(root: &Node, public: Option<Public>) -> Result<Option<Fiche>, String> {
    if root.name != "Publication" {
        return Ok(None);
    }
    let id = root.attribute("ID").trim();
    if !is_fiche_file(id) {
        return Ok(None);
    }
    let title = root.words_of("dc:title");
    if title.is_empty() {
        return Err("has no title (dc:title)".to_owned());
    }
    let said = root.all("Audience").find_map(|audience| Public::of_word(&audience.words()));
    let public = public.or(said).ok_or("does not say whom it is for (Audience)")?;
    let theme = theme(root).ok_or("has no theme (dc:subject, Theme)")?;
    let mut page = Page::default();
    for child in &root.children {
        page.top(child);
    }
    if page.text.trim().is_empty() {
        return Err("has no text".to_owned());
    }
    let url = match root.attribute("spUrl") {
        "" => public.site(id),
        url => url.to_owned(),
    };
    page.related.truncate(MAX_RELATED);
    Ok(Some(Fiche {
        id: id.to_owned(),
        public,
        title,
        description: root.words_of("dc:description"),
        theme,
        sub_theme: root.words_of("SousThemePere"),
        dossier: root.child("DossierPere").map(|dossier| dossier.words_of("Titre")).unwrap_or_default(),
        kind: root.attribute("type").to_owned(),
        updated: date(&root.words_of("dc:date")),
        url,
        body: page.text.trim().to_owned(),
        related: page.related,
        online: page.online,
        bodies: page.bodies,
    }))
}

fn theme(root: &Node) -> Option<String> {
    let subject = root.words_of("dc:subject");
    let theme = root.child("Theme").map(|theme| theme.words_of("Titre")).unwrap_or_default();
    // Fiches of a situation ("Comment faire si…") are filed under it: the second step of the way to them.
    let levels = root.child("FilDAriane").map(|way| way.all("Niveau").collect::<Vec<_>>()).unwrap_or_default();
    let filed = if levels.len() > 2 { levels[1].words() } else { String::new() };
    [subject, theme, filed].into_iter().find(|words| !words.is_empty())
}

/// `modified 2019-08-28` → `2019-08-28`; empty where it is not a day.
fn date(words: &str) -> String {
    let day = words.split_whitespace().last().unwrap_or_default();
    day.parse::<jiff::civil::Date>().map(|day| day.to_string()).unwrap_or_default()
}

#[derive(Default)]
struct Page {
    text: String,
    related: Vec<Link>,
    online: Vec<Link>,
    bodies: Vec<String>,
}

impl Page {
    /// What is directly in the publication.
    fn top(&mut self, node: &Node) {
        match node.name.as_str() {
            "Introduction" | "Texte" | "Avertissement" | "Problematiques" => self.blocks(node, 2, ""),
            "ListeSituations" => {
                for situation in node.all("Situation") {
                    self.titled(situation, 2);
                }
            }
            "OuSAdresser" => self.body(node),
            "ServiceEnLigne" | "PourEnSavoirPlus" => self.service(node),
            "QuestionReponse" | "CommentFaireSi" => self.near(node),
            "VoirAussi" => {
                for fiche in node.all("Fiche") {
                    self.near(fiche);
                }
            }
            _ => {}
        }
    }

    fn near(&mut self, node: &Node) {
        let id = node.attribute("ID");
        let title = match node.words_of("Titre") {
            title if title.is_empty() => node.words(),
            title => title,
        };
        let href = format!("fiche:{id}");
        if is_fiche_file(id) && !title.is_empty() && !self.related.iter().any(|link| link.href == href) {
            self.related.push(Link { title, href });
        }
    }

    fn service(&mut self, node: &Node) {
        let (title, href) = (node.words_of("Titre"), node.attribute("URL").trim().to_owned());
        let is_address = href.starts_with("https://") || href.starts_with("http://");
        if is_address && !title.is_empty() && !self.online.iter().any(|link| link.href == href) {
            self.online.push(Link { title, href });
        }
    }

    fn body(&mut self, node: &Node) {
        let name = node.words_of("Titre");
        if !name.is_empty() && !self.bodies.contains(&name) {
            self.bodies.push(name);
        }
    }

    /// Something with a title: a chapter, a case, a situation.
    fn titled(&mut self, node: &Node, level: usize) {
        if let Some(title) = node.child("Titre") {
            let title = match title.child("Paragraphe") {
                Some(paragraph) => inline(paragraph),
                None => inline(title),
            };
            if !title.is_empty() {
                self.line("", &format!("{} {title}", "#".repeat(level.min(6))));
            }
        }
        self.blocks(node, level + 1, "");
    }

    /// The blocks inside `node`, each line beginning with `margin`.
    fn blocks(&mut self, node: &Node, level: usize, margin: &str) {
        for child in &node.children {
            self.block(child, level, margin);
        }
    }

    fn block(&mut self, node: &Node, level: usize, margin: &str) {
        match node.name.as_str() {
            "Titre" | "Condition" | "SiSelectionne" | "Source" | "Image" | "Illustration" | "TitreAlternatif" => {}
            "" => self.line(margin, &escape(node.text.trim())),
            "Paragraphe" => self.line(margin, &inline(node)),
            "Chapitre" | "SousChapitre" | "Situation" | "Problematique" | "Branche" => self.titled(node, level),
            "LienInterne" | "LienExterne" => {
                self.line(margin, &inline(&Node { children: vec![node.clone()], ..Node::default() }));
            }
            "BlocCas" => {
                for case in node.all("Cas") {
                    self.titled(case, level);
                }
            }
            "Liste" => self.list(node, level, margin),
            "Tableau" => self.table(node, margin),
            "ANoter" | "ASavoir" | "Attention" | "Rappel" | "Exemple" => {
                let title = escape(&node.words_of("Titre"));
                let margin = format!("{margin}> ");
                if !title.is_empty() {
                    self.line(&margin, &format!("**{title}**"));
                    self.text.pop();
                    self.text.push_str(&format!("{}\n", margin.trim_end()));
                }
                for child in node.children.iter().filter(|child| child.name != "Titre") {
                    self.block(child, level, &margin);
                    let quoted = self.text.trim_end_matches('\n').len();
                    self.text.truncate(quoted);
                    self.text.push_str(&format!("\n{}\n", margin.trim_end()));
                }
                self.text.push('\n');
            }
            "OuSAdresser" => {
                self.body(node);
                self.line(margin, &format!("Où s'adresser : **{}**", escape(&node.words_of("Titre"))));
            }
            "ServiceEnLigne" => {
                let (title, url) = (node.words_of("Titre"), node.attribute("URL").replace(['(', ')', ' '], ""));
                self.service(node);
                if url.starts_with("http") {
                    self.line(margin, &format!("[{}]({url})", escape(&title)));
                } else if !title.is_empty() {
                    self.line(margin, &escape(&title));
                }
            }
            _ => self.blocks(node, level, margin),
        }
    }

    fn list(&mut self, node: &Node, level: usize, margin: &str) {
        let numbered = node.attribute("type") == "numero";
        for (at, item) in node.all("Item").enumerate() {
            let mark = if numbered { format!("{}. ", at + 1) } else { "- ".to_owned() };
            let start = self.text.len();
            let inside = format!("{margin}{}", " ".repeat(mark.len()));
            self.blocks(item, level, &inside);
            if self.text.len() > start + inside.len() {
                let marked = format!("{margin}{mark}");
                self.text.replace_range(start..start + inside.len(), &marked);
            }
        }
    }

    /// A table whose first row is its head; a list in a cell is put on one line.
    fn table(&mut self, node: &Node, margin: &str) {
        if let Some(title) = node.child("Titre") {
            self.line(margin, &format!("**{}**", escape(&title.words())));
        }
        let rows: Vec<Vec<String>> = node
            .all("Rangée")
            .map(|row| row.all("Cellule").map(cell).collect())
            .filter(|row: &Vec<_>| !row.is_empty())
            .collect();
        let width = rows.iter().map(Vec::len).max().unwrap_or(0);
        if width == 0 {
            return;
        }
        let mut lines = Vec::with_capacity(rows.len() + 1);
        for (at, mut row) in rows.into_iter().enumerate() {
            row.resize(width, String::new());
            lines.push(format!("{margin}| {} |", row.join(" | ")));
            if at == 0 {
                lines.push(format!("{margin}|{}", " --- |".repeat(width)));
            }
        }
        self.text.push_str(&lines.join("\n"));
        self.text.push_str("\n\n");
    }

    fn line(&mut self, margin: &str, words: &str) {
        if words.is_empty() {
            return;
        }
        self.text.push_str(margin);
        self.text.push_str(words);
        self.text.push_str("\n\n");
    }
}

/// A cell's blocks on one line.
fn cell(node: &Node) -> String {
    let mut parts = Vec::new();
    gather(node, &mut parts);
    parts.join(" ; ")
}

fn gather(node: &Node, parts: &mut Vec<String>) {
    for child in &node.children {
        match child.name.as_str() {
            "Paragraphe" | "Valeur" => {
                let words = inline(child);
                if !words.is_empty() {
                    parts.push(words);
                }
            }
            "" => {
                let words = escape(child.text.trim());
                if !words.is_empty() {
                    parts.push(words);
                }
            }
            _ => gather(child, parts),
        }
    }
}
