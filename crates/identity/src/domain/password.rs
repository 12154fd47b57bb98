//! What a password must be.

use parvis_kernel::{Error, FieldViolation, Reason, Result};
use unicode_normalization::UnicodeNormalization as _;

/// Characters at least.
pub const SHORTEST: usize = 12;
/// Characters at most: hashing has a price.
pub const LONGEST: usize = 200;

/// Refuses a password too short or too long; `field` names it.
pub fn check(password: &str, field: &str) -> Result<()> {
    let length = password.chars().count();
    if length < SHORTEST {
        let reason = Reason::TooShort { least: SHORTEST as u64 };
        return Err(Error::wrong(
            field,
            reason,
            format!("at least {SHORTEST} characters are needed, this has {length}"),
        ));
    }
    if length > LONGEST {
        return Err(too_long(field));
    }
    Ok(())
}

/// What `field` is told where it is too long.
pub fn too_long(field: &str) -> Error {
    FieldViolation::too_long(field, LONGEST).into()
}

/// Refuses one that is the account's own name or address.
pub fn check_for(password: &str, field: &str, code: &str, email: &str) -> Result<()> {
    check(password, field)?;
    let lower = password.to_lowercase();
    if lower == code || lower == email.to_lowercase() {
        return Err(Error::wrong(field, Reason::GuessablePassword, "must not be the account's code or e-mail"));
    }
    Ok(())
}

/// The same characters in one form, whatever keyboard made the accents.
pub fn normalized(password: &str) -> String {
    password.nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_counts_characters() {
        assert!(check("éééééééééééé", "p").is_ok());
        assert!(check("éééééééééé", "p").is_err());
        assert!(check(&"x".repeat(200), "p").is_ok());
        assert!(check(&"x".repeat(201), "p").is_err());
        assert!(check_for("claire-martin", "p", "claire-martin", "c@x").is_err());
    }

    #[test]
    fn accents_have_one_form() {
        assert_eq!(normalized("e\u{301}te\u{301}"), normalized("\u{e9}t\u{e9}"));
    }
}
