//! Who sees an alert, and who may look after it.

use entity::alert::{Column, Entity, Model};
use entity::enums::AlertKind;
use entity::ids::{AlertId, CommunityId, NurseId};
use entity::visit;
use sea_orm::sea_query::{Condition, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::domain::alert::{Sight, may_handle};
use crate::error::Result;
use crate::problem::Code;
use crate::store::scope::Scope;
use crate::store::visit::hers;

/// An alert in scope, or the problem that there is none.
pub async fn require(db: &impl ConnectionTrait, scope: &Scope, id: AlertId) -> Result<Model> {
    Entity::find()
        .filter(in_scope(scope))
        .filter(Column::Id.eq(id))
        .one(db)
        .await?
        .ok_or_else(|| Code::NotFound.into())
}

/// An alert in scope that the caller may take, act upon and close, or the problem why not.
pub async fn require_to_handle(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: AlertId,
) -> Result<Model> {
    let row = require(db, scope, id).await?;
    let sight = Sight {
        of_institution: scope.reaches(row.institution_id),
        names_caller: scope.nurse.is_some() && scope.nurse == row.nurse_id,
    };
    if may_handle(row.kind, sight) {
        Ok(row)
    } else {
        Err(Code::Forbidden.into())
    }
}

/// What the caller sees: alerts of their institutions, and those that are for the nurse they are.
pub(super) fn in_scope(scope: &Scope) -> Condition {
    Condition::all()
        .add(Column::CommunityId.eq(scope.community))
        .add(
            Condition::any()
                .add(Column::InstitutionId.is_in(scope.institutions.iter().copied()))
                .add_option(scope.nurse.map(|nurse| of_nurse(scope.community, nurse))),
        )
}

/// Alerts that name a nurse and are for her to read: her red flags, and what is about no visit or about one that is hers.
pub(super) fn of_nurse(community: CommunityId, nurse: NurseId) -> Condition {
    let visits = Query::select()
        .column(visit::Column::Id)
        .from(visit::Entity)
        .and_where(visit::Column::CommunityId.eq(community))
        .and_where(visit::Column::NurseId.eq(nurse))
        .cond_where(hers())
        .to_owned();
    let readable = Condition::any()
        .add(Column::Kind.eq(AlertKind::RedFlag))
        .add(Column::VisitId.is_null())
        .add(Column::VisitId.in_subquery(visits));
    Condition::all()
        .add(Column::NurseId.eq(nurse))
        .add(readable)
}
