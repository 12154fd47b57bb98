//! Texts: plain UTF-8, messages; and what looks like a text but is made to be run or rendered.

/// Follows a stream of bytes and says whether all of it was UTF-8 text.
#[derive(Default)]
pub(super) struct TextWatch {
    carry: Vec<u8>,
    not_utf8: bool,
    binary: bool,
}

impl TextWatch {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        // NUL and the other controls that no text has; ESC is left to old mails in ISO-2022.
        self.binary = self.binary || bytes.iter().any(|byte| matches!(byte, 0..=8 | 11 | 14..=26 | 28..=31 | 127));
        if self.not_utf8 || self.binary {
            return;
        }
        let joined;
        let bytes = if self.carry.is_empty() {
            bytes
        } else {
            joined = [self.carry.as_slice(), bytes].concat();
            self.carry.clear();
            &joined
        };
        if let Err(error) = std::str::from_utf8(bytes) {
            match error.error_len() {
                Some(_) => self.not_utf8 = true,
                // A character cut by the end of the chunk: at most three bytes.
                None => self.carry.extend_from_slice(&bytes[error.valid_up_to()..]),
            }
        }
    }

    pub(super) fn is_utf8_text(&self) -> bool {
        !self.binary && !self.not_utf8 && self.carry.is_empty()
    }

    pub(super) fn is_binary(&self) -> bool {
        self.binary
    }
}

/// What makes a text more than a text: a page, a drawing or a script, by its beginning.
pub(super) fn active_content(head: &[u8]) -> Option<&'static str> {
    let start = String::from_utf8_lossy(&head[..head.len().min(2048)]).to_ascii_lowercase();
    let start = start.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']);
    if start.starts_with("#!") || start.starts_with("<?php") || start.starts_with("@echo") {
        return Some("a script");
    }
    if start.starts_with("<?xml") || start.starts_with("<svg") || start.contains("<svg") {
        return Some("XML or SVG");
    }
    let page = ["<!doctype html", "<html", "<head", "<body", "<script", "<iframe", "<meta "];
    page.iter().any(|tag| start.contains(tag)).then_some("HTML")
}

/// Whether `head` begins like an Internet message: headers, one of them saying who or when.
pub(super) fn looks_like_mail(head: &[u8]) -> bool {
    let start = String::from_utf8_lossy(head);
    let (mut headers, mut telling) = (0, false);
    for line in start.lines().take(200) {
        if line.is_empty() {
            break;
        }
        if line.starts_with([' ', '\t']) && headers > 0 {
            continue;
        }
        let Some((name, _)) = line.split_once(':') else { return headers > 1 && telling && head.len() > 4000 };
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return false;
        }
        headers += 1;
        telling |= ["from", "date", "received", "return-path"].contains(&name.to_ascii_lowercase().as_str());
    }
    headers > 1 && telling
}
