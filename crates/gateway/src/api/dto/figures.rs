//! Figures for dashboards. A number that the reader is not shown is null, and named as hidden.

use parvis_proto::tracking;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Instant, Shown, view};

/// Chiffres d’une période. Un nombre inférieur à 5 concerne des personnes : il est masqué (`null`, et son nom dans
/// `hidden`) à qui n’est pas responsable du service, comme ceux qui permettraient de le calculer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Figures {
    /// Premier jour.
    #[schema(example = "2026-10-24")]
    pub from: String,
    /// Dernier jour, compris.
    #[schema(example = "2026-11-22")]
    pub until: String,
    /// Demandes reçues.
    pub received: Option<u64>,
    /// Ouvertes en ce moment.
    pub open: Option<u64>,
    /// Closes dans la période.
    pub closed: Option<u64>,
    /// Réponses immédiates.
    pub instant_answers: Option<u64>,
    /// Accusés envoyés.
    pub acknowledged: Option<u64>,
    /// Par canal.
    pub by_channel: Vec<Count>,
    /// Par service.
    pub by_unit: Vec<UnitFigures>,
    /// Par jour.
    pub by_day: Vec<DayFigures>,
    /// De la réception à l’affectation, en secondes.
    pub seconds_to_assignment: Option<Distribution>,
    /// De la réception à la clôture, en secondes.
    pub seconds_to_closing: Option<Distribution>,
    /// Part réaffectée, de 0 à 1.
    pub share_reassigned: Option<f64>,
    /// Par thème.
    pub by_theme: Vec<Count>,
    /// Quand ces chiffres ont été faits.
    pub computed_at: Option<Instant>,
    /// Nombres masqués de l’ensemble.
    pub hidden: Vec<String>,
    /// Un service dont le lecteur n’est pas responsable : ni canaux, ni thèmes, ni jours.
    pub without_detail: bool,
}

/// Un compte.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Count {
    /// Code.
    pub code: String,
    /// Libellé.
    pub name: String,
    /// Nombre.
    pub count: Option<u64>,
    /// Masqué.
    pub hidden: bool,
}

/// Chiffres d’un service.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UnitFigures {
    /// Code.
    pub unit: String,
    /// Nom.
    pub name: String,
    /// Reçues.
    pub received: Option<u64>,
    /// Ouvertes.
    pub open: Option<u64>,
    /// Closes.
    pub closed: Option<u64>,
    /// Hors délai.
    pub overdue: Option<u64>,
    /// Nombres masqués.
    pub hidden: Vec<String>,
}

/// Chiffres d’un jour.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DayFigures {
    /// Jour.
    pub day: String,
    /// Reçues.
    pub received: Option<u64>,
    /// Closes.
    pub closed: Option<u64>,
    /// Nombres masqués.
    pub hidden: Vec<String>,
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

impl Figures {
    /// Whether something of it is hidden.
    pub fn is_masked(&self) -> bool {
        let counts = self.by_channel.iter().chain(&self.by_theme).any(|it| it.hidden);
        let units = self.by_unit.iter().any(|it| !it.hidden.is_empty());
        counts || units || !self.hidden.is_empty() || self.by_day.iter().any(|it| !it.hidden.is_empty())
    }
}

/// `number`, unless it is among those that are hidden.
pub fn unless_hidden<T>(hidden: &[String], name: &str, number: T) -> Option<T> {
    (!hidden.iter().any(|it| it == name)).then_some(number)
}

impl Shown<Figures> for tracking::Figures {
    fn shown(self) -> Figures {
        let seen = |name: &str, number: u64| unless_hidden(&self.hidden, name, number);
        Figures {
            received: seen("received", self.received),
            open: seen("open", self.open),
            closed: seen("closed", self.closed),
            instant_answers: seen("instant_answers", self.instant_answers),
            acknowledged: seen("acknowledged", self.acknowledged),
            share_reassigned: unless_hidden(&self.hidden, "share_reassigned", self.share_reassigned),
            from: self.from,
            until: self.until,
            by_channel: self.by_channel.shown(),
            by_unit: self.by_unit.shown(),
            by_day: self.by_day.shown(),
            seconds_to_assignment: self.seconds_to_assignment.shown(),
            seconds_to_closing: self.seconds_to_closing.shown(),
            by_theme: self.by_theme.shown(),
            computed_at: self.computed_at.shown(),
            hidden: self.hidden,
            without_detail: self.without_detail,
        }
    }
}

impl Shown<Count> for tracking::Count {
    fn shown(self) -> Count {
        let count = (!self.hidden).then_some(self.count);
        Count { code: self.code, name: self.name, count, hidden: self.hidden }
    }
}

impl Shown<UnitFigures> for tracking::UnitFigures {
    fn shown(self) -> UnitFigures {
        let seen = |name: &str, number: u64| unless_hidden(&self.hidden, name, number);
        UnitFigures {
            received: seen("received", self.received),
            open: seen("open", self.open),
            closed: seen("closed", self.closed),
            overdue: seen("overdue", self.overdue),
            unit: self.unit,
            name: self.name,
            hidden: self.hidden,
        }
    }
}

impl Shown<DayFigures> for tracking::DayFigures {
    fn shown(self) -> DayFigures {
        let seen = |name: &str, number: u64| unless_hidden(&self.hidden, name, number);
        DayFigures {
            received: seen("received", self.received),
            closed: seen("closed", self.closed),
            day: self.day,
            hidden: self.hidden,
        }
    }
}
