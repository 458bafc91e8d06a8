//! A county as rows: ids given, references resolved, personal fields sealed. Nothing is written here.

mod homes;
mod roster;

use entity::enums::{AccountStatus, InstitutionKind, Language, Role, SubjectKind};
use entity::ids::{AccountId, CommunityId, GrantId, InstitutionId};
use entity::{
    account, address, carer, certification, community, consent, health_fact, institution,
    institution_item, institution_scope, nurse, nurse_duty, nurse_leave, nurse_reach, patient,
    role_grant,
};
use serde_json::json;
use uuid::Uuid;

use super::logins::{Login, Logins};
use super::{County, Desk};
use crate::app::App;
use crate::auth::totp;
use crate::crypto::FieldPlace;
use crate::domain::event::EventKind;
use crate::domain::name::PersonName;
use crate::domain::phone::Phone;
use crate::domain::seed;
use crate::error::{Error, Result};
use crate::store;
use crate::store::event::NewEvent;

/// Items that health centres leave to the hospital.
const HOSPITAL_ONLY: [&str; 2] = ["ST_X", "UC_SPC"];

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

/// An account to be made.
struct Person<'a> {
    role: Role,
    institution: Option<usize>,
    name: &'a PersonName,
    phone: &'a Phone,
    status: AccountStatus,
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

    fn institutions(&mut self) {
        for (index, of) in self.county.institutions.iter().enumerate() {
            let id = self.institutions[index];
            let lead = self.institutions[0];
            self.rows.institutions.push(institution::Model {
                community_id: self.id,
                id,
                parent_id: (id != lead).then_some(lead),
                kind: of.kind,
                code: of.code.to_owned(),
                name_zh: of.name_zh.clone(),
                name_en: of.name_en.clone(),
                phone: of.phone.reveal().to_owned(),
                lng: of.place.lng(),
                lat: of.place.lat(),
                practice_licence: of.practice_licence.clone(),
                home_care_approved: true,
                active: true,
                version: 1,
                created_at: self.app.now(),
            });
            let above = [Some(id), (id != lead).then_some(lead)];
            self.rows
                .scopes
                .extend(
                    above
                        .into_iter()
                        .flatten()
                        .map(|above| institution_scope::Model {
                            community_id: self.id,
                            institution_id: above,
                            member_id: id,
                        }),
                );
            self.items(id, of.kind);
            self.event(
                EventKind::InstitutionAdded,
                SubjectKind::Institution,
                id.0,
                |event| event.institution(id),
            );
        }
    }

    /// What the catalogue opens is opened; health centres leave a little to the hospital.
    fn items(&mut self, institution_id: InstitutionId, kind: InstitutionKind) {
        let open = seed::catalogue().items.iter().filter(|item| item.open);
        self.rows.items.extend(open.map(|item| {
            let code = item.code.as_str();
            institution_item::Model {
                community_id: self.id,
                institution_id,
                item_code: code.to_owned(),
                open: kind == InstitutionKind::LeadHospital || !HOSPITAL_ONLY.contains(&code),
                changed_at: self.app.now(),
                changed_by: None,
            }
        }));
    }

    /// Accounts of the desks; gives the supervisor, who has seen the certificates.
    fn desks(&mut self) -> Result<AccountId> {
        let mut supervisor = None;
        for Desk {
            role,
            institution,
            name,
            phone,
        } in &self.county.desk
        {
            // Administrators and auditors serve the whole community.
            let institution =
                (!matches!(role, Role::Admin | Role::Auditor)).then_some(*institution);
            let login = self.account(&Person {
                role: *role,
                institution,
                name,
                phone,
                status: AccountStatus::Active,
            })?;
            if *role == Role::Supervisor {
                supervisor = Some(login.account_id);
            }
            self.logins.logins.push(login);
        }
        supervisor.ok_or_else(|| Error::internal("a county has a nursing department"))
    }

    /// An account with its role; what it can log in with.
    fn account(&mut self, person: &Person<'_>) -> Result<Login> {
        let (app, id) = (self.app, self.app.new_id::<AccountId>());
        let password = if person.role == Role::Family {
            self.families
        } else {
            self.staff
        };
        let secret = (person.role != Role::Family).then(totp::new_secret);
        let name = person.name.reveal();
        let urls = secret
            .as_ref()
            .map(|secret| totp::otpauth_url(secret, name))
            .transpose();
        let text = |secret: &secrecy::SecretString| {
            secrecy::ExposeSecret::expose_secret(secret).to_owned()
        };
        let secret = secret.as_ref().map(text);
        self.rows.accounts.push(account::Model {
            community_id: self.id,
            id,
            status: person.status,
            name_enc: self.seal("account", "name_enc", id.0, name),
            phone_enc: self.seal("account", "phone_enc", id.0, person.phone.reveal()),
            phone_hash: store::account::phone_hash(app, person.phone),
            language: Language::Zh,
            password_hash: Some(password.hash.clone()),
            totp_secret_enc: secret
                .as_ref()
                .map(|secret| store::account::seal_totp_secret(app, id, secret)),
            totp_confirmed_at: secret.is_some().then(|| app.now()),
            totp_last_step: None,
            version: 1,
            created_at: app.now(),
        });
        self.grant(id, person);
        self.event(
            EventKind::AccountCreated,
            SubjectKind::Account,
            id.0,
            |event| event.payload(json!({ "role": person.role })),
        );
        let institution = person
            .institution
            .map(|index| &self.county.institutions[index]);
        Ok(Login {
            role: person.role,
            name: name.to_owned(),
            phone: person.phone.reveal().to_owned(),
            password: password.text.clone(),
            totp_secret: secret,
            otpauth_url: urls.map_err(Error::internal)?.as_ref().map(text),
            institution: institution.map(|institution| institution.name_zh.clone()),
            account_id: id,
            nurse_id: None,
            base: None,
            patients: Vec::new(),
        })
    }

    fn grant(&mut self, account_id: AccountId, person: &Person<'_>) {
        self.rows.grants.push(role_grant::Model {
            community_id: self.id,
            id: self.app.new_id::<GrantId>(),
            account_id,
            role: person.role,
            institution_id: person.institution.map(|index| self.institutions[index]),
            granted_by: None,
            granted_at: self.app.now(),
        });
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
            events: Vec::new(),
        }
    }
}
