//! Says who sent each request.

use std::collections::{BTreeMap, BTreeSet};

use parvis_bus::{Event, caused_by};
use parvis_kernel::{CitizenId, Error, Result, TenantId, typed::tidy};
use parvis_proto::{common::Requester, events, from_proto_time, identity::CitizenLinked, intake::RequestReceived};
use parvis_store::Tx;

use crate::{
    domain::linking::{Links, Sighting, link},
    repo::citizens::{self, Seen},
};

/// Characters kept of what somebody declared, a field.
const LONGEST_FIELD: usize = 1000;

/// Links the requests received, many in a few statements; says `citizen_linked` of each.
///
/// # Errors
/// "Conflict", which is tried again, where another process has just met the same new people.
pub async fn link_citizens(tx: &mut Tx, received: &[Event]) -> Result<()> {
    let mut tenants: BTreeMap<&TenantId, Vec<(Sighting, &Event)>> = BTreeMap::new();
    for event in received {
        if let Some(sighting) = read(event)? {
            tenants.entry(&event.tenant).or_default().push((sighting, event));
        }
    }
    for (tenant, seen) in tenants {
        let (sightings, events): (Vec<_>, Vec<_>) = seen.into_iter().unzip();
        let citizens = link_of_tenant(tx, tenant, &sightings).await?;
        for ((sighting, event), citizen) in sightings.iter().zip(events).zip(citizens) {
            let linked = CitizenLinked { request_id: sighting.request.to_string(), citizen_id: citizen.to_string() };
            tx.append(caused_by(event, events::CITIZEN_LINKED, &linked));
        }
    }
    Ok(())
}

fn read(event: &Event) -> Result<Option<Sighting>> {
    let message: RequestReceived = event.decode()?;
    let Some(request) = message.request else { return Err(Error::internal("request_received without a request")) };
    let Some(requester) = request.requester else { return Ok(None) };
    let at = from_proto_time(request.received_at.as_ref(), "received_at")?.unwrap_or(event.at);
    Ok(Sighting::new(request.request_id.parse()?, at, cleaned(requester)))
}

/// What PostgreSQL cannot keep and nobody needs, left out.
fn cleaned(requester: Requester) -> Requester {
    let clean = |text: String| tidy::many_lines(&text).chars().take(LONGEST_FIELD).collect();
    Requester {
        kind: requester.kind,
        first_name: clean(requester.first_name),
        last_name: clean(requester.last_name),
        organization_name: clean(requester.organization_name),
        siret: clean(requester.siret),
        email: clean(requester.email),
        phone: clean(requester.phone),
        postal_address: clean(requester.postal_address),
        contact_mode: clean(requester.contact_mode),
        language: clean(requester.language),
    }
}

async fn link_of_tenant(tx: &Tx, tenant: &TenantId, sightings: &[Sighting]) -> Result<Vec<CitizenId>> {
    let keys: BTreeSet<_> = sightings.iter().flat_map(|sighting| &sighting.keys).collect();
    let known = citizens::of_keys(tx.conn(), tenant, &keys).await?;
    let Links { citizens, new_keys } = link(sightings, &known, CitizenId::new);
    if !citizens::add_keys(tx.conn(), tenant, &new_keys).await? {
        return Err(Error::conflict("the same people were linked by another process at the same moment"));
    }
    let mut seen: BTreeMap<CitizenId, Seen> = BTreeMap::new();
    let mut words = BTreeSet::new();
    for (sighting, citizen) in sightings.iter().zip(&citizens) {
        words.extend(sighting.words.iter().map(|word| (word.as_str(), *citizen)));
        seen.entry(*citizen).and_modify(|seen| add(seen, sighting)).or_insert_with(|| Seen {
            requester: sighting.requester.clone(),
            requests: 1,
            first_seen: sighting.at,
            last_seen: sighting.at,
        });
    }
    // Their names are the same, so those known have their words already.
    let old: BTreeSet<_> = known.values().collect();
    words.retain(|(_, citizen)| !old.contains(citizen));
    citizens::see(tx.conn(), tenant, &seen).await?;
    citizens::add_words(tx.conn(), tenant, &words).await?;
    let links: Vec<_> = citizens.iter().copied().zip(sightings.iter().map(|sighting| sighting.request)).collect();
    citizens::add_requests(tx.conn(), tenant, &links).await?;
    Ok(citizens)
}

fn add(seen: &mut Seen, sighting: &Sighting) {
    seen.requests += 1;
    seen.first_seen = seen.first_seen.min(sighting.at);
    let later = sighting.at >= seen.last_seen;
    seen.last_seen = seen.last_seen.max(sighting.at);
    let (old, new) = (&mut seen.requester, &sighting.requester);
    for (old, new) in [
        (&mut old.first_name, &new.first_name),
        (&mut old.last_name, &new.last_name),
        (&mut old.organization_name, &new.organization_name),
        (&mut old.siret, &new.siret),
        (&mut old.email, &new.email),
        (&mut old.phone, &new.phone),
        (&mut old.postal_address, &new.postal_address),
        (&mut old.contact_mode, &new.contact_mode),
        (&mut old.language, &new.language),
    ] {
        if !new.is_empty() && (later || old.is_empty()) {
            old.clone_from(new);
        }
    }
}
