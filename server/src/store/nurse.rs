//! Nurses, their duty, leave and place.

mod hours;
mod many;
mod row;

use chrono::{DateTime, NaiveDate, Utc};
use entity::certification;
use entity::enums::SubjectKind;
use entity::ids::{AccountId, CommunityId, InstitutionId, NurseId};
use entity::nurse::{Column, Entity, Model};
use sea_orm::sea_query::{Condition, LockType, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QuerySelect, QueryTrait,
};
use serde_json::json;

use super::event::{self, NewEvent};
use super::page::newest;
use super::scope::Scope;
use super::{reach, sql};
use crate::app::App;
use crate::db::Tx;
use crate::domain::event::EventKind;
use crate::domain::place::SourcePlace;
use crate::domain::roster::Profile;
use crate::error::{Error, Result, violates};
use crate::problem::{Code, Problem};
use crate::wire::Cursor;

pub use hours::{add_leave, duty, duty_of_all, leave_of, remove_leave, set_duty};
pub use many::{Known, institutions_by_code, known, licences};
pub use row::{name, name_place, profile_of};

/// Which nurses.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Employed here.
    pub institution: Option<InstitutionId>,
    /// Holds a certificate of this kind that is verified and in force on the day.
    pub certificate: Option<(String, NaiveDate)>,
    /// Has a certificate that nobody has verified or revoked.
    pub unverified: bool,
    /// Takes home visits, or not.
    pub active: Option<bool>,
}

/// Nurses of the scope's institutions.
fn within(scope: &Scope) -> Condition {
    // An empty list is never true, so nobody sees anybody by default.
    Condition::all()
        .add(Column::CommunityId.eq(scope.community))
        .add(Column::InstitutionId.is_in(scope.institutions.iter().copied()))
}

/// A page of nurses, newest first.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: &Scope,
    filter: &Filter,
    cursor: &Cursor,
) -> Result<Vec<Model>> {
    let held = |condition: Condition| {
        Query::select()
            .column(certification::Column::NurseId)
            .from(certification::Entity)
            .cond_where(
                condition
                    .add(certification::Column::CommunityId.eq(scope.community))
                    .add(certification::Column::RevokedAt.is_null()),
            )
            .to_owned()
    };
    let in_force = |(kind, day): &(String, NaiveDate)| {
        Condition::all()
            .add(certification::Column::Kind.eq(kind))
            .add(certification::Column::VerifiedAt.is_not_null())
            .add(certification::Column::ValidFrom.lte(*day))
            .add(certification::Column::ValidTo.gte(*day))
    };
    let unseen = || Condition::all().add(certification::Column::VerifiedAt.is_null());
    let query = Entity::find()
        .filter(within(scope))
        .apply_if(filter.institution, |query, id| {
            query.filter(Column::InstitutionId.eq(id))
        })
        .apply_if(filter.active, |query, active| {
            query.filter(Column::Active.eq(active))
        })
        .apply_if(filter.certificate.as_ref(), |query, wanted| {
            query.filter(Column::Id.in_subquery(held(in_force(wanted))))
        })
        .apply_if(filter.unverified.then_some(()), |query, ()| {
            query.filter(Column::Id.in_subquery(held(unseen())))
        });
    newest(db, query, Column::Id, cursor).await
}

/// A nurse within the scope.
pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: NurseId) -> Result<Model> {
    Entity::find()
        .filter(within(scope))
        .filter(Column::Id.eq(id))
        .one(db)
        .await?
        .ok_or_else(|| Code::NotFound.into())
}

/// A nurse of the community.
pub async fn get(
    db: &impl ConnectionTrait,
    community: CommunityId,
    id: NurseId,
) -> Result<Option<Model>> {
    Ok(Entity::find_by_id((community, id)).one(db).await?)
}

/// The nurse of an account, when it is one's.
pub async fn of_account(
    db: &impl ConnectionTrait,
    community: CommunityId,
    account: AccountId,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::AccountId.eq(account))
        .one(db)
        .await?)
}

/// Locks a nurse until the write ends: two who give her visits at the same moment do it one after the other.
pub async fn lock(tx: &Tx, community: CommunityId, id: NurseId) -> Result<()> {
    Entity::find_by_id((community, id))
        .select_only()
        .column(Column::Id)
        // As with patients: what only refers to her goes on.
        .lock(LockType::NoKeyUpdate)
        .into_tuple::<NurseId>()
        .one(&**tx)
        .await?;
    Ok(())
}

/// Puts a nurse on the roster.
pub async fn add(
    tx: &Tx,
    app: &App,
    community: CommunityId,
    profile: &Profile,
    by: AccountId,
) -> Result<Model> {
    let row = row::filled(app, row::blank(app, community, profile), profile);
    Entity::insert(row.clone().into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await
        .map_err(taken)?;
    reach::refresh(tx, community, row.id).await?;
    let event = about(EventKind::NurseAdded, &row, by);
    event::append(tx, app, community, event).await?;
    Ok(row)
}

/// Writes what differs from the row read; raises its version. Without a difference nothing happens.
pub async fn save(
    tx: &Tx,
    app: &App,
    read: &Model,
    profile: &Profile,
    by: AccountId,
) -> Result<Model> {
    let changed = profile_of(app, read)?.changes(profile);
    if changed.is_empty() {
        return Ok(read.clone());
    }
    let mut row = row::filled(app, read.clone(), profile);
    if !changed.contains(&"name") {
        row.name_enc.clone_from(&read.name_enc);
    }
    row.version += 1;
    let mut columns = row.clone().into_active_model().reset_all();
    // The nurse's phone writes these meanwhile, without a version.
    columns.last_lng = sea_orm::ActiveValue::NotSet;
    columns.last_lat = sea_orm::ActiveValue::NotSet;
    columns.last_accuracy_m = sea_orm::ActiveValue::NotSet;
    columns.last_place_at = sea_orm::ActiveValue::NotSet;
    let written = Entity::update_many()
        .set(columns)
        .filter(Column::CommunityId.eq(row.community_id))
        .filter(Column::Id.eq(row.id))
        .filter(Column::Version.eq(read.version))
        .exec(&**tx)
        .await
        .map_err(taken)?;
    if written.rows_affected != 1 {
        return Err(Code::PreconditionFailed.into());
    }
    reach::refresh(tx, row.community_id, row.id).await?;
    let event = about(EventKind::NurseChanged, &row, by).payload(json!({ "changed": changed }));
    event::append(tx, app, row.community_id, event).await?;
    Ok(row)
}

/// Raises the version of a nurse whose version is still the one given.
pub(super) async fn touch(
    tx: &Tx,
    community: CommunityId,
    id: NurseId,
    version: i64,
) -> Result<()> {
    let changed = sql::change(
        tx,
        "UPDATE nurse SET version = version + 1 WHERE community_id = $1 AND id = $2 AND version = $3",
        [community.into(), id.into(), version.into()],
    )
    .await?;
    if changed == 1 {
        Ok(())
    } else {
        Err(Code::PreconditionFailed.into())
    }
}

/// Keeps where a nurse's phone is. Neither version nor trail: her way is nobody's business but the
/// matching's (field guide §1.3), and the last word wins.
pub async fn set_place(
    tx: &Tx,
    community: CommunityId,
    id: NurseId,
    place: &SourcePlace,
    at: DateTime<Utc>,
) -> Result<()> {
    sql::change(
        tx,
        "UPDATE nurse SET last_lng = $1, last_lat = $2, last_accuracy_m = $3, last_place_at = $4
         WHERE community_id = $5 AND id = $6",
        [
            place.point.lng().into(),
            place.point.lat().into(),
            place.accuracy_m.into(),
            at.into(),
            community.into(),
            id.into(),
        ],
    )
    .await?;
    Ok(())
}

/// An event of a nurse.
pub(super) fn about(kind: EventKind, row: &Model, by: AccountId) -> NewEvent {
    NewEvent::new(kind, SubjectKind::Nurse, row.id.0, Some(by))
        .institution(row.institution_id)
        .nurse(row.id)
}

/// A number or account that another nurse has.
fn taken(error: DbErr) -> Error {
    let columns = [
        (
            "staff_no",
            ["nurse_community_id_staff_no_key", "nurse.staff_no"],
        ),
        (
            "licence_no",
            ["nurse_community_id_licence_no_key", "nurse.licence_no"],
        ),
        (
            "account_id",
            ["nurse_community_id_account_id_key", "nurse.account_id"],
        ),
    ];
    let column = columns.iter().find(|(_, names)| violates(&error, names));
    match column {
        Some((name, _)) => {
            let params = vec![("name", (*name).to_owned())];
            Problem::new(Code::CodeTaken)
                .with("name", name)
                .field_with(*name, Code::CodeTaken, params)
                .into()
        }
        None => error.into(),
    }
}
