//! Nurses with their accounts, papers, duty and reach.

use chrono::TimeDelta;
use entity::enums::{AccountStatus, Role, SubjectKind};
use entity::ids::{AccountId, CertificationId, DutyId, LeaveId, NurseId};
use entity::{certification, nurse, nurse_duty, nurse_leave, nurse_reach};
use serde_json::json;

use super::Maker;
use super::accounts::Person;
use crate::county::{Nurse, Policy};
use crate::domain::calendar::day_start;
use crate::domain::event::EventKind;
use crate::domain::place::Point;
use crate::domain::zorder;
use crate::error::{Error, Result};
use crate::store;

impl Maker<'_> {
    /// Every nurse; who may visit today comes first among the logins.
    pub(super) fn nurses(&mut self, supervisor: AccountId) -> Result<()> {
        let county = self.county;
        let mut logins = Vec::with_capacity(county.nurses.len());
        for nurse in &county.nurses {
            let status = if nurse.active {
                AccountStatus::Active
            } else {
                AccountStatus::Disabled
            };
            let mut login = self.account(&Person {
                role: Role::Nurse,
                institution: Some(nurse.institution),
                name: &nurse.name,
                phone: &nurse.phone,
                status,
            })?;
            let id = self.app.new_id::<NurseId>();
            self.nurse(nurse, id, login.account_id)?;
            self.papers(nurse, id, supervisor);
            self.times(nurse, id)?;
            self.reach(nurse, id);
            login.nurse_id = Some(id);
            login.base = nurse.base.map(|base| (base.lng(), base.lat()));
            if nurse.active {
                logins.push((!nurse.is_ready(county.today), login));
            }
        }
        logins.sort_by_key(|(later, _)| *later);
        self.logins
            .logins
            .extend(logins.into_iter().map(|(_, login)| login));
        Ok(())
    }

    fn nurse(&mut self, nurse: &Nurse, id: NurseId, account_id: AccountId) -> Result<()> {
        let institution_id = self.institutions[nurse.institution];
        let number = |policy: &Option<Policy>| policy.as_ref().map(|(number, _)| number.clone());
        let last_day = |policy: &Option<Policy>| policy.as_ref().map(|(_, last_day)| *last_day);
        self.rows.nurses.push(nurse::Model {
            community_id: self.id,
            id,
            institution_id,
            account_id: Some(account_id),
            staff_no: nurse.staff_no.clone(),
            name_enc: self.seal("nurse", "name_enc", id.0, nurse.name.reveal()),
            sex: nurse.sex,
            title: nurse.title,
            licence_no: nurse.licence_no.clone(),
            licence_from: nurse.licence_from,
            licence_to: nurse.licence_to,
            practice_since: nurse.practice_since,
            training_passed_on: nurse.training_passed_on,
            health_cert_to: nurse.health_cert_to,
            accident_insurance_no: number(&nurse.accident_insurance),
            accident_insurance_to: last_day(&nurse.accident_insurance),
            liability_insurance_no: number(&nurse.liability_insurance),
            liability_insurance_to: last_day(&nurse.liability_insurance),
            active: nurse.active,
            base_lng: nurse.base.map(Point::lng),
            base_lat: nurse.base.map(Point::lat),
            service_radius_m: i64::from(nurse.radius_m),
            daily_cap: i32::try_from(nurse.daily_cap).map_err(Error::internal)?,
            last_lng: None,
            last_lat: None,
            last_accuracy_m: None,
            last_place_at: None,
            version: 1,
            created_at: self.app.now(),
        });
        let certificates = nurse.certificates.len();
        self.event(EventKind::NurseAdded, SubjectKind::Nurse, id.0, |event| {
            event
                .institution(institution_id)
                .nurse(id)
                .payload(json!({ "certificates": certificates }))
        });
        Ok(())
    }

    fn papers(&mut self, nurse: &Nurse, nurse_id: NurseId, supervisor: AccountId) {
        for held in &nurse.certificates {
            self.rows.certifications.push(certification::Model {
                community_id: self.id,
                id: self.app.new_id::<CertificationId>(),
                nurse_id,
                kind: held.kind.to_owned(),
                number: held.number.clone(),
                issuer: held.issuer.to_owned(),
                valid_from: held.valid_from,
                valid_to: held.valid_to,
                verified_by: held.verified.then_some(supervisor),
                verified_at: held.verified.then(|| self.app.now()),
                revoked_at: held.revoked.then(|| self.app.now()),
                revoke_reason: held.revoked.then(|| "证书信息与发证单位不符".to_owned()),
                created_at: self.app.now(),
            });
        }
    }

    fn times(&mut self, nurse: &Nurse, nurse_id: NurseId) -> Result<()> {
        let number = |number: u32| i32::try_from(number).map_err(Error::internal);
        for duty in &nurse.duty {
            self.rows.duties.push(nurse_duty::Model {
                community_id: self.id,
                id: self.app.new_id::<DutyId>(),
                nurse_id,
                weekday: number(duty.weekday)?,
                start_min: number(duty.start_min)?,
                end_min: number(duty.end_min)?,
            });
        }
        for away in &nurse.absences {
            let starts_at = day_start(away.day) + TimeDelta::hours(i64::from(away.hour));
            self.rows.leaves.push(nurse_leave::Model {
                community_id: self.id,
                id: self.app.new_id::<LeaveId>(),
                nurse_id,
                kind: away.kind,
                starts_at,
                ends_at: starts_at + TimeDelta::hours(i64::from(away.hours)),
                note: None,
            });
        }
        Ok(())
    }

    /// A row for the licence and one for each kind that is verified and not taken back. Dates are not looked at:
    /// matching judges them for the day of the visit.
    fn reach(&mut self, nurse: &Nurse, nurse_id: NurseId) {
        let Some(base) = nurse.base.filter(|_| nurse.active) else {
            return;
        };
        let good = nurse
            .certificates
            .iter()
            .filter(|held| held.verified && !held.revoked);
        let kinds = std::iter::once(store::reach::LICENCE).chain(good.map(|held| held.kind));
        self.rows.reach.extend(kinds.map(|kind| nurse_reach::Model {
            community_id: self.id,
            certificate: kind.to_owned(),
            place_key: zorder::key(base),
            nurse_id,
            lng: base.lng(),
            lat: base.lat(),
            radius_m: i64::from(nurse.radius_m),
        }));
    }
}
