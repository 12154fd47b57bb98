//! Problems as pages of the town.

use std::sync::Arc;

use askama::Template;
use axum::response::Response;
use parvis_runtime::Tenant;

use super::{
    page::show_with,
    shell::{Area, Shell},
};
use crate::problem::Problem;

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    shell: Shell,
    problem: Problem,
}

impl ProblemPage {
    /// Whether trying again makes sense.
    fn passing(&self) -> bool {
        matches!(self.problem.status, 408 | 429 | 503)
    }
}

/// The page of a problem; the plain one where no town is known or the template fails.
pub fn render(tenant: Option<Arc<Tenant>>, path: &str, problem: Problem) -> Response {
    let Some(tenant) = tenant else { return problem.into_page() };
    let area = match path {
        _ if path.starts_with("/agent") => Area::Agent,
        _ if path.starts_with("/elus") => Area::Elected,
        _ if path.starts_with("/admin") => Area::Admin,
        _ => Area::Citizen,
    };
    let shell = Shell::new(&tenant, area, title(&problem), path).private();
    let status = problem.status();
    let page = ProblemPage { shell, problem };
    match show_with(status, &page) {
        Ok(mut response) => {
            page.problem.add_headers(&mut response);
            response
        }
        Err(problem) => problem.into_page(),
    }
}

fn title(problem: &Problem) -> String {
    match problem.status {
        404 => "Page introuvable".to_owned(),
        403 if problem.kind.ends_with("denied") => "Accès réservé".to_owned(),
        _ => problem.title.clone(),
    }
}
