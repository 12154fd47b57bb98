//! Articles and response templates, as they are written.

use std::collections::HashMap;

use parvis_proto::knowledge;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Instant, Shown, view};

/// Contenu d’un article ou d’une réponse type.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ArticleContent {
    /// Titre, 200 caractères au plus.
    #[schema(example = "Que faire de son sapin ?")]
    pub title: String,
    /// Résumé, 500 caractères au plus.
    #[schema(example = "Portez-le dans un enclos, en janvier.")]
    pub summary: String,
    /// Code d’un thème.
    #[schema(example = "proprete")]
    pub theme: String,
    /// person, organization, agent.
    pub audience: Vec<String>,
    /// Codes des services concernés.
    pub units: Vec<String>,
    /// Autres organismes compétents.
    pub bodies: Vec<BodyInput>,
    /// Autres mots pour le dire.
    pub keywords: Vec<String>,
    /// Markdown ; le HTML y est ignoré.
    #[schema(example = "Les enclos sont place du Marché.")]
    pub body: String,
    /// Version en langage clair, Markdown.
    pub plain: String,
    /// Premier jour de validité, AAAA-MM-JJ.
    pub valid_from: String,
    /// Dernier jour de validité, AAAA-MM-JJ.
    pub valid_until: String,
    /// Code de la démarche qui suit.
    pub procedure: String,
}

/// Organisme compétent.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BodyInput {
    /// Nom.
    pub name: String,
    /// Site.
    pub url: String,
}

impl From<ArticleContent> for knowledge::ArticleContent {
    fn from(content: ArticleContent) -> Self {
        let body = |body: BodyInput| knowledge::Body { name: body.name, url: body.url };
        Self {
            title: content.title,
            summary: content.summary,
            theme: content.theme,
            audience: content.audience,
            units: content.units,
            bodies: content.bodies.into_iter().map(body).collect(),
            keywords: content.keywords,
            body: content.body,
            plain: content.plain,
            valid_from: content.valid_from,
            valid_until: content.valid_until,
            procedure: content.procedure,
        }
    }
}

impl Shown<ArticleContent> for knowledge::ArticleContent {
    fn shown(self) -> ArticleContent {
        let body = |body: knowledge::Body| BodyInput { name: body.name, url: body.url };
        ArticleContent {
            title: self.title,
            summary: self.summary,
            theme: self.theme,
            audience: self.audience,
            units: self.units,
            bodies: self.bodies.into_iter().map(body).collect(),
            keywords: self.keywords,
            body: self.body,
            plain: self.plain,
            valid_from: self.valid_from,
            valid_until: self.valid_until,
            procedure: self.procedure,
        }
    }
}

view! {
    /// Article ou réponse type, pour ceux qui l’écrivent.
    Article of knowledge::Article {
        /// Identifiant.
        id: String,
        /// article ou template.
        kind: String,
        /// Adresse.
        slug: String,
        /// Change à chaque modification : à rendre pour modifier.
        revision: u64,
        /// Version de ce contenu.
        version: u32,
        /// Dernière version.
        latest_version: u32,
        /// Version publiée ; 0 : aucune.
        published_version: u32,
        /// draft, reviewed, published ou stale.
        state: String,
        /// Contenu.
        content: Option<ArticleContent>,
        /// Auteur de cette version.
        author: String,
        /// Date de cette version.
        saved_at: Option<Instant>,
        /// Qui a relu la dernière version.
        reviewed_by: String,
        /// Quand.
        reviewed_at: Option<Instant>,
        /// Publication.
        published_at: Option<Instant>,
        /// Ce qui change dans cette version.
        note: String,
    }
}

view! {
    /// Articles et réponses types, sans leurs textes.
    Articles of knowledge::ListArticlesResponse {
        /// Par titre.
        articles: Vec<Article>,
    }
}

view! {
    /// Version d’un article.
    ArticleVersion of knowledge::VersionLine {
        /// Numéro.
        version: u32,
        /// Auteur.
        author: String,
        /// Date.
        saved_at: Option<Instant>,
        /// Ce qui change.
        note: String,
        /// Titre d’alors.
        title: String,
    }
}

view! {
    /// Versions d’un article, la dernière d’abord.
    ArticleVersions of knowledge::ListVersionsResponse {
        /// Versions.
        versions: Vec<ArticleVersion>,
    }
}

/// Nouvel article ou nouvelle réponse type.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewArticle {
    /// article ou template.
    #[schema(example = "article")]
    pub kind: String,
    /// Adresse ; vide : faite du titre.
    #[serde(default)]
    pub slug: String,
    /// Contenu.
    pub content: ArticleContent,
    /// Ce qui change, pour l’historique.
    #[serde(default)]
    pub note: String,
}

/// Nouvelle version.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewVersion {
    /// Contenu.
    pub content: ArticleContent,
    /// Ce qui change, pour l’historique.
    #[serde(default)]
    pub note: String,
    /// Révision vue, à défaut de `If-Match`.
    #[serde(default)]
    #[schema(example = 3)]
    pub revision: Option<u64>,
}

/// Révision vue.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevisionBody {
    /// Révision vue, à défaut de `If-Match`.
    #[serde(default)]
    #[schema(example = 3)]
    pub revision: Option<u64>,
}

/// Version à reprendre.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreBody {
    /// Numéro de la version.
    #[schema(example = 1)]
    pub version: u32,
    /// Révision vue, à défaut de `If-Match`.
    #[serde(default)]
    #[schema(example = 3)]
    pub revision: Option<u64>,
}

/// Valeurs des champs d’une réponse type.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FillBody {
    /// reference, date, objet, usager, agent, service, telephone, courriel, adresse, collectivite.
    #[serde(default)]
    pub values: HashMap<String, String>,
}

view! {
    /// Réponse type remplie.
    FilledTemplate of knowledge::FillTemplateResponse {
        /// Titre.
        title: String,
        /// Texte.
        text: String,
        /// Champs restés sans valeur.
        missing: Vec<String>,
    }
}

view! {
    /// Compte.
    UseCount of knowledge::UseCount {
        /// Mots d’une question, ou adresse d’une page.
        key: String,
        /// Titre de la page ; vide pour une question.
        title: String,
        /// Nombre.
        count: u64,
    }
}

view! {
    /// Ce qui a été cherché, ouvert, jugé utile.
    KnowledgeUsage of knowledge::Usage {
        /// Recherches.
        searches: u64,
        /// Restées sans réponse.
        without_result: u64,
        /// Pages ouvertes.
        opened: u64,
        /// Pages qui ont aidé.
        helped: u64,
        /// Pages qui n’ont pas aidé.
        not_helped: u64,
        /// Demandes rendues inutiles par une réponse.
        not_filed: u64,
        /// Cherché sans réponse, le plus fréquent d’abord.
        missing: Vec<UseCount>,
        /// Pages les plus ouvertes.
        most_opened: Vec<UseCount>,
        /// Pages les plus utiles.
        most_helpful: Vec<UseCount>,
        /// Pages qui aident le moins.
        least_helpful: Vec<UseCount>,
        /// Dossiers clos et non rouverts.
        closed: u64,
        /// Parmi eux, ceux qui ne suivaient aucune démarche.
        closed_without_procedure: u64,
        /// Souvent traité, et qu’aucun article de la collectivité n’explique.
        uncovered: Vec<Uncovered>,
    }
}

view! {
    /// Sujet d’au moins cinq dossiers clos, sans article publié.
    Uncovered of knowledge::Uncovered {
        /// procedure, theme.
        kind: String,
        /// Code de la démarche ou du thème.
        code: String,
        /// Titre de la démarche ; vide pour un thème.
        title: String,
        /// Thème.
        theme: String,
        /// Dossiers clos.
        closed: u64,
        /// Issues d’au moins cinq dossiers.
        outcomes: Vec<UseCount>,
        /// Une réponse type existe.
        has_template: bool,
    }
}
