//! `/elus`: the figures of a period, as numbers, charts and tables.

use askama::Template;
use axum::{extract::Query, response::Response};
use http::StatusCode;
use jiff::{Timestamp, civil::Date};
use parvis_proto::{routing::GetDirectoryRequest, tracking::GetFiguresRequest};

use super::{
    READERS,
    chart::{Columns, Rows, Slot, slots},
    period::{Asked, Period},
};
use crate::{
    api::dto::{Count, DayFigures, Distribution, Figures, Shown, UnitFigures},
    pages::{
        field::Choice,
        format,
        page::{Desk, refused, show_with},
        shell::{Area, Link, Shell},
        values::{ErrorLine, Errors},
    },
    problem::Problem,
    state::answer,
};

/// Services shown in the chart; the table has them all.
const CHARTED: usize = 12;

struct UnitView {
    name: String,
    received: String,
    open: String,
    closed: String,
    overdue: String,
    late: bool,
}

/// What stands for a number that is hidden.
const HIDDEN: &str = "–";

struct CountView {
    name: String,
    count: String,
    share: String,
}

struct DayView {
    label: String,
    received: String,
    closed: String,
}

struct DelayView {
    half: String,
    most: String,
    about: String,
}

#[derive(Template)]
#[template(path = "elected/figures.html")]
struct FiguresPage {
    shell: Shell,
    errors: Vec<ErrorLine>,
    from: String,
    until: String,
    unit: String,
    units: Vec<Choice>,
    presets: Vec<Link>,
    period: String,
    csv: String,
    masked: bool,
    without_detail: bool,
    received: String,
    open: String,
    closed: String,
    instant: String,
    acknowledged: String,
    reassigned: String,
    assignment: Option<DelayView>,
    closing: Option<DelayView>,
    by_slot: &'static str,
    days: Vec<DayView>,
    columns: Columns,
    channels: Vec<CountView>,
    channel_chart: Rows,
    themes: Vec<CountView>,
    theme_chart: Rows,
    unit_rows: Vec<UnitView>,
    unit_chart: Rows,
    computed: String,
}

/// The figures of a period and a service.
pub(super) async fn ask(desk: &Desk, period: Period, unit: &str) -> Result<Figures, Problem> {
    let request =
        GetFiguresRequest { from: period.from.to_string(), until: period.until.to_string(), unit: unit.to_owned() };
    answer(desk.page.state.tracking()?.get_figures(desk.call(request)).await).map(Shown::shown).map_err(refused)
}

/// The days of the figures.
pub(super) fn days(figures: &Figures) -> Vec<(Date, Option<u64>, Option<u64>)> {
    let day = |it: &DayFigures| Some((format::parse_day(&it.day)?, it.received, it.closed));
    figures.by_day.iter().filter_map(day).collect()
}

/// A channel's or a theme's name: ours, else tracking's own.
pub(super) fn named(count: &Count, ours: fn(&str) -> &str) -> String {
    let said = ours(&count.code);
    if said == count.code && !count.name.is_empty() { count.name.clone() } else { said.to_owned() }
}

/// The page.
pub async fn show(desk: Desk, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    desk.require(&READERS)?;
    let today = format::day_of(desk.page.now(), &desk.page.zone());
    let (period, wrong) = Period::read(&asked, today);
    let mut errors = Errors::default();
    if let Some((field, text)) = wrong {
        errors.add(field, text);
    }
    let (figures, units) = tokio::join!(ask(&desk, period, &asked.service), units(&desk));
    let figures = figures?;
    let slots = slots(days(&figures));
    let shell = desk.shell(Area::Elected, "Chiffres").await.with_errors(usize::from(!errors.is_empty()));
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    show_with(status, &view(shell, &desk, &asked, period, today, figures, &slots, units, &errors))
}

#[expect(clippy::too_many_arguments, reason = "one page, and nothing here goes together elsewhere")]
fn view(
    shell: Shell,
    desk: &Desk,
    asked: &Asked,
    period: Period,
    today: Date,
    figures: Figures,
    slots: &[Slot],
    units: Vec<Choice>,
    errors: &Errors,
) -> FiguresPage {
    let said = period.said();
    let by_slot = if slots.iter().any(|slot| slot.from != slot.until) { "semaine" } else { "jour" };
    let pairs = |counts: &[Count], ours: fn(&str) -> &str| -> Vec<(String, Option<u64>)> {
        let mut pairs: Vec<_> = counts.iter().map(|count| (named(count, ours), count.count)).collect();
        pairs.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        pairs
    };
    let channels = pairs(&figures.by_channel, format::channel);
    let themes = pairs(&figures.by_theme, format::theme);
    let masked = figures.is_masked();
    let mut by_unit = figures.by_unit;
    by_unit.sort_by_key(|unit| std::cmp::Reverse(unit.received));
    let charted: Vec<_> = by_unit.iter().take(CHARTED).map(|unit| (unit.name.clone(), unit.received)).collect();
    FiguresPage {
        shell,
        errors: errors.lines(&["du", "au"]),
        from: period.from.to_string(),
        until: period.until.to_string(),
        unit: asked.service.clone(),
        units,
        presets: presets(today, period, &asked.service),
        csv: format!("/elus/chiffres.csv?{}", period.query(&asked.service)),
        masked,
        without_detail: figures.without_detail,
        received: number(figures.received),
        open: number(figures.open),
        closed: number(figures.closed),
        instant: number(figures.instant_answers),
        acknowledged: number(figures.acknowledged),
        reassigned: figures.share_reassigned.map_or_else(|| HIDDEN.to_owned(), format::percent),
        assignment: figures.seconds_to_assignment.and_then(|it| delay(&it)),
        closing: figures.seconds_to_closing.and_then(|it| delay(&it)),
        by_slot,
        days: slots.iter().map(day_view).collect(),
        columns: Columns::new(slots, format!("Demandes reçues et closes par {by_slot}, {said}")),
        channel_chart: Rows::narrow(&channels, format!("Demandes reçues par canal, {said}")),
        channels: counts(&channels),
        theme_chart: Rows::narrow(&themes, format!("Demandes reçues par thème, {said}")),
        themes: counts(&themes),
        unit_chart: Rows::wide(&charted, format!("Demandes reçues par service, {said}")),
        unit_rows: by_unit.into_iter().map(unit_view).collect(),
        computed: format::date_time(figures.computed_at.map_or(Timestamp::UNIX_EPOCH, |at| at.0), &desk.page.zone()),
        period: said,
    }
}

fn day_view(slot: &Slot) -> DayView {
    DayView { label: slot.label(), received: number(slot.received), closed: number(slot.closed) }
}

fn number(number: Option<u64>) -> String {
    number.map_or_else(|| HIDDEN.to_owned(), format::count)
}

fn unit_view(unit: UnitFigures) -> UnitView {
    UnitView {
        late: unit.overdue.is_some_and(|overdue| overdue > 0),
        name: if unit.name.is_empty() { unit.unit } else { unit.name },
        received: number(unit.received),
        open: number(unit.open),
        closed: number(unit.closed),
        overdue: number(unit.overdue),
    }
}

/// Numbers with their shares. Where one is hidden so are the shares: they would be of a total that is not the whole.
fn counts(pairs: &[(String, Option<u64>)]) -> Vec<CountView> {
    let total: Option<u64> = pairs.iter().map(|(_, count)| *count).sum();
    let share = |count: Option<u64>| Some(format::percent(count? as f64 / total?.max(1) as f64));
    let view = |(name, count): &(String, Option<u64>)| CountView {
        name: name.clone(),
        count: number(*count),
        share: share(*count).unwrap_or_else(|| HIDDEN.to_owned()),
    };
    pairs.iter().map(view).collect()
}

/// Median and 90th percentile in words; nothing where nothing was measured.
fn delay(distribution: &Distribution) -> Option<DelayView> {
    (distribution.count > 0).then(|| DelayView {
        half: format::half_within(distribution.median),
        most: format::nine_in_ten_within(distribution.p90),
        about: format!("sur {}", format::plural(distribution.count, "demande", "demandes")),
    })
}

fn presets(today: Date, period: Period, unit: &str) -> Vec<Link> {
    let year = Period { from: today.first_of_year(), until: today };
    let presets = [
        ("7 jours", Period::last(7, today)),
        ("30 jours", Period::last(30, today)),
        ("90 jours", Period::last(90, today)),
        ("Depuis janvier", year),
    ];
    let link = |(label, preset): (&str, Period)| Link {
        current: preset == period,
        ..Link::new(format!("/elus?{}", preset.query(unit)), label)
    };
    presets.into_iter().map(link).collect()
}

async fn units(desk: &Desk) -> Vec<Choice> {
    let Ok(mut routing) = desk.page.state.routing() else { return Vec::new() };
    let Ok(directory) = answer(routing.get_directory(desk.call(GetDirectoryRequest {})).await) else {
        return Vec::new();
    };
    directory.units.into_iter().map(|unit| Choice::new(unit.code, unit.name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_measured_says_nothing() {
        assert!(delay(&Distribution { count: 0, median: 0.0, p90: 0.0 }).is_none());
        let said = delay(&Distribution { count: 30, median: 10_800.0, p90: 90_000.0 }).unwrap();
        assert_eq!(said.half, "la moitié en moins de 3\u{a0}h");
    }

    #[test]
    fn shares_add_up() {
        let shown = counts(&[("a".into(), Some(3)), ("b".into(), Some(1))]);
        assert_eq!(shown[0].share, "75\u{a0}%");
        let masked = counts(&[("a".into(), Some(30)), ("b".into(), None), ("c".into(), None)]);
        assert_eq!((masked[0].count.as_str(), masked[0].share.as_str(), masked[1].count.as_str()), ("30", "–", "–"));
        assert!(counts(&[]).is_empty());
    }
}
