//! Prescriptions of a patient: registered, named by the items of an order, withdrawn.

use chrono::NaiveDate;
use entity::enums::{DrugSource, OrderState};
use entity::ids::{AccountId, CommunityId, OrderId, PatientId, PrescriptionId};
use entity::prescription::{Column, Entity, Model};
use entity::{care_order, order_item, patient};
use sea_orm::sea_query::Query;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder,
};
use serde::{Deserialize, Serialize};

use super::page::newest;
use super::sql;
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::domain::catalogue::ItemCode;
use crate::domain::prescription::Held;
use crate::error::{Error, Result};
use crate::problem::Code;
use crate::wire::Cursor;

/// What is prescribed, sealed as one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prescribed {
    /// Name of the doctor.
    pub prescriber: String,
    /// The drug.
    pub drug: String,
    /// How much of it.
    pub dose: String,
    /// Which way.
    pub route: String,
    /// How often.
    pub frequency: String,
}

/// A prescription to be registered.
#[derive(Clone, Debug)]
pub struct NewPrescription {
    /// Code of the item.
    pub item: String,
    /// First day.
    pub prescribed_on: NaiveDate,
    /// Last day.
    pub valid_until: NaiveDate,
    /// Where the drug comes from.
    pub drug_source: DrugSource,
    /// What is prescribed.
    pub detail: Prescribed,
    /// Reference of its image.
    pub image: Option<String>,
    /// Who registers it.
    pub by: AccountId,
}

/// Registers a prescription.
pub async fn insert(
    tx: &Tx,
    app: &App,
    patient: &patient::Model,
    new: NewPrescription,
) -> Result<Model> {
    let id = app.new_id::<PrescriptionId>();
    let detail = serde_json::to_string(&new.detail).map_err(Error::internal)?;
    let row = Model {
        community_id: patient.community_id,
        id,
        patient_id: patient.id,
        item_code: new.item,
        prescribed_on: new.prescribed_on,
        valid_until: new.valid_until,
        drug_source: new.drug_source,
        detail_enc: app.cipher.seal(place(id, "detail_enc"), &detail),
        image_enc: new
            .image
            .map(|image| app.cipher.seal(place(id, "image_enc"), &image)),
        registered_by: new.by,
        registered_at: app.now(),
        withdrawn_by: None,
        withdrawn_at: None,
        withdraw_reason_enc: None,
    };
    Entity::insert(row.clone().into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await?;
    Ok(row)
}

/// Prescriptions of a patient, newest first.
pub async fn page(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
    cursor: &Cursor,
) -> Result<Vec<Model>> {
    let query = of_patient(community, patient);
    newest(db, query, Column::Id, cursor).await
}

/// One prescription of a patient.
pub async fn get(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
    id: PrescriptionId,
) -> Result<Model> {
    of_patient(community, patient)
        .filter(Column::Id.eq(id))
        .one(db)
        .await?
        .ok_or_else(|| Code::NotFound.into())
}

/// What the rules ask of the prescriptions of a patient for these items.
pub async fn held(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
    items: impl IntoIterator<Item = String>,
) -> Result<Vec<Held>> {
    let rows = of_patient(community, patient)
        .filter(Column::ItemCode.is_in(items))
        .all(db)
        .await?;
    Ok(rows.iter().map(as_held).collect())
}

/// What the rules ask of a row.
pub fn as_held(row: &Model) -> Held {
    Held {
        id: row.id,
        item: row.item_code.clone(),
        from: row.prescribed_on,
        until: row.valid_until,
        withdrawn_at: row.withdrawn_at,
    }
}

fn of_patient(community: CommunityId, patient: PatientId) -> sea_orm::Select<Entity> {
    Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::PatientId.eq(patient))
}

/// Notes with the items of an order by which prescriptions they are done.
pub async fn link(
    tx: &Tx,
    community: CommunityId,
    order: OrderId,
    chosen: &[(ItemCode, PrescriptionId)],
) -> Result<()> {
    for (item, id) in chosen {
        sql::change(
            tx,
            "UPDATE order_item SET prescription_id = $1
             WHERE community_id = $2 AND order_id = $3 AND item_code = $4",
            [
                (*id).into(),
                community.into(),
                order.into(),
                item.as_str().into(),
            ],
        )
        .await?;
    }
    Ok(())
}

/// Orders of a patient that still have this item before them.
pub async fn orders_waiting(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
    item: &str,
) -> Result<Vec<care_order::Model>> {
    use OrderState::{Accepted, Arrived, Assessing, Departed, InReview, Open};
    let with_item = Query::select()
        .column(order_item::Column::OrderId)
        .from(order_item::Entity)
        .and_where(order_item::Column::CommunityId.eq(community))
        .and_where(order_item::Column::PatientId.eq(patient))
        .and_where(order_item::Column::ItemCode.eq(item))
        .to_owned();
    let before_it = [InReview, Assessing, Open, Accepted, Departed, Arrived];
    Ok(care_order::Entity::find()
        .filter(care_order::Column::CommunityId.eq(community))
        .filter(care_order::Column::PatientId.eq(patient))
        .filter(care_order::Column::State.is_in(before_it))
        .filter(care_order::Column::Id.in_subquery(with_item))
        .order_by_asc(care_order::Column::Id)
        .all(db)
        .await?)
}

/// Withdraws a prescription, once.
pub async fn withdraw(
    tx: &Tx,
    app: &App,
    mut row: Model,
    by: AccountId,
    reason: &str,
) -> Result<Model> {
    let now = app.now();
    let sealed = app
        .cipher
        .seal(place(row.id, "withdraw_reason_enc"), reason);
    let changed = sql::change(
        tx,
        "UPDATE prescription SET withdrawn_by = $1, withdrawn_at = $2, withdraw_reason_enc = $3
         WHERE community_id = $4 AND id = $5 AND withdrawn_at IS NULL",
        [
            by.into(),
            now.into(),
            sealed.clone().into(),
            row.community_id.into(),
            row.id.into(),
        ],
    )
    .await?;
    if changed != 1 {
        return Err(Code::PrescriptionWithdrawn.into());
    }
    row.withdrawn_by = Some(by);
    row.withdrawn_at = Some(now);
    row.withdraw_reason_enc = Some(sealed);
    Ok(row)
}

/// What is prescribed.
pub fn detail(app: &App, row: &Model) -> Result<Prescribed> {
    let text = app
        .cipher
        .open(place(row.id, "detail_enc"), &row.detail_enc)
        .map_err(Error::internal)?;
    serde_json::from_str(&text).map_err(Error::internal)
}

/// Reference of the image, and why it was withdrawn.
pub fn texts(app: &App, row: &Model) -> Result<(Option<String>, Option<String>)> {
    let open = |column, sealed: &Option<String>| {
        let opened = sealed
            .as_ref()
            .map(|sealed| app.cipher.open(place(row.id, column), sealed));
        opened.transpose().map_err(Error::internal)
    };
    Ok((
        open("image_enc", &row.image_enc)?,
        open("withdraw_reason_enc", &row.withdraw_reason_enc)?,
    ))
}

fn place(id: PrescriptionId, column: &'static str) -> FieldPlace {
    FieldPlace {
        table: "prescription",
        column,
        row: id.0,
    }
}
