//! Cases, for agents.

use parvis_proto::casework;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Answer, Attachment, Instant, ProcedureSnapshot, Requester, view};

view! {
    /// Dossier.
    Case of casework::Case {
        /// Identifiant, celui de la demande.
        id: String,
        /// Référence.
        #[schema(example = "412-873-952-K")]
        reference: String,
        /// Version, à rendre en `If-Match` ou `version` pour modifier.
        version: u64,
        /// new, assigned, in_progress, waiting_citizen, decided, closed, reopened.
        state: String,
        /// granted, rejected, answered, closed_without_action, transferred_out.
        outcome: String,
        /// Intitulé.
        title: String,
        /// Canal.
        channel: String,
        /// Reçu le.
        received_at: Option<Instant>,
        /// Modifié le.
        updated_at: Option<Instant>,
        /// Clos le.
        closed_at: Option<Instant>,
        /// Démarche.
        procedure: Option<ProcedureSnapshot>,
        /// Service ; vide avant la répartition.
        unit: String,
        /// Son nom.
        unit_name: String,
        /// Agent ; vide : dans la file du service.
        agent: String,
        /// Son nom.
        agent_name: String,
        /// low, normal, high, urgent.
        priority: String,
        /// Demandeur.
        requester_name: String,
        /// Date de la décision implicite ; vide : aucune.
        legal_due_on: String,
        /// Date que la collectivité s’est donnée ; vide : aucune.
        service_due_on: String,
        /// Cette date est passée.
        overdue: bool,
        /// Prochaine échéance surveillée.
        next_timer_at: Option<Instant>,
        /// L’usager a écrit depuis.
        unread: bool,
    }
}
view! {
    /// Dossier avec tout ce qu’il contient.
    CaseDetail of casework::CaseDetail {
        /// Dossier.
        case: Option<Case>,
        /// Ce que l’usager a écrit.
        text: String,
        /// Réponses au formulaire.
        answers: Vec<Answer>,
        /// Demandeur.
        requester: Option<Requester>,
        /// Pièces.
        attachments: Vec<Attachment>,
        /// Échanges, du plus ancien au plus récent.
        messages: Vec<Message>,
        /// Historique.
        history: Vec<HistoryLine>,
        /// Ce que l’appelant peut faire maintenant.
        allowed: Vec<String>,
        /// Quartier.
        district: String,
        /// Adresse.
        address: String,
        /// Agent qui a déposé pour l’usager.
        acted_by_name: String,
        /// À quel titre.
        acted_by_basis: String,
        /// Pièces manquantes.
        missing_documents: Vec<String>,
        /// Ce qui est montré : full (tout), text (ce que l’usager voit et dit), until (ce qui existait quand un service
        /// de l’appelant avait le dossier), filed (ce qui a été déposé), public (l’existence et l’avancement).
        reading: String,
        /// Motifs qui ouvriraient le texte, à donner en `reason` ; vide : aucun.
        reasons: Vec<String>,
    }
}
view! {
    /// Message ou note.
    Message of casework::Message {
        /// Identifiant.
        id: String,
        /// Quand.
        at: Option<Instant>,
        /// to_citizen, from_citizen, note.
        direction: String,
        /// Auteur.
        author: String,
        /// Texte.
        text: String,
        /// Dit par l’usager, noté par l’agent qui est l’auteur.
        for_person: bool,
    }
}
view! {
    /// Ligne de l’historique.
    HistoryLine of casework::HistoryLine {
        /// Quand.
        at: Option<Instant>,
        /// Nature.
        kind: String,
        /// Qui, en code.
        actor: String,
        /// Qui.
        actor_name: String,
        /// En une phrase.
        detail: String,
    }
}

/// Une page de dossiers, les plus urgents d’abord.
#[derive(Debug, Serialize, ToSchema)]
pub struct Cases {
    /// Les dossiers.
    pub cases: Vec<Case>,
    /// À donner en `page_token` pour la suite ; vide à la fin.
    pub next_page_token: String,
}

/// Prise en charge.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StartBody {
    /// Version vue, à défaut de `If-Match`.
    pub version: Option<u64>,
}

/// Message à l’usager.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageBody {
    /// Texte, 10 000 caractères au plus.
    #[schema(example = "Bonjour, pouvez-vous nous envoyer un justificatif de domicile ?")]
    pub text: String,
    /// Le dossier attend la réponse.
    #[serde(default)]
    pub wait_for_citizen: bool,
    /// Version vue, à défaut de `If-Match`.
    #[serde(default)]
    pub version: Option<u64>,
}

/// Note entre agents.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteBody {
    /// Texte.
    #[schema(example = "Vu au téléphone avec le service de l’urbanisme.")]
    pub text: String,
    /// Version vue, à défaut de `If-Match`.
    #[serde(default)]
    pub version: Option<u64>,
}

/// Clôture.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"outcome": "granted", "message": "Votre acte est parti par courrier."}))]
pub struct CloseBody {
    /// granted, rejected, answered, closed_without_action, transferred_out.
    #[schema(example = "granted")]
    pub outcome: String,
    /// Ce qui est dit à l’usager ; nécessaire sauf pour closed_without_action.
    #[serde(default)]
    #[schema(example = "Votre acte est parti par courrier.")]
    pub message: String,
    /// Motifs ; nécessaires pour rejected.
    #[serde(default)]
    pub grounds: String,
    /// Avec transferred_out : code de l’organisme proposé, auquel la demande est transmise par courriel, ou par un courrier
    /// à poster. Absent : rien n’est transmis.
    #[serde(default)]
    #[schema(example = "")]
    pub transfer_to: String,
    /// Version vue, à défaut de `If-Match`.
    #[serde(default)]
    pub version: Option<u64>,
}

/// Réouverture.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReopenBody {
    /// Pourquoi.
    #[schema(example = "L’usager a apporté un élément nouveau.")]
    pub reason: String,
    /// Version vue, à défaut de `If-Match`.
    #[serde(default)]
    pub version: Option<u64>,
}
