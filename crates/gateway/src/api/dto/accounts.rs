//! Tokens and people.

use parvis_proto::identity;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Instant, Requester, view};

/// Connexion d’un agent par un programme.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// Code de l’agent ou adresse électronique.
    #[schema(example = "claire-martin")]
    pub login: String,
    /// Mot de passe.
    #[schema(format = Password, example = "un mot de passe")]
    pub password: String,
    /// Code de la seconde vérification, ou code de secours, si le compte en a une.
    #[schema(example = "287082")]
    #[serde(default)]
    pub code: String,
}

/// Jeton d’un agent.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentToken {
    /// Jeton à présenter : `Authorization: Bearer …`.
    pub access_token: String,
    /// Toujours `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// Durée de validité, en secondes.
    #[schema(example = 600)]
    pub expires_in: i64,
    /// Compte connecté.
    pub account: Option<Account>,
}

/// Jeton d’un partenaire (RFC 6749).
#[derive(Debug, Serialize, ToSchema)]
pub struct PartnerToken {
    /// Jeton à présenter : `Authorization: Bearer …`.
    pub access_token: String,
    /// Toujours `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// Durée de validité, en secondes.
    #[schema(example = 600)]
    pub expires_in: i64,
}

/// Refus d’un jeton (RFC 6749, 5.2).
#[derive(Debug, Serialize, ToSchema)]
pub struct OAuthError {
    /// `invalid_request`, `invalid_client`, `unsupported_grant_type`, `temporarily_unavailable`.
    #[schema(example = "invalid_client")]
    pub error: &'static str,
    /// Explication.
    pub error_description: String,
}

/// Demande de jeton d’un partenaire. L’identifiant et le secret peuvent aussi venir par `Authorization: Basic`.
#[derive(Deserialize, ToSchema)]
pub struct TokenForm {
    /// `client_credentials`.
    #[schema(required = true, pattern = "^client_credentials$", example = "client_credentials")]
    #[serde(default)]
    pub grant_type: String,
    /// Identifiant du partenaire.
    #[schema(example = "portail-regional")]
    #[serde(default)]
    pub client_id: String,
    /// Secret du partenaire.
    #[serde(default)]
    pub client_secret: String,
}

view! {
    /// Compte d’un agent, d’un élu ou d’un administrateur.
    Account of identity::Account {
        /// Code.
        code: String,
        /// Nom affiché.
        name: String,
        /// Adresse électronique.
        email: String,
        /// Rôles : front_desk, case_worker, supervisor, elected_official, administrator.
        roles: Vec<String>,
        /// Services vus.
        units: Vec<String>,
        /// Lieu de travail.
        site: String,
        /// `false` : parti de l’annuaire, ou fermé par un administrateur.
        active: bool,
        /// Fermé par un administrateur.
        suspended: bool,
        /// Une seconde vérification est en place.
        second_factor: bool,
        /// Bloqué, depuis un réseau au moins, jusque-là.
        locked_until: Option<Instant>,
    }
}

/// Comptes, par code.
#[derive(Debug, Serialize, ToSchema)]
pub struct Accounts {
    /// Les comptes.
    pub accounts: Vec<Account>,
}

/// Action sur un compte.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountActionBody {
    /// `close` : le fermer, quoi que dise l’annuaire ; `reopen` : le rouvrir ; `unlock` : oublier les essais manqués ;
    /// `reset_second_factor` : retirer la seconde vérification ; `sign_out` : fermer toutes ses sessions.
    #[schema(pattern = "^(close|reopen|unlock|reset_second_factor|sign_out)$", example = "unlock")]
    pub action: String,
}

/// Compte sur lequel l’action a porté.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountActed {
    /// Code de l’agent.
    pub account: String,
}

/// Sessions fermées.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionsEnded {
    /// Combien.
    pub ended: u32,
}

/// Partenaire révoqué.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartnerRevoked {
    /// Identifiant.
    pub client_id: String,
}

view! {
    /// Session d’un agent.
    Session of identity::Session {
        /// Identifiant.
        id: String,
        /// Connexion.
        started_at: Option<Instant>,
        /// Dernier usage.
        used_at: Option<Instant>,
        /// Réseau, abrégé ; peut être vide.
        network: String,
        /// Navigateur, en quelques mots ; peut être vide.
        browser: String,
        /// Celle qui demande.
        current: bool,
    }
}

/// Sessions d’un agent.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sessions {
    /// Les sessions.
    pub sessions: Vec<Session>,
}

view! {
    /// Logiciel partenaire.
    Partner of identity::Partner {
        /// Identifiant.
        client_id: String,
        /// Nom.
        name: String,
        /// Création.
        created_at: Option<Instant>,
        /// Révocation ; absente : en vigueur.
        revoked_at: Option<Instant>,
    }
}

/// Logiciels partenaires.
#[derive(Debug, Serialize, ToSchema)]
pub struct Partners {
    /// Les partenaires.
    pub partners: Vec<Partner>,
}

view! {
    /// Usager déjà connu.
    Citizen of identity::Citizen {
        /// Identifiant.
        id: String,
        /// Coordonnées.
        requester: Option<Requester>,
        /// Nombre de demandes.
        requests: u64,
        /// Dernière demande.
        last_seen: Option<Instant>,
    }
}

/// Usagers trouvés, 20 au plus.
#[derive(Debug, Serialize, ToSchema)]
pub struct Citizens {
    /// Les usagers.
    pub citizens: Vec<Citizen>,
}
