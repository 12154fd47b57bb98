//! One's own sessions; for administrators, accounts and partners.

use axum::{Json, extract::State};
use parvis_kernel::{Error, Reason, reason::Choices};
use parvis_proto::identity::{
    AccountChange, ChangeAccountRequest, EndSessionsRequest, ListAccountsRequest, ListPartnersRequest,
    ListSessionsRequest, RevokePartnerRequest,
};

use super::{
    dto::{AccountActed, AccountActionBody, Accounts, PartnerRevoked, Partners, Sessions, SessionsEnded, Shown as _},
    input::ApiPath,
};
use crate::{
    auth::SignedIn,
    body::ApiJson,
    problem::Problem,
    state::{AppState, answer},
};

/// What may be done of an account.
const ACTIONS: [&str; 5] = ["close", "reopen", "unlock", "reset_second_factor", "sign_out"];

/// Lister mes sessions
///
/// Les appareils et programmes où l’agent est connecté, le dernier utilisé en premier.
#[utoipa::path(get, path = "/api/v1/sessions", tag = "S’authentifier", security(("bearer" = [])),
    responses((status = 200, description = "Les sessions", body = Sessions)))]
pub async fn sessions(State(state): State<AppState>, caller: SignedIn) -> Result<Json<Sessions>, Problem> {
    let found = answer(state.identity()?.list_sessions(caller.call(ListSessionsRequest {})).await)?;
    Ok(Json(Sessions { sessions: found.sessions.shown() }))
}

/// Fermer une de mes sessions
///
/// Elle n’est plus renouvelée ; son dernier jeton expire de lui-même. La fermer deux fois ne change rien.
#[utoipa::path(delete, path = "/api/v1/sessions/{id}", tag = "S’authentifier", security(("bearer" = [])),
    params(("id" = String, Path, description = "Identifiant de la session", format = Uuid,
            example = "01937b2e-5f5c-7c5e-9f39-0d8a3e6f2b11")),
    responses((status = 200, description = "Fermée", body = SessionsEnded)))]
pub async fn end_session(
    State(state): State<AppState>,
    caller: SignedIn,
    ApiPath(session_id): ApiPath,
) -> Result<Json<SessionsEnded>, Problem> {
    let request = EndSessionsRequest { session_id, ..EndSessionsRequest::default() };
    let ended = answer(state.identity()?.end_sessions(caller.call(request)).await)?.ended;
    Ok(Json(SessionsEnded { ended }))
}

/// Lister les comptes
///
/// Tous pour un administrateur ; pour un responsable, ceux de ses services.
#[utoipa::path(get, path = "/api/v1/accounts", tag = "Administrer", security(("bearer" = [])),
    responses((status = 200, description = "Les comptes", body = Accounts)))]
pub async fn list(State(state): State<AppState>, caller: SignedIn) -> Result<Json<Accounts>, Problem> {
    let found = answer(state.identity()?.list_accounts(caller.call(ListAccountsRequest {})).await)?;
    Ok(Json(Accounts { accounts: found.accounts.shown() }))
}

/// Agir sur un compte
///
/// Le fermer, le rouvrir, le débloquer, en retirer la seconde vérification ou en fermer toutes les sessions.
/// Administrateurs ; on ne ferme ni son propre compte, ni celui du dernier administrateur. Les jetons déjà remis valent
/// encore quelques minutes.
#[utoipa::path(post, path = "/api/v1/accounts/{code}/actions", tag = "Administrer", security(("bearer" = [])),
    params(("code" = String, Path, description = "Code de l’agent", example = "karim-benali")),
    request_body = AccountActionBody,
    responses(
        (status = 200, description = "Fait", body = AccountActed),
        (status = 409, description = "Son propre compte, ou le dernier administrateur", body = Problem,
            content_type = "application/problem+json")))]
pub async fn act(
    State(state): State<AppState>,
    caller: SignedIn,
    ApiPath(account): ApiPath,
    ApiJson(body): ApiJson<AccountActionBody>,
) -> Result<Json<AccountActed>, Problem> {
    let mut identity = state.identity()?;
    let acted = AccountActed { account: account.clone() };
    let change = match body.action.as_str() {
        "close" => AccountChange::Close,
        "reopen" => AccountChange::Reopen,
        "unlock" => AccountChange::Unlock,
        "reset_second_factor" => AccountChange::ResetSecondFactor,
        "sign_out" => {
            let request = EndSessionsRequest { account, ..EndSessionsRequest::default() };
            answer(identity.end_sessions(caller.call(request)).await)?;
            return Ok(Json(acted));
        }
        _ => {
            let reason = Reason::NotOneOf { choices: Choices::new(ACTIONS) };
            return Err(Error::wrong("action", reason, format!("one of: {}", ACTIONS.join(", "))).into());
        }
    };
    let request = ChangeAccountRequest { account, change: change.into() };
    answer(identity.change_account(caller.call(request)).await)?;
    Ok(Json(acted))
}

/// Lister les partenaires
///
/// Les logiciels qui déposent des demandes, révoqués ou non. Administrateurs.
#[utoipa::path(get, path = "/api/v1/partners", tag = "Administrer", security(("bearer" = [])),
    responses((status = 200, description = "Les partenaires", body = Partners)))]
pub async fn partners(State(state): State<AppState>, caller: SignedIn) -> Result<Json<Partners>, Problem> {
    let found = answer(state.identity()?.list_partners(caller.call(ListPartnersRequest {})).await)?;
    Ok(Json(Partners { partners: found.partners.shown() }))
}

/// Révoquer un partenaire
///
/// Il ne reçoit plus de jeton ; le dernier expire en une heure au plus. Administrateurs. Le révoquer deux fois ne change
/// rien.
#[utoipa::path(delete, path = "/api/v1/partners/{client_id}", tag = "Administrer", security(("bearer" = [])),
    params(("client_id" = String, Path, description = "Identifiant du partenaire", example = "portail-regional")),
    responses((status = 200, description = "Révoqué", body = PartnerRevoked)))]
pub async fn revoke_partner(
    State(state): State<AppState>,
    caller: SignedIn,
    ApiPath(client_id): ApiPath,
) -> Result<Json<PartnerRevoked>, Problem> {
    let request = RevokePartnerRequest { client_id: client_id.clone() };
    answer(state.identity()?.revoke_partner(caller.call(request)).await)?;
    Ok(Json(PartnerRevoked { client_id }))
}
