//! What was searched in vain, opened, found useful, and often handled without an article: what to write next.
//! Supervisors and administrators.

use parvis_kernel::{Caller, Result};
use parvis_proto::knowledge::{self as proto, Usage, UseCount};

use super::{EDITORS, Knowledge, days_since_1970};
use crate::{
    domain::uncovered::{Ending, Said, Uncovered, uncovered},
    find::{Document, DocumentKind, Shelf},
    repo::{closed_case, usage},
};

/// Days looked at when nothing is asked, and at most.
const DAYS: (u32, u32) = (30, 365);
/// Lines of each list.
const LINES: u64 = 20;

impl Knowledge {
    /// Over the last days.
    pub async fn get_usage(&self, caller: &Caller, days: u32) -> Result<Usage> {
        caller.require(&EDITORS)?;
        self.write_counts().await?;
        let days = if days == 0 { DAYS.0 } else { days.min(DAYS.1) };
        let tenant = &caller.tenant;
        let today = self.today(tenant)?;
        let since = days_since_1970(today) - i32::try_from(days).unwrap_or(i32::MAX) + 1;
        let conn = self.store.read();
        let (shelf, fiches) = self.shelf(caller).await;
        let title = |slug: &str| {
            let own = shelf.get(slug).map(|document| document.title.clone());
            own.or_else(|| fiches.title(slug).map(str::to_owned)).unwrap_or_default()
        };
        let count = |sum: usage::Sum| UseCount {
            title: if sum.kind == "no_result" { String::new() } else { title(&sum.name) },
            key: sum.name,
            count: u64::try_from(sum.number).unwrap_or(0),
        };
        let most = async |kind| -> Result<Vec<UseCount>> {
            Ok(usage::most(conn, tenant, since, kind, LINES).await?.into_iter().map(count).collect())
        };
        let ended = closed_case::ended(conn, tenant, since).await?;
        let endings: Vec<Ending> = ended.into_iter().map(ending).collect();
        let closed =
            |free: bool| endings.iter().filter(|it| !free || it.procedure.is_empty()).map(|it| it.number).sum::<u64>();
        let served: Vec<&Document> = shelf.documents.iter().filter(|document| document.is_valid_on(today)).collect();
        let said = |about: &dyn Fn(&Document) -> bool| Said {
            article: served.iter().any(|it| it.kind == DocumentKind::Article && it.is_for("") && about(it)),
            template: served.iter().any(|it| it.kind == DocumentKind::Template && about(it)),
        };
        let of_procedure = |code: &str| said(&|it: &Document| it.procedure == code);
        let of_theme = |code: &str| said(&|it: &Document| it.theme == code);
        let most_lines = usize::try_from(LINES).unwrap_or(usize::MAX);
        let lines = uncovered(&endings, of_procedure, of_theme, most_lines);
        Ok(Usage {
            closed: closed(false),
            closed_without_procedure: closed(true),
            uncovered: lines.into_iter().map(|line| told(line, &shelf)).collect(),
            searches: usage::total(conn, tenant, since, "search").await?,
            without_result: usage::total(conn, tenant, since, "no_result").await?,
            opened: usage::total(conn, tenant, since, "opened").await?,
            helped: usage::total(conn, tenant, since, "helped").await?,
            not_helped: usage::total(conn, tenant, since, "not_helped").await?,
            not_filed: usage::total(conn, tenant, since, "not_filed").await?,
            missing: most("no_result").await?,
            most_opened: most("opened").await?,
            most_helpful: most("helped").await?,
            least_helpful: most("not_helped").await?,
        })
    }
}

fn ending(ended: closed_case::Ended) -> Ending {
    Ending {
        procedure: ended.procedure_code,
        theme: ended.theme,
        outcome: ended.outcome,
        number: u64::try_from(ended.number).unwrap_or(0),
    }
}

fn told(line: Uncovered, shelf: &Shelf) -> proto::Uncovered {
    let of_theme = line.procedure.is_empty();
    let card = shelf.documents.iter().find(|it| it.kind == DocumentKind::Procedure && it.slug == line.procedure);
    let outcome = |(key, count)| UseCount { key, title: String::new(), count };
    proto::Uncovered {
        kind: if of_theme { "theme" } else { "procedure" }.to_owned(),
        title: card.map(|card| card.title.clone()).unwrap_or_default(),
        code: if of_theme { line.theme.clone() } else { line.procedure },
        theme: line.theme,
        closed: line.closed,
        outcomes: line.outcomes.into_iter().map(outcome).collect(),
        has_template: line.has_template,
    }
}
