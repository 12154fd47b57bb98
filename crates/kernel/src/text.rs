//! Small things about French text.

/// The first `max` characters, with an ellipsis where it was cut. For messages, never for storage.
pub fn excerpt(text: &str, max: usize) -> String {
    let clean = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut out: String = clean.clone().take(max).collect();
    if clean.count() > max {
        out.push('…');
    }
    out
}
