//! Requests: as filed, as answered, as followed.

use parvis_proto::{casework, common, intake};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Answers, Instant, Message, Notice, view};
use crate::body::Object;

/// Demande à déposer.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "text": "Un lampadaire est éteint devant le 12 rue du Port.",
    "address": "12 rue du Port",
    "requester": {
        "kind": "person",
        "first_name": "Camille",
        "last_name": "Durand",
        "email": "camille.durand@example.org",
        "contact_mode": "email"
    }
}))]
pub struct RequestBody {
    /// Code de la démarche ; absent : demande libre, en texte.
    #[schema(example = "acte-naissance")]
    #[serde(default)]
    pub procedure: String,
    /// Version du formulaire rempli ; absente : la version courante. Une version ancienne est refusée (409).
    #[schema(example = 1)]
    #[serde(default)]
    pub procedure_version: u32,
    /// Ce que dit l’usager, 20 000 caractères au plus ; nécessaire sans démarche.
    #[schema(example = "Bonjour, je souhaite une copie intégrale de mon acte de naissance.")]
    #[serde(default)]
    pub text: String,
    /// Réponses au formulaire : `{code du champ: texte, nombre, booléen ou liste de textes}`.
    #[schema(value_type = Object, example = json!({"nom-naissance": "Durand", "nombre": 2}))]
    #[serde(default)]
    pub answers: Answers,
    /// Qui demande.
    #[serde(default)]
    #[schema(value_type = RequesterBody)]
    pub requester: Object<RequesterBody>,
    /// Pièces envoyées auparavant par `POST /api/v1/attachments`.
    #[serde(default)]
    #[schema(value_type = Vec<AttachmentBody>)]
    pub attachments: Vec<Object<AttachmentBody>>,
    /// Quartier.
    #[serde(default)]
    pub district: String,
    /// Adresse du fait signalé.
    #[serde(default)]
    pub address: String,
    /// web (par défaut pour tous), phone, counter, letter, email (agents), api (par défaut pour un partenaire), partner.
    #[schema(example = "web")]
    #[serde(default)]
    pub channel: String,
    /// Arrivée d’une lettre ou d’un courriel (RFC 3339) ; jamais dans le futur.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(default)]
    pub received_at: Option<parvis_kernel::Timestamp>,
    /// Pour un agent qui dépose pour quelqu’un : in_person, phone, mail, mandate.
    #[serde(default)]
    pub acted_by_basis: String,
}

/// Qui demande, tel qu’il se déclare.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequesterBody {
    /// person, organization, anonymous.
    #[schema(example = "person")]
    #[serde(default)]
    pub kind: String,
    /// Prénom.
    #[schema(example = "Camille")]
    #[serde(default)]
    pub first_name: String,
    /// Nom.
    #[schema(example = "Durand")]
    #[serde(default)]
    pub last_name: String,
    /// Nom de l’organisme.
    #[serde(default)]
    pub organization_name: String,
    /// SIRET (14 chiffres), SIREN (9) ou RNA (W et 9 chiffres).
    #[serde(default)]
    pub siret: String,
    /// Adresse électronique.
    #[schema(example = "camille.durand@example.org")]
    #[serde(default)]
    pub email: String,
    /// Téléphone.
    #[serde(default)]
    pub phone: String,
    /// Adresse postale.
    #[serde(default)]
    pub postal_address: String,
    /// Comment répondre : email, phone, sms, letter, portal.
    #[schema(example = "email")]
    #[serde(default)]
    pub contact_mode: String,
    /// Langue (BCP 47) ; absente : fr.
    #[serde(default)]
    pub language: String,
}

impl From<RequesterBody> for common::Requester {
    fn from(body: RequesterBody) -> Self {
        Self {
            kind: body.kind,
            first_name: body.first_name,
            last_name: body.last_name,
            organization_name: body.organization_name,
            siret: body.siret,
            email: body.email,
            phone: body.phone,
            postal_address: body.postal_address,
            contact_mode: body.contact_mode,
            language: body.language,
        }
    }
}

/// Pièce d’une demande.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttachmentBody {
    /// Identifiant reçu à l’envoi.
    pub id: String,
    /// Code de la pièce justificative à laquelle elle répond.
    #[serde(default)]
    #[schema(example = "identite")]
    pub document: String,
}

view! {
    /// Demande enregistrée.
    Receipt of intake::SubmitRequestResponse {
        /// Référence, à rappeler.
        #[schema(example = "412-873-952-K")]
        reference: String,
        /// Code de suivi, secret : il donne accès au suivi de la demande.
        #[schema(example = "K7R-2MQ-9XB-4TD")]
        tracking_code: String,
        /// Date de réception.
        received_at: Option<Instant>,
        /// Identifiant.
        request_id: String,
        /// Ce qui se passe maintenant.
        next_step: String,
        /// Pièces obligatoires qui manquent.
        missing_documents: Vec<String>,
    }
}
view! {
    /// Fichier reçu.
    Attachment of common::AttachmentRef {
        /// Identifiant.
        id: String,
        /// Nom.
        file_name: String,
        /// Type, d’après le contenu.
        #[schema(example = "application/pdf")]
        media_type: String,
        /// Taille en octets.
        size: u64,
        /// SHA-256 en hexadécimal.
        sha256: String,
        /// Pièce justificative à laquelle il répond.
        document: String,
    }
}
view! {
    /// Demandeur.
    Requester of common::Requester {
        /// person, organization, anonymous.
        kind: String,
        /// Prénom.
        first_name: String,
        /// Nom.
        last_name: String,
        /// Organisme.
        organization_name: String,
        /// SIRET.
        siret: String,
        /// Adresse électronique.
        email: String,
        /// Téléphone.
        phone: String,
        /// Adresse postale.
        postal_address: String,
        /// Mode de contact.
        contact_mode: String,
        /// Langue.
        language: String,
    }
}
view! {
    /// Réponse à un champ.
    Answer of common::Answer {
        /// Code du champ.
        field: String,
        /// Libellé.
        label: String,
        /// Valeurs.
        values: Vec<String>,
        /// Les mêmes, pour un lecteur.
        display: Vec<String>,
    }
}
view! {
    /// La démarche, telle qu’elle était au dépôt.
    ProcedureSnapshot of common::ProcedureSnapshot {
        /// Code ; vide : demande libre.
        code: String,
        /// Version.
        version: u32,
        /// Intitulé.
        title: String,
        /// Nature.
        kind: String,
        /// Thème.
        theme: String,
        /// Service.
        unit: String,
        /// Compétence.
        skill: String,
        /// accept, reject, none.
        silence: String,
        /// Mois de silence.
        silence_months: u32,
        /// Texte qui le dit.
        silence_source: String,
        /// Délai promis, en jours ouvrés.
        service_level_days: u32,
    }
}
view! {
    /// Service, tel qu’un usager peut le joindre.
    UnitContact of common::UnitContact {
        /// Code.
        code: String,
        /// Nom.
        name: String,
        /// Adresse électronique.
        email: String,
        /// Téléphone.
        phone: String,
        /// Adresse postale.
        postal_address: String,
    }
}
view! {
    /// Réponse immédiate comptée.
    InstantAnswerReceipt of intake::RecordInstantAnswerResponse {
        /// Quand.
        at: Option<Instant>,
        /// Combien l’agent en a donné aujourd’hui.
        today: u64,
    }
}
view! {
    /// Message reçu.
    ReplyReceipt of casework::PostCitizenMessageResponse {
        /// État du dossier désormais.
        state: String,
    }
}
view! {
    /// Jeton de suivi.
    FollowGrant of intake::FollowGrant {
        /// Le jeton.
        grant: String,
        /// La demande qu’ouvre le code.
        request_id: String,
        /// Valable jusqu’à.
        expires_at: Option<Instant>,
    }
}

/// Code de suivi à échanger.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FollowGrantBody {
    /// Référence de la demande.
    #[schema(example = "412-873-952-K")]
    pub reference: String,
    /// Son code de suivi.
    #[schema(example = "K7R-2MQ-9XB-4TD")]
    pub tracking_code: String,
    /// Un jeton encore valable, dont les demandes restent ouvertes (huit au plus).
    #[serde(default)]
    pub grant: String,
}

/// Où en est une demande.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct RequestStatus {
    /// Identifiant.
    pub request_id: String,
    /// Référence.
    #[schema(example = "412-873-952-K")]
    pub reference: String,
    /// received, queued, assigned, in_progress, waiting_citizen, decided, closed, reopened.
    #[schema(example = "assigned")]
    pub status: String,
    /// Issue, une fois décidée : granted, rejected, answered, closed_without_action, transferred_out.
    pub outcome: String,
    /// Intitulé.
    pub title: String,
    /// Reçue le.
    pub received_at: Option<Instant>,
    /// Affectée à un agent pour la première fois le.
    pub assigned_at: Option<Instant>,
    /// Accusé envoyé le.
    pub acknowledged_at: Option<Instant>,
    /// Close le.
    pub closed_at: Option<Instant>,
    /// Service chargé de la demande.
    pub unit: Option<UnitContact>,
    /// Agent chargé de la demande.
    pub agent_name: String,
    /// Date que la collectivité s’est donnée.
    pub service_due_on: String,
    /// Sens du silence : accept, reject, none.
    pub silence: String,
    /// Date de la décision implicite.
    pub legal_due_on: String,
    /// L’usager peut répondre.
    pub may_reply: bool,
    /// Échanges.
    pub messages: Vec<Message>,
    /// Avis envoyés.
    pub notices: Vec<Notice>,
    /// Ce qui n’a pas pu être lu à l’instant : tracking, casework, notification. Redemander plus tard.
    pub incomplete: Vec<&'static str>,
}

/// Message d’un usager, depuis son suivi.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplyBody {
    /// Texte, 10 000 caractères au plus.
    #[schema(example = "Voici le document demandé.")]
    pub text: String,
}

/// Question répondue sur-le-champ.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InstantAnswerBody {
    /// phone, counter, email.
    #[schema(example = "counter")]
    #[serde(default)]
    pub channel: String,
    /// Thème.
    #[schema(example = "etat-civil")]
    #[serde(default)]
    pub theme: String,
    /// Démarche.
    #[serde(default)]
    pub procedure: String,
    /// Service.
    #[serde(default)]
    pub unit: String,
    /// Précision sans donnée personnelle, 500 caractères au plus.
    #[serde(default)]
    pub note: String,
}
