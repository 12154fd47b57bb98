//! Every method of every role's gRPC service, from the contracts.

use anyhow::{Context as _, Result, ensure};
use bytes::{Buf as _, BufMut as _};
use parvis_kernel::policy::{Answer, Verb};
use parvis_proto::{casework, intake, notification, routing, tracking};
use parvis_tests::{Town, town::ROLES};
use prost::Message as _;
use tonic::{
    Code, Status,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
};

use super::{
    BY_A_SECRET, Matrix, TO_ALL,
    cast::{Cast, Looked, Member},
    nobodys_words,
};

/// What is sent, and what it does to a case; `None`: it is about no case, and an empty message is sent.
fn about(method: &str, case: &Looked) -> Option<(Verb, Vec<u8>)> {
    let id = case.receipt.request_id.clone();
    let (expected_version, text) = (999_999, "texte".to_owned());
    Some(match method {
        "casework.GetCase" => (Verb::ReadPublic, casework::GetCaseRequest { id, ..Default::default() }.encode_to_vec()),
        "casework.StartCase" => return None,
        "casework.SendMessage" => (
            Verb::Handle,
            casework::SendMessageRequest { id, expected_version, text, ..Default::default() }.encode_to_vec(),
        ),
        "casework.AddNote" => (Verb::AddNote, casework::AddNoteRequest { id, expected_version, text }.encode_to_vec()),
        "casework.CloseCase" => {
            let outcome = "closed_without_action".to_owned();
            let message = casework::CloseCaseRequest { id, expected_version, outcome, ..Default::default() };
            (Verb::Decide, message.encode_to_vec())
        }
        "casework.ReopenCase" => {
            (Verb::Handle, casework::ReopenCaseRequest { id, expected_version, reason: text }.encode_to_vec())
        }
        "intake.GetRequest" => {
            return Some((
                Verb::ReadText,
                intake::GetRequestRequest { request_id: id, ..Default::default() }.encode_to_vec(),
            ));
        }
        "routing.ListDecisions" => (Verb::ReadRouting, routing::ListDecisionsRequest { case_id: id }.encode_to_vec()),
        "notification.ListNotices" => {
            (Verb::ReadNotices, notification::ListNoticesRequest { case_id: id, ..Default::default() }.encode_to_vec())
        }
        "tracking.GetTimeline" => {
            (Verb::ReadPublic, tracking::GetTimelineRequest { request_id: id, ..Default::default() }.encode_to_vec())
        }
        _ => return None,
    })
}

/// Calls each as everybody, about each case.
pub async fn walk(town: &Town, cast: &Cast, matrix: &mut Matrix) -> Result<()> {
    let set = prost_types::FileDescriptorSet::decode(parvis_proto::DESCRIPTORS)?;
    for file in &set.file {
        for service in &file.service {
            let role = file.package().split('.').nth(1).unwrap_or_default().to_owned();
            if !ROLES.contains(&role.as_str()) {
                continue;
            }
            let channel = tonic::transport::Endpoint::from_shared(town.grpc(&role))?.connect().await?;
            for method in
                service.method.iter().filter(|method| !method.client_streaming() && !method.server_streaming())
            {
                let path = format!("/{}.{}/{}", file.package(), service.name(), method.name());
                let name = format!("{role}.{}", method.name());
                let door = format!("gRPC {name}");
                if BY_A_SECRET.contains(&door.as_str()) {
                    matrix.insert(door, TO_ALL.to_owned());
                    continue;
                }
                for case in &cast.cases {
                    let asked = about(&name, case);
                    if asked.is_none() && case.sensitive {
                        continue;
                    }
                    let mut got = String::new();
                    for member in &cast.members {
                        let message = asked.as_ref().map(|(_, message)| message.clone()).unwrap_or_default();
                        let answer = call(channel.clone(), &path, message, member).await?;
                        let through = through(&answer);
                        got.push(if through { '+' } else { '-' });
                        check(&name, case, member, asked.as_ref().map(|(verb, _)| *verb), through, &answer)?;
                        if let Ok(bytes) = &answer {
                            nobodys_words(&name, cast, member, &String::from_utf8_lossy(bytes))?;
                        }
                    }
                    let which = if asked.is_none() {
                        ""
                    } else if case.sensitive {
                        " (sensitive)"
                    } else {
                        " (plain)"
                    };
                    matrix.insert(format!("{door}{which}"), got);
                }
            }
        }
    }
    Ok(())
}

fn through(answer: &Result<Vec<u8>, Status>) -> bool {
    let refused = [Code::Unauthenticated, Code::PermissionDenied, Code::NotFound, Code::ResourceExhausted];
    answer.as_ref().err().is_none_or(|status| !refused.contains(&status.code()))
}

fn check(
    name: &str,
    case: &Looked,
    member: &Member,
    verb: Option<Verb>,
    through: bool,
    answer: &Result<Vec<u8>, Status>,
) -> Result<()> {
    let who = member.name;
    if let Err(status) = answer {
        ensure!(!matches!(status.code(), Code::Internal | Code::Unknown), "{name} as {who}: {status}");
    }
    if let Some(verb) = verb {
        let said = case.may(&member.caller, verb)?;
        // The request as it was said is read through the case, by whoever holds a grant: by no role alone.
        let expected = match (name, verb) {
            ("intake.GetRequest", _) => false,
            (_, Verb::ReadNotices) => said.is_yes(),
            _ => said != Answer::No,
        };
        ensure!(through == expected, "{name} of {} as {who}: {answer:?}, and the policy says {said:?}", case.unit);
    }
    Ok(())
}

async fn call(
    channel: tonic::transport::Channel,
    path: &str,
    message: Vec<u8>,
    member: &Member,
) -> Result<Result<Vec<u8>, Status>> {
    let mut client = tonic::client::Grpc::new(channel);
    client.ready().await.context("the role does not answer")?;
    let mut request = tonic::Request::new(message);
    match &member.token {
        Some(token) => request.metadata_mut().insert("authorization", format!("Bearer {token}").parse()?),
        None => request.metadata_mut().insert("x-parvis-tenant", "clairval".parse()?),
    };
    Ok(client.unary(request, path.parse()?, Raw).await.map(tonic::Response::into_inner))
}

/// Messages as they are.
#[derive(Clone, Copy)]
struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        into.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        Ok(Some(from.copy_to_bytes(from.remaining()).to_vec()))
    }
}
