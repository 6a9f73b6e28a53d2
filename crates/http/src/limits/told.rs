//! What answers tell about limits: `RateLimit-Policy` and `RateLimit` as in draft-ietf-httpapi-ratelimit-headers-11, sections 3
//! and 4; refusals besides `Retry-After` (RFC 9110 section 10.2.3) and the three fields of that draft's versions 03 to 06, which
//! older libraries look for.

use super::Level;
use super::buckets::seconds_up;
use crate::error::{ApiError, Problem};
use crate::messages;
use crate::rates::Rate;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use std::time::Duration;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const OLD_LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const OLD_REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const OLD_RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// A limit as answers name it.
pub(super) struct Policy {
    name: &'static str,
    quota: u32,
    /// `"account";q=5000;w=25`
    value: HeaderValue,
}

impl Policy {
    /// Of a token bucket: what it holds, and how long it takes to fill.
    pub(super) fn of_rate(name: &'static str, rate: Rate) -> Self {
        let nanoseconds = u64::from(rate.burst) * 1_000_000_000 / u64::from(rate.per_second.max(1));
        let window = seconds_up(Duration::from_nanos(nanoseconds)).max(1);
        let value = format!("\"{name}\";q={};w={window}", rate.burst);
        Self::new(name, rate.burst, &value)
    }

    /// Of failures that are free; there is no window, since the delay grows.
    pub(super) fn of_failures(name: &'static str, free: u32) -> Self {
        Self::new(name, free, &format!("\"{name}\";q={free}"))
    }

    fn new(name: &'static str, quota: u32, value: &str) -> Self {
        Self {
            name,
            quota,
            value: header(value),
        }
    }

    pub(super) fn refusal_of_failures(&self, seconds: u64) -> ApiError {
        self.refused(messages::too_many_failed_log_ins(seconds), seconds)
    }

    fn refused(&self, problem: Problem, seconds: u64) -> ApiError {
        let seconds = seconds.to_string();
        let limit = format!("\"{}\";r=0;t={seconds}", self.name);
        ApiError::from(problem)
            .header(RETRY_AFTER, header(&seconds))
            .header(POLICY, self.value.clone())
            .header(LIMIT, header(&limit))
            .header(OLD_LIMIT, header(&self.quota.to_string()))
            .header(OLD_REMAINING, HeaderValue::from_static("0"))
            .header(OLD_RESET, header(&seconds))
    }
}

/// The answer to a request that found its bucket empty.
pub(super) fn refusal(policy: &Policy, seconds: u64) -> ApiError {
    policy.refused(messages::too_many_requests(seconds), seconds)
}

/// Tells in an answer what the bucket still holds. A refusal tells of the limit that was met, and of no other.
pub(super) fn tell(headers: &mut HeaderMap, policy: &Policy, level: Level) {
    if headers.contains_key(LIMIT) {
        return;
    }
    let Level { remaining, seconds } = level;
    let limit = format!("\"{}\";r={remaining};t={seconds}", policy.name);
    headers.insert(POLICY, policy.value.clone());
    headers.insert(LIMIT, header(&limit));
}

fn header(text: &str) -> HeaderValue {
    // Names and numbers are plain ASCII.
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_says_what_the_bucket_holds_and_how_long_it_fills() {
        let value = |per_second, burst| {
            let policy = Policy::of_rate("account", Rate { per_second, burst });
            policy.value.to_str().unwrap().to_owned()
        };
        assert_eq!(value(200, 5000), "\"account\";q=5000;w=25");
        assert_eq!(value(3, 10), "\"account\";q=10;w=4");
        assert_eq!(value(1000, 1), "\"account\";q=1;w=1");
    }
}
