//! The roster: nurses, their duty, leave and place.

pub mod add_nurse_leave;
pub mod change_nurse;
pub mod create_nurse;
pub mod get_my_nurse;
pub mod get_nurse;
pub mod import_nurses;
pub mod list_nurse_leave;
pub mod list_nurses;
pub mod put_my_place;
pub mod remove_nurse_leave;
pub mod set_nurse_duty;
mod view;

pub use view::{DutyWindow, Nurse};

use entity::enums::Role;
use entity::ids::{AccountId, InstitutionId};

use crate::app::App;
use crate::domain::place::{NearCheck, Point, check_near};
use crate::domain::roster::{self, Flaw, RosterError};
use crate::error::{Error, Result};
use crate::problem::{Code, Problem};
use crate::store::scope::Scope;
use crate::wire::{PlaceIn, Text};
use crate::{store, wire};

/// Staff numbers.
pub type StaffNo = Text<1, { roster::STAFF_NO_MAX }>;
/// Numbers of licences, certificates and policies.
pub type PaperNo = Text<1, { roster::PAPER_NO_MAX }>;

/// The code of a domain error.
pub(crate) fn code_of(error: &RosterError) -> Code {
    Code::parse(error.code()).unwrap_or(Code::FieldInvalid)
}

/// A problem that names every field that is wrong.
pub(crate) fn refuse(flaws: Vec<Flaw>) -> Result<()> {
    if flaws.is_empty() {
        return Ok(());
    }
    let problem = Problem::new(Code::InvalidRequest);
    let name = |problem: Problem, (field, error): Flaw| {
        problem.field_with(field, code_of(&error), error.params(field))
    };
    Err(flaws.into_iter().fold(problem, name).into())
}

/// A base point: converted, and near the community unless confirmed.
async fn base_point(
    app: &App,
    scope: &Scope,
    place: Option<PlaceIn>,
    confirm_far: bool,
) -> Result<Option<Point>> {
    let Some(place) = place else { return Ok(None) };
    let point = place.convert("base")?.point;
    if !confirm_far {
        let centre = centre(app, scope).await?;
        near(app, point, centre).map_err(|(code, params)| {
            let problem = Problem::new(Code::InvalidRequest);
            Error::from(problem.field_with("base", code, params))
        })?;
    }
    Ok(Some(point))
}

/// The middle of the community, which base points are compared with.
async fn centre(app: &App, scope: &Scope) -> Result<Point> {
    let row = store::community::get(app.db.reader(), scope.community).await?;
    Point::new(row.lng, row.lat).map_err(Error::internal)
}

/// Compares a point with the middle of the community.
pub(crate) fn near(
    app: &App,
    point: Point,
    centre: Point,
) -> Result<(), (Code, crate::problem::Params)> {
    match check_near(point, centre, app.config.matching.near_community_m.into()) {
        NearCheck::Ok => Ok(()),
        NearCheck::LooksSwapped => Err((Code::CoordinatesSwapped, Vec::new())),
        NearCheck::Far { distance_m, .. } => Err((
            Code::CoordinatesTooFar,
            vec![("km", format!("{:.0}", distance_m / 1000.0))],
        )),
    }
}

/// Refuses an institution outside the scope.
fn check_institution(scope: &Scope, institution: InstitutionId) -> Result<()> {
    if scope.reaches(institution) {
        return Ok(());
    }
    Err(Problem::new(Code::InvalidRequest)
        .field("institution_id", Code::InstitutionUnknown)
        .into())
}

/// Refuses an account that is not a nurse's within the scope.
async fn check_account(app: &App, scope: &Scope, account: Option<AccountId>) -> Result<()> {
    let Some(account) = account else {
        return Ok(());
    };
    let grants = store::account::grants_of(app.db.reader(), scope.community, account).await?;
    let nurse = grants.iter().any(|grant| {
        grant.role == Role::Nurse && grant.institution_id.is_none_or(|id| scope.reaches(id))
    });
    if nurse {
        return Ok(());
    }
    Err(Problem::new(Code::InvalidRequest)
        .field("account_id", Code::AccountNotNurse)
        .into())
}

/// A date as sent.
fn date(day: Option<wire::Day>) -> Option<chrono::NaiveDate> {
    day.map(|day| day.0)
}
