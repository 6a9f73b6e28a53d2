//! `sillage serve`

use crate::alarm::Alarm;
use crate::disk::DataDisk;
use crate::failure::Failure;
use crate::keeper::Keeper;
use crate::settings::{Settings, reachable};
use crate::site::{self, Site};
use crate::witness::FileWitness;
use crate::{first_admin, logging, signals, welcome};
use actix_web::rt::{self, System};
use sillage_cli::ServeArguments;
use sillage_http::{Api, Keys};
use socket2::{Domain, Socket, Type};
use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;
use tokio::sync::oneshot;

/// How many connections may wait to be taken: a school may come at once.
const BACKLOG: i32 = 1024;

/// Runs the server until it is asked to stop.
pub(crate) fn run(wanted: &ServeArguments, mut settings: Settings) -> Result<(), Failure> {
    if let Some(address) = wanted.bind {
        settings.server.bind = address;
    }
    logging::start(&settings.log);
    // What can't be used is found before anything is made.
    settings.http(settings.server.bind)?;
    let (listener, address) = listen(settings.server.bind)?;
    let site = Site::open(&settings)?;
    let password = first_admin::make(&site, &settings)?;
    let keeper = Keeper::start(&site, &settings)?;
    let alarm = Alarm::start(&site, &settings)?;
    let api = api(site, &settings, address)?;
    let base = base(&settings, address);
    let metrics = metrics_listener(&settings);
    System::new().block_on(async {
        let stop = signals::asked_to_stop().map_err(Failure::Serve)?;
        let mut text = format!("listening on http://{address}\n");
        text.push_str(&format!(
            "database: {}\n",
            site::describe(&settings.database_url())
        ));
        text.push_str(&welcome::browser(&format!("http://{}", reachable(address))));
        if let Some(password) = password {
            text.push('\n');
            text.push_str(&welcome::first_steps(&base, &password));
        }
        // Who reads it may be gone; the server is not for him alone.
        let _ = io::stdout()
            .write_all(text.as_bytes())
            .and_then(|()| io::stdout().flush());
        tracing::info!(%address, "listening");
        let (ended, end) = oneshot::channel::<()>();
        let metrics = metrics.map(|(listener, address)| {
            tracing::info!(%address, "metrics are at /metrics");
            let until = async move {
                // It ends with whoever could tell it to.
                let _ = end.await;
            };
            rt::spawn(sillage_http::serve_metrics(api.clone(), listener, until))
        });
        let served = sillage_http::serve(api, listener, workers(&settings), stop)
            .await
            .map_err(Failure::Serve);
        drop(ended);
        if let Some(task) = metrics
            && let Ok(Err(error)) = task.await
        {
            tracing::warn!(%error, "the metrics ended before the server");
        }
        served
    })?;
    drop(alarm);
    drop(keeper);
    tracing::info!("stopped");
    Ok(())
}

/// The listener of `/metrics`, if there is to be one. An address that can't be had keeps no study from running.
fn metrics_listener(settings: &Settings) -> Option<(TcpListener, SocketAddr)> {
    let metrics = &settings.metrics;
    if !metrics.enabled {
        return None;
    }
    match listen(metrics.bind) {
        Ok(listener) => Some(listener),
        Err(failure) => {
            tracing::warn!(
                address = %metrics.bind,
                why = failure.told(),
                "there are no metrics: their address can't be had, most likely since another program, or another Sillage, listens there. Name another \
                 one in [metrics] bind (SILLAGE__METRICS__BIND), or set [metrics] enabled = false"
            );
            None
        }
    }
}

/// Takes the address; with it, the port that was given where none was asked for.
pub(crate) fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Failure> {
    let listener = || {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        // On Windows it would let another process take the same address.
        #[cfg(unix)]
        socket.set_reuse_address(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        let listener = TcpListener::from(socket);
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    listener().map_err(|source| Failure::Bind { address, source })
}

/// The API over what was opened.
pub(crate) fn api(site: Site, settings: &Settings, address: SocketAddr) -> Result<Api, Failure> {
    site.check_vault()?;
    let keys = Keys {
        signing: site.signing_keys()?,
        vault: site.vault_keys,
        root: site.root,
    };
    let witness = Arc::new(FileWitness::in_folder(&settings.server.data_dir));
    let disk = Arc::new(DataDisk::of(&settings.server.data_dir));
    let api = Api::new(site.ports, keys, settings.http(address)?)?;
    Ok(api.with_audit_witness(witness)?.with_disk(disk))
}

/// What stands before `/v1`, for somebody on this machine.
pub(crate) fn base(settings: &Settings, address: SocketAddr) -> String {
    format!("http://{}{}", reachable(address), settings.server.base_path)
}

/// How many threads take requests.
pub(crate) fn workers(settings: &Settings) -> NonZeroUsize {
    let one_a_core = || thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    settings.server.workers.unwrap_or_else(one_a_core)
}
