//! Units, agents, rules, queues, decisions.

use parvis_proto::routing;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Answers, Instant, view};

view! {
    /// Annuaire : services, équipes, lieux, quartiers.
    Directory of routing::Directory {
        /// Services, en arbre par `parent`.
        units: Vec<Unit>,
        /// Équipes.
        teams: Vec<Team>,
        /// Lieux d’accueil.
        sites: Vec<Site>,
        /// Quartiers.
        districts: Vec<District>,
        /// Service qui reçoit ce qu’aucune règle ne place.
        default_unit: String,
    }
}
view! {
    /// Service.
    Unit of routing::Unit {
        /// Code.
        code: String,
        /// Nom.
        name: String,
        /// Service au-dessus ; vide pour une racine.
        parent: String,
        /// Adresse électronique.
        email: String,
        /// Téléphone.
        phone: String,
        /// Adresse postale.
        postal_address: String,
        /// Lieu.
        site: String,
        /// Calendrier.
        calendar: String,
    }
}
view! {
    /// Équipe.
    Team of routing::Team {
        /// Code.
        code: String,
        /// Nom.
        name: String,
        /// Service.
        unit: String,
    }
}
view! {
    /// Lieu d’accueil.
    Site of routing::Site {
        /// Code.
        code: String,
        /// Nom.
        name: String,
        /// Adresse postale.
        postal_address: String,
        /// Téléphone.
        phone: String,
    }
}
view! {
    /// Quartier.
    District of routing::District {
        /// Code.
        code: String,
        /// Nom.
        name: String,
    }
}
view! {
    /// Agent.
    Agent of routing::Agent {
        /// Code.
        code: String,
        /// Prénom.
        first_name: String,
        /// Nom.
        last_name: String,
        /// Fonction.
        job_title: String,
        /// Services.
        units: Vec<String>,
        /// Équipes.
        teams: Vec<String>,
        /// Compétences.
        skills: Vec<Skill>,
        /// Langues (BCP 47).
        languages: Vec<String>,
        /// Lieu.
        site: String,
        /// Calendrier.
        calendar: String,
        /// Dossiers en même temps.
        capacity: u32,
        /// Dossiers ouverts.
        load: u32,
        /// present, away.
        presence: String,
        /// Travaille en ce moment, selon son calendrier.
        working_now: bool,
        /// Adresse électronique.
        email: String,
        /// Peut recevoir un dossier maintenant.
        may_receive: bool,
        /// Poids des dossiers ouverts et proposés, en centièmes de dossier.
        weight: u32,
        /// Suppléants, dans l’ordre.
        deputies: Vec<String>,
    }
}
view! {
    /// Compétence.
    Skill of routing::Skill {
        /// Code.
        code: String,
        /// Niveau, de 1 à 5.
        level: u32,
    }
}
view! {
    /// Règle de répartition.
    Rule of routing::Rule {
        /// Code.
        code: String,
        /// Nom.
        name: String,
        /// Conditions, en clair.
        conditions: Vec<String>,
        /// Service.
        unit: String,
        /// Équipe.
        team: String,
        /// Compétence demandée.
        skill: String,
        /// Son niveau, de 1 à 5 ; 0 : tous.
        level: u32,
        /// Langue demandée.
        language: String,
        /// Priorité.
        priority: String,
    }
}
view! {
    /// File d’attente d’un service.
    Queue of routing::Queue {
        /// Service.
        unit: String,
        /// Son nom.
        unit_name: String,
        /// Dossiers en attente.
        waiting: u64,
        /// Depuis quand attend le plus ancien.
        oldest: Option<Instant>,
    }
}
view! {
    /// Décision d’affectation, avec son explication.
    Decision of routing::Decision {
        /// Identifiant.
        id: String,
        /// Dossier.
        case_id: String,
        /// Quand.
        at: Option<Instant>,
        /// opened, reopened, reassigned, presence, capacity_freed, agent_gone, accepted, escalated, substituted, moved.
        cause: String,
        /// Service.
        unit: String,
        /// Son nom.
        unit_name: String,
        /// Équipe.
        team: String,
        /// Agent ; vide : file d’attente.
        agent: String,
        /// Son nom.
        agent_name: String,
        /// Priorité.
        priority: String,
        /// En une phrase.
        summary: String,
        /// Ce qui a été regardé : règles et agents, et pourquoi.
        steps: Vec<Step>,
        /// Qui l’a demandée.
        actor: String,
        /// Motif donné.
        reason: String,
        /// Règle gagnante ; procedure, default, classifier, triage ou manual sinon.
        rule: String,
        /// Version des règles.
        rule_set: u64,
        /// Pourquoi le dossier est arrivé là, en une phrase pour l’agent.
        sentence: String,
        /// Mentions posées par des règles.
        flags: Vec<String>,
        /// Propositions automatiques, quand aucune règle ne désigne un service ; trois au plus.
        guesses: Vec<Guess>,
        /// Version de ce qui les a faites ; 0 : rien n’a été demandé.
        model: u64,
        /// Transmission proposée à un organisme compétent.
        transfer: Option<Transfer>,
    }
}
view! {
    /// Proposition automatique.
    Guess of routing::Guess {
        /// Service ; vide : la demande n’est pas pour la collectivité.
        unit: String,
        /// Son nom, ou celui de l’organisme.
        unit_name: String,
        /// Organisme compétent ; vide : la collectivité.
        competence: String,
        /// Probabilité, en pourcents.
        percent: u32,
        /// Mots qui ont le plus pesé.
        words: Vec<String>,
    }
}
view! {
    /// Transmission proposée (CRPA L114-2) : un agent la confirme en clôturant, ou la refuse.
    Transfer of routing::Transfer {
        /// Organisme.
        body: String,
        /// Son nom.
        name: String,
        /// Comment le joindre.
        contact: String,
        /// Règle qui la propose, ou classifier.
        proposed_by: String,
        /// proposed, confirmed, refused.
        state: String,
        /// Courriel auquel la demande peut lui être transmise ; peut être vide.
        email: String,
        /// Son adresse postale ; peut être vide.
        postal_address: String,
    }
}
view! {
    /// Un pas de l’explication.
    Step of routing::Step {
        /// rule, guess, transfer, candidate.
        kind: String,
        /// Code de la règle ou de l’agent.
        subject: String,
        /// Son nom.
        label: String,
        /// Retenu.
        kept: bool,
        /// Pourquoi.
        why: String,
    }
}

/// Agents vus par l’appelant.
#[derive(Debug, Serialize, ToSchema)]
pub struct Agents {
    /// Les agents.
    pub agents: Vec<Agent>,
}

/// Règles, dans l’ordre où elles sont essayées.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rules {
    /// Les règles.
    pub rules: Vec<Rule>,
}

/// Files d’attente.
#[derive(Debug, Serialize, ToSchema)]
pub struct Queues {
    /// Une par service.
    pub queues: Vec<Queue>,
}

/// Décisions d’affectation d’un dossier, la plus ancienne d’abord.
#[derive(Debug, Serialize, ToSchema)]
pub struct Decisions {
    /// Les décisions.
    pub decisions: Vec<Decision>,
}

/// Présence d’un agent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PresenceBody {
    /// Agent ; absent : soi-même.
    #[serde(default)]
    pub agent: String,
    /// `present` ou `away`.
    #[schema(example = "present")]
    pub presence: String,
}

/// Demande fictive, pour savoir où elle irait.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ExplainBody {
    /// Canal.
    #[schema(example = "web")]
    pub channel: String,
    /// Démarche.
    pub procedure: String,
    /// Service de la démarche.
    pub procedure_unit: String,
    /// Compétence de la démarche.
    pub procedure_skill: String,
    /// Texte.
    #[schema(example = "Un matelas a été abandonné rue du Port.")]
    pub text: String,
    /// Quartier.
    pub district: String,
    /// Adresse.
    pub address: String,
    /// person, organization, anonymous.
    pub requester_kind: String,
    /// Langue.
    pub language: String,
    /// Réponses au formulaire.
    #[schema(value_type = Object, example = json!({"surface": 120}))]
    pub answers: Answers,
    /// Lieu exact : latitude, longitude.
    #[schema(example = "47.218371,-1.553621")]
    pub point: String,
}

/// Réaffectation : exactement un de `unit`, `team`, `agent`.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReassignBody {
    /// Vers un service.
    #[schema(example = "voirie")]
    pub unit: String,
    /// Vers une équipe.
    pub team: String,
    /// Vers un collègue.
    pub agent: String,
    /// Pourquoi (3 à 500 caractères).
    #[schema(example = "Relève de la voirie")]
    pub reason: String,
    /// Décision que l’on a vue ; refusé si elle a changé depuis.
    pub expected_decision: String,
}
