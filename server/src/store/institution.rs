//! Institutions, who stands under whom, and the items each has opened.

use std::collections::{BTreeMap, BTreeSet};

use entity::ids::{AccountId, CommunityId, InstitutionId};
use entity::institution::{Column, Entity, Model};
use entity::institution_item;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
};

use super::page::newest;
use super::sql;
use crate::app::App;
use crate::db::Tx;
use crate::domain::booking::Provider;
use crate::domain::place::Point;
use crate::error::{Error, Result, violates};
use crate::problem::{Code, Problem};
use crate::wire::Cursor;

/// One page of institutions, newest first; closed ones only when asked for.
pub async fn page(
    db: &impl ConnectionTrait,
    community: CommunityId,
    closed_too: bool,
    cursor: &Cursor,
) -> Result<Vec<Model>> {
    let query = Entity::find()
        .filter(Column::CommunityId.eq(community))
        .apply_if((!closed_too).then_some(true), |query, active| {
            query.filter(Column::Active.eq(active))
        });
    newest(db, query, Column::Id, cursor).await
}

/// An institution of the community.
pub async fn get(
    db: &impl ConnectionTrait,
    community: CommunityId,
    id: InstitutionId,
) -> Result<Option<Model>> {
    Ok(Entity::find_by_id((community, id)).one(db).await?)
}

/// Which of these institutions the community has. One statement.
pub async fn existing(
    db: &impl ConnectionTrait,
    community: CommunityId,
    ids: &BTreeSet<InstitutionId>,
) -> Result<BTreeSet<InstitutionId>> {
    let found: Vec<InstitutionId> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::CommunityId.eq(community))
        .filter(Column::Id.is_in(ids.iter().copied()))
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.into_iter().collect())
}

/// Stores an institution under its parent; a code in use is a problem. Whoever reaches the parent reaches it too.
pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    let (community, id, parent) = (row.community_id, row.id, row.parent_id);
    let code = row.code.clone();
    let stored = Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await;
    match stored {
        Err(error)
            if violates(
                &error,
                &["institution_community_id_code_key", "institution.code"],
            ) =>
        {
            return Err(Problem::new(Code::CodeTaken).with("name", code).into());
        }
        other => other?,
    };
    sql::change(
        tx,
        "INSERT INTO institution_scope (community_id, institution_id, member_id) VALUES ($1, $2, $2)",
        [community.into(), id.into()],
    )
    .await?;
    if let Some(parent) = parent {
        sql::change(
            tx,
            "INSERT INTO institution_scope (community_id, institution_id, member_id)
             SELECT community_id, institution_id, $1 FROM institution_scope
             WHERE community_id = $2 AND member_id = $3",
            [id.into(), community.into(), parent.into()],
        )
        .await?;
    }
    Ok(())
}

/// Writes every column of an institution whose version is still the one read; raises the version.
pub async fn update(tx: &Tx, row: Model) -> Result<Model> {
    let updated = sql::update_read_version!(tx, row)?;
    updated.ok_or_else(|| Code::PreconditionFailed.into())
}

/// What these institutions have decided about items, open or closed. An item without a row is as the
/// catalogue says; see [`crate::domain::screening::check_bookable`]. One statement.
pub async fn open_items(
    db: &impl ConnectionTrait,
    community: CommunityId,
    institutions: &[InstitutionId],
) -> Result<Vec<institution_item::Model>> {
    use institution_item::Column;
    Ok(institution_item::Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::InstitutionId.is_in(institutions.iter().copied()))
        .order_by_asc(Column::InstitutionId)
        .order_by_asc(Column::ItemCode)
        .all(db)
        .await?)
}

/// Opens or closes an item; false when it stood like that already.
pub async fn set_item(
    tx: &Tx,
    app: &App,
    community: CommunityId,
    institution: InstitutionId,
    item_code: &str,
    open: bool,
    by: AccountId,
) -> Result<bool> {
    let changed = sql::change(
        tx,
        "INSERT INTO institution_item (community_id, institution_id, item_code, open, changed_at, changed_by)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (community_id, institution_id, item_code) DO UPDATE
         SET open = excluded.open, changed_at = excluded.changed_at, changed_by = excluded.changed_by
         WHERE institution_item.open <> excluded.open",
        [
            community.into(),
            institution.into(),
            item_code.into(),
            open.into(),
            app.now().into(),
            by.into(),
        ],
    )
    .await?;
    Ok(changed == 1)
}

/// Every institution of the community with what it decided on these items (none: on all). Two statements.
pub async fn providers(
    db: &impl ConnectionTrait,
    community: CommunityId,
    items: Option<&[String]>,
) -> Result<Vec<Provider>> {
    use institution_item::Column as Decision;
    let institutions = Entity::find()
        .filter(Column::CommunityId.eq(community))
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    let mut decisions =
        institution_item::Entity::find().filter(Decision::CommunityId.eq(community));
    if let Some(items) = items {
        decisions = decisions.filter(Decision::ItemCode.is_in(items));
    }
    let mut decided: BTreeMap<InstitutionId, BTreeMap<String, bool>> = BTreeMap::new();
    for row in decisions.all(db).await? {
        let of_institution = decided.entry(row.institution_id).or_default();
        of_institution.insert(row.item_code, row.open);
    }
    let mut providers = Vec::with_capacity(institutions.len());
    for row in institutions {
        providers.push(Provider {
            id: row.id,
            place: Point::new(row.lng, row.lat).map_err(Error::internal)?,
            approved: row.active && row.home_care_approved,
            decided: decided.remove(&row.id).unwrap_or_default(),
        });
    }
    Ok(providers)
}
