//! How far a word is from another one for somebody who types or hears it.

/// Cost of one slip of the usual kind.
pub(crate) const SLIP: u32 = 4;

const ROWS: [&str; 3] = ["azertyuiop", "qsdfghjklm", "wxcvbn"];

/// The cheapest way from one folded word to another: letters left out, added, replaced or swapped. A doubled letter, a
/// neighbour on the keyboard and letters that sound alike cost less than [`SLIP`]; the first letter costs more.
///
/// `None` when it would cost more than `limit`.
pub(crate) fn slips(one: &[char], other: &[char], limit: u32) -> Option<u32> {
    let difference = one.len().abs_diff(other.len()) as u32;
    if difference * (SLIP / 2) > limit {
        return None;
    }
    let width = other.len() + 1;
    let mut before_last = vec![0; width];
    let mut last: Vec<u32> = Vec::with_capacity(width);
    last.push(0);
    for column in 1..width {
        last.push(last[column - 1] + letter_cost(other, column - 1));
    }
    for row in 1..=one.len() {
        let mut current = vec![0; width];
        current[0] = last[0] + letter_cost(one, row - 1);
        for column in 1..width {
            let first = if row == 1 && column == 1 { 2 } else { 0 };
            let replaced = last[column - 1] + replacement(one[row - 1], other[column - 1], first);
            let removed = last[column] + letter_cost(one, row - 1);
            let added = current[column - 1] + letter_cost(other, column - 1);
            let mut best = replaced.min(removed).min(added);
            let swapped =
                row > 1 && column > 1 && one[row - 1] == other[column - 2] && one[row - 2] == other[column - 1];
            if swapped {
                best = best.min(before_last[column - 2] + SLIP - 1);
            }
            current[column] = best;
        }
        if current.iter().all(|cost| *cost > limit) {
            return None;
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last.last().copied().filter(|cost| *cost <= limit)
}

/// Cost of a letter too many or too few: half when it doubles its neighbour or is a mute ending.
fn letter_cost(word: &[char], at: usize) -> u32 {
    let doubled = at > 0 && word[at - 1] == word[at];
    let mute = at + 1 == word.len() && matches!(word[at], 'e' | 's' | 't' | 'x');
    if doubled || mute || word[at] == 'h' { SLIP / 2 } else { SLIP }
}

fn replacement(one: char, other: char, first: u32) -> u32 {
    if one == other {
        0
    } else if sound_alike(one, other) || neighbours(one, other) {
        SLIP - 1 + first
    } else {
        SLIP + first
    }
}

fn sound_alike(one: char, other: char) -> bool {
    matches!(
        (one.min(other), one.max(other)),
        ('c', 'k')
            | ('c', 's')
            | ('s', 'z')
            | ('i', 'y')
            | ('g', 'j')
            | ('a', 'e')
            | ('k', 'q')
            | ('c', 'q')
            | ('m', 'n')
    )
}

/// Whether two letters touch on a French keyboard.
fn neighbours(one: char, other: char) -> bool {
    let place = |letter: char| {
        ROWS.iter().enumerate().find_map(|(row, keys)| keys.find(letter).map(|column| (row as i32, column as i32)))
    };
    match (place(one), place(other)) {
        (Some((row, column)), Some((other_row, other_column))) => {
            (row - other_row).abs() <= 1 && (column - other_column).abs() <= 1
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(one: &str, other: &str) -> Option<u32> {
        let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
        slips(&one, &other, 2 * SLIP)
    }

    #[test]
    fn the_same_word_costs_nothing() {
        assert_eq!(between("permis", "permis"), Some(0));
    }

    #[test]
    fn usual_slips_are_cheaper_than_others() {
        assert!(between("pasport", "passport") < between("pastport", "passport"));
        assert!(between("oermis", "permis") < between("uermis", "permis"));
        assert!(between("premis", "permis") < between("plermis", "permis"));
    }

    #[test]
    fn far_words_have_no_distance() {
        assert_eq!(between("naissance", "permis"), None);
        assert_eq!(between("", "permis"), None);
    }

    #[test]
    fn it_is_the_same_both_ways() {
        for (one, other) in [("immatriculation", "imatriculation"), ("cesion", "cession"), ("vehicule", "veicule")] {
            assert_eq!(between(one, other), between(other, one));
        }
    }
}
