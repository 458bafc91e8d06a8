//! An alert that is to be opened.

use chrono::{DateTime, Utc};
use entity::alert::Model;
use entity::enums::{AlertKind, AlertSeverity, FlagOwner};
use entity::ids::{AccountId, AlertId, CommunityId, InstitutionId, NurseId, PatientId, VisitId};
use entity::{care_order, patient, visit};

use crate::app::App;

/// An alert to be opened.
#[derive(Clone, Debug)]
pub struct NewAlert<'a> {
    pub(super) row: Model,
    pub(super) number: Option<&'a str>,
    pub(super) detail: Option<&'a str>,
    pub(super) actor: Option<AccountId>,
}

impl<'a> NewAlert<'a> {
    /// About an order; `at` is when it happened.
    pub fn of_order(
        app: &App,
        kind: AlertKind,
        severity: AlertSeverity,
        order: &'a care_order::Model,
        at: DateTime<Utc>,
    ) -> Self {
        let of = (order.community_id, order.institution_id, order.patient_id);
        let mut new = Self::about(app, kind, severity, of, at);
        new.row.order_id = Some(order.id);
        new.number = Some(&order.number);
        new
    }

    /// About a patient, whatever the order; `at` is when it happened.
    pub fn of_patient(
        app: &App,
        kind: AlertKind,
        severity: AlertSeverity,
        patient: &patient::Model,
        at: DateTime<Utc>,
    ) -> Self {
        let of = (patient.community_id, patient.institution_id, patient.id);
        Self::about(app, kind, severity, of, at)
    }

    /// Found on a visit.
    #[must_use]
    pub fn visit(mut self, visit: &visit::Model) -> Self {
        self.row.visit_id = Some(visit.id);
        self.row.nurse_id = Some(visit.nurse_id);
        self
    }

    /// Told on a visit, whoever's it is.
    #[must_use]
    pub fn on_visit(mut self, visit: VisitId) -> Self {
        self.row.visit_id = Some(visit);
        self
    }

    /// Of a red flag: which, by which version of the rules, whose, and until when it has to be dealt with.
    #[must_use]
    pub fn flag(mut self, flag: Flag<'_>) -> Self {
        self.row.rule = Some(flag.rule.to_owned());
        self.row.rules_version = Some(flag.version);
        self.row.owner = Some(flag.owner);
        self.row.due_at = Some(flag.due_at);
        self.row.nurse_id = flag.nurse.or(self.row.nurse_id);
        self
    }

    /// What was found, in words; it is sealed.
    #[must_use]
    pub fn detail(mut self, text: &'a str) -> Self {
        self.detail = Some(text);
        self
    }

    /// Whoever found it.
    #[must_use]
    pub fn by(mut self, account: AccountId) -> Self {
        self.actor = Some(account);
        self
    }

    fn about(
        app: &App,
        kind: AlertKind,
        severity: AlertSeverity,
        (community_id, institution_id, patient_id): (CommunityId, InstitutionId, PatientId),
        at: DateTime<Utc>,
    ) -> Self {
        let row = Model {
            community_id,
            id: app.new_id::<AlertId>(),
            kind,
            severity,
            institution_id,
            patient_id,
            order_id: None,
            visit_id: None,
            nurse_id: None,
            detail_enc: None,
            happened_at: at,
            opened_at: app.now(),
            taken_by: None,
            taken_at: None,
            closed_by: None,
            closed_at: None,
            outcome_enc: None,
            rule: None,
            rules_version: None,
            owner: None,
            due_at: None,
            escalation: 0,
            acted_by: None,
            acted_at: None,
            action_enc: None,
            result: None,
            result_order_id: None,
        };
        Self {
            row,
            number: None,
            detail: None,
            actor: None,
        }
    }
}

/// The red flag of an alert.
#[derive(Clone, Copy, Debug)]
pub struct Flag<'a> {
    /// Its code.
    pub rule: &'a str,
    /// Version of the rules.
    pub version: i32,
    /// Whose it is.
    pub owner: FlagOwner,
    /// The nurse whose it is.
    pub nurse: Option<NurseId>,
    /// Until when it has to be dealt with.
    pub due_at: DateTime<Utc>,
}
