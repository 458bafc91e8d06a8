//! Offers of orders to nurses.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::enums::{OfferState, OrderState, Sex};
use entity::ids::{CommunityId, NurseId, OfferId, OrderId, PatientId};
use entity::offer::{Column, Entity, Model};
use entity::{care_order, nurse, order_item, patient};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};

use super::sql;
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::error::{Error, Result};

/// An open offer with what the nurse is shown of its order.
#[derive(Clone, Debug)]
pub struct Offered {
    /// The offer.
    pub offer: Model,
    /// Its order.
    pub order: care_order::Model,
    /// Items of the order.
    pub items: Vec<String>,
    /// Sex of the patient.
    pub patient_sex: Sex,
    /// Birth date of the patient.
    pub patient_birth_date: NaiveDate,
}

/// Stores offers.
pub async fn insert(tx: &Tx, offers: Vec<Model>) -> Result<()> {
    if offers.is_empty() {
        return Ok(());
    }
    let rows = offers
        .into_iter()
        .map(|offer| offer.into_active_model().reset_all());
    Entity::insert_many(rows)
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// An offer to this nurse.
pub async fn of_nurse(
    db: &impl ConnectionTrait,
    community: CommunityId,
    nurse: NurseId,
    id: OfferId,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::NurseId.eq(nurse))
        .filter(Column::Id.eq(id))
        .one(db)
        .await?)
}

/// The nurse's open offers with their orders. Four statements.
pub async fn open_of_nurse(
    db: &impl ConnectionTrait,
    community: CommunityId,
    nurse: NurseId,
) -> Result<Vec<Offered>> {
    let offers = Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::NurseId.eq(nurse))
        .filter(Column::State.eq(OfferState::Open))
        .all(db)
        .await?;
    let orders = care_order::Entity::find()
        .filter(care_order::Column::CommunityId.eq(community))
        .filter(care_order::Column::Id.is_in(offers.iter().map(|offer| offer.order_id)))
        .filter(care_order::Column::State.eq(OrderState::Open))
        .all(db)
        .await?;
    let items = order_item::Entity::find()
        .filter(order_item::Column::CommunityId.eq(community))
        .filter(order_item::Column::OrderId.is_in(orders.iter().map(|order| order.id)))
        .order_by_asc(order_item::Column::Position)
        .all(db)
        .await?;
    let patients: Vec<PatientTraits> = patient::Entity::find()
        .select_only()
        .columns([
            patient::Column::Id,
            patient::Column::Sex,
            patient::Column::BirthDate,
        ])
        .filter(patient::Column::CommunityId.eq(community))
        .filter(patient::Column::Id.is_in(orders.iter().map(|order| order.patient_id)))
        .into_model()
        .all(db)
        .await?;
    let offered = offers.into_iter().filter_map(|offer| {
        let order = orders
            .iter()
            .find(|order| order.id == offer.order_id && order.round == offer.round)?
            .clone();
        let patient = patients
            .iter()
            .find(|patient| patient.id == order.patient_id)?;
        let items = items.iter().filter(|item| item.order_id == order.id);
        Some(Offered {
            items: items.map(|item| item.item_code.clone()).collect(),
            patient_sex: patient.sex,
            patient_birth_date: patient.birth_date,
            offer,
            order,
        })
    });
    Ok(offered.collect())
}

#[derive(FromQueryResult)]
struct PatientTraits {
    id: PatientId,
    sex: Sex,
    birth_date: NaiveDate,
}

/// A nurse of the community.
pub async fn nurse(
    db: &impl ConnectionTrait,
    community: CommunityId,
    id: NurseId,
) -> Result<Option<nurse::Model>> {
    Ok(nurse::Entity::find_by_id((community, id)).one(db).await?)
}

/// Offers of an order's current round, whatever came of them.
pub async fn of_round(
    db: &impl ConnectionTrait,
    community: CommunityId,
    order: OrderId,
    round: i32,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::OrderId.eq(order))
        .filter(Column::Round.eq(round))
        .all(db)
        .await?)
}

#[derive(FromQueryResult)]
struct Asked {
    nurse_id: NurseId,
}

/// Nurses who are not to be asked in this round: those asked already, and those who were taken off this order.
pub async fn asked(
    db: &impl ConnectionTrait,
    community: CommunityId,
    order: OrderId,
    round: i32,
) -> Result<BTreeSet<NurseId>> {
    let rows = sql::all::<Asked>(
        db,
        "SELECT nurse_id FROM offer WHERE community_id = $1 AND order_id = $2 AND round = $3
         UNION SELECT nurse_id FROM visit WHERE community_id = $1 AND order_id = $2 AND release_reason_enc IS NOT NULL",
        [community.into(), order.into(), round.into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| row.nurse_id).collect())
}

/// Marks the open offer to the winner; false when she has none, as when a coordinator assigns her.
pub async fn mark_accepted(
    tx: &Tx,
    app: &App,
    order: &care_order::Model,
    nurse: NurseId,
) -> Result<bool> {
    let changed = sql::change(
        tx,
        "UPDATE offer SET state = 'accepted', decided_at = $1
         WHERE community_id = $2 AND order_id = $3 AND round = $4 AND nurse_id = $5 AND state = 'open'",
        [
            app.now().into(),
            order.community_id.into(),
            order.id.into(),
            order.round.into(),
            nurse.into(),
        ],
    )
    .await?;
    Ok(changed == 1)
}

/// Declines an open offer; false when it was decided meanwhile.
pub async fn decline(tx: &Tx, app: &App, offer: &Model, reason: &str) -> Result<bool> {
    let sealed = app.cipher.seal(reason_place(offer.id), reason);
    let changed = sql::change(
        tx,
        "UPDATE offer SET state = 'declined', decided_at = $1, decline_reason_enc = $2
         WHERE community_id = $3 AND id = $4 AND state = 'open'",
        [
            app.now().into(),
            sealed.into(),
            offer.community_id.into(),
            offer.id.into(),
        ],
    )
    .await?;
    Ok(changed == 1)
}

/// Why the nurse declined, if she did.
pub fn decline_reason(app: &App, offer: &Model) -> Result<Option<String>> {
    let sealed = offer.decline_reason_enc.as_deref();
    let opened = sealed.map(|sealed| app.cipher.open(reason_place(offer.id), sealed));
    opened.transpose().map_err(Error::internal)
}

fn reason_place(offer: OfferId) -> FieldPlace {
    FieldPlace {
        table: "offer",
        column: "decline_reason_enc",
        row: offer.0,
    }
}
