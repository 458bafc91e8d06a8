//! A year of follow-up in a county, played against a running server through HTTP alone.
//!
//! Discharges come in by every way, families answer, answer late or never, nurses work off their lists, red flags are taken
//! in time or not, and people do their exercises or do not. The server is a demo with a simulated clock; the simulator moves
//! it from one moment to the next at which somebody acts. What it promises is read off the answers at the end.

mod check;
mod clinic;
mod family;
mod flags;
mod forms;
mod people;
mod rehab;
mod report;
mod ways;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc, Weekday};
use entity::enums::Role;
use futures::{StreamExt, stream};
use jiahu::county::Logins;
use jiahu::domain::calendar::{day_start, local_date};
use jiahu::domain::seed;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::play::{Account, Api, Call, Failure, progress};
use family::Inbox;
use flags::Flags;
use people::{Human, Stay};
use rehab::Rehab;
pub use report::Outcome;

/// How a year is played.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Addresses of servers over one database.
    pub servers: Vec<String>,
    /// Same seed, same people.
    pub seed: u64,
    /// Discharges to be told.
    pub discharges: usize,
    /// Days over which they are spread, and which are played.
    pub days: u32,
    /// Requests under way at once.
    pub concurrency: usize,
    /// Without a bar.
    pub quiet: bool,
}

/// Hours of Shanghai at which nurses work off their lists.
const ROUNDS: [i64; 4] = [9, 11, 14, 16];

/// Something that somebody does.
#[derive(Clone, Debug)]
enum Act {
    /// A ward types a discharge.
    Ward(usize),
    /// The list of a day is imported.
    List(Vec<usize>),
    /// The hospital's system tells: a discharge, a correction or a cancellation.
    Feed(usize, &'static str),
    /// The interface engine sends the stays of a day.
    Bundle(Vec<usize>),
    /// Nurses work off their lists.
    Round,
    /// A family answers through its link.
    Answer(family::Link),
    /// Somebody looks whether an alert went on as it should.
    Look(String),
    /// Somebody takes an alert.
    Take(String),
    /// Something is done about it.
    Handle(String),
    /// It is closed.
    Close(String),
    /// A wound has healed: its plan ends.
    Heal(usize),
    /// A tube is entered in the register: its plan asks no more each week.
    Register(usize),
    /// A rehabilitation plan is made.
    BeginRehab(usize),
    /// A week of it is over.
    RehabWeek(usize),
    /// Somebody looks through those in rehabilitation.
    Attention,
}

/// The players of a year, and what they know.
struct Year<'a> {
    settings: &'a Settings,
    api: Api,
    community: String,
    now: DateTime<Utc>,
    /// Begin of the first day.
    first: DateTime<Utc>,
    random: ChaCha8Rng,
    accounts: Vec<Account>,
    desk: usize,
    doctor: usize,
    supervisor: usize,
    nurses: BTreeMap<String, usize>,
    hospital: String,
    feed: (String, String),
    people: Vec<Human>,
    stays: Vec<Stay>,
    by_patient: BTreeMap<String, usize>,
    acts: BTreeMap<DateTime<Utc>, Vec<Act>>,
    inbox: Inbox,
    forms: BTreeMap<String, Value>,
    /// When a task was last tried.
    tried_at: BTreeMap<String, DateTime<Utc>>,
    flags: Flags,
    rehab: Rehab,
    /// What should not have happened.
    wrong: Vec<String>,
}

/// Plays the year.
///
/// # Errors
/// When a server cannot be spoken to, or lacks a clock that can be moved.
pub async fn play(settings: &Settings, logins: &Logins) -> Result<Outcome, Failure> {
    let began = Instant::now();
    let mut year = Year::prepare(settings, logins).await?;
    let first = local_date(year.now) + TimeDelta::days(1);
    let end = day_start(first + TimeDelta::days(i64::from(settings.days)));
    year.first = day_start(first);
    year.plan(first);
    let bar = progress(u64::from(settings.days), settings.quiet);
    while let Some((at, acts)) = year.acts.pop_first() {
        if at >= end {
            break;
        }
        year.move_to(at).await?;
        let round = acts.iter().any(|act| matches!(act, Act::Round));
        year.act(acts).await;
        // Whatever was sent since the last round can be read then, for it says when it went out. What the acts made due
        // runs before the clock moves on.
        if round {
            year.move_to(at).await?;
            year.read_messages().await?;
        }
        bar.set_position(u64::try_from((local_date(at) - first).num_days()).unwrap_or(0));
        bar.set_message(at.date_naive().to_string());
    }
    year.move_to(end).await?;
    year.read_messages().await?;
    bar.finish_and_clear();
    let found = check::read(&mut year).await?;
    Ok(Outcome::new(year, &found, began.elapsed()))
}

impl<'a> Year<'a> {
    async fn prepare(settings: &'a Settings, logins: &Logins) -> Result<Self, Failure> {
        let api = Api::new(&settings.servers)?;
        let now = api.clock().await?;
        let mut accounts = Vec::new();
        let (mut nurses, mut families) = (BTreeMap::new(), Vec::new());
        let (mut staff, mut wards) = (BTreeMap::new(), Vec::new());
        for login in &logins.logins {
            let index = accounts.len();
            match (login.role, login.nurse_id) {
                (Role::Nurse, Some(id)) => _ = nurses.insert(id.to_string(), index),
                (Role::Family, _) => families.push(index),
                (role, _) => _ = staff.entry(role).or_insert(index),
            }
            wards.push(login.patients.clone());
            accounts.push(Account::new(login.clone(), &logins.community));
        }
        let of = |role: Role| {
            let found = staff.get(&role).copied();
            found.ok_or_else(|| format!("there is no {role} among the logins"))
        };
        let (desk, doctor, supervisor) = (
            of(Role::Coordinator)?,
            of(Role::Doctor)?,
            of(Role::Supervisor)?,
        );
        // A patient with two families is followed through the first.
        let mut seen = BTreeSet::new();
        let known: Vec<_> = families
            .iter()
            .flat_map(|family| wards[*family].iter().map(|one| (*family, one)))
            .filter(|(_, one)| one.may_book && seen.insert(one.patient_id))
            .map(|(family, one)| (family, one.patient_id.to_string()))
            .collect();
        let mut random = ChaCha8Rng::seed_from_u64(settings.seed);
        let (people, stays) = people::draw(settings, &known, &mut random);
        let by_patient = people
            .iter()
            .enumerate()
            .filter_map(|(person, one)| Some((one.patient.clone()?, person)))
            .collect();
        let mut year = Self {
            settings,
            api,
            community: logins.community.clone(),
            now,
            first: now,
            random,
            accounts,
            desk,
            doctor,
            supervisor,
            nurses,
            hospital: String::new(),
            feed: (String::new(), String::new()),
            inbox: Inbox::default(),
            people,
            stays,
            by_patient,
            acts: BTreeMap::new(),
            forms: BTreeMap::new(),
            tried_at: BTreeMap::new(),
            flags: Flags::default(),
            rehab: Rehab::default(),
            wrong: Vec::new(),
        };
        year.register_feed()
            .await
            .ok_or("no feed can be registered")?;
        year.inbox.phones = year.phones();
        Ok(year)
    }

    /// The lead hospital, and a feed of its system.
    async fn register_feed(&mut self) -> Option<()> {
        let token = self.token(self.supervisor).await?;
        let listed = self
            .api
            .send(Call::get(
                "list institutions",
                "/v1/institutions?limit=100",
                &token,
            ))
            .await
            .good()?;
        let all = listed["items"].as_array()?;
        let lead = all.iter().find(|one| one["parent_id"].is_null())?;
        lead["id"].as_str()?.clone_into(&mut self.hospital);
        let system = format!("his-{}", self.now.timestamp());
        let body = json!({ "institution_id": self.hospital, "system": system });
        let made = self
            .api
            .send(Call::post("add feed", "/v1/discharge-feeds", &token, body))
            .await
            .good()?;
        let text = |name: &str| made[name].as_str().map(str::to_owned);
        self.feed = (text("id")?, text("secret")?);
        Some(())
    }

    /// Everything that is known before the first day.
    fn plan(&mut self, first: NaiveDate) {
        ways::plan(self, first);
        let calendar = seed::calendar();
        for day in first.iter_days().take(self.settings.days as usize) {
            for hour in ROUNDS {
                self.at(day_start(day) + TimeDelta::hours(hour), Act::Round);
            }
            if day.weekday() == Weekday::Mon && calendar.is_workday(day) {
                self.at(day_start(day) + TimeDelta::hours(10), Act::Attention);
            }
        }
    }

    /// Somebody does something at a moment.
    fn at(&mut self, at: DateTime<Utc>, act: Act) {
        self.acts.entry(at.max(self.now)).or_default().push(act);
    }

    /// The same at the next fifth minute, where what others do may stand too: each moment costs a move of the clock.
    fn about(&mut self, at: DateTime<Utc>, act: Act) {
        let rest = at.timestamp().rem_euclid(300);
        self.at(at + TimeDelta::seconds(300 - rest), act);
    }

    /// Moves every clock; what is due has run when it comes back.
    async fn move_to(&mut self, at: DateTime<Utc>) -> Result<(), Failure> {
        self.api.set_clock(at).await?;
        self.now = at;
        Ok(())
    }

    async fn act(&mut self, acts: Vec<Act>) {
        let mut answers = Vec::new();
        for act in acts {
            let done = match act {
                Act::Ward(stay) => self.type_discharge(stay).await,
                Act::List(stays) => self.import(&stays).await,
                Act::Feed(stay, event) => self.tell(stay, event).await,
                Act::Bundle(stays) => self.send_bundle(&stays).await,
                Act::Round => self.round().await,
                Act::Answer(link) => {
                    answers.push(link);
                    Some(())
                }
                Act::Look(alert) => self.look(&alert).await,
                Act::Take(alert) => self.take(&alert).await,
                Act::Handle(alert) => self.handle(&alert).await,
                Act::Close(alert) => self.close(&alert).await,
                Act::Heal(person) => self.heal(person).await,
                Act::Register(stay) => self.register_tube(stay).await,
                Act::BeginRehab(person) => self.begin_rehab(person).await,
                Act::RehabWeek(person) => self.rehab_week(person).await,
                Act::Attention => self.attention().await,
            };
            // What failed is in the report by its request; the others go on.
            let _: Option<()> = done;
        }
        self.answer_links(answers).await;
    }

    /// A token of somebody who acts now.
    async fn token(&mut self, account: usize) -> Option<String> {
        let now = self.now;
        let token = self.accounts[account].token(&self.api, now).await;
        token.map(str::to_owned)
    }

    /// Tokens of several people who act now.
    async fn tokens(&mut self, wanted: &BTreeSet<usize>) -> BTreeMap<usize, String> {
        let (api, now) = (&self.api, self.now);
        let all = self.accounts.iter_mut().enumerate();
        let some = all.filter(|(index, _)| wanted.contains(index));
        stream::iter(some)
            .map(async |(index, account)| {
                let token = account.token(api, now).await;
                token.map(|token| (index, token.to_owned()))
            })
            .buffer_unordered(self.settings.concurrency)
            .filter_map(async |one| one)
            .collect()
            .await
    }

    /// Everything of a list.
    async fn all(&self, name: &'static str, list: &str, token: &str) -> Option<Vec<Value>> {
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("/v1/{list}limit=100{cursor}");
            let page = self.api.send(Call::get(name, path, token)).await.good()?;
            found.extend(page["items"].as_array()?.iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Some(found),
            }
        }
    }
}

/// A text of an answer; empty when it is none.
fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

/// A time of an answer.
fn time(value: &Value, name: &str) -> Option<DateTime<Utc>> {
    serde_json::from_value(value[name].clone()).ok()
}

/// A date of an answer.
fn date(value: &Value, name: &str) -> Option<NaiveDate> {
    serde_json::from_value(value[name].clone()).ok()
}
