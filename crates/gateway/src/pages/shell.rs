//! What surrounds every page: title, town, menu, session, flash.

use parvis_kernel::typed;
use parvis_runtime::Tenant;

use super::assets;

/// Whom a page is for: it decides the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    /// Anybody.
    Citizen,
    /// Those who handle requests.
    Agent,
    /// Those who read figures.
    Elected,
    /// Those who set things up.
    Admin,
}

/// An entry of the menu.
#[derive(Clone, Debug)]
pub struct Link {
    /// Where it leads.
    pub href: String,
    /// What it is called.
    pub label: String,
    /// Whether the page is there, or below.
    pub current: bool,
    /// Its access key; empty: none.
    pub key: &'static str,
}

impl Link {
    /// An entry that is not the present page.
    pub fn new(href: impl Into<String>, label: impl Into<String>) -> Self {
        Self { href: href.into(), label: label.into(), current: false, key: "" }
    }
}

/// The agent whose session it is.
#[derive(Clone, Debug)]
pub struct Account {
    /// Name shown.
    pub name: String,
    /// Whether they receive cases; `None` where that is not known or does not apply.
    pub present: Option<bool>,
}

/// What has just been done.
#[derive(Clone, Debug)]
pub struct Flash {
    /// `""` good, `warn`, `info`, `error`.
    pub tone: &'static str,
    /// One sentence.
    pub text: String,
}

/// What surrounds a page.
#[derive(Clone, Debug)]
pub struct Shell {
    /// The authority's name.
    pub town: String,
    /// Its address.
    pub address: String,
    /// Its telephone.
    pub phone: String,
    /// Its mailbox.
    pub email: String,
    /// Its own site.
    pub website: String,
    /// The class of its accent colour.
    pub accent: &'static str,
    /// The page's title, without the town's name.
    pub title: String,
    /// How many errors the page shows: the title says so.
    pub errors: usize,
    /// Whom the page is for.
    pub area: Area,
    /// The menu.
    pub nav: Vec<Link>,
    /// Where the page is; empty on the first pages.
    pub crumbs: Vec<Link>,
    /// Who is signed in, on the pages of those who do.
    pub account: Option<Account>,
    /// The token of the page's forms.
    pub csrf: String,
    /// What has just been done.
    pub flash: Option<Flash>,
    /// The page's path.
    pub path: String,
    /// Whether search engines must leave it.
    pub private: bool,
}

impl Shell {
    /// The frame of a page of `tenant`, with an empty menu.
    pub fn new(tenant: &Tenant, area: Area, title: impl Into<String>, path: impl Into<String>) -> Self {
        Self {
            town: tenant.name.clone(),
            address: tenant.address.clone(),
            phone: tenant.phone.clone(),
            email: tenant.email.clone(),
            website: tenant.website.clone(),
            accent: accent(tenant.slug.as_str()),
            title: title.into(),
            errors: 0,
            area,
            nav: Vec::new(),
            crumbs: Vec::new(),
            account: None,
            csrf: String::new(),
            flash: None,
            path: path.into(),
            private: area != Area::Citizen,
        }
    }

    /// Adds the way to this page: pairs of address and label; the page's own title closes it.
    #[must_use]
    pub fn under(mut self, way: &[(&str, &str)]) -> Self {
        self.crumbs = way.iter().map(|(href, label)| Link::new(*href, *label)).collect();
        self.crumbs.push(Link::new("", self.title.clone()));
        self
    }

    /// Says in the title that there are errors.
    #[must_use]
    pub fn with_errors(mut self, errors: usize) -> Self {
        self.errors = errors;
        self
    }

    /// Keeps the page out of search engines.
    #[must_use]
    pub fn private(mut self) -> Self {
        self.private = true;
        self
    }

    /// What the browser's tab says.
    pub fn full_title(&self) -> String {
        let errors = match self.errors {
            0 => String::new(),
            1 => "Erreur – ".to_owned(),
            n => format!("{n} erreurs – "),
        };
        format!("{errors}{} – {}", self.title, self.town)
    }

    /// Whether the page is for those who work here.
    pub fn is_work(&self) -> bool {
        self.area != Area::Citizen
    }

    /// The first page of the area.
    pub fn home(&self) -> &'static str {
        match self.area {
            Area::Citizen => "/",
            Area::Agent => "/agent",
            Area::Elected => "/elus",
            Area::Admin => "/admin",
        }
    }

    /// What the area is called, under the town's name.
    pub fn area_name(&self) -> &'static str {
        match self.area {
            Area::Citizen => "Vos demandes à la mairie",
            Area::Agent => "Espace des agents",
            Area::Elected => "Espace des élus",
            Area::Admin => "Administration",
        }
    }

    /// The telephone for a link.
    pub fn phone_link(&self) -> String {
        phone_link(&self.phone)
    }

    /// Address of the style sheet.
    pub fn css(&self) -> &'static str {
        assets::css()
    }

    /// Address of the script.
    pub fn js(&self) -> &'static str {
        assets::js()
    }

    /// Address of the icon.
    pub fn icon(&self) -> &'static str {
        assets::icon()
    }
}

/// A telephone number for `tel:`; a short one as it is.
pub fn phone_link(phone: &str) -> String {
    let short = || phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    typed::phone::read(phone).map_or_else(
        |_| short(),
        |read| {
            if read.extension.is_empty() { read.e164 } else { format!("{};ext={}", read.e164, read.extension) }
        },
    )
}

/// The theme's accents, each readable on its grounds (see `assets/css/1-base.css`).
const ACCENTS: [&str; 6] =
    ["accent-ardoise", "accent-tuile", "accent-tilleul", "accent-prune", "accent-loire", "accent-nuit"];

/// A town keeps its accent: it follows from its slug.
fn accent(slug: &str) -> &'static str {
    let sum = slug
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    ACCENTS[(sum >> 32) as usize % ACCENTS.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_towns_look_different_and_each_stays_the_same() {
        assert_ne!(accent("clairval"), accent("petit-ormeau"));
        assert_eq!(accent("clairval"), accent("clairval"));
    }

    #[test]
    fn a_telephone_link_has_only_digits() {
        assert_eq!(phone_link("3230"), "3230");
        assert_eq!(phone_link("+33 (0)2 61 91 00 00"), "+33261910000");
        assert_eq!(phone_link("0692 71 00 02 poste 12"), "+262692710002;ext=12");
    }
}
