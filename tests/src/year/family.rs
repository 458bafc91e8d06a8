//! What reaches the phones, and the families that answer through the link in it.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use futures::{StreamExt, stream};
use jiahu::domain::calendar::local_minutes;
use jiahu::domain::seed;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use super::people::Temper;
use super::{Act, Year, forms};
use crate::play::{Call, Failure, Reply};

/// Texts that go to patients and their families.
const TO_FAMILIES: &[&str] = &["follow_up", "answer_link", "answer_code"];
/// Texts that ask for contact and go to nobody outside the hours.
const WITHIN_HOURS: &[&str] = &["follow_up", "answer_link", "answer_code", "follow_up_due"];
/// Share of sheets that tell of something wrong.
pub(super) const WORSE: f64 = 0.12;

/// What was read of the messages.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    after: String,
    /// Links that wait for their code, by phone.
    tokens: BTreeMap<String, String>,
    /// Whose phone it is.
    pub phones: BTreeMap<String, usize>,
    /// How many of each text.
    pub sent: BTreeMap<String, u64>,
    /// Contacts that went to families, by hour of Shanghai.
    pub by_hour: BTreeMap<u32, u64>,
    /// Sheets that families sent.
    pub answered: u64,
    /// Links that a family used too late, or that were void.
    pub too_late: BTreeMap<String, u64>,
}

/// A link with its code, on somebody's phone.
#[derive(Clone, Debug)]
pub(super) struct Link {
    person: usize,
    token: String,
    code: String,
}

impl Year<'_> {
    /// Whose phone is whose; a family's stands for the first patient that it acts for.
    pub(super) fn phones(&self) -> BTreeMap<String, usize> {
        let mut phones = BTreeMap::new();
        for account in &self.accounts {
            let mut patients = account
                .login
                .patients
                .iter()
                .map(|one| one.patient_id.to_string());
            if let Some(person) = patients.find_map(|id| self.by_patient.get(&id)) {
                phones.insert(account.login.phone.clone(), *person);
            }
        }
        for (person, human) in self.people.iter().enumerate() {
            if let Some(phone) = &human.phone {
                phones.insert(phone.clone(), person);
            }
        }
        phones
    }

    /// Reads what went to the phones since last time.
    pub(super) async fn read_messages(&mut self) -> Result<(), Failure> {
        let sent = self
            .api
            .messages(&self.community, &self.inbox.after)
            .await?;
        let rules = seed::follow_up();
        let hours = rules.contact_from.minutes()..rules.contact_to.minutes();
        for message in sent {
            let template = message.template.as_str();
            *self.inbox.sent.entry(message.template.clone()).or_default() += 1;
            // What was not needed any more when its time came went to nobody.
            if message.state == "dropped" && TO_FAMILIES.contains(&template) {
                *self
                    .inbox
                    .sent
                    .entry(format!("{template}: dropped"))
                    .or_default() += 1;
                self.inbox.after = message.id;
                continue;
            }
            let Some(at) = message.sent_at.filter(|_| message.state == "sent") else {
                self.wrong.push(format!(
                    "message {template} {} was {}",
                    message.id, message.state
                ));
                self.inbox.after = message.id;
                continue;
            };
            let minute = local_minutes(at);
            if WITHIN_HOURS.contains(&template) && !hours.contains(&minute) {
                self.wrong.push(format!("{template} went out at {at}"));
            }
            if TO_FAMILIES.contains(&template) {
                *self.inbox.by_hour.entry(minute / 60).or_default() += 1;
                self.reach_family(template, &message.phone, &message.text, at);
            }
            self.inbox.after = message.id;
        }
        Ok(())
    }

    fn reach_family(&mut self, template: &str, phone: &str, text: &str, at: DateTime<Utc>) {
        let Some(person) = self.inbox.phones.get(phone).copied() else {
            self.wrong
                .push(format!("{template} went to a phone that nobody has"));
            return;
        };
        let human = &self.people[person];
        if human.family.is_none() && human.quiet_since.is_some_and(|since| at > since) {
            self.wrong.push(format!(
                "{template} went to patient {:?}, who is to be left alone",
                human.patient
            ));
        }
        match template {
            "answer_link" => {
                let token = text
                    .split("/answers#")
                    .nth(1)
                    .and_then(|rest| rest.split_whitespace().next());
                match token {
                    Some(token) => {
                        self.inbox.tokens.insert(phone.to_owned(), token.to_owned());
                    }
                    None => self.wrong.push(format!("{template} holds no link: {text}")),
                }
            }
            "answer_code" => {
                let code = text
                    .split(|c: char| !c.is_ascii_digit())
                    .find(|part| part.len() == 6);
                let token = self.inbox.tokens.remove(phone);
                if let (Some(token), Some(code)) = (token, code) {
                    self.may_answer(Link {
                        person,
                        token,
                        code: code.to_owned(),
                    });
                }
            }
            _ => {}
        }
    }

    /// When a family answers, if it does: at any hour when people are awake.
    fn may_answer(&mut self, link: Link) {
        let minutes = match self.people[link.person].temper {
            Temper::Prompt => self.random.random_range(6..96) * 5,
            Temper::Late => self.random.random_range(24..110) * 60,
            Temper::Phone if self.random.random_bool(0.1) => self.random.random_range(1..24) * 60,
            _ => return,
        };
        let at = self.now + TimeDelta::minutes(minutes);
        // Nobody answers in the night: they do at seven.
        let hour = local_minutes(at) / 60;
        let at = if hour < 7 {
            at + TimeDelta::hours(i64::from(7 - hour))
        } else {
            at
        };
        self.about(at, Act::Answer(link));
    }

    /// Families open their links and answer.
    pub(super) async fn answer_links(&mut self, links: Vec<Link>) {
        let now = self.now;
        let alive: Vec<_> = links
            .into_iter()
            .filter(|link| !self.people[link.person].is_dead(now))
            .collect();
        let mut work = Vec::new();
        for link in alive {
            let weight = self.people[link.person].weight;
            let random = ChaCha8Rng::from_rng(&mut self.random);
            work.push((link, weight, random));
        }
        let api = &self.api;
        let outcomes: Vec<_> = stream::iter(work)
            .map(async |(link, weight, random)| answer(api, &link, weight, random).await)
            .buffer_unordered(self.settings.concurrency)
            .collect()
            .await;
        for outcome in outcomes {
            match outcome {
                Reply::Good(told) => {
                    self.inbox.answered += 1;
                    self.raised(&told["red_flags"]);
                }
                Reply::Refused(code) => *self.inbox.too_late.entry(code).or_default() += 1,
                Reply::Bad => {}
            }
        }
    }
}

/// What may stand in the way of a family that answers late.
const LATE: &[&str] = &[
    "answer_link_expired",
    "answer_link_used",
    "answer_link_invalid",
    "follow_task_state",
];

async fn answer(api: &crate::play::Api, link: &Link, weight: f64, mut random: ChaCha8Rng) -> Reply {
    let opening = |code: &str| json!({ "token": link.token, "code": code });
    let path = "/v1/answer-links/open";
    if random.random_bool(0.04) {
        let wrong = if link.code == "000000" {
            "000001"
        } else {
            "000000"
        };
        let call = Call::open("open link", path, opening(wrong)).expecting(&[
            "answer_link_code",
            "answer_link_expired",
            "answer_link_used",
            "answer_link_invalid",
        ]);
        api.send(call).await;
    }
    let call = Call::open("open link", path, opening(&link.code)).expecting(LATE);
    let form: Value = match api.send(call).await {
        Reply::Good(form) => form,
        other => return other,
    };
    let (answers, scales) = forms::fill(&form, weight, random.random_bool(WORSE), &mut random);
    // A scale that a family leaves out is the nurse's.
    let (scales, _) = forms::leave_out(scales, &mut random);
    let body = json!({
        "token": link.token, "code": link.code, "proxy": random.random_bool(0.4),
        "answers": answers, "scales": scales,
    });
    let call = Call::open("answer link", "/v1/answer-links/answer", body);
    api.send(call.expecting(LATE)).await
}
