//! Roles of accounts: which need an institution, which exclude each other, and who may change them.

use std::collections::BTreeSet;

use entity::enums::{AccountStatus, Role};
use entity::ids::{AccountId, InstitutionId};
use thiserror::Error;

/// Most roles of one account.
pub const MAX_GRANTS: usize = 16;

/// A role to be held, for most staff at an institution and those under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// Where it holds.
    pub institution: Option<InstitutionId>,
}

/// Why roles, or a change of an account, are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RoleError {
    /// No role at all, or more than [`MAX_GRANTS`].
    #[error("an account has 1 to {MAX_GRANTS} roles")]
    Count,
    /// The role at this position lacks its institution.
    #[error("role {0} needs an institution")]
    InstitutionMissing(usize),
    /// The role at this position holds in the whole community.
    #[error("role {0} has no institution")]
    InstitutionGiven(usize),
    /// The role at this position stands there before.
    #[error("role {0} stands there twice")]
    Twice(usize),
    /// Who gives rights and who watches over their use are two people.
    #[error("administrator and auditor are two people")]
    AdminAndAuditor,
    /// Somebody acts on their own account.
    #[error("not on one's own account")]
    OwnAccount,
    /// Nobody could give rights any more.
    #[error("the last administrator stays")]
    LastAdmin,
}

impl RoleError {
    /// The stable code of the problem document.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Count
            | Self::InstitutionMissing(_)
            | Self::InstitutionGiven(_)
            | Self::Twice(_) => "role_not_grantable",
            Self::AdminAndAuditor => "grant_conflict",
            Self::OwnAccount => "own_account",
            Self::LastAdmin => "last_admin",
        }
    }

    /// JSON path of the field that is wrong, within a list called `roles`.
    pub fn field(self) -> Option<String> {
        match self {
            Self::Count | Self::AdminAndAuditor => Some("roles".to_owned()),
            Self::InstitutionMissing(at) | Self::InstitutionGiven(at) => {
                Some(format!("roles[{at}].institution_id"))
            }
            Self::Twice(at) => Some(format!("roles[{at}].role")),
            Self::OwnAccount | Self::LastAdmin => None,
        }
    }
}

/// Those who care for patients act for an institution and those under it. The others serve the whole community.
pub const fn needs_institution(role: Role) -> bool {
    match role {
        Role::Nurse | Role::Coordinator | Role::Doctor | Role::Supervisor => true,
        Role::Family | Role::Admin | Role::Auditor => false,
    }
}

/// Everybody but families: they log in by password and second factor.
pub fn is_staff(roles: impl IntoIterator<Item = Role>) -> bool {
    roles.into_iter().any(|role| role != Role::Family)
}

/// Checks all the roles an account shall hold.
pub fn check_grants(grants: &[Grant]) -> Result<(), RoleError> {
    if grants.is_empty() || grants.len() > MAX_GRANTS {
        return Err(RoleError::Count);
    }
    let mut seen = BTreeSet::new();
    for (at, grant) in grants.iter().enumerate() {
        match (needs_institution(grant.role), grant.institution) {
            (true, None) => return Err(RoleError::InstitutionMissing(at)),
            (false, Some(_)) => return Err(RoleError::InstitutionGiven(at)),
            _ => {}
        }
        if !seen.insert(grant) {
            return Err(RoleError::Twice(at));
        }
    }
    let holds = |role| grants.iter().any(|grant| grant.role == role);
    if holds(Role::Admin) && holds(Role::Auditor) {
        return Err(RoleError::AdminAndAuditor);
    }
    Ok(())
}

/// Nobody disables, re-invites or promotes themself: a stolen session must not be able to dig in.
pub fn check_other(actor: AccountId, subject: AccountId) -> Result<(), RoleError> {
    if actor == subject {
        Err(RoleError::OwnAccount)
    } else {
        Ok(())
    }
}

/// Whether somebody can still give rights once `leaving` is no active administrator any more.
/// Two administrators who remove each other at the same moment make this more than [`check_other`].
pub fn check_admin_left(active_admins: &[AccountId], leaving: AccountId) -> Result<(), RoleError> {
    if active_admins.iter().any(|admin| *admin != leaving) {
        Ok(())
    } else {
        Err(RoleError::LastAdmin)
    }
}

/// State of an account that is not disabled: staff without a confirmed second factor wait for their link, also
/// when they were a family before, because a one-time code must never open what staff may see.
pub const fn enabled_status(staff: bool, second_factor: bool) -> AccountStatus {
    if staff && !second_factor {
        AccountStatus::Invited
    } else {
        AccountStatus::Active
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;

    const HERE: Option<InstitutionId> = Some(InstitutionId(Uuid::from_u128(1)));
    const THERE: Option<InstitutionId> = Some(InstitutionId(Uuid::from_u128(2)));
    const ANN: AccountId = AccountId(Uuid::from_u128(1));
    const BEA: AccountId = AccountId(Uuid::from_u128(2));

    fn check(grants: &[(Role, Option<InstitutionId>)]) -> Result<(), RoleError> {
        let grants: Vec<_> = grants
            .iter()
            .map(|(role, institution)| Grant {
                role: *role,
                institution: *institution,
            })
            .collect();
        check_grants(&grants)
    }

    #[rstest]
    #[case(&[(Role::Nurse, HERE)])]
    #[case(&[(Role::Nurse, HERE), (Role::Nurse, THERE)])]
    #[case(&[(Role::Nurse, HERE), (Role::Coordinator, HERE), (Role::Family, None)])]
    #[case(&[(Role::Admin, None), (Role::Supervisor, HERE)])]
    #[case(&[(Role::Auditor, None)])]
    #[case(&[(Role::Family, None)])]
    fn roles_that_go_together(#[case] grants: &[(Role, Option<InstitutionId>)]) {
        assert_eq!(check(grants), Ok(()));
    }

    #[rstest]
    #[case(&[], RoleError::Count)]
    #[case(&[(Role::Nurse, None)], RoleError::InstitutionMissing(0))]
    #[case(&[(Role::Family, None), (Role::Doctor, None)], RoleError::InstitutionMissing(1))]
    #[case(&[(Role::Coordinator, None)], RoleError::InstitutionMissing(0))]
    #[case(&[(Role::Supervisor, None)], RoleError::InstitutionMissing(0))]
    #[case(&[(Role::Admin, HERE)], RoleError::InstitutionGiven(0))]
    #[case(&[(Role::Auditor, HERE)], RoleError::InstitutionGiven(0))]
    #[case(&[(Role::Family, HERE)], RoleError::InstitutionGiven(0))]
    #[case(&[(Role::Nurse, HERE), (Role::Nurse, HERE)], RoleError::Twice(1))]
    #[case(&[(Role::Admin, None), (Role::Admin, None)], RoleError::Twice(1))]
    #[case(&[(Role::Auditor, None), (Role::Admin, None)], RoleError::AdminAndAuditor)]
    fn roles_that_do_not(
        #[case] grants: &[(Role, Option<InstitutionId>)],
        #[case] error: RoleError,
    ) {
        assert_eq!(check(grants), Err(error));
    }

    #[test]
    fn there_is_an_upper_limit() {
        let many = |count: u128| -> Vec<_> {
            (0..count)
                .map(|n| (Role::Nurse, Some(InstitutionId(Uuid::from_u128(n)))))
                .collect()
        };
        assert_eq!(check(&many(16)), Ok(()));
        assert_eq!(check(&many(17)), Err(RoleError::Count));
    }

    #[test]
    fn nobody_acts_on_themself() {
        assert_eq!(check_other(ANN, BEA), Ok(()));
        assert_eq!(check_other(ANN, ANN), Err(RoleError::OwnAccount));
    }

    #[test]
    fn one_administrator_stays() {
        assert_eq!(check_admin_left(&[ANN, BEA], ANN), Ok(()));
        assert_eq!(check_admin_left(&[ANN], BEA), Ok(()));
        assert_eq!(check_admin_left(&[ANN], ANN), Err(RoleError::LastAdmin));
        assert_eq!(check_admin_left(&[], ANN), Err(RoleError::LastAdmin));
    }

    #[test]
    fn staff_without_a_second_factor_wait() {
        assert_eq!(enabled_status(true, false), AccountStatus::Invited);
        assert_eq!(enabled_status(true, true), AccountStatus::Active);
        assert_eq!(enabled_status(false, false), AccountStatus::Active);
    }
}
