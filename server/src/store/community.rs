//! Communities, the tenants. Reading all of them is the operator's own query.

use entity::community::{Entity, Model};
use entity::ids::CommunityId;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryOrder,
};

use super::sql;
use crate::db::Tx;
use crate::error::{Error, Result, violates};
use crate::problem::{Code, Problem};

/// A community.
pub async fn get(db: &impl ConnectionTrait, id: CommunityId) -> Result<Model> {
    Entity::find_by_id(id)
        .one(db)
        .await?
        .ok_or_else(|| Error::internal(format!("no community {id}")))
}

/// Every community, by code.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .order_by_asc(entity::community::Column::Code)
        .all(db)
        .await?)
}

/// Stores a community; a code in use is a problem.
pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    let code = row.code.clone();
    let stored = Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await;
    match stored {
        Err(error) if violates(&error, &["community_code_key", "community.code"]) => {
            Err(Problem::new(Code::CodeTaken).with("name", code).into())
        }
        Err(error) => Err(error.into()),
        Ok(_) => Ok(()),
    }
}

/// Codes of the communities without an administrator who can log in or was invited.
pub async fn without_admin(db: &impl ConnectionTrait) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Row {
        code: String,
    }
    let rows = sql::all::<Row>(
        db,
        "SELECT c.code FROM community c WHERE NOT EXISTS (
             SELECT 1 FROM role_grant g
             JOIN account a ON a.community_id = g.community_id AND a.id = g.account_id
             WHERE g.community_id = c.id AND g.role = 'admin' AND a.status <> 'disabled')
         ORDER BY c.code",
        [],
    )
    .await?;
    Ok(rows.into_iter().map(|row| row.code).collect())
}
