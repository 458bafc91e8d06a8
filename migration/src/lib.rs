//! The schema of Jiahu, one step a file, written once for SQLite and PostgreSQL.
//!
//! Steps are SQL with a few tokens (`{uuid}`, `{ts}` …) that [`sql`] fills in, so that both
//! databases get the same tables, keys and checks; where a guard exists on one of them only
//! (`EXCLUDE` or a trigger), the step says both.

pub mod sql;

mod m0001_institutions;
mod m0002_accounts;
mod m0003_rule_sets;
mod m0004_nurses;
mod m0005_patients;
mod m0006_orders;
mod m0007_trail;
mod m0008_assessments;
mod m0009_consent_and_seats;
mod m0010_records_and_devices;
mod m0011_safety;
mod m0012_sync;
mod m0013_wards;
mod m0014_photos;
mod m0015_discharges;
mod m0016_follow_up;
mod m0017_scales;
mod m0018_rehabilitation;
mod m0019_answers;
mod m0020_complaints;
mod m0021_indicators;
mod m0022_patient_merges;
mod m0023_entitlements;
mod m0024_answer_replies;
mod m0025_exercise_pictures;
mod m0026_told_again;
mod m0027_lanes;
mod m0028_leaving;
mod m0029_numbers_and_scales;
mod m0030_contacts;
mod m0031_newborns_and_reviews;
mod m0032_declines_and_days;
mod m0033_addresses_of_orders;
mod m0034_death_notices;
mod m0035_released_visits;
mod m0036_wishes;

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

/// All steps, in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_institutions::Migration),
            Box::new(m0002_accounts::Migration),
            Box::new(m0003_rule_sets::Migration),
            Box::new(m0004_nurses::Migration),
            Box::new(m0005_patients::Migration),
            Box::new(m0006_orders::Migration),
            Box::new(m0007_trail::Migration),
            Box::new(m0008_assessments::Migration),
            Box::new(m0009_consent_and_seats::Migration),
            Box::new(m0010_records_and_devices::Migration),
            Box::new(m0011_safety::Migration),
            Box::new(m0012_sync::Migration),
            Box::new(m0013_wards::Migration),
            Box::new(m0014_photos::Migration),
            Box::new(m0015_discharges::Migration),
            Box::new(m0016_follow_up::Migration),
            Box::new(m0017_scales::Migration),
            Box::new(m0018_rehabilitation::Migration),
            Box::new(m0019_answers::Migration),
            Box::new(m0020_complaints::Migration),
            Box::new(m0021_indicators::Migration),
            Box::new(m0022_patient_merges::Migration),
            Box::new(m0023_entitlements::Migration),
            Box::new(m0024_answer_replies::Migration),
            Box::new(m0025_exercise_pictures::Migration),
            Box::new(m0026_told_again::Migration),
            Box::new(m0027_lanes::Migration),
            Box::new(m0028_leaving::Migration),
            Box::new(m0029_numbers_and_scales::Migration),
            Box::new(m0030_contacts::Migration),
            Box::new(m0031_newborns_and_reviews::Migration),
            Box::new(m0032_declines_and_days::Migration),
            Box::new(m0033_addresses_of_orders::Migration),
            Box::new(m0034_death_notices::Migration),
            Box::new(m0035_released_visits::Migration),
            Box::new(m0036_wishes::Migration),
        ]
    }
}

/// Names of the steps that a database still lacks. Changes nothing, and fails when the database knows a step
/// that this program does not: then the program is the older one.
pub async fn missing(db: &sea_orm::DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let steps = Migrator::get_pending_migrations_read_only(db).await?;
    Ok(steps.iter().map(|step| step.name().to_owned()).collect())
}

/// Key of the PostgreSQL advisory lock that lets one migrator work at a time.
const MIGRATION_LOCK: i64 = 0x006A_6961_6875;

/// Brings the schema up to date. On PostgreSQL several processes may call it at once: one works,
/// the others wait and find nothing to do.
#[expect(
    clippy::disallowed_methods,
    reason = "holds the migration lock; nothing is written in it"
)]
pub async fn run(db: &sea_orm::DatabaseConnection) -> Result<(), DbErr> {
    use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, TransactionTrait};
    if db.get_database_backend() != DbBackend::Postgres {
        return Migrator::up(db, None).await;
    }
    let lock = db.begin().await?;
    lock.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
        .await?;
    let outcome = Migrator::up(db, None).await;
    lock.commit().await?;
    outcome
}
