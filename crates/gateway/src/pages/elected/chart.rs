//! Bars drawn by the server: numbers in, coordinates out. Each chart stands beside the table of its numbers, which is
//! what a screen reader reads.

use askama::Template;
use jiff::civil::Date;

use crate::pages::format;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 240.0;
const LEFT: f64 = 44.0;
const RIGHT: f64 = 8.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 30.0;
/// Beyond, days are added up by week.
const MOST_DAYS: usize = 62;

/// A day's or a week's numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Slot {
    /// First day.
    pub from: Date,
    /// Last day.
    pub until: Date,
    /// Requests received; `None` where that is hidden.
    pub received: Option<u64>,
    /// Cases closed; the same.
    pub closed: Option<u64>,
}

impl Slot {
    /// What the table says of it.
    pub fn label(&self) -> String {
        if self.from == self.until {
            return format::weekday_date(self.from);
        }
        format!("du {} au {}", format::month_day(self.from), format::date(self.until))
    }
}

/// The days, added up by week where they are many; a week with a hidden day is hidden.
pub fn slots(days: Vec<(Date, Option<u64>, Option<u64>)>) -> Vec<Slot> {
    let by = if days.len() > MOST_DAYS { 7 } else { 1 };
    let chunks = days.chunks(by);
    chunks
        .filter_map(|chunk| {
            let ((from, _, _), (until, _, _)) = (chunk.first()?, chunk.last()?);
            Some(Slot {
                from: *from,
                until: *until,
                received: chunk.iter().map(|(_, received, _)| *received).sum(),
                closed: chunk.iter().map(|(_, _, closed)| *closed).sum(),
            })
        })
        .collect()
}

/// A bar.
pub struct Bar {
    x: String,
    y: String,
    width: String,
    height: String,
    class: &'static str,
}

/// A line of the grid, with its number.
pub struct Grid {
    y: String,
    text_y: String,
    label: String,
}

/// A date under the axis.
pub struct Tick {
    x: String,
    label: String,
}

/// Received and closed, side by side.
#[derive(Template)]
#[template(path = "elected/columns.html")]
pub struct Columns {
    bars: Vec<Bar>,
    grid: Vec<Grid>,
    ticks: Vec<Tick>,
    title: String,
}

fn at(value: f64) -> String {
    format!("{value:.1}")
}

/// The next round number that holds `value`, in four steps.
fn ceiling(value: u64) -> u64 {
    let mut step = 1;
    loop {
        for factor in [1, 2, 5] {
            let top = step * factor * 4;
            if top >= value {
                return top;
            }
        }
        step *= 10;
    }
}

impl Columns {
    /// Of some slots.
    pub fn new(slots: &[Slot], title: String) -> Self {
        let most = slots.iter().map(|slot| slot.received.max(slot.closed).unwrap_or(0)).max().unwrap_or(0);
        let top = ceiling(most.max(1));
        let base = HEIGHT - BOTTOM;
        let scale = (base - TOP) / top as f64;
        let step = (WIDTH - LEFT - RIGHT) / slots.len().max(1) as f64;
        let bar = (step * 0.4).min(26.0);
        let mut bars = Vec::with_capacity(slots.len() * 2);
        let mut ticks = Vec::new();
        let every = slots.len().div_ceil(9).max(1);
        for (rank, slot) in slots.iter().enumerate() {
            let middle = LEFT + step * (rank as f64 + 0.5);
            for (value, x, class) in [(slot.received, middle - bar, "bar-a"), (slot.closed, middle, "bar-b")] {
                // Nothing is drawn of what is hidden: not even how much it is.
                let Some(value) = value else { continue };
                let height = value as f64 * scale;
                bars.push(Bar { x: at(x), y: at(base - height), width: at(bar - 0.8), height: at(height), class });
            }
            if rank % every == 0 {
                ticks.push(Tick { x: at(middle), label: format::month_day(slot.from) });
            }
        }
        let grid = (0..=4_u64).map(|part| {
            let value = top / 4 * part;
            let y = base - value as f64 * scale;
            Grid { y: at(y), text_y: at(y + 4.0), label: format::count(value) }
        });
        Self { bars, grid: grid.collect(), ticks, title }
    }
}

/// A row of a horizontal chart.
pub struct Row {
    label: String,
    value: String,
    y: String,
    text_y: String,
    width: String,
    value_x: String,
}

/// One bar a row, the longest on top.
#[derive(Template)]
#[template(path = "elected/rows.html")]
pub struct Rows {
    rows: Vec<Row>,
    width: String,
    height: String,
    label_x: String,
    bar_x: String,
    narrow: bool,
    title: String,
}

impl Rows {
    const LINE: f64 = 30.0;

    /// Of named numbers, as wide as the page.
    pub fn wide(named: &[(String, Option<u64>)], title: String) -> Self {
        Self::new(named, title, WIDTH, 250.0)
    }

    /// Of named numbers, half as wide.
    pub fn narrow(named: &[(String, Option<u64>)], title: String) -> Self {
        Self::new(named, title, 480.0, 190.0)
    }

    fn new(named: &[(String, Option<u64>)], title: String, frame: f64, labels: f64) -> Self {
        let most = named.iter().filter_map(|(_, value)| *value).max().unwrap_or(0).max(1);
        let room = frame - labels - 60.0;
        let rows = named.iter().enumerate().map(|(rank, (label, value))| {
            let y = rank as f64 * Self::LINE + 4.0;
            let known = value.unwrap_or(0);
            let width = (known as f64 / most as f64 * room).max(if known > 0 { 2.0 } else { 0.0 });
            Row {
                label: parvis_kernel::text::excerpt(label, (labels / 7.5) as usize),
                value: value.map_or_else(|| "–".to_owned(), format::count),
                y: at(y),
                text_y: at(y + 15.0),
                width: at(width),
                value_x: at(labels + width + 8.0),
            }
        });
        Self {
            rows: rows.collect(),
            width: at(frame),
            height: at(named.len() as f64 * Self::LINE + 4.0),
            label_x: at(labels - 8.0),
            bar_x: at(labels),
            narrow: frame < WIDTH,
            title,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::{ToSpan as _, civil::date};

    use super::*;

    #[test]
    fn the_axis_ends_on_a_round_number_in_four_steps() {
        for (value, top) in [(1, 4), (4, 4), (5, 8), (9, 20), (21, 40), (300, 400), (401, 800)] {
            assert_eq!(ceiling(value), top, "{value}");
        }
    }

    #[test]
    fn many_days_are_added_up_by_week_and_none_is_lost() {
        let days: Vec<_> = (0..90)
            .map(|day| (date(2026, 1, 1) + day.days(), Some(1), if day == 89 { None } else { Some(2) }))
            .collect();
        let slots = slots(days);
        assert_eq!(slots.len(), 13);
        assert_eq!(slots.iter().map(|slot| slot.received).sum::<Option<u64>>(), Some(90));
        assert_eq!((slots[11].closed, slots[12].closed), (Some(14), None));
        assert!(slots[0].label().starts_with("du 1er janvier au 7 janvier"));
    }

    #[test]
    fn bars_stay_in_the_frame_and_no_style_is_inline() {
        let slot = |received| Slot { from: date(2026, 1, 1), until: date(2026, 1, 1), received, closed: None };
        let chart = Columns::new(&[slot(Some(0)), slot(None), slot(Some(7)), slot(Some(1_000))], "Par jour".into());
        assert!(chart.bars.iter().all(|bar| bar.y.parse::<f64>().unwrap() >= TOP - 0.1));
        let html = chart.render().unwrap()
            + &Rows::wide(&[("Voirie".into(), Some(3)), ("Social".into(), None)], "x".into()).render().unwrap();
        assert!(!html.contains("style="), "{html}");
        assert!(Rows::narrow(&[], String::new()).render().is_ok());
        assert!(Columns::new(&[], String::new()).render().is_ok());
    }
}
