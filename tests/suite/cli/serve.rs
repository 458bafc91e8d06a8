//! `jiahu serve`: its log, its metrics, its end.

use std::time::{Duration, Instant};

use jiahu_tests::harness::{Backend, Client, Program};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::on_both_installed;

/// A client that sends half a request and then nothing.
async fn stuck(url: &str) -> TcpStream {
    let address = url.strip_prefix("http://").expect("an address");
    let mut stream = TcpStream::connect(address).await.expect("connected");
    let head = "POST /v1/auth/codes HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{";
    stream.write_all(head.as_bytes()).await.expect("sent");
    stream
}

/// Waits until the server has the half request: an answer on the same machine, begun later, has come.
async fn reached(url: &str) {
    for _ in 0..3 {
        Client::new(url.to_owned(), None)
            .get("/healthz")
            .await
            .expect(200);
    }
}

on_both_installed! {
    async fn it_serves_hints_and_stops_when_told(program: Program) {
        program.install().await;
        let serving = program.serve(&["--log-format", "json"]).await;
        let nobody = Client::new(serving.url.clone(), None);
        nobody.get("/readyz").await.expect(200);
        nobody.get("/metrics").await.problem(404, "not_found");
        let docs = nobody.get("/docs/").await.expect(200);
        let docs = docs.as_str().expect("a page");
        // It works without internet.
        assert!(docs.contains("src=") && !docs.contains("//"), "{docs}");
        let ended = serving.stop().await;
        assert_eq!(ended.status, Some(0), "{ended:?}");
        let log: Vec<serde_json::Value> = ended.err.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect();
        let said = |text: &str| log.iter().any(|line| line["fields"]["message"].as_str().is_some_and(|said| said.contains(text)));
        assert!(said("jiahu admin create --community 130431"), "{ended:?}");
        assert!(said("no message gateway"), "{ended:?}");
        assert!(said("stopped"), "{ended:?}");
    }
}

#[tokio::test]
async fn metrics_have_a_listener_of_their_own() {
    let program = Program::new(Backend::Sqlite).await;
    program.install().await;
    let mut serving = program.serve(&["--metrics-listen", "127.0.0.1:0"]).await;
    let line = serving.next_line().await;
    let address = line
        .strip_prefix("Metrics: ")
        .expect("an address")
        .strip_suffix("/metrics")
        .expect("a path");
    Client::new(serving.url.clone(), None)
        .get("/v1/me")
        .await
        .problem(401, "unauthorized");
    let text = Client::new(address.to_owned(), None)
        .get("/metrics")
        .await
        .expect(200);
    let text = text.as_str().expect("text");
    for expected in [
        "jiahu_requests_total{method=\"GET\",route=\"/v1/me\",status=\"401\"} 1",
        "jiahu_request_seconds_bucket{method=\"GET\",route=\"/v1/me\",status=\"401\",le=\"10\"} 1",
        "jiahu_database_up 1",
        "jiahu_failed_jobs 0",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert_eq!(serving.stop().await.status, Some(0));
}

#[tokio::test]
async fn a_client_that_holds_on_is_waited_for_no_longer_than_the_grace() {
    let program = Program::new(Backend::Sqlite).await;
    program.install().await;
    let serving = program.serve(&["--shutdown-grace-s", "1"]).await;
    let mut client = stuck(&serving.url).await;
    reached(&serving.url).await;
    let began = Instant::now();
    let ended = serving.stop().await;
    assert_eq!(ended.status, Some(0), "{ended:?}");
    assert!(ended.err.contains("cut off"), "{ended:?}");
    assert!(
        began.elapsed() >= Duration::from_secs(1),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(client.read(&mut [0; 64]).await.unwrap_or(0), 0);
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    let program = Program::new(Backend::Sqlite).await;
    program.install().await;
    let serving = program.serve(&["--shutdown-grace-s", "300"]).await;
    let _client = stuck(&serving.url).await;
    reached(&serving.url).await;
    serving.signal("INT");
    // The first signal has come through when the listener is closed.
    let address = serving
        .url
        .strip_prefix("http://")
        .expect("an address")
        .to_owned();
    while TcpStream::connect(&address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    let ended = serving.stop().await;
    ended.failed_with("stopped at once");
}

#[tokio::test]
async fn an_address_in_use_is_said() {
    let program = Program::new(Backend::Sqlite).await;
    program.install().await;
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    program
        .run(&["serve", "--listen", &address])
        .await
        .failed_with("cannot listen on");
    program
        .run(&["serve", "--metrics-listen", &address])
        .await
        .failed_with("for metrics");
}
