//! Procedures and their forms.

use parvis_proto::intake;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Shown, view};

view! {
    /// Démarche.
    Procedure of intake::Procedure {
        /// Code stable.
        #[schema(example = "acte-naissance")]
        code: String,
        /// Version du formulaire.
        #[schema(example = 1)]
        version: u32,
        /// Intitulé.
        #[schema(example = "Demander une copie d’acte de naissance")]
        title: String,
        /// En quelques mots.
        summary: String,
        /// Thème.
        theme: String,
        /// request, declaration, complaint, incident ou information.
        kind: String,
        /// person, organization.
        audience: Vec<String>,
        /// Service responsable ; vide : les règles décident.
        unit: String,
        /// Sens du silence de l’administration : accept, reject, none.
        silence: String,
        /// Mois de silence avant la décision implicite.
        silence_months: u32,
        /// Texte qui le dit.
        silence_source: String,
        /// Délai que la collectivité se donne, en jours ouvrés ; 0 : aucun.
        service_level_days: u32,
        /// Peut être déposée sans donner son nom.
        anonymous: bool,
        /// Autres mots pour la trouver.
        keywords: Vec<String>,
        /// Champs du formulaire, dans l’ordre ; vide dans une liste.
        fields: Vec<FormField>,
        /// Pièces justificatives ; vide dans une liste.
        documents: Vec<SupportingDocument>,
    }
}

/// Champ d’un formulaire.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FormField {
    /// Code, clé de `answers`.
    #[schema(example = "nom-naissance")]
    pub code: String,
    /// Libellé.
    pub label: String,
    /// text, textarea, date, number, email, phone, choice, multi_choice, boolean ou address.
    #[serde(rename = "type")]
    pub kind: String,
    /// Obligatoire.
    pub required: bool,
    /// Aide.
    pub help: String,
    /// Longueur maximale d’un texte.
    pub max_length: u32,
    /// Nombre minimal.
    pub min: Option<f64>,
    /// Nombre maximal.
    pub max: Option<f64>,
    /// Nombre entier.
    pub whole: bool,
    /// Premier jour accepté : une date, ou `today` pour le jour de l’envoi ; vide : aucun.
    #[schema(example = "1900-01-01")]
    pub earliest: String,
    /// Dernier jour accepté, de même.
    #[schema(example = "today")]
    pub latest: String,
    /// Une date incomplète est acceptée : `1954-03` ou `1954`.
    pub partial: bool,
    /// Choix possibles.
    pub choices: Vec<Choice>,
}

impl Shown<FormField> for intake::FormField {
    fn shown(self) -> FormField {
        FormField {
            code: self.code,
            label: self.label,
            kind: self.r#type,
            required: self.required,
            help: self.help,
            max_length: self.max_length,
            min: self.min,
            max: self.max,
            whole: self.whole,
            earliest: self.earliest,
            latest: self.latest,
            partial: self.partial,
            choices: self.choices.shown(),
        }
    }
}

view! {
    /// Choix d’un champ.
    Choice of intake::Choice {
        /// Code à envoyer.
        code: String,
        /// Libellé.
        label: String,
    }
}

view! {
    /// Pièce justificative.
    SupportingDocument of intake::SupportingDocument {
        /// Code, à donner avec le fichier.
        code: String,
        /// Libellé.
        label: String,
        /// Obligatoire.
        required: bool,
        /// Aide.
        help: String,
    }
}

/// Démarches de la collectivité.
#[derive(Debug, Serialize, ToSchema)]
pub struct Procedures {
    /// Les démarches, sans leurs champs.
    pub procedures: Vec<Procedure>,
}
