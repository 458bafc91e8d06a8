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

/// When the death of a patient became known, by what was told since somebody last found the person alive.
pub async fn known_at(
    db: &impl ConnectionTrait,
    (community, patient): (CommunityId, PatientId),
    alive_at: Option<DateTime<Utc>>,
) -> Result<Option<DateTime<Utc>>> {
    #[derive(FromQueryResult)]
    struct Known {
        at: Option<DateTime<Utc>>,
    }
    let mut values = vec![community.into(), patient.into()];
    let mut since = "";
    if let Some(alive_at) = alive_at {
        values.push(alive_at.into());
        since = " AND at >= $3";
    }
    let text = format!("SELECT MIN(at) AS at FROM ({WORDS}) AS words WHERE patient_id = $2{since}");
    let known = sql::one::<Known>(db, text, values).await?;
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
