//! `parvis.identity.v1.IdentityService`: request → command → use case → response.

use parvis_kernel::{
    AgentId, Caller, Error, Reason, Result,
    reason::{Expected, Thing},
};
use parvis_proto::{identity as proto, identity::identity_service_server::IdentityService, to_proto_time};
use parvis_runtime::{KeySet, internal_status};
use secrecy::{ExposeSecret as _, SecretString};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::{
    domain::{account::Account, origin::Origin},
    repo::{citizens::Citizen, partners::Partner, sessions::Session},
    service::Identity,
    usecase::{self, AccessToken, AccountChange, EndSessions, SignedIn, Tokens},
};

/// The service.
pub struct Grpc {
    identity: Identity,
    keys: KeySet,
}

impl Grpc {
    /// Serves `identity`; `keys` verify the token a call came with.
    pub fn new(identity: Identity, keys: KeySet) -> Self {
        Self { identity, keys }
    }

    /// The session of the token that this call came with; the layers have verified it.
    fn session<T>(&self, request: &Request<T>) -> Option<Uuid> {
        let header = request.metadata().get("authorization")?.to_str().ok()?;
        let (_, token) = header.split_once(' ')?;
        let claims = self.keys.verify(token.trim(), self.identity.store.clock().now()).ok()?;
        usecase::session_of(&claims.jti)
    }
}

fn caller<T>(request: &Request<T>) -> Result<Caller, Status> {
    parvis_runtime::caller(request).map_err(internal_status)
}

fn account(account: Account) -> proto::Account {
    let profile = account.profile;
    proto::Account {
        code: profile.code.to_string(),
        name: profile.name,
        email: profile.email,
        roles: profile.roles.iter().map(ToString::to_string).collect(),
        units: profile.seen_units.iter().map(ToString::to_string).collect(),
        active: account.active && !account.suspended,
        locked_until: None,
        site: profile.site,
        suspended: account.suspended,
        second_factor: false,
    }
}

fn pair(tokens: Tokens) -> proto::TokenPair {
    proto::TokenPair {
        refresh_token: tokens.refresh.token.expose_secret().to_owned(),
        refresh_expires_at: Some(to_proto_time(tokens.refresh.expires_at)),
        account: Some(account(tokens.account)),
        device: tokens.device.map(|device| device.expose_secret().to_owned()).unwrap_or_default(),
        ..access(&tokens.access)
    }
}

fn access(token: &AccessToken) -> proto::TokenPair {
    proto::TokenPair {
        access_token: token.token.expose_secret().to_owned(),
        access_expires_at: Some(to_proto_time(token.expires_at)),
        ..proto::TokenPair::default()
    }
}

fn origin(origin: Option<proto::Origin>) -> Origin {
    origin.map(|it| Origin::new(&it.network, &it.device, &it.browser)).unwrap_or_default()
}

fn session(session: Session, current: Option<Uuid>) -> proto::Session {
    proto::Session {
        current: current == Some(session.id),
        id: session.id.to_string(),
        started_at: Some(to_proto_time(session.created_at)),
        used_at: Some(to_proto_time(session.last_used_at)),
        network: session.network,
        browser: session.browser,
    }
}

fn partner(partner: Partner) -> proto::Partner {
    proto::Partner {
        client_id: partner.client_id,
        name: partner.name,
        created_at: Some(to_proto_time(partner.created_at)),
        revoked_at: partner.revoked_at.map(to_proto_time),
    }
}

/// Which sessions a request is about.
fn which(message: proto::EndSessionsRequest, current: Option<Uuid>) -> Result<EndSessions> {
    if !message.account.is_empty() {
        return Ok(EndSessions::Of(code(&message.account)?));
    }
    if message.others {
        return Ok(EndSessions::Others(current));
    }
    let id = Uuid::try_parse(&message.session_id);
    id.map(EndSessions::One).map_err(|_| Error::wrong("session_id", Expected::Id, "this is no session's id"))
}

/// The code of an account that somebody names.
fn code(text: &str) -> Result<AgentId> {
    AgentId::parse(text).map_err(|_| Error::no_such(Thing::Agent, "no account has this code"))
}

fn citizen(citizen: Citizen) -> proto::Citizen {
    proto::Citizen {
        id: citizen.id.to_string(),
        requester: Some(citizen.requester),
        requests: citizen.requests.unsigned_abs(),
        last_seen: Some(to_proto_time(citizen.last_seen)),
    }
}

#[tonic::async_trait]
impl IdentityService for Grpc {
    async fn get_jwks(&self, _: Request<proto::GetJwksRequest>) -> Result<Response<proto::GetJwksResponse>, Status> {
        let jwks_json = self.identity.keys.jwks(self.identity.store.clock().now());
        Ok(Response::new(proto::GetJwksResponse { jwks_json }))
    }

    async fn sign_in(&self, request: Request<proto::SignInRequest>) -> Result<Response<proto::TokenPair>, Status> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let origin = origin(message.origin);
        if !message.challenge.is_empty() {
            let challenge = SecretString::from(message.challenge);
            let command = usecase::AnswerChallenge { challenge, code: message.code, origin };
            let tokens = usecase::answer_challenge(&self.identity, &caller, command).await.map_err(internal_status)?;
            return Ok(Response::new(pair(tokens)));
        }
        let command = usecase::SignIn {
            login: message.login,
            password: SecretString::from(message.password),
            code: message.code,
            origin,
        };
        let signed_in = usecase::sign_in(&self.identity, &caller, command).await.map_err(internal_status)?;
        Ok(Response::new(match signed_in {
            SignedIn::Tokens(tokens) => pair(*tokens),
            SignedIn::CodeNeeded(challenge) => {
                proto::TokenPair { challenge: challenge.expose_secret().to_owned(), ..proto::TokenPair::default() }
            }
        }))
    }

    async fn refresh_tokens(
        &self,
        request: Request<proto::RefreshTokensRequest>,
    ) -> Result<Response<proto::TokenPair>, Status> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let command =
            usecase::RefreshTokens { token: SecretString::from(message.refresh_token), origin: origin(message.origin) };
        let tokens = usecase::refresh_tokens(&self.identity, &caller, command).await.map_err(internal_status)?;
        Ok(Response::new(pair(tokens)))
    }

    async fn sign_out(
        &self,
        request: Request<proto::SignOutRequest>,
    ) -> Result<Response<proto::SignOutResponse>, Status> {
        let caller = caller(&request)?;
        let token = SecretString::from(request.into_inner().refresh_token);
        usecase::sign_out(&self.identity, &caller, token).await.map_err(internal_status)?;
        Ok(Response::new(proto::SignOutResponse {}))
    }

    async fn issue_partner_token(
        &self,
        request: Request<proto::IssuePartnerTokenRequest>,
    ) -> Result<Response<proto::TokenPair>, Status> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let command = usecase::IssuePartnerToken {
            client_id: message.client_id,
            client_secret: SecretString::from(message.client_secret),
        };
        let token = usecase::issue_partner_token(&self.identity, &caller, command).await.map_err(internal_status)?;
        Ok(Response::new(access(&token)))
    }

    async fn change_password(
        &self,
        request: Request<proto::ChangePasswordRequest>,
    ) -> Result<Response<proto::ChangePasswordResponse>, Status> {
        let caller = caller(&request)?;
        let session = self.session(&request);
        let message = request.into_inner();
        let command = usecase::ChangePassword {
            current: SecretString::from(message.current_password),
            new: SecretString::from(message.new_password),
            session,
            origin: origin(message.origin),
        };
        usecase::change_password(&self.identity, &caller, command).await.map_err(internal_status)?;
        Ok(Response::new(proto::ChangePasswordResponse {}))
    }

    async fn list_accounts(
        &self,
        request: Request<proto::ListAccountsRequest>,
    ) -> Result<Response<proto::ListAccountsResponse>, Status> {
        let caller = caller(&request)?;
        let accounts = usecase::list_accounts(&self.identity, &caller).await.map_err(internal_status)?;
        let accounts = accounts
            .into_iter()
            .map(|listed| proto::Account {
                locked_until: listed.locked_until.map(to_proto_time),
                second_factor: listed.second_factor,
                ..account(listed.account)
            })
            .collect();
        Ok(Response::new(proto::ListAccountsResponse { accounts }))
    }

    async fn create_partner(
        &self,
        request: Request<proto::CreatePartnerRequest>,
    ) -> Result<Response<proto::CreatePartnerResponse>, Status> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let command = usecase::CreatePartner { client_id: message.client_id, name: message.name };
        let secret = usecase::create_partner(&self.identity, &caller, command).await.map_err(internal_status)?;
        Ok(Response::new(proto::CreatePartnerResponse { client_secret: secret.expose_secret().to_owned() }))
    }

    async fn begin_second_factor(
        &self,
        request: Request<proto::BeginSecondFactorRequest>,
    ) -> Result<Response<proto::BeginSecondFactorResponse>, Status> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let (password, origin) = (SecretString::from(message.password), origin(message.origin));
        let begun = usecase::begin_second_factor(&self.identity, &caller, password, &origin).await;
        let secret = begun.map_err(internal_status)?.expose_secret().to_owned();
        Ok(Response::new(proto::BeginSecondFactorResponse { secret }))
    }

    async fn confirm_second_factor(
        &self,
        request: Request<proto::ConfirmSecondFactorRequest>,
    ) -> Result<Response<proto::ConfirmSecondFactorResponse>, Status> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let origin = origin(message.origin);
        let confirmed = usecase::confirm_second_factor(&self.identity, &caller, &message.code, &origin).await;
        let codes = confirmed.map_err(internal_status)?;
        let recovery_codes = codes.iter().map(|code| code.expose_secret().to_owned()).collect();
        Ok(Response::new(proto::ConfirmSecondFactorResponse { recovery_codes }))
    }

    async fn get_membership(
        &self,
        request: Request<proto::GetMembershipRequest>,
    ) -> Result<Response<proto::GetMembershipResponse>, Status> {
        let caller = caller(&request)?;
        let units = usecase::get_membership(&self.identity, &caller).await.map_err(internal_status)?;
        let units = units.iter().map(ToString::to_string).collect();
        Ok(Response::new(proto::GetMembershipResponse { units }))
    }

    async fn list_sessions(
        &self,
        request: Request<proto::ListSessionsRequest>,
    ) -> Result<Response<proto::ListSessionsResponse>, Status> {
        let (caller, current) = (caller(&request)?, self.session(&request));
        let open = usecase::list_sessions(&self.identity, &caller).await.map_err(internal_status)?;
        let sessions = open.into_iter().map(|it| session(it, current)).collect();
        Ok(Response::new(proto::ListSessionsResponse { sessions }))
    }

    async fn end_sessions(
        &self,
        request: Request<proto::EndSessionsRequest>,
    ) -> Result<Response<proto::EndSessionsResponse>, Status> {
        let (caller, current) = (caller(&request)?, self.session(&request));
        let which = which(request.into_inner(), current).map_err(internal_status)?;
        let ended = usecase::end_sessions(&self.identity, &caller, which).await.map_err(internal_status)?;
        Ok(Response::new(proto::EndSessionsResponse { ended: u32::try_from(ended).unwrap_or(u32::MAX) }))
    }

    async fn change_account(
        &self,
        request: Request<proto::ChangeAccountRequest>,
    ) -> Result<Response<proto::ChangeAccountResponse>, Status> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let change = match message.change() {
            proto::AccountChange::Close => AccountChange::Close,
            proto::AccountChange::Reopen => AccountChange::Reopen,
            proto::AccountChange::Unlock => AccountChange::Unlock,
            proto::AccountChange::ResetSecondFactor => AccountChange::ResetSecondFactor,
            proto::AccountChange::Unspecified => {
                let error = Error::wrong("change", Reason::Required, "say what becomes of the account");
                return Err(internal_status(error));
            }
        };
        let account = code(&message.account).map_err(internal_status)?;
        usecase::change_account(&self.identity, &caller, &account, change).await.map_err(internal_status)?;
        Ok(Response::new(proto::ChangeAccountResponse {}))
    }

    async fn list_partners(
        &self,
        request: Request<proto::ListPartnersRequest>,
    ) -> Result<Response<proto::ListPartnersResponse>, Status> {
        let caller = caller(&request)?;
        let partners = usecase::list_partners(&self.identity, &caller).await.map_err(internal_status)?;
        let partners = partners.into_iter().map(partner).collect();
        Ok(Response::new(proto::ListPartnersResponse { partners }))
    }

    async fn revoke_partner(
        &self,
        request: Request<proto::RevokePartnerRequest>,
    ) -> Result<Response<proto::RevokePartnerResponse>, Status> {
        let caller = caller(&request)?;
        let client_id = request.into_inner().client_id;
        usecase::revoke_partner(&self.identity, &caller, &client_id).await.map_err(internal_status)?;
        Ok(Response::new(proto::RevokePartnerResponse {}))
    }

    async fn search_citizens(
        &self,
        request: Request<proto::SearchCitizensRequest>,
    ) -> Result<Response<proto::SearchCitizensResponse>, Status> {
        let caller = caller(&request)?;
        let query = request.into_inner().query;
        let found = usecase::search_citizens(&self.identity, &caller, &query).await.map_err(internal_status)?;
        let citizens = found.into_iter().map(citizen).collect();
        Ok(Response::new(proto::SearchCitizensResponse { citizens }))
    }
}
