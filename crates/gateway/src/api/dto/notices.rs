//! Notices.

use parvis_proto::notification;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Instant, view};

view! {
    /// Avis à un usager.
    Notice of notification::Notice {
        /// Identifiant.
        id: String,
        /// Dossier.
        case_id: String,
        /// Référence de la demande.
        reference: String,
        /// acknowledgment, message, waiting, decision, closed, reopened, reassigned ; referral, escalation (pour d’autres).
        kind: String,
        /// email, portal, letter, phone, sms.
        mode: String,
        /// pending, sent, to_hand_over, handed_over, failed.
        state: String,
        /// Objet.
        subject: String,
        /// Texte.
        body: String,
        /// Préparé le.
        created_at: Option<Instant>,
        /// Parti le.
        done_at: Option<Instant>,
        /// Essais.
        attempts: Vec<Attempt>,
        /// Destinataire, pour les agents seulement.
        recipient: String,
        /// Depuis quand l’objet, le texte, le destinataire et les réponses du serveur ne sont plus conservés (durée de
        /// conservation dépassée) : ils sont vides. `null` tant que le texte est conservé.
        text_removed_at: Option<Instant>,
    }
}
view! {
    /// Un essai d’envoi.
    Attempt of notification::Attempt {
        /// Quand.
        at: Option<Instant>,
        /// Réussi.
        succeeded: bool,
        /// Réponse du serveur.
        detail: String,
    }
}

/// Où renvoyer un avis.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ResendBody {
    /// Adresse électronique corrigée ; vide : la même.
    #[schema(example = "prenom.nom@exemple.fr")]
    pub email: String,
}

/// Une page d’avis.
#[derive(Debug, Serialize, ToSchema)]
pub struct Notices {
    /// Les avis.
    pub notices: Vec<Notice>,
    /// À donner en `page_token` pour la suite ; vide à la fin.
    pub next_page_token: String,
}
