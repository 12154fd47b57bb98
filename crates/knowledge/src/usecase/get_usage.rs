//! What was searched in vain, opened, found useful: what to write next. Supervisors and administrators.

use parvis_kernel::{Caller, Result};
use parvis_proto::knowledge::{Usage, UseCount};

use super::{EDITORS, Knowledge, days_since_1970};
use crate::repo::usage;

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
        let since = days_since_1970(self.today(tenant)?) - i32::try_from(days).unwrap_or(i32::MAX) + 1;
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
        Ok(Usage {
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
