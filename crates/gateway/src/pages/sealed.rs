//! Small texts given to the browser and taken back: signed, for a purpose, until a time.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use parvis_kernel::Timestamp;
use sha2::Sha256;

use crate::config::KEY_BYTES;

const TAG_BYTES: usize = 32;
const TIME_BYTES: usize = 8;

fn tag(key: &[u8; KEY_BYTES], purpose: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(b"sealed\0");
    mac.update(purpose.as_bytes());
    mac.update(b"\0");
    mac.update(body);
    Some(mac)
}

/// Seals `text` for `purpose`, until `until`.
pub fn seal(key: &[u8; KEY_BYTES], purpose: &str, text: &str, until: Timestamp) -> String {
    let mut body = until.as_second().to_be_bytes().to_vec();
    body.extend_from_slice(text.as_bytes());
    let Some(mac) = tag(key, purpose, &body) else { return String::new() };
    let mut bytes = mac.finalize().into_bytes().to_vec();
    bytes.extend_from_slice(&body);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What was sealed for `purpose`, if it still stands.
pub fn open(key: &[u8; KEY_BYTES], purpose: &str, sealed: &str, now: Timestamp) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
    let (signature, body) = bytes.split_at_checked(TAG_BYTES)?;
    tag(key, purpose, body)?.verify_slice(signature).ok()?;
    let (until, text) = body.split_at_checked(TIME_BYTES)?;
    let until = i64::from_be_bytes(until.try_into().ok()?);
    (now.as_second() < until).then(|| String::from_utf8(text.to_vec()).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_holds_for_its_purpose_its_key_and_its_time() {
        let key = [5; KEY_BYTES];
        let at = |second| Timestamp::from_second(second).unwrap();
        let sealed = seal(&key, "suivi", "412-873-952-K", at(100));
        assert_eq!(open(&key, "suivi", &sealed, at(99)).as_deref(), Some("412-873-952-K"));
        assert_eq!(open(&key, "suivi", &sealed, at(100)), None);
        assert_eq!(open(&key, "autre", &sealed, at(0)), None);
        assert_eq!(open(&[6; KEY_BYTES], "suivi", &sealed, at(0)), None);
        let mut forged = sealed.into_bytes();
        let last = forged.len() - 1;
        forged[last] = if forged[last] == b'A' { b'B' } else { b'A' };
        assert_eq!(open(&key, "suivi", &String::from_utf8(forged).unwrap(), at(0)), None);
        assert_eq!(open(&key, "suivi", "", at(0)), None);
    }
}
