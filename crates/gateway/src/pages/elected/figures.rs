//! `/elus`: the figures of a period, as numbers, charts and tables.

use askama::Template;
use axum::{extract::Query, response::Response};
use http::StatusCode;
use jiff::civil::Date;
use parvis_proto::{
    routing::GetDirectoryRequest,
    tracking::{Distribution, Figures, GetFiguresRequest},
};

use super::{
    READERS,
    chart::{Columns, Rows, Slot, slots},
    period::{Asked, Period},
};
use crate::{
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
    answer(desk.page.state.tracking()?.get_figures(desk.call(request)).await).map_err(refused)
}

/// The days of the figures.
pub(super) fn days(figures: &Figures) -> Vec<(Date, u64, u64)> {
    let day = |it: &parvis_proto::tracking::DayFigures| Some((format::parse_day(&it.day)?, it.received, it.closed));
    figures.by_day.iter().filter_map(day).collect()
}

/// A channel's or a theme's name: ours, else tracking's own.
pub(super) fn named(count: &parvis_proto::tracking::Count, ours: fn(&str) -> &str) -> String {
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
    let pairs = |counts: &[parvis_proto::tracking::Count], ours: fn(&str) -> &str| -> Vec<(String, u64)> {
        let mut pairs: Vec<_> = counts.iter().map(|count| (named(count, ours), count.count)).collect();
        pairs.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        pairs
    };
    let channels = pairs(&figures.by_channel, format::channel);
    let themes = pairs(&figures.by_theme, format::theme);
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
        received: format::count(figures.received),
        open: format::count(figures.open),
        closed: format::count(figures.closed),
        instant: format::count(figures.instant_answers),
        acknowledged: format::count(figures.acknowledged),
        reassigned: format::percent(figures.share_reassigned),
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
        computed: format::date_time(format::instant(figures.computed_at.as_ref()), &desk.page.zone()),
        period: said,
    }
}

fn day_view(slot: &Slot) -> DayView {
    DayView { label: slot.label(), received: format::count(slot.received), closed: format::count(slot.closed) }
}

fn unit_view(unit: parvis_proto::tracking::UnitFigures) -> UnitView {
    UnitView {
        late: unit.overdue > 0,
        name: if unit.name.is_empty() { unit.unit } else { unit.name },
        received: format::count(unit.received),
        open: format::count(unit.open),
        closed: format::count(unit.closed),
        overdue: format::count(unit.overdue),
    }
}

fn counts(pairs: &[(String, u64)]) -> Vec<CountView> {
    let total = pairs.iter().map(|(_, count)| count).sum::<u64>().max(1);
    let view = |(name, count): &(String, u64)| CountView {
        name: name.clone(),
        count: format::count(*count),
        share: format::percent(*count as f64 / total as f64),
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
        assert!(delay(&Distribution::default()).is_none());
        let said = delay(&Distribution { count: 3, median: 10_800.0, p90: 90_000.0 }).unwrap();
        assert_eq!(said.half, "la moitié en moins de 3\u{a0}h");
    }

    #[test]
    fn shares_add_up() {
        let shown = counts(&[("a".into(), 3), ("b".into(), 1)]);
        assert_eq!(shown[0].share, "75\u{a0}%");
        assert!(counts(&[]).is_empty());
    }
}
