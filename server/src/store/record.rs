//! What makes the record of a visit final: its signature, amendments after it, and the waste brought back. The
//! database keeps a signed record from changing.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::ids::{AccountId, AmendmentId, CommunityId, VisitId};
use entity::{visit, visit_amendment, visit_signature, visit_waste};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder,
};

use crate::app::App;
use crate::crypto::{FieldPlace, sha256_hex};
use crate::db::Tx;
use crate::error::{Error, Result, violates};
use crate::problem::Code;

/// Hash of a visit's id and its record in the one form in which the server writes it; none without a record. The id
/// keeps the hash of one visit from passing for that of another with the same words.
pub fn hash(app: &App, visit: &visit::Model) -> Result<Option<String>> {
    let Some(record) = super::visit::record(app, visit)? else {
        return Ok(None);
    };
    let text = serde_json::to_string(&record).map_err(Error::internal)?;
    Ok(Some(sha256_hex(format!("{}\n{text}", visit.id).as_bytes())))
}

/// Stores a signature; a second one is a problem.
pub async fn sign(tx: &Tx, row: visit_signature::Model) -> Result<()> {
    let stored = visit_signature::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await;
    match stored {
        Err(error)
            if violates(
                &error,
                &["visit_signature_pkey", "visit_signature.visit_id"],
            ) =>
        {
            Err(Code::RecordSigned.into())
        }
        Err(error) => Err(error.into()),
        Ok(_) => Ok(()),
    }
}

/// The signature of a visit's record.
pub async fn signature(
    db: &impl ConnectionTrait,
    community: CommunityId,
    visit: VisitId,
) -> Result<Option<visit_signature::Model>> {
    Ok(visit_signature::Entity::find()
        .filter(visit_signature::Column::CommunityId.eq(community))
        .filter(visit_signature::Column::VisitId.eq(visit))
        .one(db)
        .await?)
}

/// Those of these visits whose record is signed.
pub async fn signed_of(
    db: &impl ConnectionTrait,
    community: CommunityId,
    visits: &[VisitId],
) -> Result<BTreeSet<VisitId>> {
    let rows = visit_signature::Entity::find()
        .filter(visit_signature::Column::CommunityId.eq(community))
        .filter(visit_signature::Column::VisitId.is_in(visits.iter().copied()))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.visit_id).collect())
}

/// Those of these visits whose waste is back.
pub async fn returned_of(
    db: &impl ConnectionTrait,
    community: CommunityId,
    visits: &[VisitId],
) -> Result<BTreeSet<VisitId>> {
    let rows = visit_waste::Entity::find()
        .filter(visit_waste::Column::CommunityId.eq(community))
        .filter(visit_waste::Column::VisitId.is_in(visits.iter().copied()))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.visit_id).collect())
}

/// An amendment to be stored.
pub struct NewAmendment<'a> {
    /// The visit.
    pub visit: &'a visit::Model,
    /// Who writes it.
    pub author: AccountId,
    /// Why.
    pub reason: &'a str,
    /// What should stand where, as JSON.
    pub fields: &'a str,
    /// A late entry.
    pub late: bool,
    /// When.
    pub at: DateTime<Utc>,
}

/// Stores an amendment.
pub async fn amend(tx: &Tx, app: &App, new: NewAmendment<'_>) -> Result<visit_amendment::Model> {
    let id = app.new_id::<AmendmentId>();
    let row = visit_amendment::Model {
        community_id: new.visit.community_id,
        id,
        visit_id: new.visit.id,
        author: new.author,
        reason_enc: app.cipher.seal(place(id, "reason_enc"), new.reason),
        fields_enc: app.cipher.seal(place(id, "fields_enc"), new.fields),
        late: new.late,
        at: new.at,
    };
    visit_amendment::Entity::insert(row.clone().into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await?;
    Ok(row)
}

/// Reason and fields of an amendment.
pub fn open_amendment(app: &App, row: &visit_amendment::Model) -> Result<(String, String)> {
    let open = |column, sealed: &str| {
        let opened = app.cipher.open(place(row.id, column), sealed);
        opened.map_err(Error::internal)
    };
    Ok((
        open("reason_enc", &row.reason_enc)?,
        open("fields_enc", &row.fields_enc)?,
    ))
}

/// Amendments of a visit's record, oldest first.
pub async fn amendments(
    db: &impl ConnectionTrait,
    community: CommunityId,
    visit: VisitId,
) -> Result<Vec<visit_amendment::Model>> {
    Ok(visit_amendment::Entity::find()
        .filter(visit_amendment::Column::CommunityId.eq(community))
        .filter(visit_amendment::Column::VisitId.eq(visit))
        .order_by_asc(visit_amendment::Column::Id)
        .all(db)
        .await?)
}

fn place(id: AmendmentId, column: &'static str) -> FieldPlace {
    FieldPlace {
        table: "visit_amendment",
        column,
        row: id.0,
    }
}

fn handed_to_place(visit: VisitId) -> FieldPlace {
    FieldPlace {
        table: "visit_waste",
        column: "handed_to_enc",
        row: visit.0,
    }
}

/// Seals the name of who took the waste over.
pub fn seal_handed_to(app: &App, visit: VisitId, name: &str) -> String {
    app.cipher.seal(handed_to_place(visit), name)
}

/// The name of who took the waste over.
pub fn handed_to(app: &App, row: &visit_waste::Model) -> Result<String> {
    let opened = app
        .cipher
        .open(handed_to_place(row.visit_id), &row.handed_to_enc);
    opened.map_err(Error::internal)
}

/// Stores the return of waste; a second one is a problem.
pub async fn return_waste(tx: &Tx, row: visit_waste::Model) -> Result<()> {
    let stored = visit_waste::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await;
    match stored {
        Err(error) if violates(&error, &["visit_waste_pkey", "visit_waste.visit_id"]) => {
            Err(Code::WasteReturnedAlready.into())
        }
        Err(error) => Err(error.into()),
        Ok(_) => Ok(()),
    }
}

/// The waste of a visit, when it was returned.
pub async fn waste(
    db: &impl ConnectionTrait,
    community: CommunityId,
    visit: VisitId,
) -> Result<Option<visit_waste::Model>> {
    Ok(visit_waste::Entity::find()
        .filter(visit_waste::Column::CommunityId.eq(community))
        .filter(visit_waste::Column::VisitId.eq(visit))
        .one(db)
        .await?)
}
