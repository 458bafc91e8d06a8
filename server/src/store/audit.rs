//! What auditors read: who read patients' data, and the trail of anything.

use entity::enums::SubjectKind;
use entity::ids::{AccountId, CommunityId, PatientId};
use entity::{event, patient_read};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use uuid::Uuid;

use super::page::newest;
use crate::error::Result;
use crate::wire::Cursor;

/// One page of recorded reads, newest first; of one patient, by one account, or both.
pub async fn patient_reads(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: Option<PatientId>,
    account: Option<AccountId>,
    cursor: &Cursor,
) -> Result<Vec<patient_read::Model>> {
    use patient_read::Column;
    let query = patient_read::Entity::find()
        .filter(Column::CommunityId.eq(community))
        .apply_if(patient, |query, id| query.filter(Column::PatientId.eq(id)))
        .apply_if(account, |query, id| query.filter(Column::AccountId.eq(id)));
    newest(db, query, Column::Id, cursor).await
}

/// Links of a subject's chain after a number, oldest first.
pub async fn trail(
    db: &impl ConnectionTrait,
    community: CommunityId,
    subject: (SubjectKind, Uuid),
    after: i64,
    limit: u64,
) -> Result<Vec<event::Model>> {
    use event::Column;
    Ok(event::Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::SubjectKind.eq(subject.0))
        .filter(Column::SubjectId.eq(subject.1))
        .filter(Column::SubjectNo.gt(after))
        .order_by_asc(Column::SubjectNo)
        .limit(limit)
        .all(db)
        .await?)
}
