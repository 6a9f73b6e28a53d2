//! The signals that ask a server to stop.

use std::io;

/// Resolves when the process is asked to stop: by SIGTERM, or by Ctrl-C.
///
/// From the call on, and not only once the future is awaited, such a signal no longer ends the process.
pub(crate) fn asked_to_stop() -> io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use actix_web::rt::signal::unix::{SignalKind, signal};
        let (mut terminate, mut interrupt) = (
            signal(SignalKind::terminate())?,
            signal(SignalKind::interrupt())?,
        );
        Ok(std::future::poll_fn(move |context| {
            let asked =
                terminate.poll_recv(context).is_ready() || interrupt.poll_recv(context).is_ready();
            if asked {
                std::task::Poll::Ready(())
            } else {
                std::task::Poll::Pending
            }
        }))
    }
    #[cfg(not(unix))]
    Ok(async {
        // Without a handler there is nothing to wait for but the end of the process.
        if actix_web::rt::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
