//! Tasks that have all they ask for are done; those that lack a scale stay reached.

use entity::enums::{ContactChannel, FollowResolution, FollowTaskState};
use entity::follow_task;
use entity::ids::{CommunityId, PatientId};

use super::attempt::done;
use crate::app::App;
use crate::db::Tx;
use crate::domain::follow_up::{Got, is_reach, is_worked_on, resolved_by};
use crate::error::Result;
use crate::store;

/// What resolves a task by what there is; none: it waits for more than its scales.
pub(super) async fn resolution(
    tx: &Tx,
    task: &follow_task::Model,
) -> Result<Option<FollowResolution>> {
    let (db, community) = (&**tx, task.community_id);
    let tried = store::follow_up::attempts_of(db, community, &[task.id]).await?;
    let mut tried = tried.values().flatten();
    let got = Got {
        reached: task.reached_at.is_some(),
        answered: !store::answer::of_task(db, community, task.id)
            .await?
            .is_empty(),
        visited: tried.any(|one| one.channel == ContactChannel::Visit && is_reach(one.result)),
    };
    Ok(resolved_by(task.resolve_if, got))
}

/// Ends a task that lacks nothing; the task as it is then.
pub(crate) async fn finish(
    tx: &Tx,
    app: &App,
    task: &follow_task::Model,
) -> Result<follow_task::Model> {
    if !is_worked_on(task.state) {
        return Ok(task.clone());
    }
    match resolution(tx, task).await? {
        Some(how)
            if store::follow_up::missing_scales(&**tx, task)
                .await?
                .is_empty() =>
        {
            done(tx, app, task, how).await
        }
        _ => Ok(task.clone()),
    }
}

/// A scale of a patient was filled in: it may have been the last that a task lacked.
pub(crate) async fn scored(
    tx: &Tx,
    app: &App,
    community: CommunityId,
    patient: PatientId,
) -> Result<()> {
    for task in store::follow_up::live_of(&**tx, community, patient).await? {
        if task.state == FollowTaskState::Reached {
            finish(tx, app, &task).await?;
        }
    }
    Ok(())
}
