//! `[[procedure]]`

use super::{FileReader, Named, section::Section};
use crate::domain::procedure::{Audience, Content, Kind, Silence, THEMES};

/// A theme of the list.
#[derive(PartialEq)]
struct Theme(String);

impl std::str::FromStr for Theme {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        THEMES.contains(&text).then(|| Self(text.to_owned())).ok_or(())
    }
}

impl FileReader {
    /// Reads one, noting what is wrong; with the line of its code, or `None` where not even a code could be read.
    pub(super) fn procedure(&mut self, mut section: Section<'_>) -> Option<(Content, usize)> {
        let code = section.required_code("code");
        if let Some((code, _)) = &code {
            section.name = format!("procedure « {code} »");
        }
        let (code, code_line) = code.unwrap_or((String::new(), section.line()));
        let title = section.required_text("title", 150);
        let summary = section.text("summary", 1000);
        let theme: Option<Theme> = section.required_word("theme", &THEMES.join(", "));
        let kind: Option<Kind> = section.required_word("kind", &Kind::known());
        let audience: Vec<Audience> = section.words("audience", &Audience::known());
        let unit = section.code("unit");
        let skill = section.code("skill");
        let silence: Option<Silence> = section.required_word("silence", &Silence::known());
        let silence_months = section.integer("silence_months", 1, 60);
        let silence_source = section.text("silence_source", 200);
        check_silence(&mut section, silence, silence_months);
        let service_level_days = section.integer("service_level_days", 0, 365).unwrap_or(0);
        let anonymous = section.boolean("anonymous");
        let keywords = section.texts("keywords", 60, 80).into_iter().map(|(keyword, _)| keyword).collect();
        let fields = super::form::fields(&mut section);
        let documents = super::form::documents(&mut section);
        self.errors.extend(section.finish());

        for (named, list) in [(&unit, &mut self.units), (&skill, &mut self.skills)] {
            if let Some((named, line)) = named {
                list.push(Named { code: named.clone(), procedure: code.clone(), line: *line });
            }
        }
        let content = Content {
            code,
            title,
            summary,
            theme: theme?.0,
            kind: kind?,
            audience,
            unit: unit.map(|(unit, _)| unit).unwrap_or_default(),
            skill: skill.map(|(skill, _)| skill).unwrap_or_default(),
            silence: silence?,
            silence_months: silence_months.unwrap_or(0),
            silence_source,
            service_level_days,
            anonymous,
            keywords,
            fields,
            documents,
        };
        (!content.code.is_empty()).then_some((content, code_line))
    }
}

fn check_silence(section: &mut Section<'_>, silence: Option<Silence>, months: Option<u32>) {
    match silence {
        Some(Silence::Accept | Silence::Reject) if months.is_none() && !section.has("silence_months") => {
            let line = section.line_of("silence");
            section.error_at(line, "silence_months is missing; say after how many months silence means it");
        }
        Some(Silence::None) => {
            for key in ["silence_months", "silence_source"] {
                if section.has(key) {
                    let line = section.line_of(key);
                    section
                        .error_at(line, format!("{key} goes only with silence = \"accept\" or \"reject\"; remove it"));
                }
            }
        }
        Some(Silence::Accept | Silence::Reject) | None => {}
    }
}
