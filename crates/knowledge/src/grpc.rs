//! Request → command → use case → response. No rules.

use std::sync::Arc;

use parvis_proto::knowledge::{
    Article, ArticleVerbRequest, FillTemplateRequest, FillTemplateResponse, GetArticleRequest, GetUsageRequest,
    ListArticlesRequest, ListArticlesResponse, ListPagesRequest, ListPagesResponse, ListVersionsRequest,
    ListVersionsResponse, ReadPageRequest, ReadPageResponse, RecordUseRequest, RecordUseResponse,
    RestoreArticleRequest, SaveArticleRequest, SearchRequest, SearchResponse, SuggestRequest, SuggestResponse, Usage,
    knowledge_service_server::KnowledgeService,
};
use parvis_runtime::{caller, internal_status};
use tonic::{Request, Response, Status};

use crate::usecase::Knowledge;

/// The service.
pub struct KnowledgeGrpc(pub Arc<Knowledge>);

type Answer<T> = Result<Response<T>, Status>;

fn answer<T>(result: parvis_kernel::Result<T>) -> Answer<T> {
    result.map(Response::new).map_err(internal_status)
}

#[tonic::async_trait]
impl KnowledgeService for KnowledgeGrpc {
    async fn search(&self, request: Request<SearchRequest>) -> Answer<SearchResponse> {
        let caller = caller(&request).map_err(internal_status)?;
        answer(self.0.search(&caller, request.get_ref()).await.map(|hits| SearchResponse { hits }))
    }

    async fn suggest(&self, request: Request<SuggestRequest>) -> Answer<SuggestResponse> {
        let caller = caller(&request).map_err(internal_status)?;
        answer(self.0.suggest(&caller, request.get_ref()).await)
    }

    async fn read_page(&self, request: Request<ReadPageRequest>) -> Answer<ReadPageResponse> {
        let caller = caller(&request).map_err(internal_status)?;
        answer(self.0.read_page(&caller, &request.get_ref().slug).await)
    }

    async fn list_pages(&self, request: Request<ListPagesRequest>) -> Answer<ListPagesResponse> {
        let caller = caller(&request).map_err(internal_status)?;
        answer(self.0.list_pages(&caller, &request.get_ref().theme).await)
    }

    async fn record_use(&self, request: Request<RecordUseRequest>) -> Answer<RecordUseResponse> {
        let caller = caller(&request).map_err(internal_status)?;
        answer(self.0.record_use(&caller, request.get_ref()).await.map(|()| RecordUseResponse {}))
    }

    async fn fill_template(&self, request: Request<FillTemplateRequest>) -> Answer<FillTemplateResponse> {
        let caller = caller(&request).map_err(internal_status)?;
        let FillTemplateRequest { slug, values } = request.into_inner();
        answer(self.0.fill_template(&caller, &slug, values).await)
    }

    async fn list_articles(&self, request: Request<ListArticlesRequest>) -> Answer<ListArticlesResponse> {
        let caller = caller(&request).map_err(internal_status)?;
        let listed = self.0.list_articles(&caller, request.get_ref()).await;
        answer(listed.map(|articles| ListArticlesResponse { articles }))
    }

    async fn get_article(&self, request: Request<GetArticleRequest>) -> Answer<Article> {
        let caller = caller(&request).map_err(internal_status)?;
        answer(self.0.get_article(&caller, request.get_ref()).await)
    }

    async fn list_versions(&self, request: Request<ListVersionsRequest>) -> Answer<ListVersionsResponse> {
        let caller = caller(&request).map_err(internal_status)?;
        let listed = self.0.list_versions(&caller, &request.get_ref().id).await;
        answer(listed.map(|versions| ListVersionsResponse { versions }))
    }

    async fn save_article(&self, request: Request<SaveArticleRequest>) -> Answer<Article> {
        let caller = caller(&request).map_err(internal_status)?;
        answer(self.0.save_article(&caller, request.into_inner()).await)
    }

    async fn review_article(&self, request: Request<ArticleVerbRequest>) -> Answer<Article> {
        let caller = caller(&request).map_err(internal_status)?;
        answer(self.0.review_article(&caller, request.get_ref()).await)
    }

    async fn publish_article(&self, request: Request<ArticleVerbRequest>) -> Answer<Article> {
        let caller = caller(&request).map_err(internal_status)?;
        answer(self.0.publish_article(&caller, request.get_ref()).await)
    }

    async fn withdraw_article(&self, request: Request<ArticleVerbRequest>) -> Answer<Article> {
        let caller = caller(&request).map_err(internal_status)?;
        answer(self.0.withdraw_article(&caller, request.get_ref()).await)
    }

    async fn restore_article(&self, request: Request<RestoreArticleRequest>) -> Answer<Article> {
        let caller = caller(&request).map_err(internal_status)?;
        answer(self.0.restore_article(&caller, request.get_ref()).await)
    }

    async fn get_usage(&self, request: Request<GetUsageRequest>) -> Answer<Usage> {
        let caller = caller(&request).map_err(internal_status)?;
        answer(self.0.get_usage(&caller, request.get_ref().days).await)
    }
}
