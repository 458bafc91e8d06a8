//! What belongs to several visits at once, each kind in one statement however many visits there are.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::WarningState;
use entity::ids::{
    AddressId, CommunityId, HealthFactId, InstitutionId, NurseId, OrderId, PatientId, VisitId,
};
use entity::{
    account, address, address_warning, arrival_exception, assessment, care_order, carer, consent,
    device, device_visit, institution, order_item, patient, prescription, visit, visit_amendment,
    visit_screening, visit_signature, visit_waste,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::sos::NurseContact;
use crate::app::App;
use crate::domain::patient::Fact;
use crate::domain::prescription::shown;
use crate::error::{Error, Result};

/// Rows of a community whose column is one of these.
macro_rules! of {
    ($entity:ident, $community:expr, $column:ident, $ids:expr) => {
        $entity::Entity::find()
            .filter($entity::Column::CommunityId.eq($community))
            .filter($entity::Column::$column.is_in($ids))
    };
}

/// A visit with its order.
pub type Pair = (visit::Model, care_order::Model);

/// What is shown of visits to everybody who may see them.
#[derive(Debug)]
pub struct VisitRows {
    items: BTreeMap<OrderId, Vec<order_item::Model>>,
    prescriptions: BTreeMap<PatientId, Vec<prescription::Model>>,
    assessments: BTreeMap<PatientId, Vec<assessment::Model>>,
    patients: BTreeMap<PatientId, patient::Model>,
    addresses: BTreeMap<AddressId, address::Model>,
    institutions: BTreeMap<InstitutionId, institution::Model>,
    /// Warnings in force.
    pub warnings: BTreeMap<AddressId, address_warning::Model>,
    /// Signatures of records.
    pub signatures: BTreeMap<VisitId, visit_signature::Model>,
    /// Amendments of records, oldest first.
    pub amendments: BTreeMap<VisitId, Vec<visit_amendment::Model>>,
    /// Waste that was returned.
    pub waste: BTreeMap<VisitId, visit_waste::Model>,
    /// Arrivals in question.
    pub exceptions: BTreeMap<VisitId, arrival_exception::Model>,
    /// Who goes.
    pub nurses: BTreeMap<NurseId, NurseContact>,
}

impl VisitRows {
    /// Reads it. Thirteen statements.
    pub async fn read(
        db: &impl ConnectionTrait,
        app: &App,
        community: CommunityId,
        visits: &[Pair],
    ) -> Result<Self> {
        let ids = || visits.iter().map(|(visit, _)| visit.id);
        let addresses: BTreeSet<_> = visits.iter().map(|(_, order)| order.address_id).collect();
        let places: BTreeSet<_> = visits
            .iter()
            .map(|(_, order)| order.institution_id)
            .collect();
        let patients: BTreeSet<_> = visits.iter().map(|(_, order)| order.patient_id).collect();
        let nurses: BTreeSet<_> = visits.iter().map(|(visit, _)| visit.nurse_id).collect();
        let orders: Vec<_> = visits.iter().map(|(_, order)| order.id).collect();
        let items = super::order::items_of(db, community, &orders).await?;
        let prescribed = items.values().flatten();
        let prescribed: BTreeSet<_> = prescribed.map(|row| row.item_code.clone()).collect();
        let prescriptions = of!(prescription, community, PatientId, patients.iter().copied())
            .filter(prescription::Column::ItemCode.is_in(prescribed))
            .order_by_asc(prescription::Column::Id);
        let assessments = of!(assessment, community, PatientId, patients.iter().copied())
            .order_by_asc(assessment::Column::Id);
        let warnings = of!(
            address_warning,
            community,
            AddressId,
            addresses.iter().copied()
        )
        .filter(address_warning::Column::State.eq(WarningState::Active));
        let amendments = of!(visit_amendment, community, VisitId, ids())
            .order_by_asc(visit_amendment::Column::Id);
        let places = of!(institution, community, Id, places);
        let addresses = of!(address, community, Id, addresses.iter().copied());
        Ok(Self {
            items,
            prescriptions: super::sql::grouped(prescriptions.all(db).await?, |row| row.patient_id),
            assessments: super::sql::grouped(assessments.all(db).await?, |row| row.patient_id),
            patients: super::order::patients_of(db, community, patients).await?,
            addresses: each(addresses.all(db).await?, |row| row.id),
            institutions: each(places.all(db).await?, |row| row.id),
            warnings: each(warnings.all(db).await?, |row| row.address_id),
            signatures: each(
                of!(visit_signature, community, VisitId, ids())
                    .all(db)
                    .await?,
                |row| row.visit_id,
            ),
            amendments: super::sql::grouped(amendments.all(db).await?, |row| row.visit_id),
            waste: each(
                of!(visit_waste, community, VisitId, ids()).all(db).await?,
                |row| row.visit_id,
            ),
            exceptions: each(
                of!(arrival_exception, community, VisitId, ids())
                    .all(db)
                    .await?,
                |row| row.visit_id,
            ),
            nurses: super::sos::contacts(db, app, community, nurses).await?,
        })
    }

    /// Codes of what was ordered, in its order.
    pub fn items(&self, order: &care_order::Model) -> Vec<String> {
        let rows = self.items.get(&order.id).into_iter().flatten();
        rows.map(|row| row.item_code.clone()).collect()
    }

    /// The prescription by which each item of an order is done that has one, on a day, by what is so at a moment.
    pub fn prescriptions(
        &self,
        order: &care_order::Model,
        day: NaiveDate,
        at: DateTime<Utc>,
    ) -> Vec<&prescription::Model> {
        let held = self.prescriptions.get(&order.patient_id);
        let held = held.map(Vec::as_slice).unwrap_or_default();
        let rows = self.items.get(&order.id).into_iter().flatten();
        let shown = rows.filter_map(|item| {
            let of_item = held.iter().filter(|one| one.item_code == item.item_code);
            let of_item: Vec<_> = of_item.map(super::prescription::as_held).collect();
            let id = shown(&of_item, item.prescription_id, day, at)?;
            held.iter().find(|one| one.id == id)
        });
        shown.collect()
    }

    /// The first assessments that decide about items of an order and name conditions, each with these items.
    pub fn conditions(
        &self,
        order: &care_order::Model,
    ) -> Result<Vec<(&assessment::Model, Vec<String>)>> {
        let known = self.assessments.get(&order.patient_id);
        let known = known.map(Vec::as_slice).unwrap_or_default();
        super::assessment::conditional(known, &self.items(order))
    }

    /// The patient of an order.
    pub fn patient(&self, order: &care_order::Model) -> Result<&patient::Model> {
        let found = self.patients.get(&order.patient_id);
        found.ok_or_else(|| Error::internal("an order has no patient"))
    }

    /// The address of an order.
    pub fn address(&self, order: &care_order::Model) -> Result<&address::Model> {
        let found = self.addresses.get(&order.address_id);
        found.ok_or_else(|| Error::internal("an order has no address"))
    }

    /// The institution that provides an order.
    pub fn institution(&self, order: &care_order::Model) -> Option<&institution::Model> {
        self.institutions.get(&order.institution_id)
    }
}

/// What is needed at the doors besides.
#[derive(Debug)]
pub struct DoorRows {
    /// What is known of the health of patients.
    pub facts: BTreeMap<PatientId, Vec<(HealthFactId, Fact)>>,
    /// Devices in place, newest first.
    pub devices: BTreeMap<PatientId, Vec<device::Model>>,
    /// What visits did to them, oldest first.
    pub device_visits: Vec<device_visit::Model>,
    /// Who visited a patient last.
    pub responsible: BTreeMap<PatientId, NurseId>,
    /// Outcome of the newest screening.
    pub screened: BTreeMap<VisitId, String>,
    /// Consents, withdrawn ones too, oldest first.
    pub consents: BTreeMap<VisitId, Vec<consent::Model>>,
    /// Carers with their accounts, oldest first.
    pub carers: BTreeMap<PatientId, Vec<(carer::Model, account::Model)>>,
}

impl DoorRows {
    /// Reads it. Eight statements.
    pub async fn read(
        db: &impl ConnectionTrait,
        app: &App,
        community: CommunityId,
        visits: &[Pair],
    ) -> Result<Self> {
        let ids = || visits.iter().map(|(visit, _)| visit.id);
        let patients: BTreeSet<_> = visits.iter().map(|(visit, _)| visit.patient_id).collect();
        let patients = || patients.iter().copied();
        let devices = of!(device, community, PatientId, patients())
            .filter(device::Column::RemovedAt.is_null())
            .order_by_desc(device::Column::Id)
            .all(db)
            .await?;
        // Of several screenings the newest counts.
        let screenings = of!(visit_screening, community, VisitId, ids())
            .order_by_asc(visit_screening::Column::Id)
            .all(db)
            .await?;
        let consents = of!(consent, community, VisitId, ids())
            .order_by_asc(consent::Column::Id)
            .all(db)
            .await?;
        let signed_for = |row: consent::Model| Some((row.visit_id?, row));
        let mut by_visit: BTreeMap<VisitId, Vec<consent::Model>> = BTreeMap::new();
        for (visit, row) in consents.into_iter().filter_map(signed_for) {
            by_visit.entry(visit).or_default().push(row);
        }
        Ok(Self {
            facts: super::health_fact::live_of(db, app, community, patients()).await?,
            device_visits: super::device::visits(db, community, &devices).await?,
            devices: super::sql::grouped(devices, |row| row.patient_id),
            responsible: super::device::responsible_nurses(db, community, patients()).await?,
            screened: screenings
                .into_iter()
                .map(|row| (row.visit_id, row.outcome))
                .collect(),
            consents: by_visit,
            carers: super::carer::of_patients(db, community, patients()).await?,
        })
    }
}

fn each<K: Ord, R>(rows: Vec<R>, key: impl Fn(&R) -> K) -> BTreeMap<K, R> {
    rows.into_iter().map(|row| (key(&row), row)).collect()
}
