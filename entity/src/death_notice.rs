//! Word of a hospital's system that a patient died.

use sea_orm::entity::prelude::*;

use crate::ids::{CommunityId, DeathNoticeId, PatientId};

/// Word of a hospital's system that a patient died.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "death_notice")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DeathNoticeId,
    pub patient_id: PatientId,
    pub told_at: DateTimeUtc,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
