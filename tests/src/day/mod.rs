//! A working day of a county, played against a running server through HTTP alone: from the first booking to the last closed
//! visit.

mod bodies;
mod bookings;
mod desk;
mod doctor;
mod families;
mod nurses;
mod offline;
mod report;
mod shares;
mod world;

use std::collections::BTreeMap;
use std::time::Instant;

use crate::play::{Account, Api, Failure, progress};
use chrono::{DateTime, TimeDelta, Utc};
use entity::enums::Role;
use futures::StreamExt;
use futures::stream;
use jiahu::county::{Login, Logins};
use jiahu::domain::calendar::{day_start, local_date};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

use families::{Booked, Plan};
use nurses::{News, Nurse};
use offline::{Offline, Told};
pub use report::Outcome;
use report::{Asked, Chain};
pub use shares::Shares;
use world::{Orders, Tracked};

/// How a day is played.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Addresses of servers over one database.
    pub servers: Vec<String>,
    /// Same seed, same day.
    pub seed: u64,
    /// Orders per patient; 1 books once for every patient that can be booked for.
    pub scale: f64,
    /// Requests under way at once.
    pub concurrency: usize,
    /// Minutes of simulated time in one step.
    pub step_min: u32,
    /// How often what happens.
    pub shares: Shares,
    /// Without a bar.
    pub quiet: bool,
}

/// Simulated hours from the first booking until every window is over.
const HOURS: i64 = 19;

/// The players of a day.
struct Day<'a> {
    settings: &'a Settings,
    api: Api,
    families: Vec<Account>,
    nurses: Vec<Nurse>,
    desk: Account,
    doctor: Account,
    random: ChaCha8Rng,
    orders: Orders,
    refused: BTreeMap<String, u64>,
    failed_bookings: u64,
    alarms: usize,
    arrivals: usize,
}

/// Plays the day.
pub async fn play(settings: &Settings, logins: &Logins) -> Result<Outcome, Failure> {
    let mut day = Day::prepare(settings, logins)?;
    let now = day.api.clock().await?;
    // Seven in the morning of the next day that lies ahead.
    let morning = day_start(local_date(now)) + TimeDelta::hours(7);
    let morning = if morning > now {
        morning
    } else {
        morning + TimeDelta::days(1)
    };
    day.go_offline(morning);
    let mut plans = families::plan(&day.families, morning, settings.scale, &mut day.random);
    day.discharge(&plans, morning).await?;
    plans.reverse();
    let (planned, began) = (plans.len(), Instant::now());
    let steps = u64::try_from(HOURS * 60 / i64::from(settings.step_min)).unwrap_or(1);
    let bar = progress(steps, settings.quiet);
    let mut cancels: Vec<(DateTime<Utc>, usize, String)> = Vec::new();
    for step in 0..steps {
        let minutes = i64::try_from(step).unwrap_or(0) * i64::from(settings.step_min);
        let now = morning + TimeDelta::minutes(minutes);
        day.api.set_clock(now).await?;
        let due = plans.iter().rev().take_while(|plan| plan.at <= now).count();
        let due: Vec<Plan> = plans.drain(plans.len() - due..).rev().collect();
        cancels.extend(day.book(due, now).await);
        day.cancel(&mut cancels, now).await;
        day.nurses(now).await;
        if step % 3 == 0 {
            day.desk_work(now).await;
            desk::review(&day.api, &mut day.desk, now, &mut day.random).await;
            doctor::assess(&day.api, &mut day.doctor, now, &mut day.random).await;
            day.assign(now).await;
        }
        bar.set_message(format!("{} orders", day.orders.len()));
        bar.inc(1);
    }
    bar.finish_and_clear();
    let end = morning + TimeDelta::hours(HOURS);
    day.finish(planned, end, began.elapsed()).await
}

impl<'a> Day<'a> {
    fn prepare(settings: &'a Settings, logins: &Logins) -> Result<Self, Failure> {
        let account = |login: &Login| Account::new(login.clone(), &logins.community);
        let nurses = logins
            .of(Role::Nurse)
            .zip(0_u64..)
            .map(|(login, number)| Nurse {
                account: account(login),
                here: login.base,
                moved: false,
                tasks: Vec::new(),
                random: ChaCha8Rng::seed_from_u64(
                    settings.seed.wrapping_mul(1_000_003).wrapping_add(number),
                ),
                shares: settings.shares,
                offline: None,
                told: Told::default(),
            });
        let desk = logins
            .of(Role::Coordinator)
            .next()
            .ok_or("there is no coordinator among the logins")?;
        let doctor = logins
            .of(Role::Doctor)
            .next()
            .ok_or("there is no doctor among the logins")?;
        Ok(Self {
            settings,
            api: Api::new(&settings.servers)?,
            families: logins.of(Role::Family).map(account).collect(),
            nurses: nurses.collect(),
            desk: account(desk),
            doctor: account(doctor),
            random: ChaCha8Rng::seed_from_u64(settings.seed),
            orders: Orders::new(),
            refused: BTreeMap::new(),
            failed_bookings: 0,
            alarms: 0,
            arrivals: 0,
        })
    }

    /// Before anybody books.
    async fn discharge(&mut self, plans: &[Plan], morning: DateTime<Utc>) -> Result<(), Failure> {
        self.api.set_clock(morning).await?;
        let drawn = (plans, self.settings.shares.in_hospital);
        let (desk, random) = (&mut self.desk, &mut self.random);
        doctor::discharge(&self.api, desk, morning, drawn, random)
            .await
            .ok_or("the stays in hospital cannot be registered")?;
        Ok(())
    }

    /// Families book side by side; each family one thing after the other.
    async fn book(
        &mut self,
        due: Vec<Plan>,
        now: DateTime<Utc>,
    ) -> Vec<(DateTime<Utc>, usize, String)> {
        let mut by_family: BTreeMap<usize, Vec<Plan>> = BTreeMap::new();
        for plan in due {
            by_family.entry(plan.family).or_default().push(plan);
        }
        let mut work = Vec::new();
        for (index, account) in self.families.iter_mut().enumerate() {
            if let Some(plans) = by_family.remove(&index) {
                work.push((account, plans, ChaCha8Rng::from_rng(&mut self.random)));
            }
        }
        let api = &self.api;
        let booked: Vec<(Plan, Booked)> = stream::iter(work)
            .map(async |(account, plans, mut random)| {
                let mut booked = Vec::new();
                for plan in plans {
                    let outcome = families::book(api, account, &plan, now, &mut random).await;
                    booked.push((plan, outcome));
                }
                booked
            })
            .buffer_unordered(self.settings.concurrency)
            .collect::<Vec<_>>()
            .await
            .into_iter()
            .flatten()
            .collect();
        let mut cancels = Vec::new();
        for (plan, outcome) in booked {
            match outcome {
                Booked::Order(id, state) => {
                    cancels.extend(plan.cancel_at.map(|at| (at, plan.family, id.clone())));
                    self.orders.insert(
                        id,
                        Tracked {
                            booked_at: now,
                            desk_at: now + TimeDelta::minutes(40),
                            window_start: plan.window_start,
                            accepted_at: None,
                            distance_m: None,
                            unmatched: None,
                            state,
                        },
                    );
                }
                Booked::Refused(code) => *self.refused.entry(code).or_default() += 1,
                Booked::Failed => self.failed_bookings += 1,
            }
        }
        cancels
    }

    async fn cancel(
        &mut self,
        cancels: &mut Vec<(DateTime<Utc>, usize, String)>,
        now: DateTime<Utc>,
    ) {
        for (_, family, order) in cancels.extract_if(.., |(at, _, _)| *at <= now) {
            families::cancel(&self.api, &mut self.families[family], &order, now).await;
        }
    }

    async fn nurses(&mut self, now: DateTime<Utc>) {
        let api = &self.api;
        let news: Vec<News> = stream::iter(&mut self.nurses)
            .map(async |nurse| nurse.live(api, now).await)
            .buffer_unordered(self.settings.concurrency)
            .collect::<Vec<_>>()
            .await
            .into_iter()
            .flatten()
            .collect();
        for news in news {
            match news {
                News::Accepted(order, distance_m) => {
                    if let Some(tracked) = self.orders.get_mut(&order) {
                        tracked.accepted_at = Some(now);
                        tracked.distance_m = Some(distance_m);
                    }
                }
                News::Closed(order) => {
                    if let Some(tracked) = self.orders.get_mut(&order) {
                        "closed".clone_into(&mut tracked.state);
                    }
                }
            }
        }
    }

    /// Alarms and arrivals in question.
    async fn desk_work(&mut self, now: DateTime<Utc>) {
        let (api, desk) = (&self.api, &mut self.desk);
        let alarms = desk::answer_alarms(api, desk, now).await;
        let arrivals = desk::decide_arrivals(api, desk, now).await;
        self.alarms += alarms.unwrap_or(0);
        self.arrivals += arrivals.unwrap_or(0);
    }

    /// Hours without signal, for some nurses.
    fn go_offline(&mut self, morning: DateTime<Utc>) {
        let shares = self.settings.shares;
        for (nurse, number) in self.nurses.iter_mut().zip(0..) {
            let random = &mut nurse.random;
            let away = random.random_bool(shares.offline);
            nurse.offline = away.then(|| Offline::new(morning, number, random, shares));
        }
    }

    /// What nobody took within 40 minutes is assigned by hand, tried once and again an hour before the window; then the
    /// reason is noted.
    async fn assign(&mut self, now: DateTime<Utc>) {
        let Some(open) = desk::list(&self.api, &mut self.desk, now, "open").await else {
            return;
        };
        for order in open {
            let Some(id) = order["id"].as_str() else {
                continue;
            };
            let Some(tracked) = self.orders.get_mut(id) else {
                continue;
            };
            if tracked.desk_at > now {
                continue;
            }
            let last_try = tracked.window_start - now < TimeDelta::minutes(75);
            tracked.desk_at = if last_try {
                DateTime::<Utc>::MAX_UTC
            } else {
                tracked.window_start - TimeDelta::minutes(60)
            };
            match desk::assign(&self.api, &mut self.desk, id, now).await {
                Some(assigned) => self.assigned(id, &assigned, now).await,
                None if last_try => {
                    let why = desk::why(&self.api, &mut self.desk, id, now).await;
                    if let Some(tracked) = self.orders.get_mut(id) {
                        tracked.unmatched = why;
                    }
                }
                None => {}
            }
        }
    }

    async fn assigned(&mut self, order: &str, assigned: &Value, now: DateTime<Utc>) {
        if let Some(tracked) = self.orders.get_mut(order) {
            tracked.accepted_at = Some(now);
        }
        let nurse = assigned["nurse_id"].as_str().unwrap_or_default();
        let found = self.nurses.iter_mut().find(|one| {
            one.account
                .login
                .nurse_id
                .is_some_and(|id| id.to_string() == nurse)
        });
        if let Some(found) = found {
            found.take(&self.api, assigned, now).await;
        }
    }

    /// Reads every order once more and holds it against what the rules promise.
    async fn finish(
        mut self,
        planned: usize,
        end: DateTime<Utc>,
        took: std::time::Duration,
    ) -> Result<Outcome, Failure> {
        self.api.set_clock(end).await?;
        self.desk_work(end).await;
        let all = desk::list(&self.api, &mut self.desk, end, "")
            .await
            .ok_or("the orders cannot be read")?;
        let work = ("list work items", "work-items?");
        let work = desk::all(&self.api, &mut self.desk, end, work).await;
        let unsigned = desk::unsigned(&self.api, &mut self.desk, end, &all).await;
        let chain = Chain {
            told: self.nurses.iter().map(|nurse| nurse.told).collect(),
            work: work.ok_or("the work list cannot be read")?,
            alarms: self.alarms,
            arrivals: self.arrivals,
            unsigned: unsigned.ok_or("the visits cannot be read")?,
        };
        let asked = Asked::of(self.settings);
        Ok(Outcome::new(
            (planned, took, asked),
            &self.orders,
            (self.refused, self.failed_bookings),
            &all,
            &chain,
            self.api.finish(),
        ))
    }
}
