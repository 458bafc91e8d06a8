//! A client of the live stream that holds every event against the spec.

use std::pin::Pin;
use std::time::Duration;

use eventsource_stream::{Event, Eventsource};
use futures::{Stream, StreamExt};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use super::client::Client;
use super::spec::Spec;

/// Longest time that a test waits for what must come.
pub const WAIT: Duration = Duration::from_secs(10);

/// An open stream.
pub struct Listening {
    events: Pin<Box<dyn Stream<Item = Option<Event>> + Send>>,
    /// Id of the last event.
    pub last_id: Option<String>,
    /// Headers of the answer.
    pub headers: reqwest::header::HeaderMap,
}

impl Client {
    /// Opens the live stream, after the event with an id or from now on.
    pub async fn listen(&self, after: Option<&str>) -> Listening {
        let request = self.request(Method::GET, "/v1/events");
        match after {
            Some(after) => Listening::open(request.header("last-event-id", after)).await,
            None => Listening::open(request).await,
        }
    }
}

impl Listening {
    /// Opens a live stream.
    pub async fn open(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("the server answers");
        let (status, headers) = (response.status(), response.headers().clone());
        assert_eq!(status, 200, "no stream");
        assert_eq!(headers["content-type"], "text/event-stream");
        let events = response.bytes_stream().eventsource().map(Result::ok);
        Self {
            events: Box::pin(events),
            last_id: None,
            headers,
        }
    }

    /// The next event's data.
    pub async fn next(&mut self) -> Value {
        let event = tokio::time::timeout(WAIT, self.events.next())
            .await
            .expect("an event comes in time")
            .flatten()
            .expect("the stream goes on");
        let data: Value = serde_json::from_str(&event.data).expect("JSON");
        let operation = Spec::get().operation("stream_events").expect("in the spec");
        let shape = &operation.answer(200).expect("declared")["text/event-stream"];
        let mistakes = shape.mistakes(&data);
        assert!(mistakes.is_empty(), "{mistakes:?}\n{data:#}");
        assert_eq!(data["id"], *event.id);
        self.last_id = Some(event.id);
        data
    }

    /// The kinds of the next events.
    pub async fn kinds(&mut self, count: usize) -> Vec<String> {
        let mut kinds = Vec::new();
        for _ in 0..count {
            let event = self.next().await;
            kinds.push(event["kind"].as_str().expect("a kind").to_owned());
        }
        kinds
    }

    /// Events up to one of a kind. On PostgreSQL "from now on" may begin a little earlier, when some other
    /// transaction of the cluster still runs.
    pub async fn until(&mut self, kind: &str) -> Value {
        loop {
            let event = self.next().await;
            if event["kind"] == kind {
                return event;
            }
        }
    }

    /// Waits until the server ends the stream; fails when an event comes before.
    pub async fn end(mut self) {
        let end = tokio::time::timeout(WAIT, self.events.next()).await;
        let end = end.expect("the stream ends in time").flatten();
        assert!(end.is_none(), "{end:?} came instead of the end");
    }
}
