//! The API on a listener of its own.

use crate::api::Api;
use crate::routes::{configure, configure_metrics};
use actix_web::http::Method;
use actix_web::http::header::ALLOW;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use std::future::Future;
use std::io;
use std::net::TcpListener;
use std::num::NonZeroUsize;
use std::time::Duration;

/// How often [`Api::upkeep`] is done.
const UPKEEP: Duration = Duration::from_secs(60);
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
    let head_time = api.settings().client_timeout;
    api.0.listeners.stop(false);
    let ending = api.clone();
    let upkeep = actix_web::rt::spawn(keep_up(api.clone()));
    let app = move || {
        App::new()
            .configure(configure(api.clone()))
            // What has no path comes here: `OPTIONS *` (RFC 9110 section 9.3.7).
            .default_service(web::to(of_the_server))
    };
    let server = HttpServer::new(app)
        .workers(workers.get())
        .shutdown_timeout(drain)
        .client_request_timeout(head_time)
        .keep_alive(KEEP_ALIVE)
        .disable_signals()
        .listen(listener)?
        .run();
    let handle = server.handle();
    let mut running = std::pin::pin!(server);
    let mut shutdown = std::pin::pin!(shutdown);
    let served = match futures_util::future::select(&mut running, &mut shutdown).await {
        futures_util::future::Either::Left((stopped, _)) => stopped,
        futures_util::future::Either::Right(((), _)) => {
            ending.end_events();
            let (_, stopped) = futures_util::future::join(handle.stop(true), running).await;
            stopped
        }
    };
    upkeep.abort();
    ending.finish_audit().await;
    served
}

/// Serves `/metrics` on that listener until `shutdown` resolves: to whoever reaches it, so it should be reached by few.
///
/// # Errors
///
/// Those of the listener.
pub async fn serve_metrics(
    api: Api,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let app = move || App::new().configure(configure_metrics(api.clone()));
    let server = HttpServer::new(app)
        .workers(1)
        .shutdown_timeout(0)
        .disable_signals()
        .listen(listener)?
        .run();
    let handle = server.handle();
    let mut running = std::pin::pin!(server);
    let mut shutdown = std::pin::pin!(shutdown);
    match futures_util::future::select(&mut running, &mut shutdown).await {
        futures_util::future::Either::Left((stopped, _)) => stopped,
        futures_util::future::Either::Right(((), _)) => {
            let (_, stopped) = futures_util::future::join(handle.stop(false), running).await;
            stopped
        }
    }
}

/// Does what has to be done now and then, until it is ended.
async fn keep_up(api: Api) {
    let mut ticks = actix_web::rt::time::interval(UPKEEP);
    loop {
        ticks.tick().await;
        if let Err(error) = api.upkeep().await {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::warn!(%error, cause, "upkeep waits for the next time");
        }
    }
}

/// What the server knows as a whole, whatever the path.
async fn of_the_server(request: HttpRequest) -> HttpResponse {
    if request.method() == Method::OPTIONS {
        return HttpResponse::NoContent()
            .insert_header((ALLOW, "GET, HEAD, POST, PATCH, PUT, DELETE, OPTIONS"))
            .finish();
    }
    HttpResponse::NotFound().finish()
}
