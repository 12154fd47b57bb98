//! Who reads what, and who carries it: the policy's answers.

use parvis_kernel::{
    Caller, Result,
    policy::{self, Answer, CaseFacts, ReadingReason, Verb},
};
use parvis_store::{Store, units};

use crate::repo::notice::{self, Whose};

/// What the policy says of the case of these notices. This role knows the unit in charge by the latest of them, and
/// whether it is sensitive; of the rest it takes what closes.
pub(super) async fn may<'a>(
    store: &Store,
    caller: &'a Caller,
    rows: &[notice::Model],
    reason: Option<ReadingReason>,
) -> Result<impl Fn(Verb) -> Answer + use<'a>> {
    let unit = unit_in_charge(rows).unwrap_or_default().to_owned();
    let sensitive = units::is_sensitive(store.read(), &caller.tenant, &unit).await?;
    let case = rows.first().map(|row| parvis_kernel::RequestId(row.case_id));
    Ok(move |verb| {
        let Some(request) = case else { return Answer::No };
        let tenant = &caller.tenant;
        let facts =
            CaseFacts { tenant, request, open: true, unit: &unit, sensitive, handler: "", filed_by: "", had: &[] };
        policy::may(caller, &facts, verb, reason)
    })
}

/// What the caller posts, reads out or types: the notices of their units, and at the counter those of every unit that
/// is not sensitive. A request that is sent on goes through the hands of those alone who may read it anyway.
pub(super) async fn carried(store: &Store, caller: &Caller) -> Result<Whose> {
    if caller.is_system() {
        return Ok(Whose::default());
    }
    if !policy::handles_requests(caller) {
        return Ok(Whose { units: Some(Vec::new()), requests_of: Some(Vec::new()) });
    }
    let mine: Vec<String> = caller.units.iter().map(ToString::to_string).collect();
    let described = units::all(store.read(), &caller.tenant).await?;
    let codes = described
        .into_values()
        .map(|unit| (unit.code, unit.sensitive))
        .chain(mine.iter().map(|mine| (mine.clone(), true)));
    let request = parvis_kernel::RequestId(uuid::Uuid::nil());
    let carries = |(unit, sensitive): &(String, bool)| {
        let (tenant, had) = (&caller.tenant, &[]);
        let facts =
            CaseFacts { tenant, request, open: true, unit, sensitive: *sensitive, handler: "", filed_by: "", had };
        policy::may(caller, &facts, Verb::Carry, None).is_yes()
    };
    let units = codes.filter(carries).map(|(unit, _)| unit).collect();
    Ok(Whose { units: Some(units), requests_of: Some(mine) })
}

/// The one that the latest notice names.
fn unit_in_charge(rows: &[notice::Model]) -> Option<&str> {
    rows.iter().rev().map(|row| row.unit.as_str()).find(|unit| !unit.is_empty())
}
