//! Complaints about orders.

use entity::complaint::{ActiveModel, Column, Entity, Model};
use entity::enums::ComplaintState;
use entity::ids::{CommunityId, ComplaintId};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::page::newest;
use super::scope::{Scope, cared_for};
use super::sql;
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::problem::Code;
use crate::wire::Cursor;

/// Texts of a complaint, each sealed for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sealed {
    /// What it says.
    What,
    /// The first answer.
    Answer,
    /// Why that was not accepted.
    Appeal,
    /// The last answer.
    FinalAnswer,
}

impl Sealed {
    fn place(self, id: ComplaintId) -> FieldPlace {
        FieldPlace {
            table: "complaint",
            column: match self {
                Self::What => "what_enc",
                Self::Answer => "answer_enc",
                Self::Appeal => "appeal_enc",
                Self::FinalAnswer => "final_answer_enc",
            },
            row: id.0,
        }
    }

    /// Seals a text.
    pub fn seal(self, app: &App, id: ComplaintId, text: &str) -> String {
        app.cipher.seal(self.place(id), text)
    }

    /// The text of a row, when there is one.
    pub fn open(self, app: &App, row: &Model) -> Result<Option<String>> {
        let sealed = match self {
            Self::What => Some(&row.what_enc),
            Self::Answer => row.answer_enc.as_ref(),
            Self::Appeal => row.appeal_enc.as_ref(),
            Self::FinalAnswer => row.final_answer_enc.as_ref(),
        };
        let opened = sealed.map(|sealed| app.cipher.open(self.place(row.id), sealed));
        opened.transpose().map_err(Error::internal)
    }
}

/// Files a complaint.
pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    Ok(sql::insert(tx, row).await?)
}

/// Changes a complaint upon the version read.
pub async fn update(
    tx: &Tx,
    complaint: &Model,
    change: impl FnOnce(&mut ActiveModel),
) -> Result<Model> {
    let changed = sql::change_read_version!(tx, complaint, change, Id id)?;
    changed.ok_or_else(|| Code::ComplaintState.into())
}

/// A complaint of the community, for the server's own work.
pub async fn in_community(
    db: &impl ConnectionTrait,
    community: CommunityId,
    id: ComplaintId,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::Id.eq(id))
        .one(db)
        .await?)
}

/// A complaint in scope.
pub async fn require(db: &impl ConnectionTrait, scope: &Scope, id: ComplaintId) -> Result<Model> {
    Entity::find()
        .filter(within(scope))
        .filter(Column::Id.eq(id))
        .one(db)
        .await?
        .ok_or_else(|| Code::NotFound.into())
}

/// Complaints in scope, newest first.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: &Scope,
    state: Option<ComplaintState>,
    cursor: &Cursor,
) -> Result<Vec<Model>> {
    let condition = within(scope).add_option(state.map(|state| Column::State.eq(state)));
    newest(db, Entity::find().filter(condition), Column::Id, cursor).await
}

/// Those of the patients cared for, and those of the institutions looked after.
fn within(scope: &Scope) -> Condition {
    let mut any =
        Condition::any().add(Column::InstitutionId.is_in(scope.institutions.iter().map(|id| id.0)));
    if let Some(account) = scope.carer {
        any = any.add(Column::PatientId.in_subquery(cared_for(scope.community, account)));
    }
    Condition::all()
        .add(Column::CommunityId.eq(scope.community))
        .add(any)
}
