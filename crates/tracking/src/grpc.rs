//! Requests to use cases, and back. No rules.

use std::{
    collections::{BTreeMap, BTreeSet},
    pin::Pin,
    time::Duration,
};

use futures::{Stream, StreamExt as _};
use parvis_proto::{
    to_proto_time,
    tracking::{self as wire, GetFiguresRequest, GetTimelineRequest, tracking_service_server::TrackingService},
};
use parvis_runtime::{Tenants, caller, internal_status};
use parvis_store::Store;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use crate::{
    Watchers,
    domain::{distribution::Distribution, label},
    usecase::{self, AskFigures, AskTimeline, Figures, Hidden, Timeline, TimelineLine, UnitFigures, Watching},
};

/// The gRPC service.
pub struct TrackingApi {
    store: Store,
    tenants: Tenants,
    watching: Watching,
}

impl TrackingApi {
    /// Over `store`. Streams are woken by `watchers` and look for themselves every `poll`; `shutdown` ends them.
    pub fn new(
        store: Store,
        tenants: Tenants,
        watchers: Watchers,
        poll: Duration,
        shutdown: CancellationToken,
    ) -> Self {
        Self { store, tenants, watching: Watching { watchers, poll, shutdown } }
    }
}

#[tonic::async_trait]
impl TrackingService for TrackingApi {
    async fn get_timeline(&self, request: Request<GetTimelineRequest>) -> Result<Response<wire::Timeline>, Status> {
        let caller = caller(&request).map_err(internal_status)?;
        let ask = ask(request.into_inner());
        let found = usecase::get_timeline(&self.store, &caller, &ask).await.map_err(internal_status)?;
        Ok(Response::new(timeline(found)))
    }

    type WatchTimelineStream = Pin<Box<dyn Stream<Item = Result<wire::TimelineLine, Status>> + Send>>;

    async fn watch_timeline(
        &self,
        request: Request<GetTimelineRequest>,
    ) -> Result<Response<Self::WatchTimelineStream>, Status> {
        let caller = caller(&request).map_err(internal_status)?;
        let ask = ask(request.into_inner());
        let lines =
            usecase::watch_timeline(&self.store, &caller, &ask, &self.watching).await.map_err(internal_status)?;
        let lines = ReceiverStream::new(lines).map(|said| said.map(line).map_err(internal_status));
        Ok(Response::new(Box::pin(lines)))
    }

    async fn get_figures(&self, request: Request<GetFiguresRequest>) -> Result<Response<wire::Figures>, Status> {
        let caller = caller(&request).map_err(internal_status)?;
        let GetFiguresRequest { from, until, unit } = request.into_inner();
        let ask = AskFigures { from, until, unit };
        let found = usecase::get_figures(&self.store, &self.tenants, &caller, &ask).await.map_err(internal_status)?;
        Ok(Response::new(figures(found)))
    }
}

fn ask(request: GetTimelineRequest) -> AskTimeline {
    let GetTimelineRequest { reference, request_id, after } = request;
    AskTimeline { reference, request_id, after }
}

fn timeline(Timeline { facts, lines }: Timeline) -> wire::Timeline {
    wire::Timeline {
        request_id: facts.id.to_string(),
        status: facts.status().to_owned(),
        received_at: facts.received_at.map(to_proto_time),
        assigned_at: facts.first_assigned_at.map(to_proto_time),
        acknowledged_at: facts.acknowledged_at.map(to_proto_time),
        closed_at: facts.last_closed_at.filter(|_| facts.is_closed()).map(to_proto_time),
        reference: facts.reference,
        unit: facts.unit,
        unit_name: facts.unit_name,
        title: facts.title,
        lines: lines.into_iter().map(line).collect(),
    }
}

fn line(said: TimelineLine) -> wire::TimelineLine {
    let TimelineLine { position, at, role, kind, label, actor_name, public } = said;
    wire::TimelineLine { position, at: Some(to_proto_time(at)), role, kind, label, actor_name, public }
}

/// The message. A hidden number is left out (0) and named as hidden.
fn figures(found: Figures) -> wire::Figures {
    let Hidden { totals, channels, themes, units, days, detail } = found.hidden;
    let counts = |counts: BTreeMap<String, u64>, hidden: &BTreeSet<String>, name: fn(&str) -> &str| {
        let count = |(code, count): (String, u64)| {
            let hidden = hidden.contains(&code);
            wire::Count { name: name(&code).to_owned(), code, count: if hidden { 0 } else { count }, hidden }
        };
        // What a unit's numbers are made of is not given at all.
        if detail { Vec::new() } else { counts.into_iter().map(count).collect() }
    };
    let unit = |(code, of): (String, UnitFigures)| {
        let (hidden, [received, open, closed, overdue]) = left_out(
            [("received", of.received), ("open", of.open), ("closed", of.closed), ("overdue", of.overdue)],
            |name| units.contains(&(code.clone(), name)),
        );
        wire::UnitFigures { unit: code, name: of.name, received, open, closed, overdue, hidden }
    };
    let day = |(place, (day, received, closed)): (usize, (jiff::civil::Date, u64, u64))| {
        let (hidden, [received, closed]) =
            left_out([("received", received), ("closed", closed)], |name| days.contains(&(place, name)));
        wire::DayFigures { day: day.to_string(), received, closed, hidden }
    };
    let (_, [received, open, closed, instant_answers, acknowledged]) = left_out(
        [
            ("received", found.received),
            ("open", found.open),
            ("closed", found.closed),
            ("instant_answers", found.instant_answers),
            ("acknowledged", found.acknowledged),
        ],
        |name| totals.contains(name),
    );
    let spans = [("seconds_to_assignment", found.to_assignment), ("seconds_to_closing", found.to_closing)];
    let [seconds_to_assignment, seconds_to_closing] =
        spans.map(|(name, span)| (!totals.contains(name)).then(|| distribution(span)));
    wire::Figures {
        from: found.from.to_string(),
        until: found.until.to_string(),
        received,
        open,
        closed,
        instant_answers,
        acknowledged,
        by_channel: counts(found.by_channel, &channels, label::channel),
        by_unit: found.by_unit.into_iter().map(unit).collect(),
        by_day: if detail { Vec::new() } else { found.by_day.into_iter().enumerate().map(day).collect() },
        seconds_to_assignment,
        seconds_to_closing,
        share_reassigned: if totals.contains("share_reassigned") { 0.0 } else { found.share_reassigned },
        by_theme: counts(found.by_theme, &themes, label::theme),
        hidden: totals.into_iter().map(str::to_owned).collect(),
        without_detail: detail,
        computed_at: Some(to_proto_time(found.computed_at)),
    }
}

/// The names of those that are hidden, and the numbers without them.
fn left_out<const N: usize>(
    numbers: [(&'static str, u64); N],
    is_hidden: impl Fn(&'static str) -> bool,
) -> (Vec<String>, [u64; N]) {
    let hidden = numbers.iter().filter(|(name, _)| is_hidden(name)).map(|(name, _)| (*name).to_owned()).collect();
    (hidden, numbers.map(|(name, number)| if is_hidden(name) { 0 } else { number }))
}

fn distribution(of: Distribution) -> wire::Distribution {
    wire::Distribution { count: of.count, median: of.median, p90: of.p90 }
}
