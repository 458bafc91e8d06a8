//! Certificates of nurses.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::certification::{Column, Entity, Model};
use entity::ids::{AccountId, CertificationId, CommunityId, NurseId};
use entity::nurse;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder,
};
use serde_json::json;

use super::nurse::about;
use super::scope::Scope;
use super::{event, reach, sql};
use crate::app::App;
use crate::db::Tx;
use crate::domain::event::EventKind;
use crate::domain::roster::{CertificateFacts, CertificateState, certificate_state};
use crate::error::{Error, Result, violates};
use crate::problem::{Code, Problem};

/// Certificates of a nurse, newest first, revoked ones too.
pub async fn of_nurse(
    db: &impl ConnectionTrait,
    community: CommunityId,
    nurse: NurseId,
) -> Result<Vec<Model>> {
    Ok(of_nurses(db, community, &[nurse])
        .await?
        .remove(&nurse)
        .unwrap_or_default())
}

/// Certificates of several nurses. One statement.
pub async fn of_nurses(
    db: &impl ConnectionTrait,
    community: CommunityId,
    nurses: &[NurseId],
) -> Result<BTreeMap<NurseId, Vec<Model>>> {
    let rows = Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::NurseId.is_in(nurses.iter().copied()))
        .order_by_desc(Column::Id)
        .all(db)
        .await?;
    let mut found: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for row in rows {
        found.entry(row.nurse_id).or_default().push(row);
    }
    Ok(found)
}

/// A certificate with its nurse, when she is within the scope.
pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: CertificationId,
) -> Result<(Model, nurse::Model)> {
    let row = Entity::find_by_id((scope.community, id))
        .one(db)
        .await?
        .ok_or(Code::NotFound)?;
    let nurse = super::nurse::find(db, scope, row.nurse_id).await?;
    Ok((row, nurse))
}

/// Adds a certificate. It counts for nothing until it is verified, so the reach stays as it is.
pub async fn add(
    tx: &Tx,
    app: &App,
    nurse: &nurse::Model,
    facts: &CertificateFacts,
    by: AccountId,
) -> Result<Model> {
    let row = Model {
        community_id: nurse.community_id,
        id: app.new_id(),
        nurse_id: nurse.id,
        kind: facts.kind.clone(),
        number: facts.number.clone(),
        issuer: facts.issuer.clone(),
        valid_from: facts.valid_from,
        valid_to: facts.valid_to,
        verified_by: None,
        verified_at: None,
        revoked_at: None,
        revoke_reason: None,
        created_at: app.now(),
    };
    Entity::insert(row.clone().into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await
        .map_err(|error| {
            if violates(&error, &["certification_once", "certification.number"]) {
                let params = vec![("name", facts.number.clone())];
                Error::from(
                    Problem::new(Code::CodeTaken)
                        .with("name", &facts.number)
                        .field_with("number", Code::CodeTaken, params),
                )
            } else {
                error.into()
            }
        })?;
    tell(tx, app, EventKind::CertificationAdded, (&row, nurse), by).await?;
    Ok(row)
}

/// Verifies a certificate; one that is verified already keeps who did it first.
pub async fn verify(
    tx: &Tx,
    app: &App,
    (row, nurse): (&Model, &nurse::Model),
    by: AccountId,
) -> Result<Model> {
    if row.revoked_at.is_some() {
        return Err(Code::CertificateRevoked.into());
    }
    if row.verified_at.is_some() {
        return Ok(row.clone());
    }
    let changed = sql::change(
        tx,
        "UPDATE certification SET verified_by = $1, verified_at = $2
         WHERE community_id = $3 AND id = $4 AND verified_at IS NULL AND revoked_at IS NULL",
        [
            by.into(),
            app.now().into(),
            row.community_id.into(),
            row.id.into(),
        ],
    )
    .await?;
    if changed != 1 {
        return Err(Code::PreconditionFailed.into());
    }
    reach::refresh(tx, row.community_id, row.nurse_id).await?;
    tell(tx, app, EventKind::CertificationVerified, (row, nurse), by).await?;
    Ok(Model {
        verified_by: Some(by),
        verified_at: Some(app.now()),
        ..row.clone()
    })
}

/// Takes a certificate back.
pub async fn revoke(
    tx: &Tx,
    app: &App,
    (row, nurse): (&Model, &nurse::Model),
    reason: &str,
    by: AccountId,
) -> Result<Model> {
    let changed = sql::change(
        tx,
        "UPDATE certification SET revoked_at = $1, revoke_reason = $2
         WHERE community_id = $3 AND id = $4 AND revoked_at IS NULL",
        [
            app.now().into(),
            reason.into(),
            row.community_id.into(),
            row.id.into(),
        ],
    )
    .await?;
    if changed != 1 {
        return Err(Code::CertificateRevoked.into());
    }
    reach::refresh(tx, row.community_id, row.nurse_id).await?;
    tell(tx, app, EventKind::CertificationRevoked, (row, nurse), by).await?;
    Ok(Model {
        revoked_at: Some(app.now()),
        revoke_reason: Some(reason.to_owned()),
        ..row.clone()
    })
}

/// What a stored certificate says.
pub fn facts_of(row: &Model) -> CertificateFacts {
    CertificateFacts {
        kind: row.kind.clone(),
        number: row.number.clone(),
        issuer: row.issuer.clone(),
        valid_from: row.valid_from,
        valid_to: row.valid_to,
    }
}

/// Whether a stored certificate counts on a day.
pub fn state_of(row: &Model, today: NaiveDate) -> CertificateState {
    let dates = (row.valid_from, row.valid_to);
    certificate_state(dates, row.verified_at, row.revoked_at, today)
}

async fn tell(
    tx: &Tx,
    app: &App,
    kind: EventKind,
    (row, nurse): (&Model, &nurse::Model),
    by: AccountId,
) -> Result<()> {
    let payload = json!({
        "certification": row.id, "kind": row.kind, "valid_from": row.valid_from, "valid_to": row.valid_to,
    });
    let event = about(kind, nurse, by).payload(payload);
    event::append(tx, app, row.community_id, event).await
}
