//! Whether two submissions say the same thing.

use parvis_proto::intake::{RecordInstantAnswerRequest, SubmitRequestRequest};
use prost::Message as _;
use sha2::{Digest as _, Sha256};

/// What a submission says, its key apart: SHA-256 of the message, its answers by field's code (a JSON object has no
/// order).
pub fn of_submission(message: &SubmitRequestRequest) -> [u8; 32] {
    let mut body = message.clone();
    body.idempotency_key.clear();
    body.answers.sort_by(|a, b| a.field.cmp(&b.field));
    Sha256::digest(body.encode_to_vec()).into()
}

/// What an instant answer says, its key apart.
pub fn of_instant_answer(message: &RecordInstantAnswerRequest) -> [u8; 32] {
    let body = RecordInstantAnswerRequest { idempotency_key: String::new(), ..message.clone() };
    Sha256::digest(body.encode_to_vec()).into()
}

/// An idempotency key in its caller's scope: fixed size, and no trace of who.
pub fn of_key(actor: &str, key: &str) -> uuid::Uuid {
    let digest = Sha256::new().chain_update(actor).chain_update([0]).chain_update(key).finalize();
    let mut first = [0_u8; 16];
    first.copy_from_slice(&digest[..16]);
    uuid::Uuid::from_bytes(first)
}

#[cfg(test)]
mod tests {
    use parvis_proto::intake::SubmittedAnswer;

    use super::*;

    fn answer(field: &str, value: &str) -> SubmittedAnswer {
        SubmittedAnswer { field: field.into(), values: vec![value.into()] }
    }

    #[test]
    fn the_key_and_the_order_of_answers_do_not_count_the_rest_does() {
        let one = SubmitRequestRequest {
            idempotency_key: "a".into(),
            text: "bonjour".into(),
            answers: vec![answer("nom", "x"), answer("age", "3")],
            ..SubmitRequestRequest::default()
        };
        let mut two = one.clone();
        two.idempotency_key = "b".into();
        two.answers.reverse();
        assert_eq!(of_submission(&one), of_submission(&two));
        two.answers[0].values[0].push('0');
        assert_ne!(of_submission(&one), of_submission(&two));
        two = SubmitRequestRequest { text: "bonsoir".into(), ..one.clone() };
        assert_ne!(of_submission(&one), of_submission(&two));
    }

    #[test]
    fn a_key_is_its_caller_s() {
        assert_ne!(of_key("agent:a", "k"), of_key("agent:b", "k"));
        assert_ne!(of_key("a", "bc"), of_key("ab", "c"));
        assert_eq!(of_key("a", "k"), of_key("a", "k"));
    }
}
