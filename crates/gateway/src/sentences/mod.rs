//! What people are told of a refusal: one sentence a reason, the same on the pages and in REST.
//!
//! The roles say why by a code with parameters ([`parvis_kernel::reason`]); the words are here, one file a language.
//! A refusal without a code comes from an older version of a role: its English message is all there is.

mod french;
mod json;
mod schema;

use parvis_kernel::{Error, FieldViolation, Reason, Refusal};

pub use json::{of_json, of_query};
pub use schema::{schema_of_reasons, schema_of_refusals};

/// The code of a violation that has no reason.
pub const NO_REASON: &str = "invalid";

/// What is wrong with a field, and what to do.
pub fn of_field(violation: &FieldViolation) -> String {
    match &violation.reason {
        // Rules are read and written in the town's language: so are their mistakes.
        Some(Reason::RuleMistake) | None => violation.message.clone(),
        Some(reason) => french::field(&violation.field, reason),
    }
}

/// The stable code of a violation.
pub fn code_of(violation: &FieldViolation) -> &'static str {
    violation.reason.as_ref().map_or(NO_REASON, Reason::code)
}

/// What a page says before any role was asked.
pub fn of_reason(field: &str, reason: &Reason) -> String {
    french::field(field, reason)
}

/// What happened to the call as a whole, and what to do.
pub fn of_whole(error: &Error) -> String {
    match error.refusal() {
        Some(refusal) => french::whole(refusal),
        None => {
            let general = french::kind(error.kind());
            match error.message() {
                "" => general.to_owned(),
                message => format!("{general} Message d’origine : {message}"),
            }
        }
    }
}

/// The same, for a refusal known here.
pub fn of_refusal(refusal: &Refusal) -> String {
    french::whole(refusal)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use parvis_kernel::{
        ErrorKind,
        reason::{Choices, Expected, Thing, Word},
    };

    use super::*;

    /// One sentence or more, that ends, without a code in brackets or a word of the messages' language.
    fn is_french(said: &str) {
        assert!(said.ends_with('.') && said.chars().next().is_some_and(char::is_uppercase), "{said}");
        assert!(!said.contains('\'') && !said.contains("  ") && !said.contains("{"), "{said}");
        let words = said.to_lowercase();
        let english = [" the ", " is ", " not ", " must ", " and ", " field ", " expected"];
        assert!(!english.iter().any(|word| words.contains(word)), "{said}");
    }

    #[test]
    fn every_reason_has_its_own_french() {
        let mut all = BTreeSet::new();
        for reason in Reason::examples().into_iter().filter(|reason| *reason != Reason::RuleMistake) {
            for field in
                ["answers.a", "requester.email", "requester.first_name", "text", "file", "from", "content.body"]
            {
                is_french(&of_reason(field, &reason));
            }
            let said = of_reason("champ", &reason);
            assert!(all.insert(said.clone()), "{reason:?} says what another says: {said}");
        }
        for expected in Expected::ALL {
            is_french(&of_reason("champ", &Reason::BadFormat { expected: *expected }));
        }
        for thing in Thing::ALL {
            is_french(&of_reason("champ", &Reason::Unknown { thing: *thing }));
            for refusal in [
                Refusal::NotFound { thing: *thing },
                Refusal::ChangedMeanwhile { thing: *thing },
                Refusal::NotInDirectory { thing: *thing },
            ] {
                is_french(&of_refusal(&refusal));
            }
        }
    }

    #[test]
    fn every_refusal_has_its_own_french() {
        let mut all = BTreeSet::new();
        for refusal in Refusal::examples() {
            let said = of_refusal(&refusal);
            is_french(&said);
            assert!(all.insert(said.clone()), "{refusal:?} says what another says: {said}");
        }
        let kinds = [ErrorKind::Denied, ErrorKind::NotFound, ErrorKind::Conflict, ErrorKind::FailedPrecondition];
        for kind in kinds {
            is_french(&of_whole(&Error::new(kind, "")));
        }
    }

    #[test]
    fn parameters_are_said_as_one_writes_them() {
        let said = |reason: Reason| of_reason("champ", &reason);
        assert!(said(Reason::TooLong { most: 20_000 }).contains("20\u{202f}000\u{a0}caractères"));
        assert!(said(Reason::TooSmall { least: (-1.5).into() }).contains("-1,5"));
        let choices = Choices::new(["email", "letter"]);
        assert!(said(Reason::NotOneOf { choices }).contains("email, letter"));
        let first = jiff::civil::date(2026, 5, 1);
        assert!(said(Reason::OutsidePeriod { first, last: first }).contains("1er mai 2026"));
        assert!(said(Reason::UnknownPlaceholder { name: Word::new("reference") }).contains("reference"));
        assert!(of_refusal(&Refusal::FileTooHeavy { most: 10_000_000 }).contains("10\u{a0}Mo"));
    }

    #[test]
    fn an_older_role_is_passed_on_as_it_is() {
        let error = Error::invalid("text", "something of another version");
        assert_eq!(of_field(&error.violations()[0]), "something of another version");
        assert_eq!(code_of(&error.violations()[0]), NO_REASON);
        assert!(of_whole(&Error::not_found("no such thing")).ends_with("no such thing"));
    }

    #[test]
    fn a_file_that_cannot_be_taken_now_says_why_and_when_to_come_again() {
        for refusal in [Refusal::Busy, Refusal::TooManyFilesWait, Refusal::FilesNotTaken] {
            let said = of_refusal(&refusal);
            let problem = crate::problem::Problem::from(Error::unavailable("x").refused(refusal));
            assert_eq!((problem.status, &problem.detail), (503, &said));
            assert!(axum::response::IntoResponse::into_response(problem).headers().contains_key("retry-after"));
        }
        let slow = Error::conflict("x").refused(Refusal::UploadTooSlow);
        assert_eq!(crate::problem::Problem::from(slow).status, 408);
    }
}
