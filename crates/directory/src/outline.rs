//! Outlines of districts. One that crosses itself says of some places that they are inside, whatever its author meant.

use crate::GeoPoint;

/// Two sides of an outline that cross: their numbers, from 1 in the order written, and their ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// The one written first.
    pub first: Side,
    /// The other.
    pub second: Side,
}

/// A side of an outline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Side {
    /// From 1: side 1 goes from the first point to the second, the last one back to the first point.
    pub number: usize,
    /// Where it begins.
    pub from: GeoPoint,
    /// Where it ends.
    pub to: GeoPoint,
}

impl std::fmt::Display for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({} → {})", self.number, self.from, self.to)
    }
}

/// The first two sides of `outline` that go through each other, if any do. Sides that only touch, as where an outline
/// goes round a hole along one line, enclose the same places however they are read, and are let pass. So is, unseen, an
/// outline that runs along one of its own sides and leaves it on the other side.
///
/// Exact: points are whole millionths of a degree, so that no rounding decides.
pub fn crossing(outline: &[GeoPoint]) -> Option<Crossing> {
    let sides = sides(outline);
    for (at, first) in sides.iter().enumerate() {
        for (later, second) in sides.iter().enumerate().skip(at + 1) {
            if are_apart(first, second) {
                continue;
            }
            // A side and its next share a point: they may go through one another only elsewhere, which two lines do not.
            let after = |index: usize| sides.get((index + 1) % sides.len());
            let through = cross(first, second)
                || after(later).is_some_and(|next| goes_through(first, second, next))
                || after(at).is_some_and(|next| goes_through(second, first, next))
                || after(at).zip(after(later)).is_some_and(|(one, two)| cross_at_a_corner((first, one), (second, two)));
            if through {
                return Some(Crossing { first: *first, second: *second });
            }
        }
    }
    None
}

/// A point written twice in a row, or again at the end, makes no side.
fn sides(outline: &[GeoPoint]) -> Vec<Side> {
    let ends = outline.iter().skip(1).chain(outline.first());
    let all = outline.iter().zip(ends).enumerate();
    all.filter(|(_, (from, to))| from != to)
        .map(|(at, (from, to))| Side { number: at + 1, from: *from, to: *to })
        .collect()
}

fn are_apart(a: &Side, b: &Side) -> bool {
    let outside = |low: fn(&Side) -> i32, high: fn(&Side) -> i32| low(a) > high(b) || low(b) > high(a);
    outside(|s| s.from.latitude.min(s.to.latitude), |s| s.from.latitude.max(s.to.latitude))
        || outside(|s| s.from.longitude.min(s.to.longitude), |s| s.from.longitude.max(s.to.longitude))
}

/// On which side of the line of `side` a point is: −1, 0 on it, 1.
fn turn(side: &Side, point: GeoPoint) -> i64 {
    let (latitude, longitude) = (|p: GeoPoint| i64::from(p.latitude), |p: GeoPoint| i64::from(p.longitude));
    let (north, east) = (latitude(side.to) - latitude(side.from), longitude(side.to) - longitude(side.from));
    // Differences are below 3.6 × 10^8: products fit.
    let cross = east * (latitude(point) - latitude(side.from)) - north * (longitude(point) - longitude(side.from));
    cross.signum()
}

fn cross(a: &Side, b: &Side) -> bool {
    turn(a, b.from) * turn(a, b.to) < 0 && turn(b, a.from) * turn(b, a.to) < 0
}

/// Whether the outline goes through `side` at the point where `before` ends and `after` begins.
fn goes_through(side: &Side, before: &Side, after: &Side) -> bool {
    let point = before.to;
    let within = turn(side, point) == 0 && point != side.from && point != side.to && !beyond(side, point);
    within && point == after.from && turn(side, before.from) * turn(side, after.to) < 0
}

/// Whether the outline goes through one of its own corners: two pairs of sides meet in one point, and the second pair
/// leads from one side of the first to the other.
fn cross_at_a_corner(one: (&Side, &Side), two: (&Side, &Side)) -> bool {
    let ((before, after), corner) = (one, one.0.to);
    if corner != after.from || corner != two.0.to || corner != two.1.from {
        return false;
    }
    let bend = turn(before, after.to);
    if bend == 0 && turns_back(before, after) {
        return false;
    }
    // On which side of the two sides a point near the corner is: −1, 0 on one of them, 1.
    let side_of = |point: GeoPoint| {
        let (of_before, of_after) = (turn(before, point), turn(after, point));
        match bend {
            0 => of_before,
            // Inside of the bend: on that side of both; outside: on the other side of either.
            _ if of_before == bend && of_after == bend => bend,
            _ if of_before == -bend || of_after == -bend => -bend,
            _ => 0,
        }
    };
    side_of(two.0.from) * side_of(two.1.to) < 0
}

/// Of two sides on one line: whether the second goes back over the first.
fn turns_back(before: &Side, after: &Side) -> bool {
    let along = |coordinate: fn(GeoPoint) -> i32| {
        let way = |side: &Side| i64::from(coordinate(side.to)) - i64::from(coordinate(side.from));
        way(before) * way(after)
    };
    along(|point| point.latitude) + along(|point| point.longitude) < 0
}

/// Whether a point of the line of `side` is outside of it.
fn beyond(side: &Side, point: GeoPoint) -> bool {
    are_apart(side, &Side { number: 0, from: point, to: point })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn outline(points: &[(i32, i32)]) -> Vec<GeoPoint> {
        points.iter().map(|(latitude, longitude)| GeoPoint { latitude: *latitude, longitude: *longitude }).collect()
    }

    fn crossed(points: &[(i32, i32)]) -> Option<(usize, usize)> {
        crossing(&outline(points)).map(|found| (found.first.number, found.second.number))
    }

    #[test]
    fn a_bow_tie_crosses_and_a_square_does_not() {
        assert_eq!(crossed(&[(0, 0), (0, 10), (10, 10), (10, 0)]), None);
        assert_eq!(crossed(&[(0, 0), (0, 10), (10, 10), (10, 0), (0, 0)]), None, "closed by hand");
        assert_eq!(crossed(&[(0, 0), (10, 10), (10, 0), (0, 10)]), Some((1, 3)));
        assert_eq!(crossed(&[(0, 0), (0, 0), (10, 10), (10, 0), (0, 10)]), Some((2, 4)), "numbered as written");
        // Through a corner that lies on another side.
        assert_eq!(crossed(&[(0, 0), (0, 10), (5, 10), (0, 5), (-5, 8), (-5, 0)]), Some((1, 3)));
        // A corner that only touches a side, and a hole reached along one line.
        assert_eq!(crossed(&[(0, 0), (0, 10), (10, 10), (0, 5), (10, 0)]), None);
        assert_eq!(crossed(&[(0, 0), (0, 9), (3, 6), (6, 6), (6, 3), (3, 3), (3, 6), (0, 9), (9, 9), (9, 0)]), None);
        // Through a corner of its own; one that is only touched there, from outside and from inside.
        assert_eq!(crossed(&[(0, 0), (5, 5), (10, 10), (10, 0), (5, 5), (0, 10)]), Some((1, 4)));
        assert_eq!(crossed(&[(0, 0), (5, 5), (0, 10), (10, 10), (5, 5), (10, 0)]), None);
        assert_eq!(crossed(&[(0, 0), (5, 5), (0, 10), (2, 7), (5, 5), (2, 3)]), None);
        assert_eq!(crossed(&[(0, 0), (0, 10), (5, 5), (5, 9), (9, 9), (9, 5), (5, 5), (10, 0)]), None);
        assert_eq!(crossed(&[(0, 0), (5, 5), (0, 10), (-9, 5), (5, 5), (9, 5)]), Some((1, 4)));
        // Round the tip of a spike.
        assert_eq!(crossed(&[(0, 0), (0, 5), (0, 0), (-5, 0), (-5, 9), (0, 5), (5, 0)]), None);
        assert_eq!(crossed(&[(0, 0), (5, 5)]), None);
        let far = [
            (-90_000_000, -180_000_000),
            (90_000_000, 180_000_000),
            (90_000_000, -180_000_000),
            (-90_000_000, 180_000_000),
        ];
        assert_eq!(crossed(&far), Some((1, 3)));
    }

    #[test]
    fn sides_are_named_by_their_ends() {
        let found = crossing(&outline(&[(0, 0), (10, 10), (10, 0), (0, 10)])).unwrap();
        assert_eq!(found.first.to_string(), "1 (0.000000,0.000000 → 0.000010,0.000010)");
    }

    /// Corners around a centre, each as far from it as said, in the order of their directions.
    fn around(lengths: &[i32]) -> Vec<(i32, i32)> {
        let corner = |(at, length): (usize, &i32)| {
            let angle = std::f64::consts::TAU * at as f64 / lengths.len() as f64;
            ((angle.sin() * f64::from(*length)) as i32, (angle.cos() * f64::from(*length)) as i32)
        };
        lengths.iter().enumerate().map(corner).collect()
    }

    proptest! {
        #[test]
        fn stars_never_cross(lengths in proptest::collection::vec(100i32..1_000, 5..40), start in 0usize..40) {
            let mut corners = around(&lengths);
            prop_assert_eq!(crossed(&corners), None);
            corners.rotate_left(start % lengths.len());
            corners.reverse();
            prop_assert_eq!(crossed(&corners), None, "wherever it begins and whichever way it turns");
        }

        /// On a circle, two neighbouring corners exchanged: the sides before and after them cross.
        #[test]
        fn two_neighbouring_corners_exchanged_cross(n in 4usize..40, swap in 0usize..40) {
            let mut corners = around(&vec![10_000_000; n]);
            prop_assert_eq!(crossed(&corners), None);
            corners.swap(swap % n, (swap + 1) % n);
            prop_assert!(crossed(&corners).is_some(), "{:?}", corners);
        }
    }
}
