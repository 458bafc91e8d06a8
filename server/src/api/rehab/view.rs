//! Plans as they are sent.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use entity::enums::{RehabExerciseState, RehabOutcome, RehabState, RehabStop, SkipReason};
use entity::ids::{AccountId, CommunityId, NurseId, PatientId, RehabExerciseId, RehabPlanId};
use entity::{rehab_exercise, rehab_log, rehab_plan};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::calendar::{day_bounds, local_date};
use crate::domain::rehab::{
    ADHERENCE_DAYS, Adherence, Attention, Dose, ExerciseLibrary, Logged, Measured, Planned,
    Progress, Told, Watched, adherence, attention, progress,
};
use crate::domain::rulefile::Bilingual;
use crate::domain::scale::{Scales, Trend};
use crate::error::Result;
use crate::rules::RuleBook;
use crate::store::rehab::Sealed;
use crate::{pictures, store};

/// Taps with which a visit opens.
const RECENT: usize = 20;

/// A rehabilitation plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct RehabPlan {
    /// The plan.
    pub id: RehabPlanId,
    /// The patient.
    pub patient_id: PatientId,
    /// The nurse who leads it.
    pub nurse_id: Option<NurseId>,
    /// The goal, in words.
    #[schema(example = "走到院门口")]
    pub goal: String,
    /// Its state.
    pub state: RehabState,
    /// First day.
    pub starts_on: NaiveDate,
    /// Who made it.
    pub created_by: AccountId,
    /// When a nurse or doctor last looked at it.
    pub seen_at: Option<DateTime<Utc>>,
    /// Why it ended.
    pub stop_cause: Option<RehabStop>,
    /// Why it ended, in words.
    pub stop_note: Option<String>,
    /// When it ended.
    pub stopped_at: Option<DateTime<Utc>>,
    /// Counts up with every change of the plan itself.
    pub version: i64,
    /// Its exercises, those that were on it before too.
    pub exercises: Vec<RehabExercise>,
    /// Stop rules of every exercise.
    pub stop_always: Vec<Bilingual>,
    /// How much was done in the seven days before today.
    pub adherence: Adherence,
    /// Why a nurse has to look at it, the most pressing first.
    pub attention: Vec<Attention>,
    /// Whether it helped, by each scale that was scored before it ended.
    pub progress: Vec<ScaleProgress>,
}

/// A scale before and during a plan, and at its end.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScaleProgress {
    /// Code of the scale.
    #[schema(example = "barthel")]
    pub scale: String,
    /// Its name; null when the scales of today do not have it.
    pub name: Option<Bilingual>,
    /// The last score up to the first day of the plan, else the first after it.
    pub before: Measured,
    /// The newest after that, until the plan ended; null: it was not scored again.
    pub latest: Option<Measured>,
    /// How often it was scored after the first day.
    pub times: usize,
    /// How much the total changed.
    pub change: Option<i32>,
    /// What that means.
    pub trend: Option<Trend>,
}

impl ScaleProgress {
    fn of(scales: &Scales, code: &str, progress: Progress) -> Self {
        let scale = scales.scale(code);
        let latest = progress.latest.as_ref();
        let change = latest.map(|latest| latest.total - progress.before.total);
        Self {
            scale: code.to_owned(),
            name: scale.map(|scale| scale.name.clone()),
            trend: scale
                .zip(change)
                .map(|(scale, change)| scale.better.trend(change)),
            before: progress.before,
            latest: progress.latest,
            times: progress.times,
            change,
        }
    }
}

/// An exercise of a plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct RehabExercise {
    /// The exercise of this plan.
    pub id: RehabExerciseId,
    /// Code of the exercise in the library.
    #[schema(example = "ankle_pump")]
    pub exercise: String,
    /// Its name; null when the library of today does not have it.
    pub name: Option<Bilingual>,
    /// How it is done.
    pub how: Option<Bilingual>,
    /// What the library names as its picture.
    pub picture: Option<String>,
    /// Where the picture is; null when there is none. What is there never changes: a changed picture has another address.
    #[schema(
        example = "/v1/exercise-pictures/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    )]
    pub picture_path: Option<String>,
    /// When to stop.
    pub stop_rules: Vec<Bilingual>,
    /// How much.
    pub dose: Dose,
    /// What is to be known.
    pub note: Option<String>,
    /// Its state.
    pub state: RehabExerciseState,
    /// The exercise it takes the place of.
    pub replaces_id: Option<RehabExerciseId>,
    /// Who proposed it.
    pub proposed_by: AccountId,
    /// Who decided on it.
    pub decided_by: Option<AccountId>,
    /// First day on the plan.
    pub from_on: Option<NaiveDate>,
    /// Last day on the plan.
    pub ended_on: Option<NaiveDate>,
}

/// A plan in short, as a visit opens with it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RehabGlance {
    /// The plan.
    pub id: RehabPlanId,
    /// The goal, in words.
    pub goal: String,
    /// How much was done in the seven days before today.
    pub adherence: Adherence,
    /// Why somebody has to look, the most pressing first.
    pub attention: Vec<Attention>,
    /// When something was told last.
    pub last_told_at: Option<DateTime<Utc>>,
    /// The last pain after an exercise, 0 to 10.
    pub last_pain: Option<i32>,
    /// What was told lately, the newest first; at most 20.
    pub recent: Vec<RehabRecent>,
}

/// A tap, as a visit opens with it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RehabRecent {
    /// Code of the exercise in the library.
    pub exercise: String,
    /// Its name; null when the library of today does not have it.
    pub name: Option<Bilingual>,
    /// What came of it.
    pub outcome: RehabOutcome,
    /// Why it was not done.
    pub reason: Option<SkipReason>,
    /// Pain before, 0 to 10.
    pub pain_before: Option<i32>,
    /// Pain after, 0 to 10.
    pub pain_after: Option<i32>,
    /// Effort, 0 to 10.
    pub effort: Option<i32>,
    /// A new symptom.
    pub new_symptom: bool,
    /// In words.
    pub note: Option<String>,
    /// When, by our clock.
    pub at: DateTime<Utc>,
}

/// Plans with their exercises and what was told lately. Two statements, however many plans.
pub(crate) struct Around {
    exercises: BTreeMap<RehabPlanId, Vec<rehab_exercise::Model>>,
    log: BTreeMap<RehabPlanId, Vec<rehab_log::Model>>,
    today: NaiveDate,
}

impl Around {
    pub(crate) async fn read(
        db: &impl ConnectionTrait,
        app: &App,
        book: &RuleBook,
        plans: &[rehab_plan::Model],
    ) -> Result<Self> {
        let (today, limits) = (local_date(app.now()), &book.exercises.attention);
        let from = today.checked_sub_days(Days::new(ADHERENCE_DAYS));
        // Who rose by so much is there, or higher.
        let pain = limits.pain_high.min(limits.pain_rise);
        let ids: Vec<_> = plans.iter().map(|plan| plan.id).collect();
        let log = match plans.first() {
            Some(first) => {
                let from = from.unwrap_or(today);
                store::rehab::log_lately(db, first.community_id, &ids, from, pain).await?
            }
            None => Vec::new(),
        };
        Self::gather(db, plans, log, today).await
    }

    /// As it stood on a day, for the adherence of the days before it.
    pub(crate) async fn until(
        db: &impl ConnectionTrait,
        plans: &[rehab_plan::Model],
        day: NaiveDate,
    ) -> Result<Self> {
        let ids: Vec<_> = plans.iter().map(|plan| plan.id).collect();
        let from = day.checked_sub_days(Days::new(ADHERENCE_DAYS));
        let days = (from.unwrap_or(day), Some(day));
        let log = match plans.first() {
            Some(first) => store::rehab::log_between(db, first.community_id, &ids, days).await?,
            None => Vec::new(),
        };
        Self::gather(db, plans, log, day).await
    }

    async fn gather(
        db: &impl ConnectionTrait,
        plans: &[rehab_plan::Model],
        log: Vec<rehab_log::Model>,
        today: NaiveDate,
    ) -> Result<Self> {
        let mut around = Self {
            exercises: BTreeMap::new(),
            log: BTreeMap::new(),
            today,
        };
        let Some(first) = plans.first() else {
            return Ok(around);
        };
        let ids: Vec<_> = plans.iter().map(|plan| plan.id).collect();
        for row in store::rehab::exercises(db, first.community_id, &ids).await? {
            around.exercises.entry(row.plan_id).or_default().push(row);
        }
        for row in log {
            around.log.entry(row.plan_id).or_default().push(row);
        }
        Ok(around)
    }

    fn of(&self, plan: RehabPlanId) -> (&[rehab_exercise::Model], &[rehab_log::Model]) {
        let exercises = self.exercises.get(&plan);
        let log = self.log.get(&plan);
        (
            exercises.map_or(&[], Vec::as_slice),
            log.map_or(&[], Vec::as_slice),
        )
    }

    /// How much was done.
    pub(crate) fn adherence(&self, plan: RehabPlanId) -> Adherence {
        let (exercises, log) = self.of(plan);
        let planned: Vec<_> = exercises.iter().filter_map(planned).collect();
        let logged: Vec<_> = log.iter().map(logged).collect();
        adherence(&planned, &logged, self.today)
    }

    /// Why a nurse has to look.
    pub(crate) fn attention(
        &self,
        library: &ExerciseLibrary,
        plan: &rehab_plan::Model,
    ) -> Vec<Attention> {
        if plan.state != RehabState::Active {
            return Vec::new();
        }
        let watched = Watched {
            from: plan.starts_on,
            seen: plan.seen_at.map(|at| (at, local_date(at))),
        };
        let told: Vec<_> = self.of(plan.id).1.iter().map(told).collect();
        attention(&library.attention, &watched, &told, self.today)
    }

    /// A plan in short.
    pub(crate) fn glance(
        &self,
        app: &App,
        library: &ExerciseLibrary,
        plan: &rehab_plan::Model,
    ) -> Result<RehabGlance> {
        let (exercises, log) = self.of(plan.id);
        let newest = log.iter().rev().take(RECENT);
        let recent = newest.map(|row| RehabRecent::of(app, library, exercises, row));
        Ok(RehabGlance {
            id: plan.id,
            goal: Sealed::Goal.open(app, plan.id.0, &plan.goal_enc)?,
            adherence: self.adherence(plan.id),
            attention: self.attention(library, plan),
            last_told_at: log.iter().map(|row| row.at).max(),
            last_pain: log.iter().rev().find_map(|row| row.pain_after),
            recent: recent.collect::<Result<_>>()?,
        })
    }

    /// A plan as it is sent.
    pub(crate) fn plan(
        &self,
        app: &App,
        book: &RuleBook,
        plan: &rehab_plan::Model,
        totals: &BTreeMap<String, Vec<Measured>>,
    ) -> Result<RehabPlan> {
        let (exercises, _) = self.of(plan.id);
        let note = plan.stop_note_enc.as_deref();
        // What is scored on the first day is how it was before.
        let (_, began) = day_bounds(plan.starts_on);
        let helped = totals.iter().filter_map(|(scale, scores)| {
            let progress = progress(scores, began, plan.stopped_at)?;
            Some(ScaleProgress::of(&book.scales, scale, progress))
        });
        Ok(RehabPlan {
            id: plan.id,
            patient_id: plan.patient_id,
            nurse_id: plan.nurse_id,
            goal: Sealed::Goal.open(app, plan.id.0, &plan.goal_enc)?,
            state: plan.state,
            starts_on: plan.starts_on,
            created_by: plan.created_by,
            seen_at: plan.seen_at,
            stop_cause: plan.stop_cause,
            stop_note: Sealed::StopNote.open_some(app, plan.id.0, note)?,
            stopped_at: plan.stopped_at,
            version: plan.version,
            exercises: exercises
                .iter()
                .map(|row| RehabExercise::of(app, &book.exercises, row))
                .collect::<Result<_>>()?,
            stop_always: book.exercises.stop_always.clone(),
            adherence: self.adherence(plan.id),
            attention: self.attention(&book.exercises, plan),
            progress: helped.collect(),
        })
    }
}

/// The plans that patients have now, in short. At most three statements.
pub(crate) async fn glances(
    db: &impl ConnectionTrait,
    app: &App,
    book: &RuleBook,
    community: CommunityId,
    patients: impl IntoIterator<Item = PatientId>,
) -> Result<BTreeMap<PatientId, RehabGlance>> {
    let plans = store::rehab::active_of(db, community, patients).await?;
    let around = Around::read(db, app, book, &plans).await?;
    plans
        .iter()
        .map(|plan| Ok((plan.patient_id, around.glance(app, &book.exercises, plan)?)))
        .collect()
}

/// One plan as it is sent.
pub(crate) async fn show(
    db: &impl ConnectionTrait,
    app: &App,
    book: &RuleBook,
    plan: &rehab_plan::Model,
) -> Result<RehabPlan> {
    let around = Around::read(db, app, book, std::slice::from_ref(plan)).await?;
    let totals = store::scale_score::totals(db, plan.community_id, plan.patient_id).await?;
    around.plan(app, book, plan, &totals)
}

impl RehabRecent {
    fn of(
        app: &App,
        library: &ExerciseLibrary,
        exercises: &[rehab_exercise::Model],
        row: &rehab_log::Model,
    ) -> Result<Self> {
        let exercise = exercises.iter().find(|one| one.id == row.exercise_id);
        let exercise = exercise.map_or("", |one| one.exercise.as_str());
        let card = library.exercise(exercise).ok();
        Ok(Self {
            exercise: exercise.to_owned(),
            name: card.map(|card| card.name.clone()),
            outcome: row.outcome,
            reason: row.reason,
            pain_before: row.pain_before,
            pain_after: row.pain_after,
            effort: row.effort,
            new_symptom: row.new_symptom,
            note: Sealed::LogNote.open_some(app, row.id.0, row.note_enc.as_deref())?,
            at: row.at,
        })
    }
}

impl RehabExercise {
    fn of(app: &App, library: &ExerciseLibrary, row: &rehab_exercise::Model) -> Result<Self> {
        let card = library.exercise(&row.exercise).ok();
        let note = row.note_enc.as_deref();
        Ok(Self {
            id: row.id,
            exercise: row.exercise.clone(),
            name: card.map(|card| card.name.clone()),
            how: card.map(|card| card.how.clone()),
            picture: card.map(|card| card.picture.clone()),
            picture_path: card.and_then(|card| pictures::path_of(&card.picture)),
            stop_rules: card.map(|card| card.stop_rules.clone()).unwrap_or_default(),
            dose: Dose {
                times_per_day: row.times_per_day,
                repetitions: row.repetitions,
                hold_s: row.hold_s,
                minutes: row.minutes,
            },
            note: Sealed::ExerciseNote.open_some(app, row.id.0, note)?,
            state: row.state,
            replaces_id: row.replaces_id,
            proposed_by: row.proposed_by,
            decided_by: row.decided_by,
            from_on: row.from_on,
            ended_on: row.ended_on,
        })
    }
}

fn planned(row: &rehab_exercise::Model) -> Option<Planned> {
    Some(Planned {
        exercise: row.id,
        from: row.from_on?,
        to: row.ended_on,
        times_per_day: row.times_per_day,
    })
}

fn logged(row: &rehab_log::Model) -> Logged {
    Logged {
        exercise: row.exercise_id,
        day: row.day,
        outcome: row.outcome,
    }
}

fn told(row: &rehab_log::Model) -> Told {
    Told {
        at: row.at,
        day: row.day,
        pain_before: row.pain_before,
        pain_after: row.pain_after,
        new_symptom: row.new_symptom,
    }
}
