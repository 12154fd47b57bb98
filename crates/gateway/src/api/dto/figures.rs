//! Figures for dashboards.

use parvis_proto::tracking;

use super::{Instant, view};

view! {
    /// Chiffres d’une période.
    Figures of tracking::Figures {
        /// Premier jour.
        #[schema(example = "2026-10-24")]
        from: String,
        /// Dernier jour, compris.
        #[schema(example = "2026-11-22")]
        until: String,
        /// Demandes reçues.
        received: u64,
        /// Ouvertes en ce moment.
        open: u64,
        /// Closes dans la période.
        closed: u64,
        /// Réponses immédiates.
        instant_answers: u64,
        /// Accusés envoyés.
        acknowledged: u64,
        /// Par canal.
        by_channel: Vec<Count>,
        /// Par service.
        by_unit: Vec<UnitFigures>,
        /// Par jour.
        by_day: Vec<DayFigures>,
        /// De la réception à l’affectation, en secondes.
        seconds_to_assignment: Option<Distribution>,
        /// De la réception à la clôture, en secondes.
        seconds_to_closing: Option<Distribution>,
        /// Part réaffectée, de 0 à 1.
        share_reassigned: f64,
        /// Par thème.
        by_theme: Vec<Count>,
        /// Quand ces chiffres ont été faits.
        computed_at: Option<Instant>,
    }
}
view! {
    /// Un compte.
    Count of tracking::Count {
        /// Code.
        code: String,
        /// Libellé.
        name: String,
        /// Nombre.
        count: u64,
    }
}
view! {
    /// Chiffres d’un service.
    UnitFigures of tracking::UnitFigures {
        /// Code.
        unit: String,
        /// Nom.
        name: String,
        /// Reçues.
        received: u64,
        /// Ouvertes.
        open: u64,
        /// Closes.
        closed: u64,
        /// Hors délai.
        overdue: u64,
    }
}
view! {
    /// Chiffres d’un jour.
    DayFigures of tracking::DayFigures {
        /// Jour.
        day: String,
        /// Reçues.
        received: u64,
        /// Closes.
        closed: u64,
    }
}
view! {
    /// Répartition d’une durée.
    Distribution of tracking::Distribution {
        /// Sur combien de demandes.
        count: u64,
        /// Médiane.
        median: f64,
        /// Neuf sur dix font mieux.
        p90: f64,
    }
}
