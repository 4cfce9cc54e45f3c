//! The audit log.

use playhead_api::types::{AuditEntry, Page};
use playhead_schemas::{EpochMs, ErrorCode};

use super::{PAGE_ROWS, naming};
use crate::client::ApiClient;

/// Which entries. Conditions are joined by and.
#[derive(Clone, Debug, Default)]
pub(crate) struct AuditFilter {
    /// By id or slug.
    pub(crate) project: Option<String>,
    pub(crate) principal: Option<String>,
    pub(crate) client: Option<String>,
    pub(crate) tool: Option<String>,
    pub(crate) code: Option<ErrorCode>,
    pub(crate) refused: bool,
    pub(crate) since: Option<EpochMs>,
    pub(crate) until: Option<EpochMs>,
}

impl AuditFilter {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let time = |time: Option<EpochMs>| time.map(|time| time.0.to_string());
        let pairs = [
            ("project", self.project.clone()),
            ("principal", self.principal.clone()),
            ("client", self.client.clone()),
            ("tool", self.tool.clone()),
            ("code", self.code.map(|code| code.to_string())),
            ("refused", self.refused.then(|| "1".to_owned())),
            ("since", time(self.since)),
            ("until", time(self.until)),
        ];
        pairs.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

/// The newest `rows` entries that a filter lets through, newest first.
pub(crate) async fn audit(client: &ApiClient, filter: &AuditFilter, rows: usize) -> anyhow::Result<Vec<AuditEntry>> {
    let mut entries: Vec<AuditEntry> = Vec::new();
    let mut after = None;
    loop {
        let wanted = rows.saturating_sub(entries.len()).min(PAGE_ROWS as usize);
        let mut pairs = filter.pairs();
        pairs.push(("limit", wanted.to_string()));
        pairs.extend(after.take().map(|after| ("after", after)));
        let page = client.get(&format!("/api/v1/audit?{}", query_of(&pairs)?)).await;
        let page: Page<AuditEntry> = naming(client, filter.project.as_deref(), page).await?;
        entries.extend(page.items);
        after = page.next;
        if after.is_none() || entries.len() >= rows {
            return Ok(entries);
        }
    }
}

/// Pairs as a query string.
fn query_of(pairs: &[(&str, String)]) -> anyhow::Result<String> {
    let url = reqwest::Url::parse_with_params("http://localhost/", pairs)?;
    Ok(url.query().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn words_of_any_kind_stand_in_a_query() {
        let pairs = [("principal", "token 01J".to_owned()), ("client", "a&b=c%".to_owned())];
        assert_eq!(query_of(&pairs).unwrap(), "principal=token+01J&client=a%26b%3Dc%25");
    }
}
