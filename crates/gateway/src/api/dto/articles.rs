//! Articles and fiches, as they are found and read.

use parvis_proto::knowledge;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Shown, view};

view! {
    /// Réponse trouvée, avec ce qui l’a fait trouver.
    ArticleHit of knowledge::Hit {
        /// article, fiche, template ou procedure.
        #[schema(example = "article")]
        kind: String,
        /// Adresse de la page ; pour une démarche, son code.
        #[schema(example = "encombrants")]
        slug: String,
        /// Titre.
        title: String,
        /// En quelques mots.
        summary: String,
        /// Thème.
        theme: String,
        /// Titre du passage qui répond le mieux.
        section: String,
        /// Son ancre dans la page.
        anchor: String,
        /// Début du passage.
        excerpt: String,
        /// Mots de la question trouvés.
        words: Vec<String>,
        /// Force de la réponse ; 0 dans une simple liste.
        score: f64,
    }
}

/// Réponses, les meilleures d’abord.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ArticleHits {
    /// Réponses.
    pub articles: Vec<ArticleHit>,
}

impl Shown<ArticleHit> for knowledge::PageOutline {
    fn shown(self) -> ArticleHit {
        let hit = knowledge::Hit {
            kind: "article".to_owned(),
            slug: self.slug,
            title: self.title,
            summary: self.summary,
            theme: self.theme,
            ..knowledge::Hit::default()
        };
        hit.shown()
    }
}

view! {
    /// Titre d’une page.
    ArticleHeading of knowledge::Heading {
        /// 2 à 4.
        level: u32,
        /// Titre.
        title: String,
        /// Ancre.
        anchor: String,
    }
}

view! {
    /// Organisme compétent.
    CompetentBody of knowledge::Body {
        /// Nom.
        name: String,
        /// Site ; vide s’il n’est pas donné.
        url: String,
    }
}

view! {
    /// Lien.
    ArticleLink of knowledge::PageLink {
        /// Titre.
        title: String,
        /// Adresse.
        href: String,
    }
}

view! {
    /// Page publiée : article de la collectivité ou fiche nationale.
    ArticlePage of knowledge::ReadPageResponse {
        /// article ou fiche.
        kind: String,
        /// Adresse.
        slug: String,
        /// Titre.
        title: String,
        /// En quelques mots.
        summary: String,
        /// Thème.
        theme: String,
        /// Texte, en HTML sûr.
        body_html: String,
        /// Version en langage clair, en HTML sûr ; vide s’il n’y en a pas.
        plain_html: String,
        /// Titres du texte.
        headings: Vec<ArticleHeading>,
        /// Auteur.
        source: String,
        /// Page d’origine.
        source_url: String,
        /// Licence.
        licence: String,
        /// Texte de la licence.
        licence_url: String,
        /// Dernière modification, AAAA-MM-JJ.
        updated: String,
        /// Dernière relecture, AAAA-MM-JJ ; vide s’il n’y en a pas.
        reviewed: String,
        /// Dernier jour de validité, AAAA-MM-JJ ; vide : sans terme.
        valid_until: String,
        /// N’est plus à jour.
        stale: bool,
        /// person, organization, agent.
        audience: Vec<String>,
        /// Services concernés.
        units: Vec<String>,
        /// Autres organismes compétents.
        bodies: Vec<CompetentBody>,
        /// Code de la démarche qui suit.
        procedure: String,
        /// Pages voisines.
        related: Vec<ArticleLink>,
        /// Services en ligne et formulaires.
        online: Vec<ArticleLink>,
    }
}

/// Texte en cours d’écriture.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SuggestBody {
    /// Ce qui est écrit, 20 000 caractères au plus.
    #[schema(example = "Bonjour, je voudrais jeter un vieux canapé")]
    pub text: String,
    /// web, phone, counter, email ou letter.
    #[serde(default)]
    #[schema(example = "web")]
    pub channel: String,
    /// Démarche déjà choisie, qui n’est pas proposée à nouveau.
    #[serde(default)]
    pub procedure_code: String,
    /// De chaque sorte, 10 au plus ; 3 par défaut.
    #[serde(default)]
    pub limit: u32,
}

view! {
    /// Ce qui peut répondre à un texte.
    ArticleSuggestions of knowledge::SuggestResponse {
        /// Articles et fiches.
        articles: Vec<ArticleHit>,
        /// Réponses types, pour les agents.
        templates: Vec<ArticleHit>,
        /// Démarches proches.
        procedures: Vec<ArticleHit>,
    }
}

/// Avis sur une page.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedbackBody {
    /// La page a aidé.
    #[schema(example = true)]
    pub helped: bool,
    /// Elle a évité une demande.
    #[serde(default)]
    pub instead_of_filing: bool,
}

/// C’est compté.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Counted {
    /// Toujours vrai.
    pub counted: bool,
}
