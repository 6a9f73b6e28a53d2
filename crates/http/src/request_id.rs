//! The name of the request that is being answered, for every line of the log about it.
//!
//! Beside the span of the request, which is of the level `debug` since it costs too much for every one (`docs/decisions/0011-where-time-went.md`): this
//! is one small piece of memory.

use std::future::Future;
use std::sync::Arc;

tokio::task_local! {
    static REQUEST: Arc<str>;
}

/// The id of the request that this thread is at work for, if it is: for whatever writes the log to put it beside what is said. It is the one in the
/// answer's `X-Request-Id`.
#[must_use]
pub fn current_request_id() -> Option<Arc<str>> {
    REQUEST.try_with(Arc::clone).ok()
}

/// Answers under that name.
pub(crate) fn named<F: Future>(id: &str, answering: F) -> impl Future<Output = F::Output> {
    REQUEST.scope(id.into(), answering)
}

/// A name on its way to another thread.
pub(crate) struct Carried(Option<Arc<str>>);

impl Carried {
    /// That of the request which is being answered here.
    pub(crate) fn along() -> Self {
        Self(current_request_id())
    }

    /// Works under it there.
    pub(crate) fn over<T>(self, work: impl FnOnce() -> T) -> T {
        match self.0 {
            Some(id) => REQUEST.sync_scope(id, work),
            None => work(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn a_name_goes_along_to_another_thread_and_no_further() {
        assert_eq!(current_request_id(), None);
        let seen = named("one", async {
            let carried = Carried::along();
            let there = std::thread::spawn(|| carried.over(current_request_id));
            (current_request_id(), there.join().unwrap())
        });
        let seen = seen.await;
        assert_eq!(seen, (Some("one".into()), Some("one".into())));
        assert_eq!(current_request_id(), None);
    }
}
