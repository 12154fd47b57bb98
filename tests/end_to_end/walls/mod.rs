//! Who gets through which door: every endpoint of REST and of gRPC, for every sort of caller, about a case of a unit
//! that is not sensitive and about one that is.
//!
//! What each gets is written in `matrix.txt`, one line an endpoint. The test fails where an endpoint is added, removed
//! or answers otherwise; with `PARVIS_WRITE_MATRIX=1` it writes the file anew, to be read before it is kept. Beside
//! it, whatever the file says: what a caller may do to a case is what the policy says, and no answer to an agent holds
//! the person's words where the policy closes them.

mod cast;
mod example;
mod grpc;
mod rest;

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use anyhow::{Result, ensure};
use parvis_kernel::policy::Verb;
use parvis_tests::{Api, Town};

use cast::{Cast, Member};

/// Whether each caller got through, by endpoint.
pub type Matrix = BTreeMap<String, String>;

/// Where one gives a secret of one's own: open to all, and to few tries, which what came before may have spent.
pub const BY_A_SECRET: [&str; 5] = [
    "POST /api/v1/session",
    "POST /api/v1/tokens",
    "gRPC identity.ChangePassword",
    "gRPC identity.IssuePartnerToken",
    "gRPC identity.SignIn",
];
/// What the matrix says of them.
pub const TO_ALL: &str = "to all, by a secret";

/// The story.
pub async fn every_door_answers_as_the_policy_says(town: &Town, api: &Api) -> Result<()> {
    let cast = Cast::assemble(api).await?;
    let mut matrix = Matrix::new();
    rest::walk(api, &cast, &mut matrix).await?;
    grpc::walk(town, &cast, &mut matrix).await?;
    compare(&cast, &matrix)
}

fn compare(cast: &Cast, matrix: &Matrix) -> Result<()> {
    let widest = matrix.keys().map(String::len).max().unwrap_or_default();
    let mut text = format!("# + gets through, - does not. Callers: {}\n", cast.names().join(", "));
    for (endpoint, got) in matrix {
        let _ = writeln!(text, "{endpoint:widest$}  {got}");
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("end_to_end/walls/matrix.txt");
    if std::env::var_os("PARVIS_WRITE_MATRIX").is_some() {
        return Ok(std::fs::write(path, text)?);
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let said = |text: &str| text.lines().map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
    let (kept, now) = (said(&kept), said(&text));
    let gone: Vec<_> = kept.difference(&now).collect();
    let new: Vec<_> = now.difference(&kept).collect();
    ensure!(gone.is_empty() && new.is_empty(), "the matrix says\n{gone:#?}\nand what is seen is\n{new:#?}");
    Ok(())
}

/// No answer holds a tracking code, nor words of a case that the policy closes to who reads it.
fn nobodys_words(door: &str, cast: &Cast, member: &Member, body: &str) -> Result<()> {
    let who = member.name;
    for case in &cast.cases {
        ensure!(!body.contains(case.receipt.tracking_code.as_str()), "{door} as {who} shows a tracking code");
        let reads = case.may(&member.caller, Verb::ReadText)?.shows_filed();
        ensure!(reads || !case.is_told_in(body), "{door} as {who} shows the text of {}", case.unit);
    }
    Ok(())
}
