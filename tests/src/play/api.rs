//! HTTP with a stopwatch: each operation has its latencies and its errors.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use hdrhistogram::Histogram;
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

/// Longest latency the histogram holds, in microseconds.
const LONGEST_US: u64 = 120_000_000;

/// What went wrong, for the person at the terminal.
pub type Failure = String;

/// Measures of one operation.
#[derive(Debug)]
pub struct Measured {
    /// Latencies in microseconds.
    pub latency: Histogram<u64>,
    /// Answers that were neither success nor an expected refusal.
    pub errors: u64,
    /// Expected refusals, such as an offer that somebody else was faster for.
    pub refusals: u64,
}

/// The servers, spoken to in turn.
pub struct Api {
    http: reqwest::Client,
    servers: Vec<String>,
    turn: AtomicUsize,
    measured: Mutex<BTreeMap<&'static str, Measured>>,
    failures: Mutex<Vec<Failure>>,
}

/// A request to be sent and timed.
pub struct Call<'a> {
    /// Name of the operation in the report.
    pub name: &'static str,
    /// Method.
    pub method: Method,
    /// Path with query.
    pub path: String,
    /// Access token.
    pub token: Option<&'a str>,
    /// Body.
    pub body: Option<Value>,
    /// `If-Match`.
    pub etag: Option<String>,
    /// Problem codes that belong to a normal day.
    pub expected: &'static [&'static str],
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    /// A body that is no JSON, with its type.
    pub text: Option<(&'static str, String)>,
}

impl<'a> Call<'a> {
    /// A `POST` of somebody without a login.
    pub fn open(name: &'static str, path: impl Into<String>, body: Value) -> Self {
        Self {
            method: Method::POST,
            token: None,
            body: Some(body),
            ..Self::get(name, path, "")
        }
    }

    /// A `GET`.
    pub fn get(name: &'static str, path: impl Into<String>, token: &'a str) -> Self {
        Self {
            name,
            method: Method::GET,
            path: path.into(),
            token: Some(token),
            body: None,
            etag: None,
            expected: &[],
            headers: Vec::new(),
            text: None,
        }
    }

    /// A `POST` with an idempotency key of its own.
    pub fn post(name: &'static str, path: impl Into<String>, token: &'a str, body: Value) -> Self {
        Self {
            method: Method::POST,
            body: Some(body),
            ..Self::get(name, path, token)
        }
    }

    /// A `POST` of a text of some type.
    pub fn text(
        name: &'static str,
        path: impl Into<String>,
        kind: &'static str,
        text: String,
    ) -> Self {
        Self {
            method: Method::POST,
            token: None,
            text: Some((kind, text)),
            ..Self::get(name, path, "")
        }
    }

    /// Refusals that belong to a normal day.
    #[must_use]
    pub fn expecting(mut self, codes: &'static [&'static str]) -> Self {
        self.expected = codes;
        self
    }
}

/// A message to a phone, as a demo with a clock of its own shows it.
#[derive(Clone, Debug, Deserialize)]
pub struct PhoneMessage {
    /// Its id; later ones sort after it.
    pub id: String,
    /// The whole number.
    pub phone: String,
    /// Name of the text.
    pub template: String,
    /// The text.
    pub text: String,
    /// `waiting`, `sent` or `failed`.
    pub state: String,
    /// When the gateway took it.
    pub sent_at: Option<DateTime<Utc>>,
}

/// What came back.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Success, with its body.
    Good(Value),
    /// An expected refusal, with its code.
    Refused(String),
    /// Anything else; it is in the report already.
    Bad,
}

impl Reply {
    /// The body of a success.
    pub fn good(self) -> Option<Value> {
        match self {
            Self::Good(body) => Some(body),
            _ => None,
        }
    }
}

impl Api {
    /// A client of these servers.
    pub fn new(servers: &[String]) -> Result<Self, Failure> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_mins(1))
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self {
            http,
            servers: servers
                .iter()
                .map(|server| server.trim_end_matches('/').to_owned())
                .collect(),
            turn: AtomicUsize::new(0),
            measured: Mutex::default(),
            failures: Mutex::default(),
        })
    }

    /// Sends a request and keeps its time.
    pub async fn send(&self, call: Call<'_>) -> Reply {
        let server = &self.servers[self.turn.fetch_add(1, Ordering::Relaxed) % self.servers.len()];
        let mut request = self
            .http
            .request(call.method.clone(), format!("{server}{}", call.path));
        if let Some(token) = call.token {
            request = request.bearer_auth(token);
        }
        if call.method == Method::POST {
            request = request.header("idempotency-key", jiahu::crypto::random_token());
        }
        if let Some(etag) = &call.etag {
            request = request.header("if-match", etag);
        }
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        if let Some((kind, text)) = &call.text {
            request = request.header("content-type", *kind).body(text.clone());
        }
        if let Some(body) = &call.body {
            request = request.json(body);
        }
        let began = Instant::now();
        let outcome = self.read(request).await;
        let took = u64::try_from(began.elapsed().as_micros()).unwrap_or(LONGEST_US);
        self.judge(&call, took, outcome)
    }

    async fn read(&self, request: reqwest::RequestBuilder) -> Result<(StatusCode, Value), Failure> {
        let response = request.send().await.map_err(|error| error.to_string())?;
        let status = response.status();
        let bytes = response.bytes().await.map_err(|error| error.to_string())?;
        let body = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes).unwrap_or(Value::Null)
        };
        Ok((status, body))
    }

    fn judge(
        &self,
        call: &Call<'_>,
        took_us: u64,
        outcome: Result<(StatusCode, Value), Failure>,
    ) -> Reply {
        let mut measured = self.measured.lock().expect("not poisoned");
        let entry = measured.entry(call.name).or_insert_with(|| Measured {
            latency: Histogram::new_with_max(LONGEST_US, 3).expect("a valid histogram"),
            errors: 0,
            refusals: 0,
        });
        entry.latency.saturating_record(took_us);
        match outcome {
            Ok((status, body)) if status.is_success() => Reply::Good(body),
            Ok((status, body)) => {
                let code = body["code"].as_str().unwrap_or_default().to_owned();
                if call.expected.contains(&code.as_str()) {
                    entry.refusals += 1;
                    return Reply::Refused(code);
                }
                entry.errors += 1;
                self.note(format!("{} {}: {status} {body}", call.method, call.path));
                Reply::Bad
            }
            Err(error) => {
                entry.errors += 1;
                self.note(format!("{} {}: {error}", call.method, call.path));
                Reply::Bad
            }
        }
    }

    /// Keeps the first failures to be read.
    fn note(&self, failure: Failure) {
        let mut failures = self.failures.lock().expect("not poisoned");
        if failures.len() < 20 {
            failures.push(failure);
        }
    }

    /// Moves the clock of every server; each runs what became due before it answers.
    pub async fn set_clock(&self, now: DateTime<Utc>) -> Result<(), Failure> {
        for server in &self.servers {
            let request = self
                .http
                .put(format!("{server}/demo/clock"))
                // Everything that comes due on the way is done first.
                .timeout(Duration::from_mins(20))
                .json(&json!({ "now": now }));
            let (status, body) = self.read(request).await?;
            if !status.is_success() {
                return Err(format!(
                    "{server}: the clock cannot be moved ({status} {body}); start it with --simulated-clock"
                ));
            }
        }
        Ok(())
    }

    /// The latest clock of the servers.
    pub async fn clock(&self) -> Result<DateTime<Utc>, Failure> {
        let mut latest = DateTime::<Utc>::MIN_UTC;
        for server in &self.servers {
            let (_, body) = self
                .read(self.http.get(format!("{server}/demo/clock")))
                .await?;
            let now: DateTime<Utc> = serde_json::from_value(body["now"].clone()).map_err(|_| {
                format!("{server} has no simulated clock; start it with --simulated-clock")
            })?;
            latest = latest.max(now);
        }
        Ok(latest)
    }

    /// Messages of a community that were made after one, oldest first, as the phones got them. Ask when nothing is
    /// under way: those of the first server's database are all there are.
    pub async fn messages(
        &self,
        community: &str,
        after: &str,
    ) -> Result<Vec<PhoneMessage>, Failure> {
        let (mut all, mut after) = (Vec::new(), after.to_owned());
        loop {
            let mut address = format!("{}/demo/messages?community={community}", self.servers[0]);
            if !after.is_empty() {
                address = format!("{address}&after={after}");
            }
            let (status, body) = self.read(self.http.get(address)).await?;
            let page: Vec<PhoneMessage> = serde_json::from_value(body["items"].clone())
                .map_err(|error| format!("messages cannot be read: {status} {error}"))?;
            let Some(last) = page.last() else {
                return Ok(all);
            };
            last.id.clone_into(&mut after);
            all.extend(page);
        }
    }

    /// Everything measured, and the first failures.
    pub fn finish(self) -> (BTreeMap<&'static str, Measured>, Vec<Failure>) {
        (
            self.measured.into_inner().expect("not poisoned"),
            self.failures.into_inner().expect("not poisoned"),
        )
    }
}
