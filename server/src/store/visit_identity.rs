//! Who was recognised at the door of a visit. One row a visit, made by whichever side comes first.

use chrono::{DateTime, Utc};
use entity::enums::PatientIdentifier;
use entity::ids::{AccountId, CommunityId, VisitId};
use entity::visit;
use entity::visit_identity::{Column, Entity, Model};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::sql;
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::crypto::same_secret;
use crate::db::Tx;
use crate::domain::recognition::{badge_code, badge_steps};
use crate::error::Result;

/// What is known for a visit.
pub async fn of_visit(
    db: &impl ConnectionTrait,
    community: CommunityId,
    visit: VisitId,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::VisitId.eq(visit))
        .one(db)
        .await?)
}

/// When a patient was recognised, and by what.
#[derive(Clone, Copy, Debug)]
pub struct Checked<'a> {
    /// By what.
    pub identifiers: &'a [PatientIdentifier],
    /// When.
    pub at: DateTime<Utc>,
    /// When, by the device.
    pub device_at: Option<DateTime<Utc>>,
    /// Why the family could not verify the nurse's code.
    pub nurse_not_verified: Option<&'a str>,
}

/// Notes that the nurse has recognised the patient; a later check replaces the one before.
pub async fn check_patient(
    tx: &Tx,
    app: &App,
    community: CommunityId,
    visit: VisitId,
    checked: Checked<'_>,
) -> Result<()> {
    let place = FieldPlace {
        table: "visit_identity",
        column: "nurse_not_verified_enc",
        row: visit.0,
    };
    let reason = checked
        .nurse_not_verified
        .map(|text| app.cipher.seal(place, text));
    sql::change(
        tx,
        "INSERT INTO visit_identity
            (community_id, visit_id, identifiers, checked_at, checked_device_at, nurse_not_verified_enc)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (community_id, visit_id) DO UPDATE SET identifiers = excluded.identifiers,
            checked_at = excluded.checked_at, checked_device_at = excluded.checked_device_at,
            nurse_not_verified_enc = excluded.nurse_not_verified_enc",
        [
            community.into(),
            visit.into(),
            json!(checked.identifiers).into(),
            checked.at.into(),
            checked.device_at.into(),
            reason.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Keeps who of the family was there, as JSON; the row is there, for the patient was recognised before.
pub async fn note_present(tx: &Tx, app: &App, visit: &visit::Model, present: &str) -> Result<()> {
    let place = FieldPlace {
        table: "visit_identity",
        column: "present_enc",
        row: visit.id.0,
    };
    sql::change(
        tx,
        "UPDATE visit_identity SET present_enc = $1 WHERE community_id = $2 AND visit_id = $3",
        [
            app.cipher.seal(place, present).into(),
            visit.community_id.into(),
            visit.id.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Notes that the family has verified the nurse.
pub async fn verify_nurse(
    tx: &Tx,
    community: CommunityId,
    visit: VisitId,
    (by, at): (AccountId, DateTime<Utc>),
) -> Result<()> {
    sql::change(
        tx,
        "INSERT INTO visit_identity (community_id, visit_id, nurse_verified_at, nurse_verified_by)
         VALUES ($1, $2, $3, $4)
         ON CONFLICT (community_id, visit_id) DO UPDATE SET nurse_verified_at = excluded.nurse_verified_at,
            nurse_verified_by = excluded.nurse_verified_by",
        [community.into(), visit.into(), at.into(), by.into()],
    )
    .await?;
    Ok(())
}

/// The code that the nurse of a visit shows in a step of time.
pub fn badge(app: &App, visit: VisitId, step: i64) -> String {
    badge_code(&app.lookup.hash("nurse_badge", &format!("{visit}:{step}")))
}

/// Whether a code is the one of a visit at a moment.
pub fn is_badge(app: &App, visit: VisitId, code: &str, at: DateTime<Utc>) -> bool {
    let mut steps = badge_steps(at).into_iter();
    steps.any(|step| same_secret(&badge(app, visit, step), code))
}
