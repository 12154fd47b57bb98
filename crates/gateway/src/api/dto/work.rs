//! Offers, and work moved.

use parvis_proto::routing;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Instant, view};

view! {
    /// Dossier montré à un agent, qui peut le prendre.
    Offer of routing::Offer {
        /// Identifiant de la proposition.
        id: String,
        /// Dossier.
        case_id: String,
        /// Sa référence.
        reference: String,
        /// Service.
        unit: String,
        /// Son nom.
        unit_name: String,
        /// Priorité.
        priority: String,
        /// Canal.
        channel: String,
        /// Réception de la demande.
        since: Option<Instant>,
        /// Après quoi elle va au suivant.
        until: Option<Instant>,
    }
}

/// Ce qui est proposé.
#[derive(Debug, Serialize, ToSchema)]
pub struct Offers {
    /// La première à finir d’abord.
    pub offers: Vec<Offer>,
}

/// Réponse à une proposition.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferAnswerBody {
    /// Dossier.
    #[schema(format = Uuid, example = "01937b2e-5f5c-7c5e-9f39-0d8a3e6f2b11")]
    pub case_id: String,
    /// Proposition.
    #[schema(format = Uuid, example = "01937b2e-5f5c-7c5e-9f39-0d8a3e6f2b12")]
    pub offer_id: String,
    /// `true` : je le prends.
    #[schema(example = true)]
    pub accept: bool,
}

view! {
    /// Suite d’une réponse.
    OfferAnswered of routing::AnswerOfferResponse {
        /// Qui suit le dossier ; vide : il attend, ou est proposé au suivant.
        agent: String,
    }
}

/// Travail à déplacer : celui d’un agent, ou d’un service vers un autre.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MoveWorkBody {
    /// Agent qui part.
    #[schema(example = "karim-benali")]
    pub agent: String,
    /// Service fusionné.
    pub unit: String,
    /// Service qui reprend ses dossiers.
    pub to_unit: String,
    /// Motif, 3 à 500 caractères.
    #[schema(required = true, min_length = 3, max_length = 500, example = "Arrêt de travail")]
    pub reason: String,
    /// Dire seulement ce qui serait fait.
    pub preview: bool,
    /// Plan de l’aperçu ; vide : non vérifié.
    pub expected_plan: String,
}

view! {
    /// Ce qui est déplacé.
    WorkPlan of routing::MoveWorkResponse {
        /// Les 500 premiers dossiers.
        moved: Vec<MovedCase>,
        /// Combien en tout.
        total: u32,
        /// Dont combien dans une file.
        queued: u32,
        /// Combien restent, à déplacer par un autre appel.
        remaining: u32,
        /// Empreinte du plan.
        plan: String,
    }
}
view! {
    /// Dossier déplacé.
    MovedCase of routing::MovedWork {
        /// Identifiant.
        case_id: String,
        /// Référence.
        reference: String,
        /// Qui le suivait ; vide : la file.
        from_agent: String,
        /// Service.
        unit: String,
        /// Son nom.
        unit_name: String,
        /// Agent ; vide : la file du service.
        agent: String,
        /// Son nom.
        agent_name: String,
        /// En une phrase.
        summary: String,
    }
}
