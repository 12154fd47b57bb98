//! Rule sets, drafts, simulations.

use parvis_proto::routing;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Instant, view};

/// Jeu de règles, tel qu’il s’écrit. La dernière règle est celle par défaut : code `default`, sans condition, un service.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RuleSetText {
    /// Règles, dans l’ordre.
    pub rules: Vec<RuleText>,
    /// Organismes à qui une demande peut être transmise.
    pub bodies: Vec<TransferBody>,
    /// Probabilité à partir de laquelle une proposition automatique est suivie, de 0 à 100 ; 0 : jamais.
    pub guess_percent: u32,
}

/// Règle : toutes ses conditions doivent être remplies.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RuleText {
    /// Code, unique.
    #[schema(example = "encombrants")]
    pub code: String,
    /// Nom.
    pub name: String,
    /// Conditions.
    pub conditions: Vec<RuleCondition>,
    /// Actions.
    pub actions: Vec<RuleAction>,
}

/// Condition.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RuleCondition {
    /// channel, procedure, field, words, requester, district, language, hours, day, dates, load.
    #[schema(example = "words")]
    pub kind: String,
    /// Champ, calendrier ou service concerné.
    pub subject: String,
    /// equals, one_of, less, at_most, more, at_least, present, absent ; inside, outside ; vide sinon.
    pub test: String,
    /// Valeurs.
    pub values: Vec<String>,
}

/// Action.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RuleAction {
    /// unit, team, skill, level, language, priority, flag, transfer, stop.
    #[schema(example = "unit")]
    pub kind: String,
    /// Valeur ; vide pour stop.
    pub value: String,
}

/// Organisme compétent, autre que la collectivité.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TransferBody {
    /// Code.
    pub code: String,
    /// Nom.
    pub name: String,
    /// Adresse électronique.
    pub email: String,
    /// Téléphone.
    pub phone: String,
    /// Adresse postale.
    pub address: String,
    /// Site.
    pub website: String,
}

impl super::Shown<RuleSetText> for routing::RuleSetText {
    fn shown(self) -> RuleSetText {
        let condition = |it: routing::RuleCondition| RuleCondition {
            kind: it.kind,
            subject: it.subject,
            test: it.test,
            values: it.values,
        };
        let action = |it: routing::RuleAction| RuleAction { kind: it.kind, value: it.value };
        let rule = |it: routing::RuleText| RuleText {
            code: it.code,
            name: it.name,
            conditions: it.conditions.into_iter().map(condition).collect(),
            actions: it.actions.into_iter().map(action).collect(),
        };
        let body = |it: routing::CompetentBody| TransferBody {
            code: it.code,
            name: it.name,
            email: it.email,
            phone: it.phone,
            address: it.address,
            website: it.website,
        };
        RuleSetText {
            rules: self.rules.into_iter().map(rule).collect(),
            bodies: self.bodies.into_iter().map(body).collect(),
            guess_percent: self.guess_percent,
        }
    }
}

impl From<RuleSetText> for routing::RuleSetText {
    fn from(text: RuleSetText) -> Self {
        let condition = |it: RuleCondition| routing::RuleCondition {
            kind: it.kind,
            subject: it.subject,
            test: it.test,
            values: it.values,
        };
        let action = |it: RuleAction| routing::RuleAction { kind: it.kind, value: it.value };
        let rule = |it: RuleText| routing::RuleText {
            code: it.code,
            name: it.name,
            conditions: it.conditions.into_iter().map(condition).collect(),
            actions: it.actions.into_iter().map(action).collect(),
        };
        let body = |it: TransferBody| routing::CompetentBody {
            code: it.code,
            name: it.name,
            email: it.email,
            phone: it.phone,
            address: it.address,
            website: it.website,
        };
        Self {
            rules: text.rules.into_iter().map(rule).collect(),
            bodies: text.bodies.into_iter().map(body).collect(),
            guess_percent: text.guess_percent,
        }
    }
}

view! {
    /// Version publiée des règles.
    RuleSetLine of routing::RuleSetLine {
        /// Numéro.
        version: u64,
        /// Quand.
        published_at: Option<Instant>,
        /// Par qui ; import : par un fichier.
        author: String,
        /// Pourquoi.
        note: String,
        /// Nombre de règles.
        rules: u32,
    }
}
view! {
    /// Versions publiées, la plus récente d’abord.
    RuleSets of routing::ListRuleSetsResponse {
        /// Les versions.
        rule_sets: Vec<RuleSetLine>,
        /// Celle qui s’applique.
        in_force: u64,
    }
}
view! {
    /// Version des règles.
    RuleSet of routing::RuleSet {
        /// Son numéro, sa date, son auteur.
        line: Option<RuleSetLine>,
        /// Elle s’applique.
        in_force: bool,
        /// Ce qu’elle dit.
        text: Option<RuleSetText>,
        /// Ce qui ne va pas, au regard de l’annuaire d’aujourd’hui.
        findings: Vec<Finding>,
    }
}
view! {
    /// Ce qui ne va pas dans une règle.
    Finding of routing::Finding {
        /// error : empêche de publier ; warning.
        severity: String,
        /// Numéro de la règle, à partir de 1 ; 0 : le jeu entier.
        rule: u32,
        /// Code de la règle.
        code: String,
        /// Où : `conditions[2].values`, `actions[1].value` ; `actions.unit` : l’action de cette sorte, ou son absence.
        field: String,
        /// Ce qui ne va pas, et que faire.
        message: String,
    }
}
view! {
    /// Brouillon des règles.
    RuleDraft of routing::RuleDraft {
        /// Grandit à chaque enregistrement ; 0 : pas de brouillon, ce sont les règles qui s’appliquent.
        revision: u64,
        /// Version qui s’appliquait quand il a été commencé.
        based_on: u64,
        /// Version qui s’applique.
        in_force: u64,
        /// Ce qu’il dit.
        text: Option<RuleSetText>,
        /// Ce qui ne va pas.
        findings: Vec<Finding>,
        /// Dernier auteur.
        author: String,
        /// Quand.
        at: Option<Instant>,
        /// Organismes nationaux que le classement automatique peut proposer sans qu’ils soient décrits ; une règle ne peut
        /// nommer qu’un organisme du jeu. Celui du jeu qui a le même code remplace le national.
        known_bodies: Vec<KnownBody>,
    }
}
view! {
    /// Organisme national.
    KnownBody of routing::CompetentBody {
        /// Code.
        code: String,
        /// Nom.
        name: String,
        /// Téléphone ; peut être vide.
        phone: String,
        /// Site ; peut être vide.
        website: String,
    }
}
view! {
    /// Ce que d’autres règles changeraient pour les dossiers récents.
    Simulation of routing::Simulation {
        /// Dossiers relus.
        cases: u32,
        /// Ceux qui changeraient, les plus récents d’abord ; 500 au plus.
        moved: Vec<Moved>,
        /// Combien changeraient.
        moved_total: u32,
        /// Combien changeraient de service.
        to_another_unit: u32,
        /// Combien de fois chaque règle déciderait du service.
        used: Vec<RuleUse>,
        /// Combien de fois une règle serait en erreur.
        failed: Vec<RuleUse>,
        /// Dossiers pour lesquels la charge d’aujourd’hui a tenu lieu de celle d’alors.
        loads_of_now: u32,
        /// Ce qui ne va pas dans ces règles.
        findings: Vec<Finding>,
        /// Version à laquelle elles sont comparées.
        in_force: u64,
        /// Révision du brouillon ; 0 : d’autres règles ont été données.
        revision: u64,
    }
}
view! {
    /// Dossier qui irait ailleurs, ou autrement.
    Moved of routing::Moved {
        /// Identifiant.
        case_id: String,
        /// Référence.
        reference: String,
        /// Quand il a été orienté.
        decided_at: Option<Instant>,
        /// Service, par les règles qui s’appliquent.
        from_unit: String,
        /// Son nom.
        from_unit_name: String,
        /// Règle.
        from_rule: String,
        /// Service, par celles essayées.
        to_unit: String,
        /// Son nom.
        to_unit_name: String,
        /// Règle.
        to_rule: String,
        /// Ce qui change en dehors du service.
        changes: Vec<String>,
    }
}
view! {
    /// Usage d’une règle.
    RuleUse of routing::RuleUse {
        /// Code ; procedure, default, classifier ou triage sinon.
        rule: String,
        /// Combien de fois.
        times: u32,
    }
}
view! {
    /// Règle en erreur pour certains dossiers.
    RuleFault of routing::RuleFault {
        /// Version des règles.
        rule_set: u64,
        /// Code de la règle.
        rule: String,
        /// Pourquoi.
        message: String,
        /// Combien de fois.
        times: u64,
        /// Dernier dossier concerné.
        last_case: String,
        /// Sa référence.
        last_reference: String,
        /// Quand.
        last_at: Option<Instant>,
    }
}
view! {
    /// Règles en erreur, les dernières d’abord. Les dossiers ont continué par la règle suivante.
    RuleFaults of routing::ListRuleFaultsResponse {
        /// Les erreurs.
        faults: Vec<RuleFault>,
    }
}

/// Brouillon à enregistrer.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DraftBody {
    /// Ce qu’il dit.
    pub text: RuleSetText,
    /// Révision que l’on a lue ; 0 : il n’y en avait pas.
    pub expected_revision: u64,
    /// Version à laquelle on l’a comparé ; 0 : comme avant.
    pub based_on: u64,
}

/// Publication du brouillon.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PublishBody {
    /// Révision que l’on a essayée.
    pub expected_revision: u64,
    /// Pourquoi.
    #[schema(example = "Les encombrants passent à la propreté")]
    pub note: String,
}

/// Règles à essayer sur les dossiers récents.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SimulateBody {
    /// Absent : le brouillon.
    pub rules: Option<RuleSetText>,
    /// Sur combien de dossiers ; 0 : 500 ; 5 000 au plus.
    #[schema(maximum = 5000)]
    pub last: u32,
}

/// Refus d’une transmission proposée.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RefuseTransferBody {
    /// Pourquoi (500 caractères au plus).
    pub reason: String,
}
