//! Roles that answer as told, through the same layers as the real ones.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures::{Stream, StreamExt as _, stream};
use parvis_kernel::{Error, Result};
use parvis_proto::{
    casework::{casework_service_server::*, *},
    common::{GetGrantKeysRequest, GrantKeys},
    identity::{identity_service_server::*, *},
    intake::SubmitRequestRequest,
    knowledge::{knowledge_service_server::*, *},
    notification::{notification_service_server::*, *},
    routing::{routing_service_server::*, *},
    status_from_error,
    tracking::{tracking_service_server::*, *},
};
use parvis_runtime::key_pair::KeyPair;
use tonic::{Request, Response, Status};

pub use crate::world::*;

/// Of a request that every role knows.
pub const KNOWN: &str = "000-000-001-B";
/// Of one that only intake knows yet.
pub const FRESH: &str = "000-000-002-C";
pub const TRACKING_CODE: &str = "K7R2MQ9XB4TD";
pub const NOW: &str = "2026-11-23T08:30:00Z";

/// What the fakes saw and what they do.
#[derive(Default)]
pub struct Seen {
    pub submitted: Mutex<Vec<SubmitRequestRequest>>,
    pub used: Mutex<Vec<RecordUseRequest>>,
    pub uploads_finished: AtomicUsize,
    pub refreshed: AtomicUsize,
    pub down: Mutex<Vec<&'static str>>,
    pub tokens: Mutex<HashMap<&'static str, String>>,
    /// What a method answers, by its name, instead of its message's default: a message's bytes or a refusal.
    pub told: Mutex<HashMap<&'static str, Result<Vec<u8>, parvis_kernel::ErrorKind>>>,
    /// What a method refuses with, by its name, before anything else.
    pub refusals: Mutex<HashMap<&'static str, Status>>,
    /// What methods that answer as told were asked, by their names.
    pub asked: Mutex<Vec<(&'static str, Vec<u8>)>>,
}

impl Seen {
    /// Tells a method what to answer from now on.
    pub fn tell(&self, method: &'static str, answer: &impl prost::Message) {
        self.told.lock().unwrap().insert(method, Ok(answer.encode_to_vec()));
    }

    /// Tells a method to refuse from now on.
    pub fn refuse(&self, method: &'static str, kind: parvis_kernel::ErrorKind) {
        self.told.lock().unwrap().insert(method, Err(kind));
    }
}

#[derive(Clone)]
pub struct Fake(pub Arc<Seen>);

type Reply<T> = Result<Response<T>, Status>;

impl Fake {
    fn up(&self, role: &'static str) -> Result<(), Status> {
        if self.0.down.lock().unwrap().contains(&role) { Err(Status::unavailable("down")) } else { Ok(()) }
    }
}

impl Fake {
    fn told<T: prost::Message + Default>(&self, method: &str) -> Option<Reply<T>> {
        if let Some(status) = self.0.refusals.lock().unwrap().get(method) {
            return Some(Err(status.clone()));
        }
        let told = self.0.told.lock().unwrap();
        Some(match told.get(method)? {
            Ok(bytes) => Ok(Response::new(T::decode(bytes.as_slice()).unwrap())),
            Err(kind) => refuse(Error::new(*kind, "told to refuse")),
        })
    }
}

/// What intake signs with here.
pub static SIGNER: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::draw().unwrap());
/// The id of the request that everybody knows.
pub const KNOWN_ID: &str = "01937b2e-5f5c-7c5e-9f39-0d8a3e6f2b11";

/// Whether whoever calls holds a follow grant.
fn follows<T>(request: &Request<T>) -> bool {
    parvis_runtime::caller(request).is_ok_and(|caller| caller.follows(KNOWN_ID.parse().unwrap()))
}

/// Whether it is the tracking code, however it is typed.
fn is_code(typed: &str) -> bool {
    parvis_kernel::tracking_code::normalize(typed) == TRACKING_CODE
}

fn refuse<T>(error: Error) -> Reply<T> {
    Err(status_from_error(&error))
}

/// Methods that answer with their message's default.
macro_rules! plain {
    ($role:literal: $($name:ident($request:ty) -> $response:ty),* $(,)?) => {$(
        fn $name<'life, 'future>(&'life self, request: Request<$request>)
            -> Pin<Box<dyn Future<Output = Reply<$response>> + Send + 'future>>
        where 'life: 'future, Self: 'future {
            self.0.saw(stringify!($name), request.get_ref());
            Box::pin(async move { self.up($role)?; self.told(stringify!($name)).unwrap_or_else(|| Ok(Response::new(<$response>::default()))) })
        }
    )*};
}

mod intake;

#[tonic::async_trait]
impl IdentityService for Fake {
    plain! { "identity":
        sign_out(SignOutRequest) -> SignOutResponse,
        change_password(ChangePasswordRequest) -> ChangePasswordResponse,
        list_accounts(ListAccountsRequest) -> ListAccountsResponse,
        create_partner(CreatePartnerRequest) -> CreatePartnerResponse,
        search_citizens(SearchCitizensRequest) -> SearchCitizensResponse,
        begin_second_factor(BeginSecondFactorRequest) -> BeginSecondFactorResponse,
        confirm_second_factor(ConfirmSecondFactorRequest) -> ConfirmSecondFactorResponse,
        get_membership(GetMembershipRequest) -> GetMembershipResponse,
        list_sessions(ListSessionsRequest) -> ListSessionsResponse,
        end_sessions(EndSessionsRequest) -> EndSessionsResponse,
        change_account(ChangeAccountRequest) -> ChangeAccountResponse,
        list_partners(ListPartnersRequest) -> ListPartnersResponse,
        revoke_partner(RevokePartnerRequest) -> RevokePartnerResponse,
    }

    async fn get_jwks(&self, _: Request<GetJwksRequest>) -> Reply<GetJwksResponse> {
        Ok(Response::new(GetJwksResponse { jwks_json: r#"{"keys":[]}"#.into() }))
    }

    async fn sign_in(&self, request: Request<SignInRequest>) -> Reply<TokenPair> {
        self.0.saw("sign_in", request.get_ref());
        self.up("identity")?;
        if let Some(told) = self.told("sign_in") {
            return told;
        }
        let request = request.into_inner();
        if request.challenge.is_empty() && request.password != "un bon mot de passe" {
            return refuse(Error::unauthenticated("unknown login or password"));
        }
        Ok(Response::new(self.pair()))
    }

    async fn refresh_tokens(&self, request: Request<RefreshTokensRequest>) -> Reply<TokenPair> {
        self.up("identity")?;
        // Lets the other requests of the page come in meanwhile.
        tokio::task::yield_now().await;
        let spent = self.0.refreshed.fetch_add(1, Ordering::SeqCst) > 0;
        if spent || request.into_inner().refresh_token != "refresh-1" {
            return refuse(Error::unauthenticated("the session is over"));
        }
        Ok(Response::new(self.pair()))
    }

    async fn issue_partner_token(&self, request: Request<IssuePartnerTokenRequest>) -> Reply<TokenPair> {
        self.up("identity")?;
        let request = request.into_inner();
        if (request.client_id.as_str(), request.client_secret.as_str()) != ("portail", "s3:cret") {
            return refuse(Error::unauthenticated("unknown client"));
        }
        Ok(Response::new(TokenPair { refresh_token: String::new(), ..self.pair() }))
    }
}

impl Fake {
    fn pair(&self) -> TokenPair {
        let now: parvis_kernel::Timestamp = NOW.parse().unwrap();
        let at = |hours| Some(parvis_proto::to_proto_time(now + jiff::SignedDuration::from_hours(hours)));
        TokenPair {
            access_token: self.0.tokens.lock().unwrap()["later"].clone(),
            access_expires_at: at(1),
            refresh_token: "refresh-2".into(),
            refresh_expires_at: at(12),
            account: Some(Account { code: "claire-martin".into(), ..Default::default() }),
            device: "d".repeat(43),
            challenge: String::new(),
        }
    }
}

#[tonic::async_trait]
impl CaseworkService for Fake {
    plain! { "casework":
        list_cases(ListCasesRequest) -> ListCasesResponse,
        count_due_cases(CountDueCasesRequest) -> CountDueCasesResponse,
        send_message(SendMessageRequest) -> Case,
        add_note(AddNoteRequest) -> Case,
        post_citizen_message(PostCitizenMessageRequest) -> PostCitizenMessageResponse,
        close_case(CloseCaseRequest) -> Case,
        reopen_case(ReopenCaseRequest) -> Case,
    }

    async fn get_case(&self, request: Request<GetCaseRequest>) -> Reply<CaseDetail> {
        self.up("casework")?;
        if let Some(told) = self.told("get_case") {
            return told;
        }
        let caller = parvis_runtime::caller(&request).map_err(parvis_runtime::internal_status)?;
        assert!(caller.agent().is_some(), "the agent's token came through");
        let reference = request.into_inner().reference;
        let case =
            Case { id: "01937b2e-5f5c-7c5e-9f39-0d8a3e6f2b11".into(), reference, version: 3, ..Default::default() };
        Ok(Response::new(CaseDetail {
            case: Some(case),
            reading: "full".into(),
            files_grant: "of-files".into(),
            ..Default::default()
        }))
    }

    async fn start_case(&self, request: Request<StartCaseRequest>) -> Reply<Case> {
        let request = request.into_inner();
        if request.expected_version != 3 {
            return refuse(Error::conflict("somebody changed the case meanwhile"));
        }
        Ok(Response::new(Case { id: request.id, version: 4, ..Default::default() }))
    }

    async fn get_grant_keys(&self, _: Request<GetGrantKeysRequest>) -> Reply<GrantKeys> {
        Ok(Response::new(GrantKeys::default()))
    }

    async fn get_public_case(&self, request: Request<GetPublicCaseRequest>) -> Reply<PublicCase> {
        self.up("casework")?;
        if let Some(told) = self.told("get_public_case") {
            return told;
        }
        if request.get_ref().reference != KNOWN || !follows(&request) {
            return refuse(Error::not_found("no such case"));
        }
        Ok(Response::new(PublicCase { state: "in_progress".into(), title: "Acte".into(), ..Default::default() }))
    }
}

#[tonic::async_trait]
impl RoutingService for Fake {
    plain! { "routing":
        get_directory(GetDirectoryRequest) -> Directory,
        list_agents(ListAgentsRequest) -> ListAgentsResponse,
        list_rules(ListRulesRequest) -> ListRulesResponse,
        set_presence(SetPresenceRequest) -> Agent,
        reassign_case(ReassignCaseRequest) -> Decision,
        list_decisions(ListDecisionsRequest) -> ListDecisionsResponse,
        get_queues(GetQueuesRequest) -> GetQueuesResponse,
        explain_routing(ExplainRoutingRequest) -> Decision,
        list_offers(ListOffersRequest) -> ListOffersResponse,
        answer_offer(AnswerOfferRequest) -> AnswerOfferResponse,
        move_work(MoveWorkRequest) -> MoveWorkResponse,
        list_rule_sets(ListRuleSetsRequest) -> ListRuleSetsResponse,
        get_rule_set(GetRuleSetRequest) -> RuleSet,
        get_rule_draft(GetRuleDraftRequest) -> RuleDraft,
        save_rule_draft(SaveRuleDraftRequest) -> RuleDraft,
        discard_rule_draft(DiscardRuleDraftRequest) -> RuleDraft,
        simulate_rules(SimulateRulesRequest) -> Simulation,
        publish_rules(PublishRulesRequest) -> RuleSet,
        list_rule_faults(ListRuleFaultsRequest) -> ListRuleFaultsResponse,
        list_classifier_models(ListClassifierModelsRequest) -> ListClassifierModelsResponse,
        refuse_transfer(RefuseTransferRequest) -> Transfer,
    }
}

#[tonic::async_trait]
impl KnowledgeService for Fake {
    plain! { "knowledge":
        search(SearchRequest) -> SearchResponse,
        suggest(SuggestRequest) -> SuggestResponse,
        read_page(ReadPageRequest) -> ReadPageResponse,
        list_pages(ListPagesRequest) -> ListPagesResponse,
        fill_template(FillTemplateRequest) -> FillTemplateResponse,
        list_articles(ListArticlesRequest) -> ListArticlesResponse,
        get_article(GetArticleRequest) -> Article,
        list_versions(ListVersionsRequest) -> ListVersionsResponse,
        save_article(SaveArticleRequest) -> Article,
        review_article(ArticleVerbRequest) -> Article,
        publish_article(ArticleVerbRequest) -> Article,
        withdraw_article(ArticleVerbRequest) -> Article,
        restore_article(RestoreArticleRequest) -> Article,
        get_usage(GetUsageRequest) -> Usage,
    }

    async fn record_use(&self, request: Request<RecordUseRequest>) -> Reply<RecordUseResponse> {
        self.up("knowledge")?;
        self.0.used.lock().unwrap().push(request.into_inner());
        Ok(Response::new(RecordUseResponse {}))
    }
}

#[tonic::async_trait]
impl NotificationService for Fake {
    plain! { "notification":
        resend_notice(ResendNoticeRequest) -> Notice,
        list_notices(ListNoticesRequest) -> ListNoticesResponse,
        list_handovers(ListHandoversRequest) -> ListNoticesResponse,
        mark_handed_over(MarkHandedOverRequest) -> Notice,
        list_failures(ListFailuresRequest) -> ListNoticesResponse,
    }

    async fn read_handovers(&self, request: Request<ReadHandoversRequest>) -> Reply<ListNoticesResponse> {
        let ids = request.into_inner().notice_ids;
        let whole =
            |id| Notice { id, mode: "letter".into(), body: format!("Code {TRACKING_CODE}"), ..Notice::default() };
        Ok(Response::new(ListNoticesResponse { notices: ids.into_iter().map(whole).collect(), ..Default::default() }))
    }
}

#[tonic::async_trait]
impl TrackingService for Fake {
    async fn get_timeline(&self, request: Request<GetTimelineRequest>) -> Reply<Timeline> {
        self.up("tracking")?;
        if let Some(told) = self.told("get_timeline") {
            return told;
        }
        let signed_in = parvis_runtime::caller(&request).is_ok_and(|caller| caller.agent().is_some());
        let known = request.get_ref().reference == KNOWN && (signed_in || follows(&request));
        let request = request.into_inner();
        if !known {
            return refuse(Error::not_found("no such request"));
        }
        let lines = (request.after + 1..=3).map(line).collect();
        let timeline = Timeline { reference: KNOWN.into(), status: "assigned".into(), lines, ..Default::default() };
        Ok(Response::new(timeline))
    }

    type WatchTimelineStream = Pin<Box<dyn Stream<Item = Result<TimelineLine, Status>> + Send>>;

    async fn watch_timeline(&self, request: Request<GetTimelineRequest>) -> Reply<Self::WatchTimelineStream> {
        let after = request.get_ref().after;
        self.get_timeline(request).await?;
        // Says a line too many first, then stays open as the real one does.
        let lines = stream::iter((after.max(1)..=3).map(|at| Ok(line(at)))).chain(stream::pending());
        Ok(Response::new(lines.boxed()))
    }

    async fn get_figures(&self, request: Request<GetFiguresRequest>) -> Reply<Figures> {
        if let Some(told) = self.told("get_figures") {
            return told;
        }
        let request = request.into_inner();
        if !request.from.is_empty() && request.from.parse::<jiff::civil::Date>().is_err() {
            return refuse(Error::invalid("from", "not a date: 2026-11-23"));
        }
        Ok(Response::new(Figures { from: "2026-11-01".into(), received: 12, ..Default::default() }))
    }
}

fn line(position: u64) -> TimelineLine {
    TimelineLine { position, label: format!("Ligne {position}\nsuite"), public: true, ..Default::default() }
}
