//! The rule files of a community, parsed once a version: a published version never changes.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use chrono::{DateTime, Utc};
use entity::enums::RuleSetKind;
use entity::ids::CommunityId;

use crate::app::App;
use crate::domain::calendar::{Calendar, local_date};
use crate::domain::catalogue::Catalogue;
use crate::domain::consent::ConsentTexts;
use crate::domain::device::DeviceRules;
use crate::domain::price::PriceRules;
use crate::domain::record_form::RecordForms;
use crate::domain::rulefile::{self, RuleFile};
use crate::domain::seed;
use crate::domain::visit_rules::VisitRules;
use crate::domain::vitals::VitalRules;
use crate::error::{Error, Result};
use crate::store::rule_set;

type Key = (CommunityId, RuleSetKind, i32);

/// Parsed rule files.
#[derive(Default)]
pub struct RuleCache(RwLock<HashMap<Key, Arc<dyn Any + Send + Sync>>>);

/// The files that hold today.
#[derive(Clone)]
pub struct RuleBook {
    /// Items, certificates, screening.
    pub catalogue: Arc<Catalogue>,
    /// Prices and fees.
    pub prices: Arc<PriceRules>,
    /// Holidays.
    pub calendar: Arc<Calendar>,
    /// Vital signs.
    pub vitals: Arc<VitalRules>,
    /// Texts of consent.
    pub consents: Arc<ConsentTexts>,
    /// When two nurses go, and who has to be there.
    pub visit_rules: Arc<VisitRules>,
    /// Indwelling devices.
    pub devices: Arc<DeviceRules>,
    /// What a visit record asks for.
    pub record_forms: Arc<RecordForms>,
}

impl RuleBook {
    /// The files that hold today. One statement, once the versions are in memory.
    pub async fn current(app: &App, community: CommunityId) -> Result<Self> {
        let versions = rule_set::current(app.db.reader(), community, local_date(app.now())).await?;
        let version = |kind| {
            let found = versions
                .iter()
                .find(|row| row.kind == kind)
                .map(|row| row.version);
            found.ok_or_else(|| {
                Error::internal(format!("the community has no {kind}: run `jiahu doctor`"))
            })
        };
        Ok(Self {
            catalogue: load(
                app,
                community,
                RuleSetKind::Catalogue,
                version(RuleSetKind::Catalogue)?,
            )
            .await?,
            prices: load(
                app,
                community,
                RuleSetKind::Prices,
                version(RuleSetKind::Prices)?,
            )
            .await?,
            calendar: load(
                app,
                community,
                RuleSetKind::Holidays,
                version(RuleSetKind::Holidays)?,
            )
            .await?,
            vitals: load(
                app,
                community,
                RuleSetKind::Vitals,
                version(RuleSetKind::Vitals)?,
            )
            .await?,
            consents: load(
                app,
                community,
                RuleSetKind::Consents,
                version(RuleSetKind::Consents)?,
            )
            .await?,
            visit_rules: load(
                app,
                community,
                RuleSetKind::VisitRules,
                version(RuleSetKind::VisitRules)?,
            )
            .await?,
            devices: load_or(
                app,
                community,
                RuleSetKind::Devices,
                version(RuleSetKind::Devices).ok(),
                seed::devices(),
            )
            .await?,
            record_forms: load_or(
                app,
                community,
                RuleSetKind::RecordForms,
                version(RuleSetKind::RecordForms).ok(),
                seed::record_forms(),
            )
            .await?,
        })
    }
}

/// The catalogue version that an order was judged by.
pub async fn catalogue(app: &App, community: CommunityId, version: i32) -> Result<Arc<Catalogue>> {
    load(app, community, RuleSetKind::Catalogue, version).await
}

/// The price rules that an order was priced by.
pub async fn prices(app: &App, community: CommunityId, version: i32) -> Result<Arc<PriceRules>> {
    load(app, community, RuleSetKind::Prices, version).await
}

/// The texts of consent that hold at a moment: what was signed offline is judged by the day of the act.
pub async fn consents(
    app: &App,
    community: CommunityId,
    at: DateTime<Utc>,
) -> Result<Arc<ConsentTexts>> {
    in_force(app, community, RuleSetKind::Consents, at).await
}

/// The version of a kind that holds at a moment.
async fn in_force<T>(
    app: &App,
    community: CommunityId,
    kind: RuleSetKind,
    at: DateTime<Utc>,
) -> Result<Arc<T>>
where
    T: RuleFile + Any + Send + Sync,
{
    let versions = rule_set::current(app.db.reader(), community, local_date(at)).await?;
    let found = versions.iter().find(|row| row.kind == kind);
    let version = found.map(|row| row.version).ok_or_else(|| {
        Error::internal(format!("the community has no {kind}: run `jiahu doctor`"))
    })?;
    load(app, community, kind, version).await
}

/// A file of a kind that is younger than some communities: until they publish one, the shipped one holds.
async fn load_or<T>(
    app: &App,
    community: CommunityId,
    kind: RuleSetKind,
    version: Option<i32>,
    shipped: &T,
) -> Result<Arc<T>>
where
    T: RuleFile + Any + Clone + Send + Sync,
{
    match version {
        Some(version) => load(app, community, kind, version).await,
        None => Ok(Arc::new(shipped.clone())),
    }
}

async fn load<T>(
    app: &App,
    community: CommunityId,
    kind: RuleSetKind,
    version: i32,
) -> Result<Arc<T>>
where
    T: RuleFile + Any + Send + Sync,
{
    let key = (community, kind, version);
    let kept = app
        .rules
        .0
        .read()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .get(&key)
        .cloned();
    if let Some(file) = kept {
        return file
            .downcast()
            .map_err(|_| Error::internal(format!("{kind} is of another type")));
    }
    let row = rule_set::get(app.db.reader(), community, kind, version)
        .await?
        .ok_or_else(|| Error::internal(format!("no {kind} of version {version}")))?;
    let file: Arc<T> = Arc::new(rulefile::parse(&row.content).map_err(Error::internal)?);
    app.rules
        .0
        .write()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .insert(key, file.clone());
    Ok(file)
}
