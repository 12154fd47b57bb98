//! What each role may do on a broker that several share: one user a role, and one for the operator.
//!
//! A role publishes under its own name, reads with consumers of its own name in the streams of those it listens to, and
//! makes no stream. A stream can be told to copy another, and a consumer to send where it likes: so a role has neither
//! streams to make nor consumers on what it writes itself, and the reader of an event compares what it says of itself
//! with its subject.

use std::fmt::Write as _;

use parvis_kernel::PARTITIONS;

use super::{bookmark, position, streams};

/// The name of the user that makes the streams.
pub const OPERATOR: &str = "operator";

/// Each role with a stream, and the roles that it listens to: what their subscriptions say, known before they start.
pub const ROLES: [(&str, &[&str]); 7] = [
    ("identity", &["intake"]),
    ("intake", &[]),
    ("casework", &["intake", "routing", "notification"]),
    ("routing", &["casework"]),
    ("knowledge", &["casework"]),
    ("notification", &["intake", "casework", "routing"]),
    ("tracking", &["intake", "casework", "routing", "notification", "identity"]),
];

/// Where the broker answers `user`.
pub(super) fn inbox_of(user: &str) -> String {
    format!("_INBOX_{user}")
}

/// The users of `roles`, each with those it listens to, and the operator: the block `users` of nats-server's settings.
/// The password of a user is the variable `NATS_PASSWORD_…` of its name, which a file beside gives: a variable is known
/// in the file that names it alone.
pub fn users(roles: &[(&str, &[&str])]) -> String {
    let mut text = String::from("include \"secrets/passwords.conf\"\nusers: [\n");
    for (role, sources) in roles {
        user(&mut text, role, &publications(role, sources));
    }
    // Making a stream, and asking what there is: never what an event holds.
    let makes = ["CREATE.*", "UPDATE.*", "INFO.*", "NAMES", "LIST"].map(|verb| vec![format!("$JS.API.STREAM.{verb}")]);
    user(&mut text, OPERATOR, &[&[vec!["$JS.API.INFO".to_owned()]], &makes[..]].concat());
    text.push_str("]\n");
    text
}

/// The subjects that `role` may publish to, those of one line together.
fn publications(role: &str, sources: &[&str]) -> Vec<Vec<String>> {
    let bookmarks = bookmark::STREAM;
    let mut subjects = vec![
        vec![format!("parvis.{role}.>")],
        vec!["$JS.API.INFO".to_owned(), format!("$JS.API.STREAM.INFO.{}", streams::name_of(role))],
    ];
    if !sources.is_empty() {
        // Of the others' bookmarks it may read how far they are, no more.
        subjects.push(vec![format!("parvis.bookmark.{role}.>"), format!("$JS.API.STREAM.MSG.GET.{bookmarks}")]);
    }
    subjects.push(vec![format!("$JS.API.STREAM.INFO.{bookmarks}")]);
    for source in sources {
        let stream = streams::name_of(source);
        subjects.push(vec![format!("$JS.API.STREAM.INFO.{stream}")]);
        for partition in 0..PARTITIONS {
            let consumer = position::name_of(role, source, partition);
            subjects.push(vec![
                format!("$JS.API.CONSUMER.*.{stream}.{consumer}"),
                format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"),
                format!("$JS.ACK.{stream}.{consumer}.>"),
            ]);
        }
    }
    subjects
}

fn user(text: &mut String, name: &str, publications: &[Vec<String>]) {
    let variable = name.to_uppercase();
    // Writing to a String cannot fail.
    let _ = write!(text, "  {{\n    user: {name}, password: $NATS_PASSWORD_{variable}\n    permissions: {{\n");
    let _ = writeln!(text, "      subscribe: {{ allow: [\"{}.>\"] }}", inbox_of(name));
    text.push_str("      publish: { allow: [\n");
    for line in publications {
        let quoted: Vec<String> = line.iter().map(|subject| format!("\"{subject}\"")).collect();
        let _ = writeln!(text, "        {}", quoted.join(", "));
    }
    text.push_str("      ] }\n    }\n  }\n");
}
