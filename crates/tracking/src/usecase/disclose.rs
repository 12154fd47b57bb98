//! What of the figures a reader is shown.

use std::collections::BTreeSet;

use parvis_kernel::{Caller, Role};

use super::{Figures, UnitFigures};
use crate::domain::disclosure::{Cell, SHOWN_FROM, Sum, hide, part_is_small};

/// Numbers of the figures that are hidden, by their names in the contract.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hidden {
    /// Of the whole.
    pub totals: BTreeSet<&'static str>,
    /// Channels.
    pub channels: BTreeSet<String>,
    /// Themes.
    pub themes: BTreeSet<String>,
    /// A unit's code and a number's name.
    pub units: BTreeSet<(String, &'static str)>,
    /// A day's place and a number's name.
    pub days: BTreeSet<(usize, &'static str)>,
    /// One unit was asked for, of which the reader is not in charge: its numbers alone are given, not what they are made
    /// of, which could be subtracted from the whole's.
    pub detail: bool,
}

/// Whether `caller` is in charge of `unit`.
pub fn is_in_charge(caller: &Caller, unit: &str) -> bool {
    caller.has(Role::Supervisor) && caller.units.iter().any(|own| own.as_str() == unit)
}

/// The cells of one measure, and the sums that they are known by.
#[derive(Default)]
struct Table {
    cells: Vec<Cell>,
    sums: Vec<Sum>,
}

impl Table {
    fn of(total: u64) -> Self {
        Self { cells: vec![Cell::new(total)], sums: Vec::new() }
    }

    fn add(&mut self, parts: impl Iterator<Item = Cell>) -> std::ops::Range<usize> {
        let from = self.cells.len();
        self.cells.extend(parts);
        let range = from..self.cells.len();
        self.sums.push(Sum { total: 0, parts: range.clone().collect() });
        range
    }

    fn hide(mut self) -> impl Fn(usize) -> bool {
        hide(&mut self.cells, &self.sums);
        move |at| self.cells.get(at).is_some_and(|cell| cell.hidden)
    }
}

/// What `caller` must not be shown of the figures of a whole authority.
pub fn hidden_of_all(figures: &Figures, caller: &Caller) -> Hidden {
    let mut hidden = Hidden::default();
    let units: Vec<(&String, &UnitFigures)> = figures.by_unit.iter().collect();
    let own: Vec<bool> = units.iter().map(|(code, _)| is_in_charge(caller, code)).collect();
    let of_units = |count: fn(&UnitFigures) -> u64| {
        let cells: Vec<Cell> =
            units.iter().zip(&own).map(|((_, unit), own)| Cell { own: *own, ..Cell::new(count(unit)) }).collect();
        cells.into_iter()
    };

    let mut table = Table::of(figures.received);
    let by_unit = table.add(of_units(|unit| unit.received));
    let by_channel = table.add(figures.by_channel.values().map(|count| Cell::new(*count)));
    let by_theme = table.add(figures.by_theme.values().map(|count| Cell::new(*count)));
    let by_day = table.add(figures.by_day.iter().map(|(_, received, _)| Cell::new(*received)));
    let is_hidden = table.hide();
    hidden.total("received", is_hidden(0));
    hidden.units("received", &units, by_unit.map(&is_hidden));
    hidden.channels = names(figures.by_channel.keys(), by_channel.map(&is_hidden));
    hidden.themes = names(figures.by_theme.keys(), by_theme.map(&is_hidden));
    hidden.days("received", by_day.map(&is_hidden));

    let mut table = Table::of(figures.closed);
    let by_unit = table.add(of_units(|unit| unit.closed));
    let by_day = table.add(figures.by_day.iter().map(|(_, _, closed)| Cell::new(*closed)));
    let is_hidden = table.hide();
    hidden.total("closed", is_hidden(0));
    hidden.units("closed", &units, by_unit.map(&is_hidden));
    hidden.days("closed", by_day.map(&is_hidden));

    let mut table = Table::of(figures.open);
    let by_unit = table.add(of_units(|unit| unit.open));
    let is_hidden = table.hide();
    hidden.total("open", is_hidden(0));
    hidden.units("open", &units, by_unit.map(&is_hidden));
    let late = units.iter().zip(&own).map(|((_, unit), own)| !own && part_is_small(unit.overdue, unit.open));
    hidden.units("overdue", &units, late);

    let received_is_hidden = hidden.totals.contains("received");
    hidden.total("instant_answers", (1..SHOWN_FROM).contains(&figures.instant_answers));
    hidden.total("acknowledged", received_is_hidden || part_is_small(figures.acknowledged, figures.received));
    let reassigned = (figures.share_reassigned * figures.received as f64).round() as u64;
    hidden.total("share_reassigned", received_is_hidden || part_is_small(reassigned, figures.received));
    // How long something took is of whoever waited for it.
    hidden.total("seconds_to_assignment", part_is_small(figures.to_assignment.count, figures.received));
    hidden.total("seconds_to_closing", part_is_small(figures.to_closing.count, figures.closed));
    hidden
}

/// What `caller`, who is not in charge of `unit`, must not be shown of its figures: what the whole's table hides of it, and
/// what they are made of.
pub fn hidden_of_unit(unit: &str, of_all: &Hidden) -> Hidden {
    let is_hidden = |name: &&'static str| of_all.units.contains(&(unit.to_owned(), *name));
    let names = ["received", "open", "closed", "overdue"];
    let made_of =
        ["instant_answers", "acknowledged", "share_reassigned", "seconds_to_assignment", "seconds_to_closing"];
    Hidden {
        totals: names.into_iter().filter(is_hidden).chain(made_of).collect(),
        units: names.into_iter().filter(is_hidden).map(|name| (unit.to_owned(), name)).collect(),
        detail: true,
        ..Hidden::default()
    }
}

fn names<'a>(names: impl Iterator<Item = &'a String>, hidden: impl Iterator<Item = bool>) -> BTreeSet<String> {
    names.zip(hidden).filter(|(_, hidden)| *hidden).map(|(name, _)| name.clone()).collect()
}

impl Hidden {
    fn total(&mut self, name: &'static str, hidden: bool) {
        if hidden {
            self.totals.insert(name);
        }
    }

    fn units(&mut self, name: &'static str, units: &[(&String, &UnitFigures)], hidden: impl Iterator<Item = bool>) {
        let hidden = units.iter().zip(hidden).filter(|(_, hidden)| *hidden);
        self.units.extend(hidden.map(|((code, _), _)| ((*code).clone(), name)));
    }

    fn days(&mut self, name: &'static str, hidden: impl Iterator<Item = bool>) {
        self.days.extend(hidden.enumerate().filter(|(_, hidden)| *hidden).map(|(day, _)| (day, name)));
    }
}
