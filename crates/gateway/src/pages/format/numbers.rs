//! Numbers, sizes and durations.

/// « 1 234 », with a narrow no-break space.
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 * 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// « 0 demande », « 1 demande », « 2 demandes ».
pub fn plural(value: u64, one: &str, many: &str) -> String {
    format!("{}\u{a0}{}", count(value), if value < 2 { one } else { many })
}

/// « 12,5 % » from 0.125; no decimal where it says nothing.
pub fn percent(share: f64) -> String {
    let tenths = (share.clamp(0.0, 1.0) * 1000.0).round() as u64;
    match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("{whole}\u{a0}%"),
        (whole, tenth) => format!("{whole},{tenth}\u{a0}%"),
    }
}

/// « 850 octets », « 12 Ko », « 1,2 Mo ».
pub fn bytes(size: u64) -> String {
    if size < 1_000 {
        return plural(size, "octet", "octets");
    }
    if size < 1_000_000 {
        return format!("{}\u{a0}Ko", size.div_ceil(1_000));
    }
    let tenths = size / 100_000;
    match tenths % 10 {
        0 => format!("{}\u{a0}Mo", tenths / 10),
        tenth => format!("{},{tenth}\u{a0}Mo", tenths / 10),
    }
}

/// A duration as one says it: « moins d'une seconde », « 40 secondes », « 12 min », « 3 h », « 2 h 30 », « 4 jours ».
pub fn duration(seconds: f64) -> String {
    if !seconds.is_finite() || seconds < 1.0 {
        return "moins d'une seconde".to_owned();
    }
    let seconds = seconds.round() as u64;
    if seconds < 60 {
        return plural(seconds, "seconde", "secondes");
    }
    let minutes = seconds.div_ceil(60);
    if minutes < 60 {
        return format!("{minutes}\u{a0}min");
    }
    let (hours, rest) = (minutes / 60, minutes % 60);
    if hours < 48 {
        return match rest {
            0 => format!("{hours}\u{a0}h"),
            _ if hours >= 12 => format!("{}\u{a0}h", hours + 1),
            _ => format!("{hours}\u{a0}h\u{a0}{rest:02}"),
        };
    }
    plural(hours.div_ceil(24), "jour", "jours")
}

/// The median in words.
pub fn half_within(seconds: f64) -> String {
    format!("la moitié en {}", at_most(seconds))
}

/// The 90th percentile in words.
pub fn nine_in_ten_within(seconds: f64) -> String {
    format!("neuf sur dix en {}", at_most(seconds))
}

fn at_most(seconds: f64) -> String {
    let said = duration(seconds);
    if said.starts_with("moins") { said } else { format!("moins de {said}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_apart() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234), "1\u{202f}234");
        assert_eq!(count(12_345_678), "12\u{202f}345\u{202f}678");
    }

    #[test]
    fn zero_and_one_are_singular() {
        assert_eq!(plural(0, "demande", "demandes"), "0\u{a0}demande");
        assert_eq!(plural(1, "demande", "demandes"), "1\u{a0}demande");
        assert_eq!(plural(2, "demande", "demandes"), "2\u{a0}demandes");
    }

    #[test]
    fn shares_and_sizes() {
        assert_eq!(percent(0.125), "12,5\u{a0}%");
        assert_eq!(percent(0.5), "50\u{a0}%");
        assert_eq!(percent(7.0), "100\u{a0}%");
        assert_eq!(bytes(850), "850\u{a0}octets");
        assert_eq!(bytes(11_200), "12\u{a0}Ko");
        assert_eq!(bytes(1_250_000), "1,2\u{a0}Mo");
        assert_eq!(bytes(25_000_000), "25\u{a0}Mo");
    }

    #[test]
    fn durations_are_never_understated() {
        assert_eq!(duration(0.2), "moins d'une seconde");
        assert_eq!(duration(f64::NAN), "moins d'une seconde");
        assert_eq!(duration(1.0), "1\u{a0}seconde");
        assert_eq!(duration(61.0), "2\u{a0}min");
        assert_eq!(duration(3600.0), "1\u{a0}h");
        assert_eq!(duration(9000.0), "2\u{a0}h\u{a0}30");
        assert_eq!(duration(47.5 * 3600.0), "48\u{a0}h");
        assert_eq!(duration(50.0 * 3600.0), "3\u{a0}jours");
        assert_eq!(half_within(10_800.0), "la moitié en moins de 3\u{a0}h");
        assert_eq!(nine_in_ten_within(0.1), "neuf sur dix en moins d'une seconde");
    }
}
