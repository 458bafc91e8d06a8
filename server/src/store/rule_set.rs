//! Published rule files.

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::RuleSetKind;
use entity::ids::{AccountId, CommunityId, RuleSetId};
use entity::rule_set::{Column, Entity, Model};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel,
    QueryFilter,
};

use super::sql;
use crate::app::App;
use crate::crypto::sha256_hex;
use crate::db::Tx;
use crate::domain::rulefile::Edition;
use crate::error::{Error, Result, violates};
use crate::problem::Code;

/// The version of one kind that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct CurrentVersion {
    /// Which kind.
    pub kind: RuleSetKind,
    /// Its version.
    pub version: i32,
}

/// Versions that hold on a day, one a kind. One statement.
pub async fn current(
    db: &impl ConnectionTrait,
    community: CommunityId,
    today: NaiveDate,
) -> Result<Vec<CurrentVersion>> {
    Ok(sql::all(
        db,
        "SELECT kind, MAX(version) AS version FROM rule_set
         WHERE community_id = $1 AND valid_from <= $2 GROUP BY kind",
        [community.into(), today.into()],
    )
    .await?)
}

/// The newest version of a kind, whenever it begins to hold.
pub async fn newest(
    db: &impl ConnectionTrait,
    community: CommunityId,
    kind: RuleSetKind,
) -> Result<i32> {
    #[derive(FromQueryResult)]
    struct Newest {
        version: Option<i32>,
    }
    let row = sql::one::<Newest>(
        db,
        "SELECT MAX(version) AS version FROM rule_set WHERE community_id = $1 AND kind = $2",
        [community.into(), kind.as_str().into()],
    )
    .await?;
    Ok(row.and_then(|row| row.version).unwrap_or(0))
}

/// A version of a kind.
pub async fn get(
    db: &impl ConnectionTrait,
    community: CommunityId,
    kind: RuleSetKind,
    version: i32,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::Kind.eq(kind))
        .filter(Column::Version.eq(version))
        .one(db)
        .await?)
}

/// A version without its content.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct Head {
    /// Which kind.
    pub kind: RuleSetKind,
    /// Counts up from 1.
    pub version: i32,
    /// First day it holds.
    pub valid_from: NaiveDate,
    /// Who signed it off.
    pub approved_by: Option<String>,
    /// When it was signed off.
    pub approved_on: Option<NaiveDate>,
    /// Who published it.
    pub published_by: Option<AccountId>,
    /// When.
    pub published_at: DateTime<Utc>,
    /// SHA-256 of the content.
    pub content_hash: String,
}

impl From<Model> for Head {
    fn from(row: Model) -> Self {
        Self {
            kind: row.kind,
            version: row.version,
            valid_from: row.valid_from,
            approved_by: row.approved_by,
            approved_on: row.approved_on,
            published_by: row.published_by,
            published_at: row.published_at,
            content_hash: row.content_hash,
        }
    }
}

const HEAD: &str = "SELECT kind, version, valid_from, approved_by, approved_on, published_by,
    published_at, content_hash FROM rule_set WHERE community_id = $1 AND kind = $2";

/// Every version of a kind, newest first.
pub async fn heads(
    db: &impl ConnectionTrait,
    community: CommunityId,
    kind: RuleSetKind,
) -> Result<Vec<Head>> {
    let sql = format!("{HEAD} ORDER BY version DESC");
    Ok(sql::all(db, sql, [community.into(), kind.as_str().into()]).await?)
}

/// A version of a kind.
pub async fn head(
    db: &impl ConnectionTrait,
    community: CommunityId,
    kind: RuleSetKind,
    version: i32,
) -> Result<Option<Head>> {
    let sql = format!("{HEAD} AND version = $3");
    let values = [community.into(), kind.as_str().into(), version.into()];
    Ok(sql::one(db, sql, values).await?)
}

/// Publishes a version. One that exists already is a problem: a published version never changes.
pub async fn publish(
    tx: &Tx,
    app: &App,
    community: CommunityId,
    kind: RuleSetKind,
    content: &str,
    edition: Edition<'_>,
    by: Option<AccountId>,
) -> Result<()> {
    let row = Model {
        community_id: community,
        id: app.new_id::<RuleSetId>(),
        kind,
        version: i32::try_from(edition.version).map_err(Error::internal)?,
        content: content.to_owned(),
        content_hash: sha256_hex(content.as_bytes()),
        valid_from: edition.valid_from,
        approved_by: edition.approved_by.map(str::to_owned),
        approved_on: edition.approved_on,
        published_by: by,
        published_at: app.now(),
    };
    let stored = Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await;
    match stored {
        Err(error)
            if violates(
                &error,
                &["rule_set_community_id_kind_version_key", "rule_set.version"],
            ) =>
        {
            Err(Code::RuleSetVersion.into())
        }
        Err(error) => Err(error.into()),
        Ok(_) => Ok(()),
    }
}

/// Publishes the files that come with the program, for a new community.
pub async fn publish_seed(tx: &Tx, app: &App, community: CommunityId) -> Result<()> {
    use crate::domain::rulefile::RuleFile;
    use crate::domain::seed;
    let files = [
        (
            RuleSetKind::Catalogue,
            seed::CATALOGUE_JSON,
            seed::catalogue().edition(),
        ),
        (
            RuleSetKind::Prices,
            seed::PRICES_JSON,
            seed::prices().edition(),
        ),
        (
            RuleSetKind::Holidays,
            seed::HOLIDAYS_JSON,
            seed::calendar().edition(),
        ),
        (
            RuleSetKind::Vitals,
            seed::VITALS_JSON,
            seed::vitals().edition(),
        ),
        (
            RuleSetKind::Consents,
            seed::CONSENTS_JSON,
            seed::consents().edition(),
        ),
        (
            RuleSetKind::VisitRules,
            seed::VISIT_RULES_JSON,
            seed::visit_rules().edition(),
        ),
        (
            RuleSetKind::Devices,
            seed::DEVICES_JSON,
            seed::devices().edition(),
        ),
        (
            RuleSetKind::RecordForms,
            seed::RECORD_FORMS_JSON,
            seed::record_forms().edition(),
        ),
        (RuleSetKind::Harm, seed::HARM_JSON, seed::harm().edition()),
        (
            RuleSetKind::Entitlements,
            seed::ENTITLEMENTS_JSON,
            seed::entitlements().edition(),
        ),
        (
            RuleSetKind::Exercises,
            seed::EXERCISES_JSON,
            seed::exercises().edition(),
        ),
        (
            RuleSetKind::Questionnaires,
            seed::QUESTIONNAIRES_JSON,
            seed::questionnaires().edition(),
        ),
        (
            RuleSetKind::RedFlags,
            seed::RED_FLAGS_JSON,
            seed::red_flags().edition(),
        ),
        (
            RuleSetKind::Scales,
            seed::SCALES_JSON,
            seed::scales().edition(),
        ),
        (
            RuleSetKind::FollowUp,
            seed::FOLLOW_UP_JSON,
            seed::follow_up().edition(),
        ),
        (
            RuleSetKind::Indicators,
            seed::INDICATORS_JSON,
            seed::indicators().edition(),
        ),
    ];
    for (kind, content, edition) in files {
        publish(tx, app, community, kind, content, edition, None).await?;
    }
    Ok(())
}
