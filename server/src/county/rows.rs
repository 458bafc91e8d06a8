//! A county as rows: ids given, references resolved, personal fields sealed. Nothing is written here.

mod accounts;
mod homes;
mod institutions;
mod roster;

use entity::enums::SubjectKind;
use entity::ids::{CommunityId, InstitutionId};
use entity::{
    account, address, assessment, carer, certification, community, consent, health_fact,
    institution, institution_item, institution_scope, nurse, nurse_duty, nurse_leave, nurse_reach,
    patient, prescription, role_grant,
};
use uuid::Uuid;

use super::County;
use super::logins::Logins;
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::store::event::NewEvent;

/// A password and its hash. One for all staff and one for all families: a hash takes 40 ms by intent.
pub(super) struct Password {
    pub(super) text: String,
    pub(super) hash: String,
}

/// Rows of one community, table by table.
pub(super) struct Rows {
    pub(super) community: community::Model,
    pub(super) institutions: Vec<institution::Model>,
    pub(super) scopes: Vec<institution_scope::Model>,
    pub(super) items: Vec<institution_item::Model>,
    pub(super) accounts: Vec<account::Model>,
    pub(super) grants: Vec<role_grant::Model>,
    pub(super) nurses: Vec<nurse::Model>,
    pub(super) duties: Vec<nurse_duty::Model>,
    pub(super) leaves: Vec<nurse_leave::Model>,
    pub(super) certifications: Vec<certification::Model>,
    pub(super) reach: Vec<nurse_reach::Model>,
    pub(super) patients: Vec<patient::Model>,
    pub(super) carers: Vec<carer::Model>,
    pub(super) consents: Vec<consent::Model>,
    pub(super) facts: Vec<health_fact::Model>,
    pub(super) addresses: Vec<address::Model>,
    pub(super) assessments: Vec<assessment::Model>,
    pub(super) prescriptions: Vec<prescription::Model>,
    pub(super) events: Vec<NewEvent>,
}

/// Makes rows and logins out of a county.
pub(super) struct Maker<'a> {
    app: &'a App,
    county: &'a County,
    staff: &'a Password,
    families: &'a Password,
    id: CommunityId,
    /// Ids of the institutions, in the county's order.
    institutions: Vec<InstitutionId>,
    rows: Rows,
    logins: Logins,
}

impl<'a> Maker<'a> {
    pub(super) fn new(
        app: &'a App,
        county: &'a County,
        staff: &'a Password,
        families: &'a Password,
    ) -> Self {
        let id = app.new_id();
        Self {
            app,
            county,
            staff,
            families,
            id,
            institutions: county.institutions.iter().map(|_| app.new_id()).collect(),
            rows: Rows::empty(community_row(app, county, id)),
            logins: Logins {
                community: county.code.to_owned(),
                name: county.name_zh.to_owned(),
                logins: Vec::new(),
            },
        }
    }

    /// All rows, and who can log in.
    pub(super) fn make(mut self) -> Result<(Rows, Logins)> {
        self.event(
            EventKind::RulesPublished,
            SubjectKind::Community,
            self.id.0,
            |event| event,
        );
        self.institutions();
        let supervisor = self.desks()?;
        self.nurses(supervisor)?;
        self.homes()?;
        Ok((self.rows, self.logins))
    }

    fn event(
        &mut self,
        kind: EventKind,
        subject: SubjectKind,
        id: Uuid,
        more: impl FnOnce(NewEvent) -> NewEvent,
    ) {
        self.rows
            .events
            .push(more(NewEvent::new(kind, subject, id, None)));
    }

    fn seal(&self, table: &'static str, column: &'static str, row: Uuid, plain: &str) -> String {
        self.app
            .cipher
            .seal(FieldPlace { table, column, row }, plain)
    }
}

fn community_row(app: &App, county: &County, id: CommunityId) -> community::Model {
    let centre = county.land.centre();
    community::Model {
        id,
        code: county.code.to_owned(),
        name_zh: county.name_zh.to_owned(),
        name_en: county.name_en.to_owned(),
        lng: centre.lng(),
        lat: centre.lat(),
        created_at: app.now(),
    }
}

impl Rows {
    fn empty(community: community::Model) -> Self {
        Self {
            community,
            institutions: Vec::new(),
            scopes: Vec::new(),
            items: Vec::new(),
            accounts: Vec::new(),
            grants: Vec::new(),
            nurses: Vec::new(),
            duties: Vec::new(),
            leaves: Vec::new(),
            certifications: Vec::new(),
            reach: Vec::new(),
            patients: Vec::new(),
            carers: Vec::new(),
            consents: Vec::new(),
            facts: Vec::new(),
            addresses: Vec::new(),
            assessments: Vec::new(),
            prescriptions: Vec::new(),
            events: Vec::new(),
        }
    }
}
