//! The API on a listener of its own.

use crate::api::Api;
use crate::routes::configure;
use actix_web::{App, HttpServer};
use std::future::Future;
use std::io;
use std::net::TcpListener;
use std::num::NonZeroUsize;
use std::time::Duration;

/// How long a client may take for the head of a request.
const HEAD_TIME: Duration = Duration::from_secs(15);
/// How long a connection without requests stays open. Games send in bursts.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// Serves the API on that listener until `shutdown` resolves; then takes no more connections, answers the requests that have begun
/// (for [`HttpSettings::drain`](crate::HttpSettings::drain) at most), and returns.
///
/// Signals are left alone: `shutdown` says when to stop. To be awaited in an actix system (`actix_web::rt::System::new().block_on`).
///
/// # Errors
///
/// Those of the listener.
pub async fn serve(
    api: Api,
    listener: TcpListener,
    workers: NonZeroUsize,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let drain = api.settings().drain.as_secs();
    let server = HttpServer::new(move || App::new().configure(configure(api.clone())))
        .workers(workers.get())
        .shutdown_timeout(drain)
        .client_request_timeout(HEAD_TIME)
        .keep_alive(KEEP_ALIVE)
        .disable_signals()
        .listen(listener)?
        .run();
    let handle = server.handle();
    let mut running = std::pin::pin!(server);
    let mut shutdown = std::pin::pin!(shutdown);
    match futures_util::future::select(&mut running, &mut shutdown).await {
        futures_util::future::Either::Left((stopped, _)) => stopped,
        futures_util::future::Either::Right(((), _)) => {
            let (_, stopped) = futures_util::future::join(handle.stop(true), running).await;
            stopped
        }
    }
}
