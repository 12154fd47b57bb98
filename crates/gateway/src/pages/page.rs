//! What every page's handler needs: the town, the roles, the frame; for those who work here, who they are.

use std::time::Duration;

use askama::Template;
use axum::{
    extract::FromRequestParts,
    response::{Html, IntoResponse, Response},
};
use http::{StatusCode, request::Parts};
use jiff::{Timestamp, tz::TimeZone};
use parvis_kernel::{Error, ErrorKind, Result, Role, TenantId};
use parvis_proto::{intake::OpenFollowGrantRequest, routing::ListAgentsRequest};
use tonic::Request;

use super::{
    citizen::grants::{Grant, Grants},
    shell::{Account, Area, Flash, Link, Shell},
};
use crate::{
    csrf::CsrfToken,
    problem::Problem,
    session::Session,
    state::{AppState, answer, call},
    tenant::{CurrentTenant, UnknownAuthority},
};

/// A role that only adds something to a page may not keep it waiting.
const EXTRA_TIMEOUT: Duration = Duration::from_secs(2);

/// Renders a page.
pub fn show(template: &impl Template) -> Result<Response, Problem> {
    show_with(StatusCode::OK, template)
}

/// Renders a page with a status.
pub fn show_with(status: StatusCode, template: &impl Template) -> Result<Response, Problem> {
    let html = template.render().map_err(|error| {
        tracing::error!(%error, "a page could not be rendered");
        Problem::internal()
    })?;
    Ok((status, Html(html)).into_response())
}

/// What a part of a page shows when its role does not answer; the rest of the page stands.
pub fn or_down<T>(answered: Result<T>, part: &str) -> Result<T, String> {
    answered.map_err(|error| match error.kind() {
        ErrorKind::Denied | ErrorKind::NotFound => format!("{part} : vous n'y avez pas accès."),
        _ => {
            tracing::warn!(%error, part, "a part of a page is missing");
            format!("{part} : momentanément indisponible. Le reste de la page fonctionne.")
        }
    })
}

/// A page of the town.
#[derive(Clone)]
pub struct Page {
    /// Shared by every handler.
    pub state: AppState,
    /// The authority.
    pub tenant: CurrentTenant,
    /// The page's path.
    pub path: String,
    /// The requests that this browser may follow.
    pub grants: Grants,
    /// What a counter filed for others in this browser.
    pub receipts: Grants,
    done: Option<Flash>,
}

impl FromRequestParts<AppState> for Page {
    type Rejection = UnknownAuthority;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let tenant = CurrentTenant::from_request_parts(parts, state).await?;
        let query = parts.uri.query().unwrap_or_default();
        let done = url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "fait");
        Ok(Self {
            grants: Grants::read(state, &tenant.slug, &parts.headers),
            receipts: Grants::receipts(state, &tenant.slug, &parts.headers),
            state: state.clone(),
            tenant,
            path: parts.uri.path().to_owned(),
            done: done.and_then(|(_, code)| said(&code)),
        })
    }
}

impl Page {
    /// The frame of a page for citizens.
    pub fn shell(&self, title: impl Into<String>) -> Shell {
        let mut shell = Shell::new(&self.tenant, Area::Citizen, title, &self.path);
        shell.flash.clone_from(&self.done);
        shell.nav = menu(
            &[
                ("/demarches", "Démarches"),
                ("/infos", "Informations"),
                ("/suivi", "Suivre ma demande"),
                ("/contact", "Nous joindre"),
            ],
            &self.path,
        );
        shell
    }

    /// A call on behalf of anybody.
    pub fn call<T>(&self, message: T) -> Request<T> {
        call(message, None, &self.tenant.slug)
    }

    /// Whoever follows that request here.
    ///
    /// # Errors
    /// What intake says of its code.
    pub async fn follower(&self, grant: &Grant) -> Result<Follower> {
        let slug = self.tenant.slug.clone();
        if grant.code.is_empty() {
            return Ok(Follower { tenant: slug, token: self.grants.token().to_owned() });
        }
        let (reference, tracking_code) = (grant.reference.clone(), grant.code.clone());
        let asked = OpenFollowGrantRequest { reference, tracking_code, ..OpenFollowGrantRequest::default() };
        let given = answer(self.state.intake()?.open_follow_grant(self.call(asked)).await)?;
        Ok(Follower { tenant: slug, token: given.grant })
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.state.now()
    }

    /// The town's time zone.
    pub fn zone(&self) -> TimeZone {
        self.tenant.zone()
    }

    /// A field telling one showing of a form from another: the request's idempotency key.
    pub fn form_key(&self) -> String {
        hex::encode(rand::random::<[u8; 16]>())
    }
}

/// Whoever holds a follow grant.
pub struct Follower {
    tenant: TenantId,
    /// The grant.
    pub token: String,
}

impl Follower {
    /// A call on their behalf.
    pub fn call<T>(&self, message: T) -> Request<T> {
        call(message, Some(&self.token), &self.tenant)
    }
}

/// A page of somebody who is signed in; others are led to the sign-in page.
pub struct Desk {
    /// The page.
    pub page: Page,
    /// Who they are.
    pub session: Session,
    /// For the page's forms.
    pub csrf: CsrfToken,
}

impl FromRequestParts<AppState> for Desk {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let page = Page::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
        let session = <Session as FromRequestParts<AppState>>::from_request_parts(parts, state)
            .await
            .map_err(IntoResponse::into_response)?;
        let csrf = CsrfToken::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
        Ok(Self { page, session, csrf })
    }
}

impl Desk {
    /// Refuses whoever has none of `roles`. Roles check again: this only spares a page that would be empty.
    pub fn require(&self, roles: &[Role]) -> Result<(), Problem> {
        self.session
            .caller()
            .require(roles)
            .map_err(|_| Problem::denied("Cette page est réservée à d'autres fonctions que la vôtre."))
    }

    /// Whether the agent has one of `roles`.
    pub fn has(&self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.session.caller().has(*role))
    }

    /// Whether the agent handles requests.
    pub fn handles(&self) -> bool {
        self.has(&[Role::FrontDesk, Role::CaseWorker, Role::Supervisor])
    }

    /// The agent's code.
    pub fn code(&self) -> &str {
        &self.session.claims().sub
    }

    /// A call on the agent's behalf.
    pub fn call<T>(&self, message: T) -> Request<T> {
        call(message, Some(self.session.token()), &self.page.tenant.slug)
    }

    /// The frame of a page for those who work here.
    pub async fn shell(&self, area: Area, title: impl Into<String>) -> Shell {
        let mut shell = Shell::new(&self.page.tenant, area, title, &self.page.path);
        shell.flash.clone_from(&self.page.done);
        self.csrf.value().clone_into(&mut shell.csrf);
        shell.account = Some(Account { name: self.session.claims().name.clone(), present: self.present().await });
        let mut entries: Vec<(&str, &str)> = Vec::new();
        if self.handles() {
            entries.extend([
                ("/agent", "Ma journée"),
                ("/agent/dossiers", "Dossiers"),
                ("/agent/accueil", "Accueil du public"),
                ("/agent/reponse-immediate", "Réponse immédiate"),
                ("/agent/avis-a-remettre", "Avis à remettre"),
            ]);
        }
        if self.handles() || self.has(&[Role::Administrator]) {
            entries.push(("/agent/connaissances", "Connaissances"));
        }
        if self.has(&[Role::ElectedOfficial, Role::Supervisor, Role::Administrator]) {
            entries.push(("/elus", "Chiffres"));
        }
        if self.has(&[Role::Administrator, Role::Supervisor]) {
            entries.push(("/admin", "Organisation"));
        }
        shell.nav = menu(&entries, &self.page.path);
        for (link, key) in shell.nav.iter_mut().zip(["1", "2", "3", "4", "5", "6", "7", "8"]) {
            link.key = key;
        }
        shell
    }

    /// Whether the agent is present; `None` where routing does not say, or for those who receive no case.
    async fn present(&self) -> Option<bool> {
        if !self.handles() {
            return None;
        }
        let mut routing = self.page.state.routing().ok()?;
        let unit = self.session.claims().units.first().map(ToString::to_string).unwrap_or_default();
        let mut request = self.call(ListAgentsRequest { unit });
        request.set_timeout(EXTRA_TIMEOUT);
        let agents = answer(routing.list_agents(request).await).ok()?.agents;
        agents.iter().find(|agent| agent.code == self.code()).map(|agent| agent.presence == "present")
    }
}

/// The menu's entries; the one whose pages contain `path` is current.
fn menu(entries: &[(&str, &str)], path: &str) -> Vec<Link> {
    let inside = |href: &str| path.strip_prefix(href).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let current = entries.iter().filter(|(href, _)| inside(href)).map(|(href, _)| *href).max_by_key(|href| href.len());
    entries.iter().map(|(href, label)| Link { current: current == Some(*href), ..Link::new(*href, *label) }).collect()
}

/// What a page says was done, from the short code in its address. Fixed sentences: an address cannot make up another.
fn said(code: &str) -> Option<Flash> {
    let (tone, text) = match code {
        "message" => ("", "Votre message est envoyé."),
        "note-pour-usager" => ("", "C'est noté : le service est prévenu, et l'usager le voit sur sa page de suivi."),
        "message-agent" => ("", "Le message est envoyé."),
        "attente" => ("", "Le message est envoyé. Le dossier attend la réponse de l'usager."),
        "note" => ("", "La note est ajoutée. Seuls les agents la voient."),
        "pris" => ("", "Le dossier vous est confié."),
        "commence" => ("", "Vous avez pris le dossier en charge."),
        "transmis" => ("", "Le dossier est transmis."),
        "clos" => ("", "Le dossier est clos. L'usager en est informé."),
        "rouvert" => ("", "Le dossier est rouvert."),
        "present" => ("", "Vous êtes noté présent : des dossiers peuvent vous être confiés."),
        "absent" => ("", "Vous êtes noté absent : aucun dossier ne vous sera confié."),
        "presence-indisponible" => {
            ("error", "Votre présence n'a pas pu être changée. Réessayez dans quelques instants.")
        }
        "presence" => ("", "La présence est changée."),
        "reponse" => ("", "La réponse immédiate est comptée."),
        "laisse" => ("", "La demande est proposée à un collègue, ou remise dans la file."),
        "proposition-finie" => ("warn", "Trop tard : la demande a été proposée à un collègue ou remise dans la file."),
        "travail-deplace" => ("", "Le travail est déplacé. Les usagers voient leur nouvel interlocuteur."),
        "remis" => ("", "L'avis est noté comme remis."),
        "deja-remis" => ("warn", "Un collègue avait déjà noté cet avis comme remis."),
        "renvoye" => ("", "L’avis repart à cette adresse."),
        "non-renvoye" => {
            ("warn", "Cet avis ne peut plus être renvoyé : un collègue l’a fait, ou son texte n’est plus conservé.")
        }
        "deja-envoyee" => (
            "info",
            "Cette demande était déjà enregistrée : elle ne l'a pas été une seconde fois. Si vous avez changé vos \
             réponses, écrivez-nous depuis la page de suivi.",
        ),
        "repond" => ("", "Merci de nous l'avoir dit. Vous n'avez rien à envoyer : rien n'a été enregistré."),
        "utile" => ("", "Merci de nous l'avoir dit."),
        "pas-utile" => ("info", "Merci. Nous allons améliorer cette page. Vous pouvez nous écrire ci-dessous."),
        "article-garde" => ("", "La nouvelle version est gardée, comme brouillon. Elle n'est pas encore publiée."),
        "article-relu" => ("", "L'article est noté comme relu, aujourd'hui, par vous."),
        "article-publie" => ("", "L'article est publié. Tout le monde peut le lire."),
        "article-retire" => ("", "L'article est retiré : plus personne ne le trouve. Ses versions sont gardées."),
        "article-repris" => ("", "La version choisie est reprise, comme brouillon. Relisez-la, puis publiez."),
        "quitte" => ("", "Cet appareil a oublié vos demandes."),
        "deconnecte" => ("", "Vous êtes déconnecté."),
        "regles-enregistrees" => ("", "Le brouillon est enregistré et vérifié."),
        "regle-enregistree" => ("", "La règle est enregistrée dans le brouillon, et le brouillon vérifié."),
        "regle-a-corriger" => {
            ("warn", "La règle est enregistrée dans le brouillon. Il reste à corriger ce qui est montré ci-dessous.")
        }
        "regle-retiree" => ("", "La règle est retirée du brouillon."),
        "organisme-a-corriger" => {
            ("warn", "L'organisme est enregistré dans le brouillon. Il reste à corriger ce qui est montré ci-dessous.")
        }
        "regles-publiees" => ("", "Les règles sont publiées : elles s'appliquent aux demandes qui arrivent."),
        "regles-abandonnees" => ("", "Le brouillon est abandonné."),
        "regles-changees" => (
            "warn",
            "Le brouillon ou les règles ont changé entre-temps : voici ce qu'ils sont maintenant. Refaites votre \
             changement s'il le faut.",
        ),
        "regles-erreurs" => ("error", "Ces règles ont des erreurs, montrées ci-dessous : corrigez-les d'abord."),
        "seuil-inchange" => ("error", "Le seuil est un nombre entier de 0 à 100 : il n'a pas été changé."),
        "regles-sans-brouillon" => ("warn", "Il n'y a pas de brouillon : modifiez une règle pour en commencer un."),
        "garde" => ("", "Le dossier reste à la collectivité : la transmission n'est plus proposée."),
        "transmis-ailleurs" => {
            ("", "Le dossier est clos et transmis. L'usager en est informé, avec l'organisme à joindre.")
        }
        "transmis-a-poster" => {
            ("warn", "Le dossier est clos et l'usager informé. Le courrier à l'organisme reste à imprimer et à poster.")
        }
        "transmis-a-envoyer" => (
            "warn",
            "Le dossier est clos et l'usager informé, mais rien n'a été envoyé à l'organisme : à vous de lui transmettre \
             la demande.",
        ),
        "mot-de-passe" => ("", "Votre mot de passe est changé. Vos autres sessions sont fermées."),
        "sessions-fermees" => ("", "C’est fermé."),
        "compte-ferme" => ("", "Le compte est fermé, et ses sessions aussi."),
        "compte-rouvert" => ("", "Le compte est rouvert."),
        "compte-debloque" => ("", "Le compte est débloqué : la personne peut se connecter."),
        "verification-retiree" => {
            ("", "La seconde vérification est retirée, et les sessions fermées : le mot de passe suffit à nouveau.")
        }
        "compte-deconnecte" => ("", "Toutes les sessions de ce compte sont fermées."),
        "partenaire-revoque" => ("", "Le partenaire est révoqué."),
        _ => return None,
    };
    Some(Flash { tone, text: text.to_owned() })
}

/// An error of a role that a page can only pass on.
pub fn refused(error: Error) -> Problem {
    match error.kind() {
        _ if error.refusal().is_some() => Problem::from(error),
        ErrorKind::NotFound => Problem::not_found("Cette page n'existe pas, ou ce dossier n'est pas parmi les vôtres."),
        ErrorKind::Denied => Problem::denied("Cette action est réservée à d'autres fonctions que la vôtre."),
        _ => Problem::from(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_menu_shows_the_deepest_entry_that_holds_the_page() {
        let entries = [("/agent", "a"), ("/agent/dossiers", "d")];
        let current = |path: &str| -> Vec<String> {
            menu(&entries, path).into_iter().filter(|link| link.current).map(|link| link.href).collect()
        };
        assert_eq!(current("/agent"), ["/agent"]);
        assert_eq!(current("/agent/dossiers/1"), ["/agent/dossiers"]);
        assert_eq!(current("/agent/dossiersx"), ["/agent"]);
        assert!(current("/elus").is_empty());
    }

    #[test]
    fn an_address_cannot_make_up_what_was_done() {
        assert!(said("clos").is_some());
        assert!(said("<b>vous avez gagné</b>").is_none());
    }
}
