//! A number told of a patient, followed over time.

use sea_orm::entity::prelude::*;

use crate::enums::ReadingSource;
use crate::ids::{AccountId, CommunityId, PatientId, ReadingId};

/// A number told of a patient, followed over time.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reading")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: CommunityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReadingId,
    pub patient_id: PatientId,
    pub fact: String,
    pub source_id: Uuid,
    pub at: DateTimeUtc,
    pub value_enc: String,
    pub source: Option<ReadingSource>,
    pub told_by: Option<AccountId>,
}

/// No relation is declared: joins are written out in the queries that need them.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
