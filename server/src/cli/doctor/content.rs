//! What an installation needs besides its schema: communities, their administrators, rule files and holidays.

use chrono::{Datelike, NaiveDate};
use entity::community;
use entity::enums::RuleSetKind;
use jiahu::clock::Clock;
use jiahu::db::Db;
use jiahu::domain::calendar::{Calendar, local_date};
use jiahu::error::Result;
use jiahu::store;
use jiahu::store::rule_set::CurrentVersion;

use super::Report;

/// Looks at every community.
pub(super) async fn check(report: &mut Report, db: &Db) {
    let communities = match store::community::all(db.reader()).await {
        Ok(communities) => communities,
        Err(error) => return report.failure("communities", error.into()),
    };
    if communities.is_empty() {
        report.warn("communities", "none: run `jiahu community create`");
        return;
    }
    let codes: Vec<&str> = communities.iter().map(|row| row.code.as_str()).collect();
    report.ok("communities", &codes.join(", "));
    administrators(report, db).await;
    let today = local_date(Clock::system().now());
    for community in &communities {
        if let Err(error) = rules(report, db, community, today).await {
            report.failure("rule files", error.into());
        }
    }
}

async fn administrators(report: &mut Report, db: &Db) {
    const WHAT: &str = "administrators";
    match store::community::without_admin(db.reader()).await {
        Ok(codes) if codes.is_empty() => report.ok(WHAT, "every community has one"),
        Ok(codes) => report.warn(
            WHAT,
            &format!("none in {}: run `jiahu admin create`", codes.join(", ")),
        ),
        Err(error) => report.failure(WHAT, error.into()),
    }
}

/// Every kind of rule file holds today, and the holidays of this and the next year are known.
async fn rules(
    report: &mut Report,
    db: &Db,
    community: &community::Model,
    today: NaiveDate,
) -> Result<()> {
    let versions = store::rule_set::current(db.reader(), community.id, today).await?;
    let missing: Vec<&str> = RuleSetKind::ALL
        .iter()
        .filter(|kind| versions.iter().all(|row| row.kind != **kind))
        .map(|kind| kind.as_str())
        .collect();
    if missing.is_empty() {
        report.ok("rule files", &format!("{}: complete", community.code));
    } else {
        let missing = missing.join(", ");
        report.fail(
            "rule files",
            &format!("{}: no {missing} holds today; publish one", community.code),
        );
    }
    let holidays = versions
        .iter()
        .find(|row| row.kind == RuleSetKind::Holidays);
    match holidays {
        Some(version) => holidays_of(report, db, community, *version, today).await,
        None => Ok(()),
    }
}

async fn holidays_of(
    report: &mut Report,
    db: &Db,
    community: &community::Model,
    CurrentVersion { kind, version }: CurrentVersion,
    today: NaiveDate,
) -> Result<()> {
    const WHAT: &str = "holidays";
    let row = store::rule_set::get(db.reader(), community.id, kind, version).await?;
    let calendar = row.map(|row| Calendar::parse(&row.content));
    let Some(Ok(calendar)) = calendar else {
        report.fail(
            WHAT,
            &format!("{}: version {version} cannot be read", community.code),
        );
        return Ok(());
    };
    let year = today.year();
    let missing: Vec<String> = [year, year + 1]
        .into_iter()
        .filter(|year| calendar.years.iter().all(|known| known.year != *year))
        .map(|year| year.to_string())
        .collect();
    let code = &community.code;
    if missing.is_empty() {
        report.ok(WHAT, &format!("{code}: {year} and {} are known", year + 1));
    } else {
        let missing = missing.join(" and ");
        report.warn(
            WHAT,
            &format!("{code}: {missing} unknown, so no holiday surcharge is taken then; publish a newer table"),
        );
    }
    Ok(())
}
