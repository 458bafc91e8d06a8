//! Discharges from hospital: typed by a ward, listed, told by the hospital's system, or as FHIR.

pub mod cancel_discharge;
pub mod correct_discharge;
pub mod create_discharge;
pub mod get_discharge;
pub mod import_discharges;
pub mod list_discharges;
pub mod receive_bundle;
pub mod tell_discharge;
mod view;
pub(crate) mod wire;

use std::collections::BTreeSet;

use entity::enums::{DischargeSource, Role};
use entity::ids::{CommunityId, InstitutionId, NurseId};
use sea_orm::ConnectionTrait;

use crate::error::Result;
use crate::extract::{May, Permission};
use crate::follow_up::By;
use crate::problem::{Code, Problem};
use crate::store;
use crate::store::discharge::Sight;

pub use view::{Discharge, DischargeTaken, FollowPlan};

/// What a caller may see of discharges: staff those of their institutions, a nurse those that name her or that she
/// told of.
fn sight<P: Permission>(may: &May<P>) -> Sight {
    let nurse = may.has_any(&[Role::Nurse]);
    Sight {
        community: may.community,
        institutions: may.scope.institutions.clone(),
        nurse: may.scope.nurse,
        teller: nurse.then_some(may.account),
    }
}

/// The institution that discharged: the one named, else the only one the caller works for, else her own.
async fn institution<P: Permission>(
    db: &impl ConnectionTrait,
    may: &May<P>,
    asked: Option<InstitutionId>,
) -> Result<InstitutionId> {
    let mut mine = may.scope.institutions.clone();
    mine.extend(may.institutions_as(Role::Nurse));
    let own = match may.scope.nurse {
        Some(nurse) => store::nurse::get(db, may.community, nurse).await?,
        None => None,
    };
    let own = own.map(|row| row.institution_id);
    chosen(asked, &mine, own).ok_or_else(|| {
        let code = Code::InstitutionUnknown;
        Problem::new(code).field("institution_id", code).into()
    })
}

fn chosen(
    asked: Option<InstitutionId>,
    mine: &BTreeSet<InstitutionId>,
    own: Option<InstitutionId>,
) -> Option<InstitutionId> {
    match (asked, mine.len()) {
        (Some(id), _) => mine.get(&id).copied(),
        (None, 1) => mine.first().copied(),
        (None, _) => own.filter(|id| mine.contains(id)),
    }
}

/// Whoever types.
fn by<P>(may: &May<P>, institution: InstitutionId, source: DischargeSource) -> By {
    By {
        community: may.community,
        account: may.account,
        institution,
        source,
    }
}

/// A nurse who is named has to be on the roster.
async fn check_nurse(
    db: &impl ConnectionTrait,
    community: CommunityId,
    nurse: Option<NurseId>,
) -> Result<()> {
    let Some(id) = nurse else { return Ok(()) };
    let found = store::nurse::get(db, community, id).await?;
    if found.is_some_and(|row| row.active) {
        return Ok(());
    }
    let code = Code::NurseUnknown;
    Err(Problem::new(code).field("nurse_id", code).into())
}
