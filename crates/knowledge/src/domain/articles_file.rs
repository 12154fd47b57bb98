//! A town's articles and response templates as an administrator writes them (docs/reference/data-files.md): every
//! error by its line, nothing half-loaded.

use std::{collections::HashMap, str::FromStr};

use jiff::civil::Date;
use parvis_directory::{
    Located,
    reader::{Entry, Problems},
};
use parvis_kernel::{Error, Result, TenantId, ids::is_code};
use toml::de::DeTable;

use super::{
    article::Kind,
    content::{Body, Content, MAX_BODY, MAX_SUMMARY},
};

/// Bytes of a file at most.
const MAX_BYTES: usize = 8_000_000;
/// Articles and templates of a file at most.
const MAX_ARTICLES: usize = 5_000;

/// One article or template of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// What it is.
    pub kind: Kind,
    /// Its address.
    pub slug: String,
    /// Checked.
    pub content: Content,
    /// Who read it again; empty: nobody.
    pub reviewed_by: String,
    /// Loaded as a draft, to be published by hand.
    pub draft: bool,
}

/// A file read without error.
#[derive(Clone, Debug)]
pub struct ArticlesFile {
    /// The authority it is for.
    pub tenant: TenantId,
    /// In the order of the file.
    pub articles: Vec<Described>,
    /// The units it names with the line of each, to be checked against a directory.
    pub units: Vec<(String, Located)>,
}

/// A day.
struct Day(Date);

impl FromStr for Day {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        text.parse().map(Self).map_err(|_| Error::invalid("date", format!("« {text} » is not a day: write 2026-05-31")))
    }
}

/// A code, as text.
struct Code(String);

impl FromStr for Code {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        if is_code(text) {
            return Ok(Self(text.to_owned()));
        }
        let shown = parvis_kernel::text::excerpt(text, 40);
        Err(Error::invalid("code", format!("« {shown} » is not a code: 2 to 40 of a-z, 0-9 and dash")))
    }
}

/// Reads `text`, naming it `file` in errors.
///
/// # Errors
/// All of them at once, by line.
pub fn parse_articles(file: &str, text: &str) -> std::result::Result<ArticlesFile, Vec<Located>> {
    let problems = Problems::new(file, text);
    if text.len() > MAX_BYTES {
        return Err(vec![problems.locate(&(0..0), format!("the file has more than {MAX_BYTES} bytes; split it"))]);
    }
    let (table, syntax) = DeTable::parse_recoverable(text);
    if !syntax.is_empty() {
        for error in &syntax {
            problems.error(&error.span().unwrap_or(0..0), format!("{}; correct it", error.message()));
        }
        return Err(problems.finish());
    }
    let mut units = Vec::new();
    let mut articles = Vec::new();
    let tenant = {
        let top = Entry::new(&problems, table.get_ref(), 0..0, "the file");
        let tenant = top.required::<TenantId>("tenant");
        let mut seen = HashMap::new();
        for (key, kind) in [("article", Kind::Article), ("template", Kind::Template)] {
            for entry in top.tables(key, key) {
                let described = read(&problems, &entry, kind, &mut units);
                if let Some(first) = seen.insert(described.slug.clone(), described.content.title.clone()) {
                    entry.error("slug", format!("« {} » is described already ({first}); remove one", described.slug));
                }
                articles.push(described);
            }
        }
        if articles.is_empty() {
            problems.error(&(0..0), "there is no [[article]] and no [[template]]; write at least one");
        }
        if articles.len() > MAX_ARTICLES {
            problems.error(&(0..0), format!("more than {MAX_ARTICLES} articles; split the file"));
        }
        top.finish();
        tenant
    };
    let errors = problems.finish();
    match (tenant, errors.is_empty()) {
        (Some(tenant), true) => Ok(ArticlesFile { tenant, articles, units }),
        _ => Err(errors),
    }
}

fn read(problems: &Problems, entry: &Entry<'_>, kind: Kind, units: &mut Vec<(String, Located)>) -> Described {
    let slug = entry.required::<Code>("slug").map_or_else(String::new, |code| code.0);
    let named: Vec<Code> = entry.list("units");
    for (at, unit) in named.iter().enumerate() {
        let message = format!("« {} » is not a unit of the directory; add it there or correct it", unit.0);
        units.push((unit.0.clone(), problems.locate(&entry.span_of_nth("units", at), message)));
    }
    let bodies = entry.tables("body_elsewhere", "body_elsewhere");
    let bodies = bodies.iter().map(|body| {
        let read = Body { name: body.required_text("name"), url: body.text("url") };
        body.finish();
        read
    });
    let day = |day: Option<Day>| day.map(|day| day.0);
    let content = Content {
        title: entry.required_text("title"),
        summary: entry.optional_text("summary", MAX_SUMMARY).unwrap_or_default(),
        theme: entry.required::<Code>("theme").map_or_else(String::new, |code| code.0),
        audience: entry.texts("audience"),
        units: named.into_iter().map(|unit| unit.0).collect(),
        bodies: bodies.collect(),
        keywords: entry.texts("keywords"),
        body: entry.optional_text("text", MAX_BODY).unwrap_or_default(),
        plain: entry.optional_text("plain", MAX_BODY).unwrap_or_default(),
        valid_from: day(entry.optional("valid_from")),
        valid_until: day(entry.optional("valid_until")),
        procedure: entry.optional::<Code>("procedure").map_or_else(String::new, |code| code.0),
    };
    let reviewed_by = entry.text("reviewed_by");
    let draft = match entry.text("state").as_str() {
        "" | "published" => false,
        "draft" => true,
        other => {
            let shown = parvis_kernel::text::excerpt(other, 40);
            entry.error("state", format!("« {shown} » is not one of: published, draft"));
            false
        }
    };
    entry.finish();
    let checked = match content.clone().checked(kind) {
        Ok(checked) => checked,
        Err(error) => {
            for violation in error.violations() {
                let field = violation.field.trim_start_matches("content.");
                let key = match field {
                    "body" => "text",
                    "bodies" => "body_elsewhere",
                    other => other,
                };
                // What is missing or not a code was said when it was read.
                if !matches!(key, "title" | "theme" | "procedure" | "units") {
                    entry.error(key, format!("« {key} » {}", violation.message));
                }
            }
            content
        }
    };
    Described { kind, slug, content: checked, reviewed_by, draft }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read() {
        let file = parse_articles(
            "articles.toml",
            r#"
tenant = "clairval"
[[article]]
slug = "sapins"
title = "Que faire de son sapin ?"
summary = "Une benne en janvier."
theme = "dechets"
units = ["dechets"]
keywords = ["arbre de noël"]
valid_until = "2027-01-31"
reviewed_by = "Nadia Roussel"
text = """
## Où
Place du Port."""
plain = "Portez le sapin place du Port."
[[article.body_elsewhere]]
name = "Syndicat de traitement"
url = "https://syndicat.example"
[[template]]
slug = "accuse"
title = "Accusé"
theme = "mairie"
text = "Bonjour {{usager}}"
"#,
        )
        .unwrap();
        assert_eq!(file.articles.len(), 2);
        assert_eq!(file.articles[0].content.bodies[0].name, "Syndicat de traitement");
        assert_eq!(file.articles[1].content.audience, ["agent"]);
        assert_eq!(file.units[0].1.line, 8);
    }

    #[test]
    fn every_error_has_its_line() {
        let errors = parse_articles(
            "a.toml",
            "tenant = \"clairval\"\n[[article]]\nslug = \"UN\"\ntitle = \"\"\ntheme = \"dechets\"\nsummary = \"s\"\ntext = \"[x](javascript:1)\"\ncolour = \"red\"\n[[template]]\nslug = \"deux\"\ntitle = \"Deux\"\ntheme = \"dechets\"\ntext = \"{{nope}}\"\nvalid_until = \"hier\"\n",
        )
        .unwrap_err();
        let lines: Vec<_> = errors.iter().map(|error| error.line).collect();
        assert_eq!(lines, [3, 4, 7, 8, 13, 14], "{errors:#?}");
        assert!(parse_articles("a.toml", "tenant = ").is_err());
        assert!(parse_articles("a.toml", "tenant = \"clairval\"").unwrap_err()[0].message.contains("at least one"));
    }
}
