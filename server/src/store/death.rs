//! Deaths, as far as they became known: an attempt to reach somebody, the end of a rehabilitation plan, or word of a
//! hospital's system.

use chrono::{DateTime, Utc};
use entity::death_notice::Model;
use entity::ids::{CommunityId, PatientId};
use sea_orm::{ConnectionTrait, FromQueryResult};

use super::sql;
use crate::app::App;
use crate::db::Tx;
use crate::error::Result;

/// Every word of a death in the community `$1`: `patient_id`, and `at` when it became known.
pub(super) const WORDS: &str = "
    SELECT patient_id, at FROM contact_attempt WHERE community_id = $1 AND result = 'died'
    UNION ALL
    SELECT patient_id, stopped_at AS at FROM rehab_plan WHERE community_id = $1 AND stop_cause = 'died'
    UNION ALL
    SELECT patient_id, told_at AS at FROM death_notice WHERE community_id = $1";

/// When the death of a patient became known.
pub async fn known_at(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
) -> Result<Option<DateTime<Utc>>> {
    #[derive(FromQueryResult)]
    struct Known {
        at: Option<DateTime<Utc>>,
    }
    let text = format!("SELECT MIN(at) AS at FROM ({WORDS}) AS words WHERE patient_id = $2");
    let known = sql::one::<Known>(db, text, [community.into(), patient.into()]).await?;
    Ok(known.and_then(|known| known.at))
}

/// Keeps word of a death.
pub async fn note(tx: &Tx, app: &App, community: CommunityId, patient: PatientId) -> Result<()> {
    let row = Model {
        community_id: community,
        id: app.new_id(),
        patient_id: patient,
        told_at: app.now(),
    };
    Ok(sql::insert(tx, row).await?)
}
