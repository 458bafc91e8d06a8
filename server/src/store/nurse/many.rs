//! Many nurses at once, for the import of a roster. A few statements for any number of rows.

use std::collections::BTreeMap;

use entity::ids::{CommunityId, InstitutionId};
use entity::nurse::{Column, Entity, Model};
use entity::{certification, institution};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use super::super::certification as papers;
use super::{duty_of_all, profile_of};
use crate::app::App;
use crate::domain::roster::{DutySpan, Profile};
use crate::error::Result;
use crate::store::scope::Scope;

/// Values in one statement; both databases have a limit.
const CHUNK: usize = 1_000;

/// A nurse who is on the roster.
#[derive(Clone, Debug)]
pub struct Known {
    /// Her row.
    pub row: Model,
    /// What it says.
    pub profile: Profile,
    /// Her certificates, revoked ones too.
    pub certifications: Vec<certification::Model>,
    /// Her duty windows, by weekday and time.
    pub duty: Vec<DutySpan>,
}

/// Nurses of the community by staff number, with their certificates and duty windows.
pub async fn known(
    db: &impl ConnectionTrait,
    app: &App,
    community: CommunityId,
    staff_nos: &[String],
) -> Result<BTreeMap<String, Known>> {
    let mut found = BTreeMap::new();
    for chunk in staff_nos.chunks(CHUNK) {
        let rows = Entity::find()
            .filter(Column::CommunityId.eq(community))
            .filter(Column::StaffNo.is_in(chunk))
            .all(db)
            .await?;
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        let mut held = papers::of_nurses(db, community, &ids).await?;
        let mut duty = duty_of_all(db, community, &ids).await?;
        for row in rows {
            let known = Known {
                profile: profile_of(app, &row)?,
                certifications: held.remove(&row.id).unwrap_or_default(),
                duty: duty.remove(&row.id).unwrap_or_default(),
                row,
            };
            found.insert(known.row.staff_no.clone(), known);
        }
    }
    Ok(found)
}

/// Who has a licence: licence number to staff number.
pub async fn licences(
    db: &impl ConnectionTrait,
    community: CommunityId,
    licence_nos: &[String],
) -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for chunk in licence_nos.chunks(CHUNK) {
        let rows: Vec<(String, String)> = Entity::find()
            .select_only()
            .columns([Column::LicenceNo, Column::StaffNo])
            .filter(Column::CommunityId.eq(community))
            .filter(Column::LicenceNo.is_in(chunk))
            .into_tuple()
            .all(db)
            .await?;
        found.extend(rows);
    }
    Ok(found)
}

/// Institutions of the scope by their code.
pub async fn institutions_by_code(
    db: &impl ConnectionTrait,
    scope: &Scope,
) -> Result<BTreeMap<String, InstitutionId>> {
    let rows: Vec<(String, InstitutionId)> = institution::Entity::find()
        .select_only()
        .columns([institution::Column::Code, institution::Column::Id])
        .filter(institution::Column::CommunityId.eq(scope.community))
        .filter(institution::Column::Id.is_in(scope.institutions.iter().copied()))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}
