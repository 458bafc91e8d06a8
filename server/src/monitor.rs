//! Metrics for the operator's monitor, on a listener of their own: they must not be open to the internet.

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::error::{Error, Result};
use crate::store;

/// Upper bounds of the request times, in seconds.
const BUCKETS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];
/// How often old samples are dropped when nobody asks.
const UPKEEP: Duration = Duration::from_secs(5);

/// The process's metrics.
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Starts counting. Once a process: a second call fails.
    pub fn install() -> Result<Self> {
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)
            .map_err(Error::internal)?
            .build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).map_err(Error::internal)?;
        describe();
        Ok(Self(handle))
    }

    /// Serves `/metrics` until told to stop.
    pub async fn serve(self, app: App, listener: TcpListener, stop: CancellationToken) {
        let handle = self.0.clone();
        let router = Router::new().route(
            "/metrics",
            get(async move || {
                gauges(&app).await;
                handle.render()
            }),
        );
        let upkeep = async {
            let mut tick = tokio::time::interval(UPKEEP);
            loop {
                tick.tick().await;
                self.0.run_upkeep();
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = upkeep => {}
            served = axum::serve(listener, router) => {
                if let Err(error) = served {
                    tracing::error!(%error, "the metrics listener ended");
                }
            }
        }
    }
}

fn describe() {
    metrics::describe_counter!(
        "jiahu_requests_total",
        "Requests by method, route and status"
    );
    metrics::describe_histogram!("jiahu_request_seconds", "Time from request to answer");
    metrics::describe_gauge!("jiahu_failed_jobs", "Jobs that gave up");
    metrics::describe_gauge!("jiahu_database_up", "1 when the database answers");
}

/// What is read when asked for. A database that is away is a number too.
async fn gauges(app: &App) {
    let failed = store::job::failed(app.db.reader()).await;
    metrics::gauge!("jiahu_database_up").set(if failed.is_ok() { 1.0 } else { 0.0 });
    if let Ok(failed) = failed {
        let failed = u32::try_from(failed).unwrap_or(u32::MAX);
        metrics::gauge!("jiahu_failed_jobs").set(f64::from(failed));
    }
}
