//! Invariant 6: one town's token reads nothing of another's, by any door.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use parvis_proto::{
    casework::{GetCaseRequest, ListCasesRequest, casework_service_client::CaseworkServiceClient},
    intake::{GetRequestRequest, intake_service_client::IntakeServiceClient},
};
use parvis_tests::{Api, Town, api::free_text, town::PASSWORD};
use reqwest::StatusCode;
use serde_json::{Value, json};

const OTHER: &str = "petit-ormeau.localhost";

/// With the token of the village: nothing of the town's, by REST whatever the host says.
pub async fn one_town_reads_nothing_of_another(town: &Town, api: &Api) -> Result<()> {
    let text = "Question confidentielle sur la rue du Port.";
    let receipt = api.submit_until_accepted(&free_text(text, 99), "voisins", None, Duration::from_secs(30)).await?;
    let answer = api
        .http()
        .post(api.url("/api/v1/session"))
        .header("Host", OTHER)
        .json(&json!({ "login": "agent", "password": PASSWORD }))
        .send()
        .await?;
    let body: Value = answer.json().await?;
    let token = body["access_token"].as_str().with_context(|| format!("the village signs nobody in: {body}"))?;
    for host in [OTHER, "127.0.0.1"] {
        for path in [
            format!("/api/v1/cases/{}", receipt.reference),
            format!("/api/v1/cases/{}/decisions", receipt.reference),
            format!("/api/v1/requests/{}", receipt.reference),
            format!("/api/v1/requests/{}/timeline", receipt.reference),
        ] {
            let answer = api.http().get(api.url(&path)).header("Host", host).bearer_auth(token).send().await?;
            let status = answer.status();
            let body = answer.text().await?;
            ensure!(
                matches!(status, StatusCode::NOT_FOUND | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN),
                "{path} on {host}: {status} {body}"
            );
            ensure!(!body.contains("confidentielle"), "{path} on {host}: {body}");
        }
    }
    let with_code = api
        .http()
        .get(api.url(&format!("/api/v1/requests/{}/timeline", receipt.reference)))
        .header("Host", OTHER)
        .header("Tracking-Code", &receipt.tracking_code)
        .send()
        .await?;
    ensure!(with_code.status() == StatusCode::NOT_FOUND, "the code opens it from another town: {}", with_code.status());
    nor_by_grpc(&town.grpc("intake"), &town.grpc("casework"), token, &receipt.request_id).await
}

/// The same by gRPC, at the roles' own doors.
async fn nor_by_grpc(intake: &str, casework: &str, token: &str, request_id: &str) -> Result<()> {
    let with_token = |mut request: tonic::metadata::MetadataMap| -> Result<tonic::metadata::MetadataMap> {
        request.insert("authorization", format!("Bearer {token}").parse()?);
        Ok(request)
    };
    let mut client =
        CaseworkServiceClient::new(tonic::transport::Endpoint::from_shared(casework.to_owned())?.connect().await?);
    let mut request = tonic::Request::new(GetCaseRequest { id: request_id.to_owned(), ..Default::default() });
    *request.metadata_mut() = with_token(tonic::metadata::MetadataMap::new())?;
    let refused = client.get_case(request).await.err().context("another town's case was read")?;
    ensure!(refused.code() == tonic::Code::NotFound, "{refused}");
    let mut request = tonic::Request::new(ListCasesRequest { view: "unit".into(), ..Default::default() });
    *request.metadata_mut() = with_token(tonic::metadata::MetadataMap::new())?;
    let listed = client.list_cases(request).await?.into_inner();
    ensure!(listed.cases.iter().all(|case| case.id != request_id), "another town's case is listed");
    let mut client =
        IntakeServiceClient::new(tonic::transport::Endpoint::from_shared(intake.to_owned())?.connect().await?);
    let mut request =
        tonic::Request::new(GetRequestRequest { request_id: request_id.to_owned(), ..Default::default() });
    *request.metadata_mut() = with_token(tonic::metadata::MetadataMap::new())?;
    let refused = client.get_request(request).await.err().context("another town's request was read")?;
    ensure!(refused.code() == tonic::Code::NotFound, "{refused}");
    Ok(())
}
