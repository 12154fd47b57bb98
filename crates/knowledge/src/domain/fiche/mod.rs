//! A national fiche (DILA, "Vos droits et démarches"), read from any of the forms in which it is distributed.

mod convert;
mod inline;
mod lines;
mod tree;

pub use lines::from_line;
use serde::{Deserialize, Serialize};

use self::tree::Node;

/// Who publishes them.
pub const SOURCE: &str = "service-public.fr (Direction de l'information légale et administrative)";
/// Their licence.
pub const LICENCE: &str = "Licence Ouverte 2.0";
/// Its text.
pub const LICENCE_URL: &str = "https://www.etalab.gouv.fr/licence-ouverte-open-licence/";
/// Bytes of one fiche's file at most.
pub const MAX_BYTES: usize = 4_000_000;

/// Whom a fiche is for: the folder of the distribution it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Public {
    /// Particuliers.
    #[serde(rename = "particuliers")]
    Particuliers,
    /// Associations.
    #[serde(rename = "associations")]
    Associations,
    /// Entreprises et professionnels.
    #[serde(rename = "professionnels")]
    Professionnels,
}

impl Public {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Particuliers, Self::Associations, Self::Professionnels];

    /// The name of its folder.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Particuliers => "particuliers",
            Self::Associations => "associations",
            Self::Professionnels => "professionnels",
        }
    }

    /// What its slugs begin with: the same id may name a fiche of each public.
    fn prefix(self) -> &'static str {
        match self {
            Self::Particuliers => "",
            Self::Associations => "asso-",
            Self::Professionnels => "pro-",
        }
    }

    /// Where its fiches are on the site of the State.
    pub fn site(self, id: &str) -> String {
        let path = match self {
            Self::Particuliers => "particuliers/vosdroits",
            Self::Associations => "associations/vosdroits",
            Self::Professionnels => "professionnels-entreprises/vosdroits",
        };
        format!("https://www.service-public.fr/{path}/{id}")
    }

    /// The public that a word of the distribution names.
    pub fn of_word(word: &str) -> Option<Self> {
        match word.trim().to_lowercase().as_str() {
            "particuliers" | "particulier" | "part" => Some(Self::Particuliers),
            "associations" | "association" | "asso" => Some(Self::Associations),
            "professionnels" | "professionnel" | "entreprises" | "pro" => Some(Self::Professionnels),
            _ => None,
        }
    }

    /// The code of an audience of the authority's own articles.
    pub fn audience(self) -> &'static str {
        if self == Self::Particuliers { "person" } else { "organization" }
    }
}

/// A title and where it leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Its words.
    pub title: String,
    /// `fiche:F123` or an address.
    pub href: String,
}

/// A fiche as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fiche {
    /// `F1341`.
    pub id: String,
    /// Whom it is for.
    pub public: Public,
    /// Its title.
    pub title: String,
    /// What it says, in a sentence or two.
    pub description: String,
    /// The theme's title.
    pub theme: String,
    /// The theme beneath; may be empty.
    pub sub_theme: String,
    /// The file of fiches that it belongs to; may be empty.
    pub dossier: String,
    /// "Question-réponse", "Fiche d'information"…
    pub kind: String,
    /// `YYYY-MM-DD`, by its author.
    pub updated: String,
    /// Where it is on the site of the State.
    pub url: String,
    /// Markdown.
    pub body: String,
    /// Questions and fiches near it.
    pub related: Vec<Link>,
    /// Online services and forms.
    pub online: Vec<Link>,
    /// Where to go.
    pub bodies: Vec<String>,
}

impl Fiche {
    /// Its address: `f1341`, `asso-f1341`.
    pub fn slug(&self) -> String {
        slug_of(self.public, &self.id)
    }

    /// Reads the XML of the distribution (schema 3.3). `Ok(None)` for what is not a fiche (a theme's page, a service).
    ///
    /// # Errors
    /// One sentence that says what is wrong.
    pub fn from_xml(bytes: &[u8], public: Option<Public>) -> Result<Option<Self>, String> {
        convert::fiche(&tree::from_xml(bytes)?, public)
    }

    /// Reads the JSON of the npm package: the same tree.
    ///
    /// # Errors
    /// One sentence that says what is wrong.
    pub fn from_json(bytes: &[u8], public: Option<Public>) -> Result<Option<Self>, String> {
        convert::fiche(&tree::from_json(bytes)?, public)
    }
}

/// The address of a fiche.
pub fn slug_of(public: Public, id: &str) -> String {
    format!("{}{}", public.prefix(), id.to_ascii_lowercase())
}

/// The public and the id that a slug names; `None` where it cannot be a fiche's.
pub fn of_slug(slug: &str) -> Option<(Public, String)> {
    let public =
        [Public::Associations, Public::Professionnels].into_iter().find(|public| slug.starts_with(public.prefix()));
    let public = public.unwrap_or(Public::Particuliers);
    let id = slug.strip_prefix(public.prefix())?;
    let digits = id.strip_prefix('f')?;
    let is_id = (1..=8).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    is_id.then(|| (public, id.to_ascii_uppercase()))
}

/// Whether a file of the distribution is a fiche's, by its name: `F1341.xml`.
pub fn is_fiche_file(name: &str) -> bool {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    stem.strip_prefix('F').is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests;
