//! Families with their accounts, patients with carers, facts and addresses.

use chrono::{Days, TimeDelta};
use entity::enums::{
    AccountStatus, AssessmentMode, AssessmentResult, ConsentPurpose, DrugSource, Role, SubjectKind,
};
use entity::ids::{
    AccountId, AddressId, AssessmentId, CarerId, HealthFactId, PatientId, PrescriptionId,
};
use entity::{address, assessment, carer, health_fact, patient, prescription};

use serde_json::json;

use super::Maker;
use super::accounts::Person;
use crate::county::logins::{Login, PatientOfLogin};
use crate::county::{Address, Fact, Patient};
use crate::domain::calendar::local_date;
use crate::domain::event::EventKind;
use crate::domain::patient as record;
use crate::domain::seed;
use crate::error::{Error, Result};
use crate::store;
use crate::store::prescription::Prescribed;

impl Maker<'_> {
    /// Every family and patient; who cares for one patient comes first among the logins.
    pub(super) fn homes(&mut self) -> Result<()> {
        let county = self.county;
        let mut logins = Vec::with_capacity(county.families.len());
        for family in &county.families {
            logins.push(self.account(&Person {
                role: Role::Family,
                institution: None,
                name: &family.name,
                phone: &family.phone,
                status: AccountStatus::Active,
            })?);
        }
        for patient in &county.patients {
            self.patient(patient, &mut logins)?;
        }
        logins.sort_by_key(|login| login.patients.len() != 1);
        self.logins.logins.extend(logins);
        Ok(())
    }

    fn patient(&mut self, patient: &Patient, logins: &mut [Login]) -> Result<()> {
        let id = self.app.new_id::<PatientId>();
        let institution_id = self.institutions[patient.institution];
        let created_by = logins[patient.carers[0].family].account_id;
        let number = patient.id_number.as_ref();
        self.rows.patients.push(patient::Model {
            community_id: self.id,
            id,
            institution_id,
            name_enc: self.seal("patient", "name_enc", id.0, patient.name.reveal()),
            name_hash: store::patient::name_hash(self.app, &patient.name),
            id_kind: patient.id_kind,
            id_number_enc: number
                .map(|number| self.seal("patient", "id_number_enc", id.0, number.reveal())),
            id_number_hash: number.map(|number| store::patient::id_number_hash(self.app, number)),
            mother_id_enc: None,
            birth_order: None,
            newborn_hash: None,
            birth_date: patient.birth_date,
            sex: patient.sex,
            phone_enc: patient
                .phone
                .as_ref()
                .map(|phone| self.seal("patient", "phone_enc", id.0, phone.reveal())),
            phone_hash: patient
                .phone
                .as_ref()
                .map(|phone| store::patient::phone_hash(self.app, phone)),
            merged_into: None,
            lacks_capacity: false,
            same_sex_nurse: patient.same_sex_nurse,
            same_sex_since: patient.same_sex_nurse.then(|| self.app.now()),
            version: 1,
            created_by,
            created_at: self.app.now(),
        });
        self.carers(patient, id, logins);
        let signer = patient.carers.iter().find(|carer| carer.may_book);
        if let Some(signer) = signer {
            let name = logins[signer.family].name.clone();
            self.consents(id, &name);
        }
        for fact in &patient.facts {
            self.fact(*fact, id, created_by)?;
        }
        for home in &patient.addresses {
            self.address(home, id);
        }
        let doctor = self.doctor()?;
        self.assessed(id, doctor);
        for code in patient.usual_items {
            self.prescribed(id, doctor, code)?;
        }
        self.event(
            EventKind::PatientRegistered,
            SubjectKind::Patient,
            id.0,
            |event| event.institution(institution_id).patient(id),
        );
        Ok(())
    }

    fn carers(&mut self, patient: &Patient, patient_id: PatientId, logins: &mut [Login]) {
        let added_by = logins[patient.carers[0].family].account_id;
        for of in &patient.carers {
            let login = &mut logins[of.family];
            self.rows.carers.push(carer::Model {
                community_id: self.id,
                id: self.app.new_id::<CarerId>(),
                patient_id,
                account_id: login.account_id,
                relation: of.relation,
                consent: of.consent,
                may_book: of.may_book,
                added_by,
                added_at: self.app.now(),
                ended_at: None,
            });
            login.patients.push(PatientOfLogin {
                patient_id,
                may_book: of.may_book,
                has_place: patient.addresses[0].place.is_some(),
                usual_items: patient
                    .usual_items
                    .iter()
                    .map(|code| (*code).to_owned())
                    .collect(),
            });
        }
    }

    /// A doctor of the hospital found the patient fit yesterday for all that is done at home.
    fn assessed(&mut self, patient_id: PatientId, doctor: AccountId) {
        let items = seed::catalogue().items.iter();
        let codes: Vec<_> = items
            .filter(|item| item.open && item.assessment_valid_days.is_some())
            .map(|item| item.code.as_str())
            .collect();
        let at = self.app.now() - TimeDelta::days(1);
        let row = assessment::Model {
            community_id: self.id,
            id: self.app.new_id::<AssessmentId>(),
            patient_id,
            visit_id: None,
            mode: AssessmentMode::Remote,
            result: AssessmentResult::Approved,
            items: json!(codes),
            text_enc: None,
            assessed_by: doctor,
            assessed_at: at,
            recorded_at: at,
        };
        self.rows.assessments.push(row);
    }

    fn doctor(&self) -> Result<AccountId> {
        let mut grants = self.rows.grants.iter();
        let doctor = grants.find(|grant| grant.role == Role::Doctor);
        let doctor = doctor.ok_or_else(|| Error::internal("a county has a doctor"))?;
        Ok(doctor.account_id)
    }

    /// What the patient usually gets is prescribed, where it is done on a prescription.
    fn prescribed(&mut self, patient_id: PatientId, doctor: AccountId, code: &str) -> Result<()> {
        let item = seed::catalogue().item(code);
        let Some(days) = item.and_then(|item| item.prescription_valid_days) else {
            return Ok(());
        };
        let id = self.app.new_id::<PrescriptionId>();
        let today = local_date(self.app.now());
        let detail = Prescribed {
            prescriber: "张医生".to_owned(),
            drug: "遵医嘱用药".to_owned(),
            dose: "按说明".to_owned(),
            route: "遵医嘱".to_owned(),
            frequency: "每日一次".to_owned(),
        };
        let detail = serde_json::to_string(&detail).map_err(Error::internal)?;
        let row = prescription::Model {
            community_id: self.id,
            id,
            patient_id,
            item_code: code.to_owned(),
            prescribed_on: today,
            valid_until: today + Days::new(u64::from(days)),
            drug_source: DrugSource::Institution,
            detail_enc: self.seal("prescription", "detail_enc", id.0, &detail),
            image_enc: None,
            registered_by: doctor,
            registered_at: self.app.now(),
            withdrawn_by: None,
            withdrawn_at: None,
            withdraw_reason_enc: None,
        };
        self.rows.prescriptions.push(row);
        Ok(())
    }

    /// Each patient's health data and location may be used: the first carer who may book said so.
    fn consents(&mut self, patient_id: PatientId, name: &str) {
        let carers = self.rows.carers.iter();
        let first = carers
            .filter(|carer| carer.patient_id == patient_id)
            .find(|carer| carer.may_book)
            .cloned();
        let Some(carer) = first else { return };
        for purpose in [ConsentPurpose::HealthData, ConsentPurpose::Location] {
            if let Some(text) = seed::consents().of_purpose(purpose) {
                let text = (text.code.as_str(), text.version);
                let row = store::consent::of_carer(self.app, &carer, name, purpose, text);
                self.rows.consents.push(row);
            }
        }
    }

    fn fact(&mut self, fact: Fact, patient_id: PatientId, recorded_by: AccountId) -> Result<()> {
        let id = self.app.new_id::<HealthFactId>();
        let fact = health_fact_of(fact);
        let detail = fact.to_json().map_err(Error::internal)?;
        self.rows.facts.push(health_fact::Model {
            community_id: self.id,
            id,
            patient_id,
            kind: fact.kind(),
            detail_enc: self.seal("health_fact", "detail_enc", id.0, &detail),
            recorded_by,
            recorded_at: self.app.now(),
            ended_at: None,
        });
        Ok(())
    }

    fn address(&mut self, home: &Address, patient_id: PatientId) {
        let id = self.app.new_id::<AddressId>();
        let place = home.place;
        self.rows.addresses.push(address::Model {
            community_id: self.id,
            id,
            patient_id,
            text_enc: self.seal("address", "text_enc", id.0, &home.text),
            landmark_enc: home
                .landmark
                .as_ref()
                .map(|text| self.seal("address", "landmark_enc", id.0, text)),
            township_code: Some(home.township_code.to_owned()),
            lng: place.map(|place| place.point.lng()),
            lat: place.map(|place| place.point.lat()),
            source_crs: home.crs(),
            source_lng: place.map(|place| place.src_lng),
            source_lat: place.map(|place| place.src_lat),
            accuracy_m: place.and_then(|place| place.accuracy_m),
            fence_radius_m: i64::from(home.fence_radius_m),
            far_confirmed: false,
            version: 1,
            created_at: self.app.now(),
            removed_at: None,
        });
    }
}

fn health_fact_of(fact: Fact) -> record::Fact {
    match fact {
        Fact::Allergy(substance) => record::Fact::Allergy(record::Allergy {
            substance: substance.to_owned(),
            reaction: None,
            severity: None,
        }),
        Fact::Diagnosis(text) => record::Fact::Diagnosis(record::Diagnosis {
            code: None,
            text: text.to_owned(),
            since: None,
        }),
        Fact::Condition(code) => record::Fact::Condition(record::Condition {
            code: code.to_owned(),
            note: None,
            since: None,
        }),
    }
}
