//! The rule files of a community, parsed once a version: a published version never changes.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use chrono::{DateTime, Utc};
use entity::enums::RuleSetKind;
use entity::ids::CommunityId;
use sea_orm::ConnectionTrait;

use crate::app::App;
use crate::domain::calendar::{Calendar, local_date};
use crate::domain::catalogue::Catalogue;
use crate::domain::charge::Entitlements;
use crate::domain::consent::ConsentTexts;
use crate::domain::device::DeviceRules;
use crate::domain::follow_up::FollowUpRules;
use crate::domain::harm::HarmKinds;
use crate::domain::indicator::IndicatorRules;
use crate::domain::price::PriceRules;
use crate::domain::questionnaire::Questionnaires;
use crate::domain::record_form::RecordForms;
use crate::domain::red_flag::RedFlags;
use crate::domain::rehab::ExerciseLibrary;
use crate::domain::rulefile::{self, RuleFile};
use crate::domain::scale::Scales;
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
    /// Kinds of adverse events and incidents.
    pub harm: Arc<HarmKinds>,
    /// Library of exercises.
    pub exercises: Arc<ExerciseLibrary>,
    /// Questionnaires.
    pub questionnaires: Arc<Questionnaires>,
    /// Red flags.
    pub red_flags: Arc<RedFlags>,
    /// Scales.
    pub scales: Arc<Scales>,
    /// Schedules of follow-up.
    pub follow_up: Arc<FollowUpRules>,
    /// Indicators.
    pub indicators: Arc<IndicatorRules>,
    /// What other contracts pay for.
    pub entitlements: Arc<Entitlements>,
}

/// A rule file that communities publish.
trait Published: RuleFile + Any + Clone + Send + Sync {
    const KIND: RuleSetKind;
    /// The one that comes with the program. It holds until the community publishes its own: the kind may be younger
    /// than the community.
    fn shipped() -> &'static Self;
}

macro_rules! published {
    ($($file:ty, $kind:ident, $shipped:ident;)+) => {$(
        impl Published for $file {
            const KIND: RuleSetKind = RuleSetKind::$kind;
            fn shipped() -> &'static Self {
                seed::$shipped()
            }
        }
    )+};
}

published! {
    Catalogue, Catalogue, catalogue;
    PriceRules, Prices, prices;
    Calendar, Holidays, calendar;
    VitalRules, Vitals, vitals;
    ConsentTexts, Consents, consents;
    VisitRules, VisitRules, visit_rules;
    DeviceRules, Devices, devices;
    RecordForms, RecordForms, record_forms;
    HarmKinds, Harm, harm;
    ExerciseLibrary, Exercises, exercises;
    Questionnaires, Questionnaires, questionnaires;
    RedFlags, RedFlags, red_flags;
    Scales, Scales, scales;
    FollowUpRules, FollowUp, follow_up;
    IndicatorRules, Indicators, indicators;
    Entitlements, Entitlements, entitlements;
}

impl RuleBook {
    /// The files that hold today. One statement, once the versions are in memory. Within a write they are read through
    /// it, as everything is: a write that waited for a second connection could wait for others that do the same.
    pub async fn current(
        db: &impl ConnectionTrait,
        app: &App,
        community: CommunityId,
    ) -> Result<Self> {
        Self::at(db, app, community, app.now()).await
    }

    /// The files that hold at a moment: what is told later is judged by the day it was done.
    pub async fn at(
        db: &impl ConnectionTrait,
        app: &App,
        community: CommunityId,
        at: DateTime<Utc>,
    ) -> Result<Self> {
        let rows = rule_set::current(db, community, local_date(at)).await?;
        let held = Held {
            db,
            app,
            community,
            versions: rows.iter().map(|row| (row.kind, row.version)).collect(),
        };
        Ok(Self {
            catalogue: held.file().await?,
            prices: held.file().await?,
            calendar: held.file().await?,
            vitals: held.file().await?,
            consents: held.file().await?,
            visit_rules: held.file().await?,
            devices: held.file().await?,
            record_forms: held.file().await?,
            harm: held.file().await?,
            exercises: held.file().await?,
            questionnaires: held.file().await?,
            red_flags: held.file().await?,
            scales: held.file().await?,
            follow_up: held.file().await?,
            indicators: held.file().await?,
            entitlements: held.file().await?,
        })
    }
}

/// The versions that hold at a moment.
struct Held<'a, C> {
    db: &'a C,
    app: &'a App,
    community: CommunityId,
    versions: HashMap<RuleSetKind, i32>,
}

impl<C: ConnectionTrait> Held<'_, C> {
    async fn file<T: Published>(&self) -> Result<Arc<T>> {
        let version = self.versions.get(&T::KIND).copied();
        load(
            self.db,
            self.app,
            self.community,
            version.unwrap_or(SHIPPED),
        )
        .await
    }
}

/// Stands for the file that comes with the program; published versions count from 1.
const SHIPPED: i32 = 0;

/// The catalogue version that an order was judged by.
pub async fn catalogue(
    db: &impl ConnectionTrait,
    app: &App,
    community: CommunityId,
    version: i32,
) -> Result<Arc<Catalogue>> {
    load(db, app, community, version).await
}

/// The schedules that a plan was made by. A community that is older than this kind of file holds them as shipped.
pub async fn follow_up(
    db: &impl ConnectionTrait,
    app: &App,
    community: CommunityId,
    version: i32,
) -> Result<Arc<FollowUpRules>> {
    let kind = RuleSetKind::FollowUp;
    let stored = rule_set::get(db, community, kind, version).await?;
    let version = stored.map_or(SHIPPED, |_| version);
    load(db, app, community, version).await
}

/// The questionnaires that answers were given by. A community that is older than this kind of file holds them as shipped.
pub async fn questionnaires(
    db: &impl ConnectionTrait,
    app: &App,
    community: CommunityId,
    version: i32,
) -> Result<Arc<Questionnaires>> {
    let kind = RuleSetKind::Questionnaires;
    let stored = rule_set::get(db, community, kind, version).await?;
    let version = stored.map_or(SHIPPED, |_| version);
    load(db, app, community, version).await
}

/// The price rules that an order was priced by.
pub async fn prices(
    db: &impl ConnectionTrait,
    app: &App,
    community: CommunityId,
    version: i32,
) -> Result<Arc<PriceRules>> {
    load(db, app, community, version).await
}

async fn load<T: Published>(
    db: &impl ConnectionTrait,
    app: &App,
    community: CommunityId,
    version: i32,
) -> Result<Arc<T>> {
    let (kind, cache) = (T::KIND, &app.rules.0);
    let key = (community, kind, version);
    let kept = cache
        .read()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .get(&key)
        .cloned();
    if let Some(file) = kept {
        return file
            .downcast()
            .map_err(|_| Error::internal(format!("{kind} is of another type")));
    }
    let file: Arc<T> = Arc::new(if version == SHIPPED {
        T::shipped().clone()
    } else {
        let row = rule_set::get(db, community, kind, version)
            .await?
            .ok_or_else(|| Error::internal(format!("no {kind} of version {version}")))?;
        rulefile::parse(&row.content).map_err(Error::internal)?
    });
    cache
        .write()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .insert(key, file.clone());
    Ok(file)
}
