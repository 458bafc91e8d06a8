//! Who is asking, and what for. A permission is an argument type: `May<grants::BookCare>` refuses every
//! other role, and carries the scope that each finder asks for.

use std::collections::BTreeSet;
use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use entity::enums::{AccountStatus, Role};
use entity::ids::{AccountId, CommunityId, InstitutionId, NurseId, SessionId};

use crate::app::App;
use crate::auth::token::TokenError;
use crate::domain::sync::OLDEST;
use crate::error::{Error, Result};
use crate::problem::Code;
use crate::store;
use crate::store::scope::Scope;
use crate::store::session::{ACCOUNT_DISABLED, SessionRole};

/// Somebody with a valid token and a live session.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Tenant of the account.
    pub community: CommunityId,
    /// The account.
    pub account: AccountId,
    /// The session the token belongs to.
    pub session: SessionId,
    /// The account's nurse profile, when it has one.
    pub nurse: Option<NurseId>,
    /// Roles, each with the institutions it reaches (none for families).
    roles: Vec<(Role, Option<InstitutionId>)>,
}

impl Caller {
    /// Whoever stands behind the rows of a session; none when there are none.
    fn of(community: CommunityId, session: SessionId, rows: &[SessionRole]) -> Option<Self> {
        let first = rows.first()?;
        Some(Self {
            community,
            account: first.account_id,
            session,
            nurse: first.nurse_id,
            roles: rows
                .iter()
                .filter_map(|row| Some((row.role?, row.institution_id)))
                .collect(),
        })
    }

    /// True when the account has one of these roles.
    pub fn has_any(&self, roles: &[Role]) -> bool {
        self.roles.iter().any(|(role, _)| roles.contains(role))
    }

    /// Every role of the account.
    pub fn roles(&self) -> BTreeSet<Role> {
        self.roles.iter().map(|(role, _)| *role).collect()
    }

    /// The institutions in which the account has a role, a nurse's too: those whose pool she works for.
    pub fn institutions_as(&self, role: Role) -> BTreeSet<InstitutionId> {
        self.roles
            .iter()
            .filter(|(held, _)| *held == role)
            .filter_map(|(_, institution)| *institution)
            .collect()
    }

    /// What a further permission lets the account see; a problem when it does not have it.
    pub fn scope_for<P: Permission>(&self) -> Result<Scope> {
        if self.has_any(P::ROLES) {
            Ok(self.scope(P::ROLES))
        } else {
            Err(Code::Forbidden.into())
        }
    }

    /// What the account may see in these roles.
    pub fn scope(&self, roles: &[Role]) -> Scope {
        let mine = |role: Role| roles.contains(&role) && self.has_any(&[role]);
        Scope {
            community: self.community,
            carer: mine(Role::Family).then_some(self.account),
            nurse: if mine(Role::Nurse) { self.nurse } else { None },
            institutions: self
                .roles
                .iter()
                .filter(|(role, _)| roles.contains(role) && *role != Role::Nurse)
                .filter_map(|(_, institution)| *institution)
                .collect(),
        }
    }
}

/// A caller who holds the permission `P`.
#[derive(Clone, Debug)]
pub struct May<P> {
    caller: Caller,
    /// What the permission lets the caller see.
    pub scope: Scope,
    permission: PhantomData<P>,
}

impl<P> std::ops::Deref for May<P> {
    type Target = Caller;
    fn deref(&self) -> &Caller {
        &self.caller
    }
}

/// Something that some roles may do.
pub trait Permission {
    /// The roles that may.
    const ROLES: &'static [Role];
}

macro_rules! permissions {
    ($($(#[$meta:meta])* $name:ident: $($role:ident),+;)+) => {
        /// The permissions, each with its roles. The matrix test calls every operation as every role.
        pub mod grants {
            use super::{Permission, Role};
            $(
                $(#[$meta])*
                #[derive(Clone, Copy, Debug)]
                pub struct $name;
                impl Permission for $name {
                    const ROLES: &'static [Role] = &[$(Role::$role),+];
                }
            )+
        }
    };
}

permissions! {
    /// Anybody who is logged in, on what is their own or public to the community.
    BeLoggedIn: Family, Nurse, Coordinator, Doctor, Supervisor, Admin, Auditor;
    /// Book, reschedule and cancel.
    BookCare: Family, Coordinator;
    /// Read orders and their trail.
    SeeOrders: Family, Nurse, Coordinator, Doctor, Supervisor;
    /// Approve or refuse what screening sent to review.
    ReviewScreening: Doctor, Coordinator;
    /// Read who may take an order and who not, with reasons.
    SeeCandidates: Coordinator, Supervisor;
    /// Assign and reassign by hand.
    Dispatch: Coordinator;
    /// Answer offers and do visits.
    DoVisits: Nurse;
    /// Read what phones told and a rule refused.
    SeeWorkList: Nurse, Coordinator, Supervisor;
    /// Put such a thing right.
    SettleWork: Coordinator, Supervisor;
    /// Say that the nurse is at the door.
    ConfirmArrival: Family;
    /// Read arrivals in question.
    SeeExceptions: Coordinator, Supervisor;
    /// Decide on arrivals in question.
    ResolveExceptions: Coordinator, Supervisor;
    /// Read and set warnings about addresses.
    WarnOfAddresses: Coordinator, Supervisor;
    /// Print the card that proves where a patient lives.
    PrintCards: Family, Coordinator;
    /// Report adverse events and incidents, and read one's own.
    ReportHarm: Nurse, Coordinator, Doctor, Supervisor;
    /// Review and close adverse events.
    ReviewHarm: Supervisor;
    /// Read all reports of one's institutions; review and close incidents.
    HandleIncidents: Coordinator, Supervisor;
    /// File complaints, and read those about one's patients or institutions.
    Complain: Family, Coordinator, Supervisor;
    /// Take and answer complaints.
    HandleComplaints: Coordinator, Supervisor;
    /// Appeal against the answer to a complaint.
    AppealComplaints: Family;
    /// Answer an appeal.
    AnswerAppeals: Supervisor;
    /// Close complaints that were answered.
    CloseComplaints: Family, Supervisor;
    /// Read alarms.
    SeeAlarms: Nurse, Coordinator, Supervisor;
    /// Take and close alarms.
    AnswerAlarms: Coordinator, Supervisor;
    /// Read visits and their records.
    SeeVisits: Family, Nurse, Coordinator, Doctor, Supervisor;
    /// Read alerts.
    SeeAlerts: Nurse, Coordinator, Doctor, Supervisor;
    /// Take alerts and close them.
    HandleAlerts: Nurse, Coordinator, Doctor, Supervisor;
    /// Read the position of the nurse on her way.
    FollowNurse: Family, Coordinator, Supervisor;
    /// Make sure, at the door, that the nurse is the one who was sent.
    VerifyNurse: Family;
    /// Read patients.
    SeePatients: Family, Nurse, Coordinator, Doctor, Supervisor;
    /// Register and change patients, their addresses and carers.
    ChangePatients: Family, Coordinator;
    /// Read whole id numbers.
    RevealIdNumbers: Coordinator, Doctor, Supervisor;
    /// Correct the name, id number, birth date or sex of a patient.
    CorrectIdentity: Coordinator;
    /// Read who may be registered twice, say that they are two, merge them and take a merge back.
    MergePatients: Coordinator, Supervisor;
    /// Record allergies, diagnoses and conditions.
    ChangeHealthFacts: Family, Coordinator, Doctor;
    /// Record first assessments, besides those that a nurse makes on a visit; the configuration may say less.
    AssessPatients: Doctor, Coordinator;
    /// Register and withdraw prescriptions; whoever is no doctor transcribes them from an image.
    Prescribe: Doctor, Coordinator;
    /// Read what else pays for a patient's care.
    SeeEntitlements: Family, Coordinator, Supervisor;
    /// Record and end what else pays.
    RecordEntitlements: Coordinator, Supervisor;
    /// Decide whether an order is charged that something else may pay for.
    ReviewCharges: Coordinator, Supervisor;
    /// Register stays in hospital.
    RegisterAdmissions: Doctor, Coordinator;
    /// Register discharges, correct and cancel them.
    RegisterDischarges: Nurse, Coordinator, Doctor;
    /// Read discharges.
    SeeDischarges: Nurse, Coordinator, Doctor, Supervisor;
    /// Register discharges from a list.
    ImportDischarges: Coordinator, Supervisor;
    /// Register systems that tell of discharges.
    ManageFeeds: Supervisor;
    /// Read follow-up tasks and plans.
    SeeFollowUp: Nurse, Coordinator, Doctor, Supervisor;
    /// Read whom one follows oneself, and who of them comes first.
    SeeMyPeople: Nurse;
    /// Make contacts and note them.
    DoFollowUp: Nurse, Coordinator, Doctor;
    /// Give follow-up tasks to others, and end plans.
    DirectFollowUp: Coordinator, Supervisor;
    /// Enter devices in the register, review, replace and remove them.
    ChangeDevices: Nurse, Coordinator, Doctor;
    /// Make rehabilitation plans, decide on exercises, look at the log, end plans.
    PlanRehab: Nurse, Doctor;
    /// Propose exercises.
    ProposeRehab: Family, Nurse, Coordinator, Doctor;
    /// Tell what was done of exercises.
    LogRehab: Family, Nurse, Coordinator;
    /// Read who of those in rehabilitation has to be looked at.
    WatchRehab: Nurse, Coordinator, Doctor, Supervisor;
    /// Tell numbers measured at home, such as a weight.
    TellReadings: Family, Nurse, Coordinator, Doctor;
    /// Fill in scales.
    ScoreScales: Nurse, Coordinator, Doctor;
    /// Read the indicators of follow-up, and the cases behind them.
    SeeIndicators: Coordinator, Supervisor;
    /// Read reports.
    SeeReports: Supervisor;
    /// Keep a nurse and a patient apart.
    KeepApart: Coordinator, Supervisor;
    /// Read the roster.
    SeeRoster: Coordinator, Supervisor;
    /// Change nurses, certificates, duty and leave.
    ManageRoster: Supervisor;
    /// Change institutions and the items they open.
    ManageInstitutions: Supervisor;
    /// Read rule files, as the community published them.
    SeeRules: Coordinator, Doctor, Supervisor, Auditor;
    /// Publish rule files.
    PublishRules: Supervisor;
    /// Invite, disable and grant roles.
    ManageAccounts: Admin;
    /// Read who read what.
    Audit: Auditor;
    /// Listen to live events.
    Listen: Family, Nurse, Coordinator, Doctor, Supervisor;
}

impl<P: Permission> FromRequestParts<App> for May<P> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let caller = authenticate(app, &parts.headers).await?;
        tracing::Span::current().record("account", tracing::field::display(caller.account));
        Self::grant(caller)
    }
}

impl<P: Permission> May<P> {
    fn grant(caller: Caller) -> Result<Self> {
        if !caller.has_any(P::ROLES) {
            return Err(Code::Forbidden.into());
        }
        Ok(Self {
            scope: caller.scope(P::ROLES),
            caller,
            permission: PhantomData,
        })
    }

    /// The same caller with another permission, when the account has it.
    pub fn also<Q>(&self) -> Result<May<Q>>
    where
        Q: Permission,
    {
        May::grant(self.caller.clone())
    }

    /// Asks the database again whether the session lives and the permission stands, for what outlasts a request.
    pub async fn again(&self, app: &App) -> Result<Self> {
        let session = (self.community, self.session);
        Self::grant(caller_of(app, session, self.account).await?)
    }
}

/// A nurse who tells what she did without signal. Meanwhile her account may have been disabled: she is heard all the
/// same, and a person decides on what she tells.
#[derive(Clone, Debug)]
pub struct Telling {
    /// The nurse.
    pub may: May<grants::DoVisits>,
    /// Her account is disabled: nothing of what she tells is done.
    pub shut_out: bool,
}

impl FromRequestParts<App> for Telling {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let (caller, shut_out) = match authenticate(app, &parts.headers).await {
            Ok(caller) => (caller, false),
            Err(refused) => match shut_out(app, &parts.headers).await? {
                Some(caller) => (caller, true),
                None => return Err(refused),
            },
        };
        tracing::Span::current().record("account", tracing::field::display(caller.account));
        let may = May::grant(caller)?;
        Ok(Self { may, shut_out })
    }
}

/// Who speaks with a token of ours whose session was ended by disabling the account, as long as acts told late are
/// believed. The phone was away, so the token may have expired since. One statement.
async fn shut_out(app: &App, headers: &HeaderMap) -> Result<Option<Caller>> {
    let Ok(token) = bearer(headers) else {
        return Ok(None);
    };
    let Ok(claims) = app.tokens.verify_late(token, app.now(), OLDEST) else {
        return Ok(None);
    };
    let (community, session) = (CommunityId(claims.community), SessionId(claims.session));
    let rows = store::session::roles_of(app.db.reader(), community, session).await?;
    let ended = |row: &SessionRole| {
        row.account_id == AccountId(claims.account)
            && row.status == AccountStatus::Disabled
            && row.revoke_reason.as_deref() == Some(ACCOUNT_DISABLED)
            && row.revoked_at.is_some_and(|at| app.now() - at <= OLDEST)
    };
    if !rows.first().is_some_and(ended) {
        return Ok(None);
    }
    Ok(Caller::of(community, session, &rows))
}

fn bearer(headers: &HeaderMap) -> Result<&str, Code> {
    headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or(Code::Unauthorized)
}

/// Checks the bearer token and its session. One statement.
pub(super) async fn authenticate(app: &App, headers: &HeaderMap) -> Result<Caller> {
    let token = bearer(headers)?;
    let claims = app
        .tokens
        .verify(token, app.now())
        .map_err(|error| match error {
            TokenError::Expired => Code::TokenExpired,
            _ => Code::TokenInvalid,
        })?;
    let session = (CommunityId(claims.community), SessionId(claims.session));
    caller_of(app, session, AccountId(claims.account)).await
}

/// Who is behind a session, when it lives. One statement.
async fn caller_of(
    app: &App,
    (community, session): (CommunityId, SessionId),
    account: AccountId,
) -> Result<Caller> {
    let rows = store::session::roles_of(app.db.reader(), community, session).await?;
    let first = rows.first().ok_or(Code::SessionEnded)?;
    if first.revoked_at.is_some() || first.expires_at <= app.now() || first.account_id != account {
        return Err(Code::SessionEnded.into());
    }
    if first.status != AccountStatus::Active {
        return Err(Code::AccountDisabled.into());
    }
    Caller::of(community, session, &rows).ok_or_else(|| Code::SessionEnded.into())
}
