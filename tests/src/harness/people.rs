//! A small town to test in: a community with a lead hospital and a health centre, and people with tokens.

use chrono::TimeDelta;
use entity::enums::{AccountStatus, InstitutionKind, Language, Role};
use entity::ids::{AccountId, CommunityId, InstitutionId, SessionId};
use entity::{community, institution, institution_scope, session};
use jiahu::app::App;
use jiahu::auth::token::Subject;
use jiahu::domain::name::PersonName;
use jiahu::domain::phone::Phone;
use jiahu::store;
use jiahu::store::account::NewAccount;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};

use super::client::Client;
use super::server::TestServer;

/// A community with two institutions.
#[derive(Clone, Debug)]
pub struct Town {
    /// The tenant.
    pub community: CommunityId,
    /// Its code.
    pub code: String,
    /// The lead hospital.
    pub hospital: InstitutionId,
    /// A health centre under it.
    pub centre: InstitutionId,
    /// Another health centre under it.
    pub other_centre: InstitutionId,
}

/// Somebody with an account and a token.
#[derive(Clone, Debug)]
pub struct Person {
    /// The account.
    pub account: AccountId,
    /// Phone of the account.
    pub phone: String,
    /// Calls as this person.
    pub client: Client,
}

/// Where the town's hospital stands: longitude, latitude.
pub const CENTRE: (f64, f64) = (114.88, 36.92);

impl Town {
    /// Builds a community straight in the database: communities are made by the operator, not over HTTP.
    pub async fn build(server: &TestServer, code: &str) -> Self {
        let app = &server.app;
        let community = app.new_id::<CommunityId>();
        let ids: [InstitutionId; 3] = [app.new_id(), app.new_id(), app.new_id()];
        let [hospital, centre, other_centre] = ids;
        let now = app.now();
        let row = community::Model {
            id: community,
            code: code.to_owned(),
            name_zh: "试验县".to_owned(),
            name_en: "Test County".to_owned(),
            lng: CENTRE.0,
            lat: CENTRE.1,
            created_at: now,
        };
        let tx = app.db.reader();
        community::Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(tx)
            .await
            .expect("a community");
        for (number, id) in (0_u32..).zip(ids) {
            let row = institution::Model {
                community_id: community,
                id,
                parent_id: (id != hospital).then_some(hospital),
                kind: if id == hospital {
                    InstitutionKind::LeadHospital
                } else {
                    InstitutionKind::HealthCentre
                },
                code: format!("{code}10{number}"),
                name_zh: format!("卫生院{number}"),
                name_en: format!("Centre {number}"),
                phone: "0310-7520000".to_owned(),
                lng: CENTRE.0 + 0.05 * f64::from(number),
                lat: CENTRE.1,
                practice_licence: format!("PDY{number:05}"),
                home_care_approved: true,
                active: true,
                version: 1,
                created_at: now,
            };
            institution::Entity::insert(row.into_active_model().reset_all())
                .exec_without_returning(tx)
                .await
                .expect("an institution");
        }
        let pairs = [
            (hospital, hospital),
            (hospital, centre),
            (hospital, other_centre),
            (centre, centre),
            (other_centre, other_centre),
        ];
        for (institution_id, member_id) in pairs {
            let row = institution_scope::Model {
                community_id: community,
                institution_id,
                member_id,
            };
            institution_scope::Entity::insert(row.into_active_model().reset_all())
                .exec_without_returning(tx)
                .await
                .expect("a scope");
        }
        jiahu::in_write!(app.db, "test_rules", |tx| {
            store::rule_set::publish_seed(tx, app, community).await
        })
        .expect("the rule files");
        Self {
            community,
            code: code.to_owned(),
            hospital,
            centre,
            other_centre,
        }
    }

    /// A person with a role; staff stand at an institution. The account is made directly, because
    /// what is under test is seldom the invitation.
    pub async fn person(
        &self,
        server: &TestServer,
        phone: &str,
        role: Role,
        institution: Option<InstitutionId>,
    ) -> Person {
        let app = &server.app;
        let name = PersonName::parse("王小明").expect("a name");
        let parsed = Phone::parse(phone).expect("a phone");
        let account = jiahu::in_write!(app.db, "test_account", |tx| {
            let new = NewAccount {
                community: self.community,
                status: AccountStatus::Active,
                name: &name,
                phone: &parsed,
                language: Language::En,
            };
            let account = store::account::insert(tx, app, new).await?;
            store::account::grant(tx, app, self.community, account.id, role, institution, None)
                .await?;
            Ok(account)
        })
        .expect("an account");
        let subject = self.session(app, account.id).await;
        let client = server.nobody().in_session(app, subject);
        Person {
            account: account.id,
            phone: phone.to_owned(),
            client,
        }
    }

    /// A token of a new session, good for ten minutes of the server's clock.
    pub async fn token(&self, app: &App, account: AccountId) -> String {
        let subject = self.session(app, account).await;
        app.tokens.issue(subject, app.now())
    }

    /// A new session that lives for the whole test.
    pub async fn session(&self, app: &App, account: AccountId) -> Subject {
        let now = app.now();
        let row = session::Model {
            community_id: self.community,
            id: app.new_id::<SessionId>(),
            account_id: account,
            device: "test".to_owned(),
            created_at: now,
            last_seen_at: now,
            expires_at: now + TimeDelta::days(3650),
            revoked_at: None,
            revoke_reason: None,
        };
        let session = row.id;
        jiahu::in_write!(app.db, "test_session", |tx| {
            store::session::insert(tx, row.clone()).await
        })
        .expect("a session");
        Subject {
            account: account.0,
            session: session.0,
            community: self.community.0,
        }
    }
}
