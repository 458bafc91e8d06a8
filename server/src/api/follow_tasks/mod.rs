//! Follow-up: the contacts to be made, what came of each attempt, and the plans behind them.

pub mod assign_follow_task;
pub mod end_follow_plan;
pub mod get_follow_task;
pub mod get_follow_up;
pub mod give_up_follow_task;
pub mod list_follow_tasks;
pub mod record_attempt;
mod view;

use entity::enums::Role;

use crate::app::App;
use crate::domain::calendar::local_date;
use crate::extract::{May, Permission};
use crate::store::follow_up::Sight;

pub use view::FollowTask;

/// What a caller may see of tasks: staff those of their institutions; a nurse her own, and of her institution those
/// that nobody owns or that are late.
pub(crate) fn sight<P: Permission>(app: &App, may: &May<P>) -> Sight {
    Sight {
        community: may.community,
        institutions: may.scope.institutions.clone(),
        nurse: may.scope.nurse,
        pools: may.institutions_as(Role::Nurse),
        today: local_date(app.now()),
    }
}
