//! The lists of cases, as tabs of each of their pages.

use parvis_kernel::Role;

use crate::pages::{page::Desk, shell::Link};

/// Where what is late is shown.
pub const DEADLINES: &str = "/agent/dossiers/echeances";
/// The lists.
pub const VIEWS: [(&str, &str); 4] =
    [("mine", "Mes dossiers"), ("queue", "À prendre"), ("unit", "Tout le service"), ("filed", "Enregistrés par moi")];

/// The tabs: what is late for those who supervise only. None is current where a search is shown.
pub fn tabs(desk: &Desk, current: &str, searched: bool) -> Vec<Link> {
    let tab = |code: &str, href: String, label: &str| Link {
        current: !searched && current == code,
        ..Link::new(href, label)
    };
    let mut tabs: Vec<Link> =
        VIEWS.iter().map(|(code, label)| tab(code, format!("/agent/dossiers?vue={code}"), label)).collect();
    if desk.has(&[Role::Supervisor]) {
        tabs.push(tab("echeances", DEADLINES.to_owned(), "Échéances"));
    }
    tabs
}
