//! Small numbers are people: what of a table of counts is hidden from whoever is not in charge.
//!
//! A cell of 1 to 4 is hidden (an absence tells nothing of anybody). A cell that stands alone in hiding could be computed
//! from its total, and some that hide together could be guessed: then others are hidden with them, the smallest first,
//! and in the end the total. What is hidden is not told apart: neither a number under 5 nor one hidden for its sake.
//!
//! This holds within one answer. Two answers about periods that differ by a day can still be subtracted.

/// From here on a number is shown.
pub const SHOWN_FROM: u64 = 5;

/// A number that may be hidden.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// The number.
    pub count: u64,
    /// The reader is in charge of what it counts, and sees it anyway.
    pub own: bool,
    /// Not to be shown.
    pub hidden: bool,
}

impl Cell {
    /// A number nobody has looked at yet.
    pub fn new(count: u64) -> Self {
        Self { count, ..Self::default() }
    }

    fn is_small(self) -> bool {
        (1..SHOWN_FROM).contains(&self.count)
    }
}

/// Cells that add up to another: places in a list of cells.
#[derive(Clone, Debug, Default)]
pub struct Sum {
    /// The total.
    pub total: usize,
    /// What it is made of.
    pub parts: Vec<usize>,
}

/// Hides in `cells` what must not be known, `sums` being known of them.
pub fn hide(cells: &mut [Cell], sums: &[Sum]) {
    for cell in cells.iter_mut() {
        cell.hidden = !cell.own && cell.is_small();
    }
    // Each turn hides one cell more, so it ends.
    while let Some(next) = sums.iter().find_map(|sum| weak(cells, sum)) {
        if let Some(cell) = cells.get_mut(next) {
            cell.hidden = true;
        }
    }
}

/// What to hide for a sum that tells more than it should; `None` where it does not.
fn weak(cells: &[Cell], sum: &Sum) -> Option<usize> {
    let total = cells.get(sum.total)?;
    let parts = || sum.parts.iter().filter_map(|at| cells.get(*at).map(|cell| (*at, *cell)));
    let hidden: Vec<u64> = parts().filter(|(_, cell)| cell.hidden).map(|(_, cell)| cell.count).collect();
    if tells_nothing(total.hidden, &hidden) {
        return None;
    }
    let smallest = parts()
        .filter(|(_, cell)| !cell.hidden && !cell.own && cell.count > 0)
        .min_by_key(|(at, cell)| (cell.count, *at));
    match smallest {
        Some((at, _)) => Some(at),
        // A reader in charge of all the rest knows it anyway.
        None => (!total.hidden && !total.own && total.count > 0).then_some(sum.total),
    }
}

/// Whether the hidden parts of a sum stay hidden.
fn tells_nothing(total_is_hidden: bool, hidden: &[u64]) -> bool {
    if total_is_hidden {
        // The parts that are shown would add up to it.
        return !hidden.is_empty();
    }
    if hidden.is_empty() {
        return true;
    }
    // What is left when the shown are taken off is a number like another, and must not fix those behind it: all ones,
    // or all as large as a small number can be.
    let (parts, left) = (hidden.len() as u64, hidden.iter().sum::<u64>());
    parts > 1 && left >= SHOWN_FROM && left > parts && left != parts * (SHOWN_FROM - 1)
}

/// Whether a part of `whole`, shown as such, would tell a small number: itself, or what is left of the whole.
pub fn part_is_small(part: u64, whole: u64) -> bool {
    Cell::new(part).is_small() || Cell::new(whole.saturating_sub(part)).is_small()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PRIME: i128 = 1_000_003;

    /// The rank of a matrix over a prime field.
    fn rank(mut rows: Vec<Vec<i128>>) -> usize {
        let columns = rows.first().map_or(0, Vec::len);
        let mut rank = 0;
        for column in 0..columns {
            let Some(pivot) = (rank..rows.len()).find(|row| rows[*row][column].rem_euclid(PRIME) != 0) else {
                continue;
            };
            rows.swap(rank, pivot);
            let inverse = power(rows[rank][column].rem_euclid(PRIME), PRIME - 2);
            for row in 0..rows.len() {
                if row != rank {
                    let factor = rows[row][column] * inverse % PRIME;
                    let pivot = rows[rank].clone();
                    for (cell, of_pivot) in rows[row].iter_mut().zip(pivot) {
                        *cell = (*cell - factor * of_pivot).rem_euclid(PRIME);
                    }
                }
            }
            rank += 1;
        }
        rank
    }

    fn power(mut base: i128, mut exponent: i128) -> i128 {
        let mut result = 1;
        while exponent > 0 {
            if exponent % 2 == 1 {
                result = result * base % PRIME;
            }
            base = base * base % PRIME;
            exponent /= 2;
        }
        result
    }

    /// Hidden cells that a linear combination of the sums and of what is shown gives.
    fn given_away(cells: &[Cell], sums: &[Sum]) -> Vec<usize> {
        let unknown: Vec<usize> = (0..cells.len()).filter(|at| cells[*at].hidden).collect();
        let rows: Vec<Vec<i128>> = sums
            .iter()
            .map(|sum| {
                unknown.iter().map(|at| i128::from(sum.parts.contains(at)) - i128::from(sum.total == *at)).collect()
            })
            .collect();
        let known = rank(rows.clone());
        let is_given = |place: &usize| {
            let mut with = rows.clone();
            with.push((0..unknown.len()).map(|at| i128::from(at == *place)).collect());
            rank(with) == known
        };
        (0..unknown.len()).filter(is_given).map(|place| unknown[place]).collect()
    }

    /// The same requests counted by several things.
    fn table(counted: &[Vec<u64>], own: &[bool]) -> (Vec<Cell>, Vec<Sum>) {
        let (mut cells, mut sums) = (vec![Cell::new(counted[0].iter().sum())], Vec::new());
        for (at, by) in counted.iter().enumerate() {
            let parts = (cells.len()..cells.len() + by.len()).collect();
            cells.extend(by.iter().enumerate().map(|(place, count)| Cell {
                own: at == 0 && own.get(place).copied().unwrap_or_default(),
                ..Cell::new(*count)
            }));
            sums.push(Sum { total: 0, parts });
        }
        (cells, sums)
    }

    fn shown(counts: &[u64]) -> Vec<Option<u64>> {
        let (mut cells, sums) = table(&[counts.to_vec()], &[]);
        hide(&mut cells, &sums);
        cells.iter().map(|cell| (!cell.hidden).then_some(cell.count)).collect()
    }

    #[test]
    fn a_small_number_takes_another_with_it() {
        assert_eq!(shown(&[10, 20, 0]), [Some(30), Some(10), Some(20), Some(0)]);
        assert_eq!(shown(&[3, 20, 7]), [Some(30), None, Some(20), None]);
        // Two that left together are 5 or more; all ones, or all fours, would be known.
        assert_eq!(shown(&[2, 2, 9, 20]), [Some(33), None, None, None, Some(20)]);
        assert_eq!(shown(&[2, 4, 9]), [Some(15), None, None, Some(9)]);
        assert_eq!(shown(&[4, 4, 9]), [Some(17), None, None, None]);
        assert_eq!(shown(&[1, 1, 1, 1, 1]), [None; 6]);
        // No total hides a part where the part is all.
        assert_eq!(shown(&[3]), [None, None]);
        assert_eq!(shown(&[3, 0]), [None, None, Some(0)]);
        assert_eq!(shown(&[]), [Some(0)]);
    }

    #[test]
    fn one_s_own_numbers_are_shown_and_guard_nobody_elses() {
        let (mut cells, sums) = table(&[vec![2, 3, 30, 40]], &[true]);
        hide(&mut cells, &sums);
        let hidden: Vec<_> = cells.iter().map(|cell| cell.hidden).collect();
        assert_eq!(hidden, [false, false, true, true, false]);
    }

    #[test]
    fn what_is_left_of_a_whole_counts_too() {
        assert!(part_is_small(3, 50) && part_is_small(48, 50));
        assert!(!part_is_small(0, 50) && !part_is_small(50, 50) && !part_is_small(20, 50));
    }

    proptest! {
        #[test]
        fn no_combination_of_what_is_shown_gives_what_is_hidden(
            requests in prop::collection::vec((0_usize..6, 0_usize..4, 0_usize..9), 0..60),
            own in prop::collection::vec(any::<bool>(), 6),
            with_own in any::<bool>(),
        ) {
            let mut counted = [vec![0_u64; 6], vec![0; 4], vec![0; 9]];
            for (unit, channel, day) in requests {
                counted[0][unit] += 1;
                counted[1][channel] += 1;
                counted[2][day] += 1;
            }
            let own = if with_own { own } else { Vec::new() };
            let (mut cells, sums) = table(&counted, &own);
            hide(&mut cells, &sums);
            for cell in &cells {
                prop_assert!(cell.hidden || cell.own || !cell.is_small());
                prop_assert!(!(cell.hidden && cell.own));
            }
            let units: u64 = counted[0].iter().zip(own.iter().chain(std::iter::repeat(&false))).filter(|(_, own)| !**own).map(|(n, _)| n).sum();
            // Whoever is in charge of all else knows the rest.
            if own.is_empty() {
                prop_assert_eq!(given_away(&cells, &sums), Vec::<usize>::new(), "{} {:?}", units, cells);
            }
        }
    }
}
