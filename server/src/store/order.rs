//! Orders: found within a scope, changed by one compare-and-set, and what a change of state drags along.

mod read;
mod side;

use chrono::{DateTime, Utc};
use entity::care_order::{ActiveModel, Column, Entity, Model};
use entity::enums::{ChargeState, OrderState};
use entity::ids::{CommunityId, InstitutionId, OrderId, OrderItemId, PatientId};
use entity::order_item;
use sea_orm::sea_query::{Condition, Expr, LockType, SimpleExpr};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, TryIntoModel,
};
use uuid::Uuid;

use super::scope::Scope;
use super::sql;
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::domain::dispatch::OrderNeed;
use crate::domain::lifecycle::{self, Command, WrongState};
use crate::error::{Error, Result, violates};
use crate::problem::{Code, Problem};

pub use read::{Actor, TrailFilter, VisitOfOrder, actors, items_of, patients_of, trail, visits_of};
pub use side::{
    FreedVisit, begin_round, enqueue_dispatch, note_dispatch, release_visit, search_ends,
    withdraw_offers, withdraw_offers_after,
};

/// The guard against a second booking of an item at an overlapping time.
const DUPLICATE_GUARD: &str = "order_item_no_duplicate";

/// An order within the scope.
pub async fn get(db: &impl ConnectionTrait, scope: &Scope, id: OrderId) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(scope.orders())
        .filter(Column::Id.eq(id))
        .one(db)
        .await?)
}

/// An order within the scope, or the problem that there is none.
pub async fn require(db: &impl ConnectionTrait, scope: &Scope, id: OrderId) -> Result<Model> {
    get(db, scope, id)
        .await?
        .ok_or_else(|| Code::NotFound.into())
}

/// An order of the community: for jobs, which act for nobody.
pub async fn in_community(
    db: &impl ConnectionTrait,
    community: CommunityId,
    id: OrderId,
) -> Result<Option<Model>> {
    Ok(Entity::find_by_id((community, id)).one(db).await?)
}

/// Orders of a patient whose procedure has not begun, oldest first: for what changes about the patient.
pub async fn unbegun_of_patient(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
) -> Result<Vec<Model>> {
    use OrderState::{Accepted, Arrived, Assessing, Departed, InReview, Open};
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::PatientId.eq(patient))
        .filter(Column::State.is_in([Assessing, InReview, Open, Accepted, Departed, Arrived]))
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}

/// Which orders of a scope.
#[derive(Clone, Debug, Default)]
pub struct OrderFilter {
    /// In this state.
    pub state: Option<OrderState>,
    /// Charged like this.
    pub charge: Option<ChargeState>,
    /// In need of a person.
    pub needs: Option<OrderNeed>,
    /// Of this patient.
    pub patient: Option<PatientId>,
    /// Provided by this institution.
    pub institution: Option<InstitutionId>,
    /// Whose window ends after this.
    pub from: Option<DateTime<Utc>>,
    /// Whose window begins before this.
    pub to: Option<DateTime<Utc>>,
}

/// Orders that need a person for a reason.
fn needing(need: OrderNeed) -> Condition {
    let open = |column: SimpleExpr| {
        Condition::all()
            .add(Column::State.eq(OrderState::Open))
            .add(column)
    };
    match need {
        OrderNeed::Coordinator => Condition::any()
            .add(open(Column::CoordinatorToldAt.is_not_null()))
            .add(not_departed()),
        OrderNeed::Place => open(Column::Lng.is_null()),
        OrderNeed::Review => Condition::all().add(Column::State.eq(OrderState::InReview)),
        OrderNeed::Any => [OrderNeed::Coordinator, OrderNeed::Place, OrderNeed::Review]
            .into_iter()
            .fold(Condition::any(), |any, need| any.add(needing(need))),
    }
}

/// Orders with a nurse who was asked whether she had set out, and has not said so yet.
fn not_departed() -> Condition {
    use OrderState::{Accepted, Arrived, Departed, Finished, InProcedure};
    let asked = "EXISTS (SELECT 1 FROM visit v
         JOIN visit_watch w ON w.community_id = v.community_id AND w.visit_id = v.id
         WHERE v.community_id = care_order.community_id AND v.order_id = care_order.id
           AND v.live AND v.departed_at IS NULL AND w.asked_at IS NOT NULL)";
    Condition::all()
        .add(Column::State.is_in([Accepted, Departed, Arrived, InProcedure, Finished]))
        .add(Expr::cust(asked))
}

/// Orders of the scope, newest first.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: &Scope,
    wanted: &OrderFilter,
    before: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Model>> {
    let conditions = Condition::all()
        .add_option(wanted.state.map(|state| Column::State.eq(state)))
        .add_option(
            wanted
                .charge
                .map(|charge| super::charge::is(scope.community, charge)),
        )
        .add_option(wanted.needs.map(needing))
        .add_option(wanted.patient.map(|id| Column::PatientId.eq(id)))
        .add_option(wanted.institution.map(|id| Column::InstitutionId.eq(id)))
        .add_option(wanted.from.map(|from| Column::WindowEnd.gt(from)))
        .add_option(wanted.to.map(|to| Column::WindowStart.lt(to)))
        .add_option(before.map(|id| Column::Id.lt(OrderId(id))));
    Ok(Entity::find()
        .filter(scope.orders())
        .filter(conditions)
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// Stores an order and its items, in their order. A live booking of an item at that time is a problem.
pub async fn insert(tx: &Tx, app: &App, order: &Model, items: &[String]) -> Result<()> {
    Entity::insert(order.clone().into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await?;
    let rows = (0..).zip(items).map(|(position, code)| {
        let row = order_item::Model {
            community_id: order.community_id,
            id: app.new_id::<OrderItemId>(),
            order_id: order.id,
            patient_id: order.patient_id,
            item_code: code.clone(),
            position,
            window_start: order.window_start,
            window_end: order.window_end,
            live: true,
            prescription_id: None,
        };
        row.into_active_model().reset_all()
    });
    order_item::Entity::insert_many(rows)
        .exec_without_returning(&**tx)
        .await
        .map_err(duplicate)?;
    Ok(())
}

/// Moves the items of an order to its window. A live booking of one of them at that time is a problem.
pub async fn move_items(tx: &Tx, order: &Model) -> Result<()> {
    sql::change(
        tx,
        "UPDATE order_item SET window_start = $1, window_end = $2 WHERE community_id = $3 AND order_id = $4",
        [
            order.window_start.into(),
            order.window_end.into(),
            order.community_id.into(),
            order.id.into(),
        ],
    )
    .await
    .map_err(duplicate)?;
    Ok(())
}

fn duplicate(error: DbErr) -> Error {
    if violates(&error, &[DUPLICATE_GUARD]) {
        Code::OrderDuplicate.into()
    } else {
        error.into()
    }
}

/// Takes the step `command` upon the order as it was read, with the further changes of `change`.
///
/// Compare-and-set: whoever changed the order meanwhile makes this fail with `order_changed`. An order that is
/// over no longer stands in the way of another booking of its items, and keeps what its address said. Events are left
/// to the caller.
pub async fn advance(
    tx: &Tx,
    app: &App,
    order: &Model,
    command: Command,
    change: impl FnOnce(&mut ActiveModel),
) -> Result<Model> {
    let state = lifecycle::next(order.state, command).map_err(wrong_state)?;
    let mut row = order.clone().into_active_model();
    change(&mut row);
    if over(state) && order.address_text_enc.is_none() {
        side::keep_address(tx, app, order, &mut row).await?;
    }
    row.state = Set(state);
    row.version = Set(order.version + 1);
    row.updated_at = Set(app.now());
    let changed = Entity::update_many()
        .set(row.clone())
        .filter(Column::CommunityId.eq(order.community_id))
        .filter(Column::Id.eq(order.id))
        .filter(Column::State.eq(order.state))
        .filter(Column::Version.eq(order.version))
        .exec(&**tx)
        .await?;
    if changed.rows_affected != 1 {
        return Err(Code::OrderChanged.into());
    }
    if over(state) {
        sql::change(
            tx,
            "UPDATE order_item SET live = FALSE WHERE community_id = $1 AND order_id = $2",
            [order.community_id.into(), order.id.into()],
        )
        .await?;
    }
    Ok(row.try_into_model()?)
}

/// Changes an order whose state stays as it is, upon the version read.
pub async fn touch(
    tx: &Tx,
    app: &App,
    order: &Model,
    change: impl FnOnce(&mut ActiveModel),
) -> Result<Model> {
    let mut row = order.clone().into_active_model();
    change(&mut row);
    row.version = Set(order.version + 1);
    row.updated_at = Set(app.now());
    let changed = Entity::update_many()
        .set(row.clone())
        .filter(Column::CommunityId.eq(order.community_id))
        .filter(Column::Id.eq(order.id))
        .filter(Column::State.eq(order.state))
        .filter(Column::Version.eq(order.version))
        .exec(&**tx)
        .await?;
    if changed.rows_affected != 1 {
        return Err(Code::OrderChanged.into());
    }
    Ok(row.try_into_model()?)
}

/// Whether the care of an order is done, or will not be done any more.
fn over(state: OrderState) -> bool {
    lifecycle::is_final(state) || state == OrderState::Finished
}

/// Orders of a patient whose care is not done yet, the oldest first.
pub async fn undone_of_patient(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
) -> Result<Vec<Model>> {
    let undone = OrderState::ALL.iter().copied();
    let undone = undone.filter(|state| !over(*state));
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::PatientId.eq(patient))
        .filter(Column::State.is_in(undone))
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}

/// The order, locked until the write ends, so that two who take seats of it take different ones.
pub async fn lock(tx: &Tx, order: &Model) -> Result<Model> {
    Entity::find()
        .filter(Column::CommunityId.eq(order.community_id))
        .filter(Column::Id.eq(order.id))
        .lock(LockType::NoKeyUpdate)
        .one(&**tx)
        .await?
        .ok_or_else(|| Code::NotFound.into())
}

/// The problem of a command that the order's state does not allow.
pub fn wrong_state(error: WrongState) -> Error {
    let code = Code::parse(error.code()).unwrap_or(Code::OrderWrongState);
    Problem::new(code)
        .with("state", error.state)
        .member("state", error.state)
        .into()
}

/// A personal text of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sealed {
    /// Answers and findings of the screening, as JSON.
    Screening,
    /// What the family wants to be known.
    Note,
    /// Why it was refused, cancelled or aborted.
    EndReason,
    /// What the reviewer wrote.
    ReviewReason,
    /// What its address said when it ended.
    AddressText,
    /// What was to be looked for there.
    AddressLandmark,
}

impl Sealed {
    fn place(self, id: OrderId) -> FieldPlace {
        let column = match self {
            Self::Screening => "screening_enc",
            Self::Note => "note_enc",
            Self::EndReason => "end_reason_enc",
            Self::ReviewReason => "review_reason_enc",
            Self::AddressText => "address_text_enc",
            Self::AddressLandmark => "address_landmark_enc",
        };
        FieldPlace {
            table: "care_order",
            column,
            row: id.0,
        }
    }

    /// Seals a text for its column.
    pub fn seal(self, app: &App, id: OrderId, text: &str) -> String {
        app.cipher.seal(self.place(id), text)
    }

    /// Opens the text of its column, when there is one.
    pub fn open(self, app: &App, order: &Model) -> Result<Option<String>> {
        let sealed = match self {
            Self::Screening => Some(&order.screening_enc),
            Self::Note => order.note_enc.as_ref(),
            Self::EndReason => order.end_reason_enc.as_ref(),
            Self::ReviewReason => order.review_reason_enc.as_ref(),
            Self::AddressText => order.address_text_enc.as_ref(),
            Self::AddressLandmark => order.address_landmark_enc.as_ref(),
        };
        let open = |text: &String| app.cipher.open(self.place(order.id), text);
        sealed.map(open).transpose().map_err(Error::internal)
    }
}
