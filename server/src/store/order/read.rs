//! What belongs to several orders at once, each kind in one statement however many orders there are.

use std::collections::{BTreeMap, BTreeSet};

use entity::enums::{NurseTitle, Role};
use entity::ids::{AccountId, CommunityId, NurseId, OrderId, PatientId};
use entity::{account, event, nurse, order_item, patient, role_grant, visit};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::app::App;
use crate::crypto::FieldPlace;
use crate::domain::name::PersonName;
use crate::error::{Error, Result};

/// Items of orders, in the order they were booked in.
pub async fn items_of(
    db: &impl ConnectionTrait,
    community: CommunityId,
    orders: &[OrderId],
) -> Result<BTreeMap<OrderId, Vec<order_item::Model>>> {
    let rows = order_item::Entity::find()
        .filter(order_item::Column::CommunityId.eq(community))
        .filter(order_item::Column::OrderId.is_in(orders.iter().copied()))
        .order_by_asc(order_item::Column::Position)
        .all(db)
        .await?;
    let mut items: BTreeMap<OrderId, Vec<_>> = BTreeMap::new();
    for row in rows {
        items.entry(row.order_id).or_default().push(row);
    }
    Ok(items)
}

/// Patients by id.
pub async fn patients_of(
    db: &impl ConnectionTrait,
    community: CommunityId,
    ids: impl IntoIterator<Item = PatientId>,
) -> Result<BTreeMap<PatientId, patient::Model>> {
    let rows = patient::Entity::find()
        .filter(patient::Column::CommunityId.eq(community))
        .filter(patient::Column::Id.is_in(ids))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// A visit and who makes it.
#[derive(Clone, Debug)]
pub struct VisitOfOrder {
    /// The visit.
    pub visit: visit::Model,
    /// Name of the nurse.
    pub nurse_name: String,
    /// Title of the nurse.
    pub nurse_title: NurseTitle,
    /// Of a visit by two, the second one's.
    pub second: Option<Box<Self>>,
}

impl VisitOfOrder {
    /// Whether a nurse of the order is out for it.
    pub fn set_out(&self) -> bool {
        let second = self.second.as_ref();
        self.visit.live && self.visit.departed_at.is_some()
            || second.is_some_and(|second| second.set_out())
    }
}

/// The live visit of each order, else the last one that was not taken from its nurse; with it, of a visit by two, that of
/// the second nurse. Two statements.
pub async fn visits_of(
    db: &impl ConnectionTrait,
    app: &App,
    community: CommunityId,
    orders: &[OrderId],
) -> Result<BTreeMap<OrderId, VisitOfOrder>> {
    let rows = visit::Entity::find()
        .filter(visit::Column::CommunityId.eq(community))
        .filter(visit::Column::OrderId.is_in(orders.iter().copied()))
        .filter(visit::Column::ReleasedAt.is_null())
        .order_by_asc(visit::Column::Live)
        .order_by_asc(visit::Column::Id)
        .all(db)
        .await?;
    // Later rows win: of each seat the live one, else the newest.
    let newest: BTreeMap<(OrderId, i32), visit::Model> = rows
        .into_iter()
        .map(|row| ((row.order_id, row.seat), row))
        .collect();
    let nurses = nurse::Entity::find()
        .filter(nurse::Column::CommunityId.eq(community))
        .filter(nurse::Column::Id.is_in(newest.values().map(|visit| visit.nurse_id)))
        .all(db)
        .await?;
    let nurses: BTreeMap<NurseId, nurse::Model> =
        nurses.into_iter().map(|row| (row.id, row)).collect();
    let mut visits: BTreeMap<OrderId, VisitOfOrder> = BTreeMap::new();
    // By seat: the first one found leads, as far as the family is concerned.
    for ((order, _), visit) in newest {
        let found = visit_of(app, visit, &nurses)?;
        match visits.get_mut(&order) {
            Some(first) => first.second = Some(Box::new(found)),
            None => {
                visits.insert(order, found);
            }
        }
    }
    Ok(visits)
}

fn visit_of(
    app: &App,
    visit: visit::Model,
    nurses: &BTreeMap<NurseId, nurse::Model>,
) -> Result<VisitOfOrder> {
    let nurse = nurses
        .get(&visit.nurse_id)
        .ok_or_else(|| Error::internal("a visit has no nurse"))?;
    let place = FieldPlace {
        table: "nurse",
        column: "name_enc",
        row: nurse.id.0,
    };
    let name = app.cipher.open(place, &nurse.name_enc);
    Ok(VisitOfOrder {
        visit,
        nurse_name: name.map_err(Error::internal)?,
        nurse_title: nurse.title,
        second: None,
    })
}

/// Which events of a trail are shown.
#[derive(Clone, Debug)]
pub struct TrailFilter {
    /// Kinds that are shown whomever they name.
    pub kinds: Vec<&'static str>,
    /// A nurse, and the kinds that are shown when they name her.
    pub naming: Option<(NurseId, Vec<&'static str>)>,
}

/// The trail of an order, oldest first, after a number.
pub async fn trail(
    db: &impl ConnectionTrait,
    community: CommunityId,
    order: OrderId,
    shown: &TrailFilter,
    after: i64,
    limit: u64,
) -> Result<Vec<event::Model>> {
    use event::Column;
    let naming = shown.naming.as_ref().map(|(nurse, kinds)| {
        Condition::all()
            .add(Column::NurseId.eq(*nurse))
            .add(Column::Kind.is_in(kinds.iter().copied()))
    });
    let kinds = Condition::any()
        .add(Column::Kind.is_in(shown.kinds.iter().copied()))
        .add_option(naming);
    Ok(event::Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::SubjectKind.eq(entity::enums::SubjectKind::Order))
        .filter(Column::SubjectId.eq(order.0))
        .filter(Column::SubjectNo.gt(after))
        .filter(kinds)
        .order_by_asc(Column::SubjectNo)
        .limit(limit)
        .all(db)
        .await?)
}

/// Who did something.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Name of the account's owner.
    pub name: PersonName,
    /// Roles of the account.
    pub roles: BTreeSet<Role>,
}

/// Accounts by id, with their roles. Two statements.
pub async fn actors(
    db: &impl ConnectionTrait,
    app: &App,
    community: CommunityId,
    ids: BTreeSet<AccountId>,
) -> Result<BTreeMap<AccountId, Actor>> {
    let accounts = account::Entity::find()
        .filter(account::Column::CommunityId.eq(community))
        .filter(account::Column::Id.is_in(ids.iter().copied()))
        .all(db)
        .await?;
    let mut actors = BTreeMap::new();
    for row in accounts {
        let name = crate::store::account::name(app, &row)?;
        let name = PersonName::parse(&name).map_err(Error::internal)?;
        let roles = BTreeSet::new();
        actors.insert(row.id, Actor { name, roles });
    }
    let grants = role_grant::Entity::find()
        .filter(role_grant::Column::CommunityId.eq(community))
        .filter(role_grant::Column::AccountId.is_in(ids))
        .all(db)
        .await?;
    for grant in grants {
        if let Some(actor) = actors.get_mut(&grant.account_id) {
            actor.roles.insert(grant.role);
        }
    }
    Ok(actors)
}
