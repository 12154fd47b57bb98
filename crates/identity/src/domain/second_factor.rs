//! The second factor: codes of an authenticator (RFC 6238: SHA-1, six digits, thirty seconds, what every one of them
//! knows), and recovery codes for the day it is lost.

use parvis_kernel::{Error, Result, Timestamp};
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use totp_rs::{Builder, Secret, Totp};

/// Bytes of a secret (RFC 4226, 4: at least 16, better 20).
pub const SECRET_BYTES: usize = 20;
/// Recovery codes of one enrolment.
pub const RECOVERY_CODES: usize = 10;
/// How long whoever gave a right password has for the code.
pub const CHALLENGE: jiff::SignedDuration = jiff::SignedDuration::from_mins(5);
/// No 0 and O, 1 and I: they are copied by hand.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const GROUPS: usize = 4;

/// A secret shared with an authenticator.
pub struct Authenticator(Totp);

impl Authenticator {
    /// Of a secret.
    pub fn new(secret: &SecretSlice<u8>) -> Result<Self> {
        let totp = Builder::new().with_secret(secret.expose_secret().to_vec()).build();
        totp.map(Self).map_err(|_| Error::internal("a kept second factor cannot be read"))
    }

    /// The step that `code` is of, if it is this one, the one before or the one after.
    pub fn step_of(&self, code: &str, now: Timestamp) -> Option<i64> {
        let seconds = u64::try_from(now.as_second()).ok()?;
        let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        (digits.len() == 6).then(|| self.0.check(&digits, seconds)).flatten().and_then(|step| step.try_into().ok())
    }

    /// As one types it into an authenticator: base32.
    pub fn text(&self) -> SecretString {
        SecretString::from(self.0.secret().to_base32())
    }

    /// The code of an instant.
    pub fn code_at(&self, now: Timestamp) -> String {
        self.0.generate(u64::try_from(now.as_second()).unwrap_or_default()).to_string()
    }

    /// Of what [`Self::text`] gave.
    pub fn of_text(text: &str) -> Result<Self> {
        let secret = Secret::try_from_base32(text).map_err(|_| Error::internal("this is no secret"))?;
        Self::new(&SecretSlice::from(secret.as_bytes().to_vec()))
    }
}

/// A recovery code: 80 bits, so that its digest tells nothing of it.
pub fn draw_recovery_code() -> SecretString {
    let bytes: [u8; 4 * GROUPS] = rand::random();
    let letters = bytes.map(|byte| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]));
    SecretString::from(letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("-"))
}

/// A recovery code as compared, whatever way it was typed; `None` where it cannot be one.
pub fn recovery_code(typed: &str) -> Option<SecretString> {
    let letters: String = typed.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    let is_one = letters.len() == 4 * GROUPS && letters.bytes().all(|byte| ALPHABET.contains(&byte));
    let groups = letters.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into_owned());
    is_one.then(|| SecretString::from(groups.collect::<Vec<_>>().join("-")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, in six digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let authenticator = Authenticator::new(&SecretSlice::from(b"12345678901234567890".to_vec())).unwrap();
        for (seconds, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (2_000_000_000, "279037")]
        {
            let now = Timestamp::from_second(seconds).unwrap();
            assert_eq!(authenticator.code_at(now), code);
            assert_eq!(authenticator.step_of(code, now), Some(seconds / 30));
            assert_eq!(authenticator.step_of(code, now + jiff::SignedDuration::from_secs(30)), Some(seconds / 30));
            assert_eq!(authenticator.step_of(code, now + jiff::SignedDuration::from_secs(90)), None);
        }
        for none in ["", "28708", "2870822", "abcdef", "２８７０８２"] {
            assert_eq!(authenticator.step_of(none, Timestamp::from_second(59).unwrap()), None, "{none}");
        }
        let text = authenticator.text();
        assert_eq!(text.expose_secret(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(
            Authenticator::of_text(text.expose_secret()).unwrap().code_at(Timestamp::from_second(59).unwrap()),
            "287082"
        );
    }

    #[test]
    fn a_recovery_code_is_read_as_it_is_typed() {
        let code = draw_recovery_code();
        let code = code.expose_secret();
        assert_eq!(code.len(), 19);
        for typed in
            [code.to_owned(), code.to_lowercase(), code.replace('-', " "), format!(" {}", code.replace('-', ""))]
        {
            assert_eq!(recovery_code(&typed).unwrap().expose_secret(), code);
        }
        for none in ["", "123456", "0000-0000-0000-0000"] {
            assert!(recovery_code(none).is_none());
        }
    }
}
