//! Where a request stands.

use parvis_proto::tracking;

use super::{Instant, view};

view! {
    /// Suivi d’une demande, ligne par ligne.
    Timeline of tracking::Timeline {
        /// Identifiant.
        request_id: String,
        /// Référence.
        #[schema(example = "412-873-952-K")]
        reference: String,
        /// received, queued, assigned, in_progress, waiting_citizen, decided, closed, reopened.
        status: String,
        /// Reçue le.
        received_at: Option<Instant>,
        /// Affectée à un agent pour la première fois le.
        assigned_at: Option<Instant>,
        /// Accusé envoyé le.
        acknowledged_at: Option<Instant>,
        /// Close le.
        closed_at: Option<Instant>,
        /// Service.
        unit: String,
        /// Son nom.
        unit_name: String,
        /// Intitulé.
        title: String,
        /// Les lignes, dans l’ordre.
        lines: Vec<TimelineLine>,
    }
}
view! {
    /// Une ligne du suivi.
    TimelineLine of tracking::TimelineLine {
        /// Croît d’une ligne à l’autre.
        position: u64,
        /// Quand.
        at: Option<Instant>,
        /// Rôle qui l’a dite.
        role: String,
        /// Nature.
        kind: String,
        /// En une phrase.
        label: String,
        /// Qui a agi, pour les agents seulement.
        actor_name: String,
        /// Visible par l’usager.
        public: bool,
    }
}
