//! Rows of accounts, their roles, and what they log in with.

use entity::enums::{AccountStatus, Language, Role, SubjectKind};
use entity::ids::{AccountId, GrantId};
use entity::{account, role_grant};
use serde_json::json;

use super::Maker;
use crate::auth::totp;
use crate::county::Desk;
use crate::county::logins::Login;
use crate::domain::event::EventKind;
use crate::domain::name::PersonName;
use crate::domain::phone::Phone;
use crate::error::{Error, Result};
use crate::store;

/// An account to be made.
pub(super) struct Person<'a> {
    pub(super) role: Role,
    pub(super) institution: Option<usize>,
    pub(super) name: &'a PersonName,
    pub(super) phone: &'a Phone,
    pub(super) status: AccountStatus,
}

impl Maker<'_> {
    /// Accounts of the desks; gives the supervisor, who has seen the certificates.
    pub(super) fn desks(&mut self) -> Result<AccountId> {
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
    pub(super) fn account(&mut self, person: &Person<'_>) -> Result<Login> {
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
}
