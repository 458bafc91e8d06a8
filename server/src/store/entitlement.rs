//! What else pays for a patient's care: recorded, ended, never changed.

use chrono::NaiveDate;
use entity::entitlement::{Column, Entity, Model};
use entity::enums::EntitlementKind;
use entity::ids::{AccountId, CommunityId, EntitlementId, PatientId};
use entity::patient;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::page::newest;
use super::sql;
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::domain::charge::Held;
use crate::error::{Error, Result, violates};
use crate::problem::Code;
use crate::wire::Cursor;

/// The guard against the same entitlement twice.
const ONCE: &str = "entitlement_once";

/// An entitlement to be recorded.
#[derive(Clone, Debug)]
pub struct NewEntitlement<'a> {
    /// Who pays.
    pub kind: EntitlementKind,
    /// Code of the package.
    pub package: &'a str,
    /// Name of who pays.
    pub payer: &'a str,
    /// Number of the contract.
    pub number: &'a str,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day; it counts.
    pub valid_to: NaiveDate,
    /// Who records it.
    pub by: AccountId,
}

/// Records an entitlement. The same package from the same day is a problem.
pub async fn insert(
    tx: &Tx,
    app: &App,
    patient: &patient::Model,
    new: NewEntitlement<'_>,
) -> Result<Model> {
    let id = app.new_id::<EntitlementId>();
    let row = Model {
        community_id: patient.community_id,
        id,
        patient_id: patient.id,
        kind: new.kind,
        package: new.package.to_owned(),
        payer_enc: Sealed::Payer.seal(app, id, new.payer),
        number_enc: Sealed::Number.seal(app, id, new.number),
        valid_from: new.valid_from,
        valid_to: new.valid_to,
        recorded_by: new.by,
        recorded_at: app.now(),
        ended_by: None,
        ended_at: None,
        end_reason_enc: None,
    };
    sql::insert(tx, row.clone()).await.map_err(|error| {
        // SQLite names the columns of the index, PostgreSQL the index.
        if violates(&error, &[ONCE, "entitlement.package"]) {
            Code::EntitlementRecorded.into()
        } else {
            Error::from(error)
        }
    })?;
    Ok(row)
}

/// Entitlements of a patient, newest first.
pub async fn page(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
    cursor: &Cursor,
) -> Result<Vec<Model>> {
    let query = of_patient(community, patient);
    newest(db, query, Column::Id, cursor).await
}

/// One entitlement of a patient.
pub async fn get(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
    id: EntitlementId,
) -> Result<Model> {
    of_patient(community, patient)
        .filter(Column::Id.eq(id))
        .one(db)
        .await?
        .ok_or_else(|| Code::NotFound.into())
}

/// Those of a patient that nobody has ended, oldest first, as the rules ask for them.
pub async fn held(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
) -> Result<Vec<Held>> {
    let rows = of_patient(community, patient)
        .filter(Column::EndedAt.is_null())
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    let held = rows.into_iter().map(|row| Held {
        id: row.id,
        package: row.package,
        from: row.valid_from,
        to: row.valid_to,
    });
    Ok(held.collect())
}

/// Ends an entitlement; one that is over already is a problem.
pub async fn end(tx: &Tx, app: &App, row: Model, by: AccountId, reason: &str) -> Result<Model> {
    let ended = Model {
        ended_by: Some(by),
        ended_at: Some(app.now()),
        end_reason_enc: Some(Sealed::EndReason.seal(app, row.id, reason)),
        ..row
    };
    let changed = sql::change(
        tx,
        "UPDATE entitlement SET ended_by = $1, ended_at = $2, end_reason_enc = $3
         WHERE community_id = $4 AND id = $5 AND ended_at IS NULL",
        [
            ended.ended_by.into(),
            ended.ended_at.into(),
            ended.end_reason_enc.clone().into(),
            ended.community_id.into(),
            ended.id.into(),
        ],
    )
    .await?;
    if changed == 1 {
        Ok(ended)
    } else {
        Err(Code::EntitlementEnded.into())
    }
}

fn of_patient(community: CommunityId, patient: PatientId) -> sea_orm::Select<Entity> {
    Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::PatientId.eq(patient))
}

/// A personal text of an entitlement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sealed {
    /// Who pays.
    Payer,
    /// Number of the contract.
    Number,
    /// Why it was ended.
    EndReason,
}

impl Sealed {
    fn place(self, id: EntitlementId) -> FieldPlace {
        let column = match self {
            Self::Payer => "payer_enc",
            Self::Number => "number_enc",
            Self::EndReason => "end_reason_enc",
        };
        FieldPlace {
            table: "entitlement",
            column,
            row: id.0,
        }
    }

    fn seal(self, app: &App, id: EntitlementId, text: &str) -> String {
        app.cipher.seal(self.place(id), text)
    }

    /// Opens the text of its column, when there is one.
    pub fn open(self, app: &App, row: &Model) -> Result<Option<String>> {
        let sealed = match self {
            Self::Payer => Some(&row.payer_enc),
            Self::Number => Some(&row.number_enc),
            Self::EndReason => row.end_reason_enc.as_ref(),
        };
        let open = |text: &String| app.cipher.open(self.place(row.id), text);
        sealed.map(open).transpose().map_err(Error::internal)
    }
}
