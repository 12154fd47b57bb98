//! `/admin/classement`: the classifier that proposes a service where no rule names one, and those before it.

use askama::Template;
use parvis_proto::routing::{ClassifierModel, ListClassifierModelsRequest};

use super::{ADMINISTRATORS, Answer, ORGANISERS, frame};
use crate::{
    pages::{
        format,
        page::{Desk, refused, show as render},
        shell::{Link, Shell},
    },
    state::answer,
};

struct ModelView {
    version: u64,
    when: String,
    examples: String,
    corrections: String,
    /// What it was right about, of the corrections kept apart.
    measured: String,
    in_service: bool,
    promoted: bool,
}

#[derive(Template)]
#[template(path = "admin/classifier.html")]
struct ClassifierPage {
    shell: Shell,
    tabs: Vec<Link>,
    current: Option<ModelView>,
    models: Vec<ModelView>,
    percent: u32,
    rule_set: u64,
    corrections: String,
    every: String,
    missing: String,
    writes: bool,
}

/// The page.
pub async fn show(desk: Desk) -> Answer {
    desk.require(&ORGANISERS)?;
    let request = desk.call(ListClassifierModelsRequest {});
    let listed = answer(desk.page.state.routing()?.list_classifier_models(request).await).map_err(refused)?;
    let zone = desk.page.zone();
    let view = |model: &ClassifierModel| ModelView {
        version: model.version,
        when: format::date_time(format::instant(model.trained_at.as_ref()), &zone),
        examples: format::count(model.examples),
        corrections: format::count(model.corrections),
        measured: measured(model),
        in_service: model.version == listed.in_service,
        promoted: model.promoted,
    };
    let every = listed.corrections_to_retrain.max(1);
    let missing = every.saturating_sub(listed.new_corrections);
    let (shell, tabs) = frame(&desk, "Classement automatique").await;
    let current = listed.models.iter().find(|model| model.version == listed.in_service);
    render(&ClassifierPage {
        shell,
        tabs,
        current: current.map(view),
        models: listed.models.iter().map(view).collect(),
        percent: listed.guess_percent,
        rule_set: listed.rule_set,
        corrections: format::plural(listed.corrections, "correction d'agent", "corrections d'agents"),
        every: format::plural(every, "nouvelle correction", "nouvelles corrections"),
        missing: match missing {
            0 => String::new(),
            missing => format!("il en manque {}", format::count(missing)),
        },
        writes: desk.has(&ADMINISTRATORS),
    })
}

fn measured(model: &ClassifierModel) -> String {
    if (model.right, model.right_before) == (0, 0) {
        return "Non comparé".to_owned();
    }
    let times = format::plural(u64::from(model.right), "fois", "fois");
    format!("juste {times}, contre {}", format::count(u64::from(model.right_before)))
}
