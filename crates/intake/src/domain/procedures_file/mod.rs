//! The file that describes a town's procedures (docs/reference/data-files.md), read whole: every error with its line.

mod form;
mod lines;
mod procedure;
mod section;
#[cfg(test)]
mod tests;

use std::{collections::HashMap, fmt};

use parvis_kernel::TenantId;
use toml::de::DeTable;

use super::procedure::Content;
use lines::Lines;
use section::Section;

/// Bytes of a file at most.
const MAX_BYTES: usize = 8_000_000;
/// Procedures of a file at most.
const MAX_PROCEDURES: usize = 2_000;

/// An error and where it is: `FILE:LINE: what is wrong, what to do`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Located {
    /// The file, as it was named.
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

impl std::error::Error for Located {}

/// A code of the directory that a procedure names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The unit's or the skill's code.
    pub code: String,
    /// The procedure that names it.
    pub procedure: String,
    /// Where.
    pub line: usize,
}

/// A file read without error.
#[derive(Clone, Debug)]
pub struct ProceduresFile {
    file: String,
    tenant: TenantId,
    tenant_line: usize,
    procedures: Vec<Content>,
    units: Vec<Named>,
    skills: Vec<Named>,
}

impl ProceduresFile {
    /// The authority that it is for.
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// The procedures, in the order of the file.
    pub fn procedures(&self) -> &[Content] {
        &self.procedures
    }

    /// The units it names, to be checked against a directory.
    pub fn units_named(&self) -> &[Named] {
        &self.units
    }

    /// The skills it names, to be checked against a directory.
    pub fn skills_named(&self) -> &[Named] {
        &self.skills
    }

    /// An error at `line` of this file.
    pub fn error_at(&self, line: usize, message: impl Into<String>) -> Located {
        Located { file: self.file.clone(), line, message: message.into() }
    }

    /// Checks that the authority is served here.
    pub fn check_tenant(&self, served: impl Fn(&TenantId) -> bool) -> Result<(), Located> {
        if served(&self.tenant) {
            return Ok(());
        }
        let message = format!("tenant: « {} » is not in tenants.toml; add it there or correct the name", self.tenant);
        Err(self.error_at(self.tenant_line, message))
    }
}

/// Reads `text`, naming it `file_name` in errors.
///
/// # Errors
/// All of them at once, by line.
pub fn parse_procedures(file_name: &str, text: &str) -> Result<ProceduresFile, Vec<Located>> {
    let lines = Lines::new(file_name, text);
    if text.len() > MAX_BYTES {
        return Err(vec![lines.error(0, format!("the file has more than {MAX_BYTES} bytes; split the town's work"))]);
    }
    let (table, syntax) = DeTable::parse_recoverable(text);
    if !syntax.is_empty() {
        // What follows a syntax error is read askew: its errors would mislead.
        let mut errors: Vec<Located> = syntax
            .iter()
            .map(|error| {
                lines.error(error.span().map_or(0, |span| span.start), format!("{}; correct it", error.message()))
            })
            .collect();
        errors.sort();
        errors.dedup();
        return Err(errors);
    }
    let mut file = FileReader::default();
    let read = file.read(Section::new(&lines, "the file", 0, table.get_ref()));
    let mut errors = file.errors;
    match (read, errors.is_empty()) {
        (Some((tenant, tenant_line, procedures)), true) => Ok(ProceduresFile {
            file: file_name.to_owned(),
            tenant,
            tenant_line,
            procedures,
            units: file.units,
            skills: file.skills,
        }),
        _ => {
            errors.sort();
            errors.dedup();
            Err(errors)
        }
    }
}

/// What is gathered on the way.
#[derive(Default)]
struct FileReader {
    errors: Vec<Located>,
    units: Vec<Named>,
    skills: Vec<Named>,
}

impl FileReader {
    fn read(&mut self, mut top: Section<'_>) -> Option<(TenantId, usize, Vec<Content>)> {
        let tenant =
            top.required_code("tenant").and_then(|(tenant, line)| Some((TenantId::parse(&tenant).ok()?, line)));
        let sections = top.tables("procedure", "procedure", MAX_PROCEDURES);
        if sections.is_empty() {
            top.error("there is no [[procedure]]; write at least one");
        }
        let mut seen: HashMap<String, usize> = HashMap::new();
        let mut procedures = Vec::with_capacity(sections.len());
        for section in sections {
            let Some((content, line)) = self.procedure(section) else { continue };
            if let Some(first) = seen.get(&content.code) {
                self.errors.push(top.located(
                    line,
                    format!("procedure « {} »: already described at line {first}; remove one of the two", content.code),
                ));
            } else {
                seen.insert(content.code.clone(), line);
            }
            procedures.push(content);
        }
        self.errors.extend(top.finish());
        tenant.map(|(tenant, line)| (tenant, line, procedures))
    }
}
