//! `/admin/partenaires`: the systems that may file requests.

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect},
};
use parvis_proto::identity::{ListPartnersRequest, RevokePartnerRequest};

use super::{ADMINISTRATORS, Answer, frame};
use crate::{
    csrf::CsrfFields,
    pages::{
        format,
        page::{Desk, refused, show as render},
        shell::{Link, Shell},
    },
    state::answer,
};

struct PartnerView {
    name: String,
    client_id: String,
    since: String,
    revoked: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/partners.html")]
struct PartnersPage {
    shell: Shell,
    tabs: Vec<Link>,
    partners: Vec<PartnerView>,
    caption: String,
}

/// The list.
pub async fn show(desk: Desk) -> Answer {
    desk.require(&ADMINISTRATORS)?;
    let listed = answer(desk.page.state.identity()?.list_partners(desk.call(ListPartnersRequest {})).await);
    let zone = desk.page.zone();
    let partners: Vec<_> = listed
        .map_err(refused)?
        .partners
        .into_iter()
        .map(|partner| PartnerView {
            since: format::date_time(format::instant(partner.created_at.as_ref()), &zone),
            revoked: partner.revoked_at.map(|at| format::date_time(format::instant(Some(&at)), &zone)),
            name: partner.name,
            client_id: partner.client_id,
        })
        .collect();
    let caption = format::plural(partners.len() as u64, "partenaire", "partenaires");
    let (shell, tabs) = frame(&desk, "Partenaires").await;
    render(&PartnersPage { shell, tabs, partners, caption })
}

/// Revokes one.
pub async fn revoke(desk: Desk, Path(client_id): Path<String>, _fields: CsrfFields) -> Answer {
    desk.require(&ADMINISTRATORS)?;
    let request = RevokePartnerRequest { client_id };
    answer(desk.page.state.identity()?.revoke_partner(desk.call(request)).await).map_err(refused)?;
    Ok(Redirect::to("/admin/partenaires?fait=partenaire-revoque").into_response())
}
