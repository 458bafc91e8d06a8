//! A score as it is sent.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::enums::ScaleRater;
use entity::ids::{AccountId, ScaleScoreId, VisitId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::code::Key;
use crate::domain::rulefile::Bilingual;
use crate::domain::scale::{Better, Scales, Trend};
use crate::domain::screening::{Answers, AnswersSchema};
use crate::error::Result;
use crate::signals::flags::RaisedFlag;
use crate::store::scale_score::Trended;

/// A scored scale, and what to do now.
#[derive(Debug, Serialize, ToSchema)]
pub struct Scored {
    /// The score.
    #[serde(flatten)]
    pub score: ScaleScore,
    /// Red flags that it raised, the most urgent first.
    pub red_flags: Vec<RaisedFlag>,
}

/// A scored scale of a patient.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScaleScore {
    /// The score.
    pub id: ScaleScoreId,
    /// Code of the scale.
    #[schema(example = "barthel")]
    pub scale: String,
    /// Version of the scales it was scored by.
    pub scale_version: i32,
    /// Sum of the points.
    pub total: i32,
    /// Code of the band the total falls into.
    #[schema(example = "moderate")]
    pub band: String,
    /// What the band means; null when the scales of today do not have it any more.
    pub band_text: Option<Bilingual>,
    /// Somebody has to look at it, and an alert says so.
    pub needs_person: bool,
    /// What was answered.
    #[schema(value_type = AnswersSchema)]
    pub answers: Answers,
    /// Points of each item.
    pub points: BTreeMap<String, i32>,
    /// Who filled it in.
    pub rater: ScaleRater,
    /// With which account; null: through a link.
    pub rated_by: Option<AccountId>,
    /// On which visit.
    pub visit_id: Option<VisitId>,
    /// When.
    pub taken_at: DateTime<Utc>,
    /// When it became known here.
    pub recorded_at: DateTime<Utc>,
    /// The total before it, by the time it was taken; null: it is the first.
    pub previous: Option<i32>,
    /// Which way it went since; null: it is the first.
    pub trend: Option<Trend>,
}

impl ScaleScore {
    /// A row as it is sent; names come from the scales of today.
    pub(super) fn of(app: &App, scales: &Scales, row: Trended) -> Result<Self> {
        let form = row.form(app)?;
        let scale = scales.scale(&row.scale);
        let change = row.previous.map(|before| row.total - before);
        let better = scale.map_or(Better::Higher, |scale| scale.better);
        let points = |(code, points): (Key, i32)| (code.to_string(), points);
        Ok(Self {
            id: row.id,
            band_text: scale
                .and_then(|scale| scale.band(&row.band))
                .map(|band| band.text.clone()),
            scale: row.scale,
            scale_version: row.scale_version,
            total: row.total,
            band: row.band,
            needs_person: row.needs_person,
            answers: form.answers,
            points: form.points.into_iter().map(points).collect(),
            rater: row.rater,
            rated_by: row.rated_by,
            visit_id: row.visit_id,
            taken_at: row.taken_at,
            recorded_at: row.recorded_at,
            previous: row.previous,
            trend: change.map(|change| better.trend(change)),
        })
    }
}
