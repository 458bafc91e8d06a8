//! Critical values: the desk is called for each of a visit once, whether the record took effect or is only kept.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use entity::enums::{ActKind, AlertKind, AlertSeverity};
use entity::ids::AccountId;
use entity::{care_order, visit};
use serde_json::json;

use crate::app::App;
use crate::db::Tx;
use crate::domain::record_form::FormFlag;
use crate::domain::visit_record::Measured;
use crate::domain::vitals::VitalFlag;
use crate::error::Result;
use crate::rules::RuleBook;
use crate::store;
use crate::store::alert::NewAlert;

/// Critical values with what to do, each a line with its red flag.
pub(super) fn lines(vitals: &[VitalFlag], forms: &[FormFlag]) -> BTreeMap<String, String> {
    let vitals = vitals
        .iter()
        .map(|flag| (flag.line(), flag.red_flag.clone()));
    let forms = forms.iter().map(|flag| {
        let value = json!(flag.value);
        let line = format!("{}.{} {value}: {}", flag.item, flag.field, flag.advice.zh);
        (line, flag.red_flag.clone())
    });
    vitals.chain(forms).collect()
}

/// Those of what was measured, whatever is wrong with the rest of its record.
fn of(book: &RuleBook, measured: &Measured) -> BTreeSet<String> {
    let vitals = book.vitals.flags(&measured.vitals);
    let forms = book.record_forms.flags(&measured.forms);
    lines(&vitals, &forms).into_keys().collect()
}

/// Those for which the desk was called already: of the text that stands, and of texts that are kept and took no effect.
pub(super) async fn known(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    visit: &visit::Model,
) -> Result<BTreeSet<String>> {
    let standing = store::visit::record(app, visit)?.map(Measured::from);
    let (community, kind) = (visit.community_id, ActKind::Record);
    let kept = store::sync_action::kept_bodies(&**tx, app, community, visit.id, kind).await?;
    let kept = kept.iter().map(|body| Measured::read(body));
    let all = standing.into_iter().chain(kept);
    Ok(all.flat_map(|measured| of(book, &measured)).collect())
}

/// Calls the desk for those that are new.
pub(super) async fn call(
    tx: &Tx,
    app: &App,
    (visit, order): (&visit::Model, &care_order::Model),
    (by, at): (AccountId, DateTime<Utc>),
    new: &BTreeSet<String>,
) -> Result<()> {
    if new.is_empty() {
        return Ok(());
    }
    let found: Vec<_> = new.iter().map(String::as_str).collect();
    let found = found.join("\n");
    let (kind, severity) = (AlertKind::CriticalValue, AlertSeverity::Critical);
    let alert = NewAlert::of_order(app, kind, severity, order, at)
        .visit(visit)
        .detail(&found)
        .by(by);
    store::alert::open(tx, app, alert).await?;
    Ok(())
}

/// Calls the desk for those of a record that is about to be kept without effect: it was told too late, by the wrong
/// person, or with a mistake elsewhere, and the patient is in danger all the same.
pub(crate) async fn call_for_kept(
    tx: &Tx,
    app: &App,
    (visit, order): (&visit::Model, &care_order::Model),
    (by, at): (AccountId, DateTime<Utc>),
    body: &str,
) -> Result<()> {
    let book = RuleBook::at(&**tx, app, visit.community_id, at).await?;
    let found = of(&book, &Measured::read(body));
    if found.is_empty() {
        return Ok(());
    }
    let known = known(tx, app, &book, visit).await?;
    let new = found.difference(&known).cloned().collect();
    call(tx, app, (visit, order), (by, at), &new).await
}
