//! The rows of a nurse follow her record and her certificates.

use entity::enums::{AccountStatus, Language, Role};
use entity::ids::{AccountId, CertificationId, NurseId};
use entity::{certification, nurse, nurse_reach};
use jiahu::domain::name::PersonName;
use jiahu::domain::phone::Phone;
use jiahu::store::account::NewAccount;
use jiahu::store::reach::{self, Reached};
use jiahu_tests::harness::{CENTRE, TestServer};
use jiahu_tests::on_both;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::{County, day, point};

on_both! {
    async fn refresh_keeps_what_is_verified_and_not_revoked(server: TestServer) {
        let app = &server.app;
        let county = County::build(&server, "130431").await;
        let centre = point(CENTRE.0, CENTRE.1);
        let mut row = county.nurse(&server, Some(centre), 12_000);
        let other = county.nurse(&server, Some(centre), 12_000);
        county.settle(&server, "IV", std::slice::from_ref(&other)).await;
        nurse::Entity::insert(row.clone().into_active_model().reset_all())
            .exec_without_returning(app.db.reader())
            .await
            .expect("a nurse");
        let verifier = verifier(&server, county).await;
        for (kind, number, verified, revoked) in [
            ("IV", "1", true, false),
            ("IV", "2", true, false),
            ("PICC", "1", false, false),
            ("WOUND", "1", true, true),
            ("STOMA", "1", true, false),
        ] {
            let mut certificate = certificate(&server, &row, kind, number);
            certificate.verified_by = verified.then_some(verifier);
            certificate.verified_at = verified.then(|| app.now());
            certificate.revoked_at = revoked.then(|| app.now());
            certification::Entity::insert(certificate.into_active_model().reset_all())
                .exec_without_returning(app.db.reader())
                .await
                .expect("a certificate");
        }
        for _ in 0..2 {
            assert_eq!(refreshed(&server, &row).await, ["IV", "N5", "STOMA"]);
        }
        let found = county.within(&server, "STOMA", centre, 0.0).await;
        assert_eq!(found, [Reached { nurse: row.id, distance_m: 0.0, radius_m: 12_000 }]);

        row.base_lng = Some(CENTRE.0 + 0.05);
        row.service_radius_m = 3_000;
        assert_eq!(refreshed(&server, &row).await, ["IV", "N5", "STOMA"]);
        let moved = point(CENTRE.0 + 0.05, CENTRE.1);
        assert!(county.within(&server, "STOMA", centre, 40_000.0).await.is_empty());
        assert_eq!(county.within(&server, "STOMA", moved, 1.0).await[0].radius_m, 3_000);

        row.active = false;
        assert!(refreshed(&server, &row).await.is_empty());
        (row.active, row.base_lat) = (true, None);
        assert!(refreshed(&server, &row).await.is_empty());
        assert_eq!(county.within(&server, "IV", centre, 1.0).await[0].nurse, other.id);
    }

    async fn certificates_verified_at_once_all_count(server: TestServer) {
        const KINDS: [&str; 6] = ["IV", "NGT", "PICC", "STOMA", "WOUND", "URINARY"];
        let (app, db) = (&server.app, server.app.db.reader());
        let county = County::build(&server, "130431").await;
        let verifier = verifier(&server, county).await;
        let nurse = county.nurse(&server, Some(point(CENTRE.0, CENTRE.1)), 12_000);
        nurse::Entity::insert(nurse.clone().into_active_model().reset_all())
            .exec_without_returning(db)
            .await
            .expect("a nurse");
        for kind in KINDS {
            let row = certificate(&server, &nurse, kind, "1").into_active_model().reset_all();
            certification::Entity::insert(row).exec_without_returning(db).await.expect("a certificate");
        }
        let verify = async |kind: &str| {
            jiahu::in_write!(app.db, "test_verify", |tx| {
                certification::Entity::update_many()
                    .col_expr(certification::Column::VerifiedBy, Expr::value(verifier))
                    .col_expr(certification::Column::VerifiedAt, Expr::value(app.now()))
                    .filter(certification::Column::NurseId.eq(nurse.id))
                    .filter(certification::Column::Kind.eq(kind))
                    .exec(&**tx)
                    .await?;
                reach::refresh(tx, county.community, nurse.id).await
            })
            .expect("verified");
        };
        futures::future::join_all(KINDS.map(verify)).await;
        let kinds = kinds(&server, nurse.id).await;
        assert_eq!(kinds, ["IV", "N5", "NGT", "PICC", "STOMA", "URINARY", "WOUND"]);
    }
}

/// A certificate that nobody has verified yet.
fn certificate(
    server: &TestServer,
    nurse: &nurse::Model,
    kind: &str,
    number: &str,
) -> certification::Model {
    certification::Model {
        community_id: nurse.community_id,
        id: server.app.new_id::<CertificationId>(),
        nurse_id: nurse.id,
        kind: kind.to_owned(),
        number: number.to_owned(),
        issuer: "市护理学会".to_owned(),
        valid_from: day("2010-01-01"),
        valid_to: day("2011-01-01"),
        verified_by: None,
        verified_at: None,
        revoked_at: None,
        revoke_reason: None,
        created_at: server.app.now(),
    }
}

/// Somebody who verifies certificates.
async fn verifier(server: &TestServer, county: County) -> AccountId {
    let app = &server.app;
    let name = PersonName::parse("王小明").expect("a name");
    let phone = Phone::parse("13800000001").expect("a phone");
    let account = jiahu::in_write!(app.db, "test_account", |tx| {
        let new = NewAccount {
            community: county.community,
            status: AccountStatus::Active,
            name: &name,
            phone: &phone,
            language: Language::En,
        };
        let account = jiahu::store::account::insert(tx, app, new).await?;
        let at = Some(county.hospital);
        jiahu::store::account::grant(
            tx,
            app,
            county.community,
            account.id,
            Role::Supervisor,
            at,
            None,
        )
        .await?;
        Ok(account)
    });
    account.expect("an account").id
}

/// Saves the nurse, refreshes her rows and names their certificates in order.
async fn refreshed(server: &TestServer, nurse: &nurse::Model) -> Vec<String> {
    jiahu::in_write!(server.app.db, "test_refresh", |tx| {
        nurse::Entity::update(nurse.clone().into_active_model().reset_all())
            .exec(&**tx)
            .await?;
        reach::refresh(tx, nurse.community_id, nurse.id).await
    })
    .expect("refreshed");
    kinds(server, nurse.id).await
}

/// The certificates a nurse is found by, in order.
async fn kinds(server: &TestServer, nurse: NurseId) -> Vec<String> {
    let rows = nurse_reach::Entity::find()
        .filter(nurse_reach::Column::NurseId.eq(nurse))
        .all(server.app.db.reader())
        .await
        .expect("rows");
    let mut kinds: Vec<String> = rows.into_iter().map(|row| row.certificate).collect();
    kinds.sort();
    kinds
}
