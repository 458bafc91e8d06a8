//! Limits: requests of one client in a minute, and time for one request.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::Clock as _;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::config::Config;
use crate::problem::{Code, Problem};

/// Rate limiters and the time limit of one server.
pub(super) struct Guard {
    requests: Option<DefaultKeyedRateLimiter<IpAddr>>,
    logins: Option<DefaultKeyedRateLimiter<IpAddr>>,
    timeout: Duration,
    proxies: Vec<ipnet::IpNet>,
}

impl Guard {
    /// The limits of a configuration.
    pub(super) fn new(config: &Config) -> Arc<Self> {
        let limiter = |per_minute| {
            NonZeroU32::new(per_minute).map(|limit| RateLimiter::keyed(Quota::per_minute(limit)))
        };
        Arc::new(Self {
            requests: limiter(config.limits.requests_per_min),
            logins: limiter(config.limits.logins_per_min),
            timeout: Duration::from_secs(config.request_timeout_s),
            proxies: config.trusted_proxies.clone(),
        })
    }

    /// The client's address: the peer, or the last hop that is not a trusted proxy of ours.
    fn client(&self, request: &Request) -> Option<IpAddr> {
        let peer = request
            .extensions()
            .get::<ConnectInfo<SocketAddr>>()?
            .0
            .ip();
        if !self.trusts(peer) {
            return Some(peer);
        }
        let forwarded = request
            .headers()
            .get("x-forwarded-for")
            .and_then(|value| value.to_str().ok());
        let hops = forwarded.unwrap_or_default().split(',').rev();
        let client = hops
            .filter_map(|hop| hop.trim().parse().ok())
            .find(|hop| !self.trusts(*hop));
        Some(client.unwrap_or(peer))
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.proxies.iter().any(|net| net.contains(&address))
    }
}

/// Refuses a client that asks too often.
pub(super) async fn rate_limit(
    State(guard): State<Arc<Guard>>,
    request: Request,
    next: Next,
) -> Response {
    let limiter = if request.uri().path().starts_with("/v1/auth/") {
        &guard.logins
    } else {
        &guard.requests
    };
    if let (Some(limiter), Some(client)) = (limiter, guard.client(&request))
        && let Err(until) = limiter.check_key(&client)
    {
        let wait = until.wait_time_from(governor::clock::DefaultClock::default().now());
        let seconds = wait.as_secs() + 1;
        return Problem::new(Code::RateLimited)
            .with("seconds", seconds)
            .retry_after(seconds)
            .into_response();
    }
    next.run(request).await
}

/// Ends a request that takes too long. A write that was cut off is rolled back or found by its retry.
pub(super) async fn time_limit(
    State(guard): State<Arc<Guard>>,
    request: Request,
    next: Next,
) -> Response {
    match tokio::time::timeout(guard.timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(Code::RequestTimeout).into_response(),
    }
}
