//! Points that good visits propose for addresses. One a visit, and one open at a time for an address.

use entity::address_proposal::{Column, Entity, Model};
use entity::enums::ProposalState;
use entity::ids::{AccountId, AddressId, AddressProposalId, CommunityId};
use entity::patient;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QuerySelect, QueryTrait,
};

use super::page::newest;
use super::scope::Scope;
use super::sql;
use crate::app::App;
use crate::db::Tx;
use crate::error::Result;
use crate::problem::Code;
use crate::wire::Cursor;

/// Stores a proposal; false when another visit proposed a point for the address meanwhile.
pub async fn insert(tx: &Tx, row: Model) -> Result<bool> {
    let stored = Entity::insert(row.into_active_model().reset_all())
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(&**tx)
        .await?;
    Ok(stored == 1)
}

/// Whether an address has a proposal that waits or was rejected: then nobody is asked again.
pub async fn asked(
    db: &impl ConnectionTrait,
    community: CommunityId,
    address: AddressId,
) -> Result<bool> {
    let found = Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::AddressId.eq(address))
        .filter(Column::State.ne(ProposalState::Accepted))
        .count(db)
        .await?;
    Ok(found > 0)
}

/// A proposal for a patient whom the caller sees.
pub async fn require(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: AddressProposalId,
) -> Result<Model> {
    Entity::find()
        .filter(Column::CommunityId.eq(scope.community))
        .filter(Column::PatientId.in_subquery(patients(scope)))
        .filter(Column::Id.eq(id))
        .one(db)
        .await?
        .ok_or_else(|| Code::NotFound.into())
}

/// Proposals for the patients whom the caller sees, newest first.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: &Scope,
    state: Option<ProposalState>,
    cursor: &Cursor,
) -> Result<Vec<Model>> {
    let query = Entity::find()
        .filter(Column::CommunityId.eq(scope.community))
        .filter(Column::PatientId.in_subquery(patients(scope)))
        .apply_if(state, |query, state| query.filter(Column::State.eq(state)));
    newest(db, query, Column::Id, cursor).await
}

fn patients(scope: &Scope) -> sea_orm::sea_query::SelectStatement {
    patient::Entity::find()
        .select_only()
        .column(patient::Column::Id)
        .filter(scope.patients())
        .into_query()
}

/// Decides an open proposal; one that was decided meanwhile is a problem.
pub async fn decide(
    tx: &Tx,
    app: &App,
    proposal: &Model,
    state: ProposalState,
    by: AccountId,
) -> Result<Model> {
    let now = app.now();
    let changed = sql::change(
        tx,
        "UPDATE address_proposal SET state = $1, decided_by = $2, decided_at = $3
         WHERE community_id = $4 AND id = $5 AND state = 'open'",
        [
            state.as_str().into(),
            by.into(),
            now.into(),
            proposal.community_id.into(),
            proposal.id.into(),
        ],
    )
    .await?;
    if changed == 1 {
        Ok(Model {
            state,
            decided_by: Some(by),
            decided_at: Some(now),
            ..proposal.clone()
        })
    } else {
        Err(Code::AlreadySettled.into())
    }
}
