//! Bodies of unknown length that are answered before they were read to their end.
//!
//! The server below would read on for as long as the client likes to send, one byte now and then; a body that somebody still
//! holds when the answer is sent ends the connection instead.

use actix_web::HttpMessage;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::http::header::TRANSFER_ENCODING;
use actix_web::rt;
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// Longer than an error takes to be sent.
const HELD: Duration = Duration::from_secs(1);

/// A body that is held for a moment if it is dropped before its end.
struct Held(Option<Payload>);

impl Stream for Held {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(payload) = &mut self.0 else {
            return Poll::Ready(None);
        };
        let next = payload.poll_next_unpin(cx);
        if matches!(next, Poll::Ready(None | Some(Err(_)))) {
            self.0 = None;
        }
        next
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(payload) = self.0.take() {
            rt::spawn(async move {
                tokio::time::sleep(HELD).await;
                drop(payload);
            });
        }
    }
}

/// Sees to it that the connection ends if the body of this request, of unknown length, is not read to its end.
pub(super) fn watch(request: &mut ServiceRequest) {
    if request.headers().contains_key(TRANSFER_ENCODING) {
        let payload = Box::pin(Held(Some(request.take_payload())));
        request.set_payload(Payload::Stream { payload });
    }
}
