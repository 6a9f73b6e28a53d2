//! From the thread that writes an export to the client that fetches it.

use crate::request_id::Carried;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::{Stream, stream};
use sillage_export::{CHUNK, ExportError};
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

/// How many chunks wait for the client.
const AHEAD: usize = 4;

pub(super) type Chunk = Result<Bytes, ExportError>;

/// The end that is written to.
pub(super) struct Inlet {
    sender: mpsc::Sender<Chunk>,
    whole: Arc<AtomicBool>,
    runtime: Handle,
    patience: Duration,
    encoder: Option<GzEncoder<Vec<u8>>>,
}

/// The end that the client reads from.
pub(super) struct Outlet {
    receiver: mpsc::Receiver<Chunk>,
    whole: Arc<AtomicBool>,
}

/// A pipe for a client that may take that long for each chunk, compressed if it wants that. To be made on a thread that runs async code.
pub(super) fn pipe(patience: Duration, gzip: bool) -> (Inlet, Outlet) {
    let (sender, receiver) = mpsc::channel(AHEAD);
    let whole = Arc::new(AtomicBool::new(false));
    let inlet = Inlet {
        sender,
        whole: Arc::clone(&whole),
        runtime: Handle::current(),
        patience,
        encoder: gzip.then(|| GzEncoder::new(Vec::with_capacity(CHUNK), Compression::fast())),
    };
    (inlet, Outlet { receiver, whole })
}

/// Starts a thread that writes a file as `file` does, which says whether the client took all of it; `place` is kept that long.
pub(super) fn write_apart(
    mut inlet: Inlet,
    place: OwnedSemaphorePermit,
    file: impl FnOnce(&mut Inlet) -> Result<bool, ExportError> + Send + 'static,
) -> io::Result<()> {
    let span = tracing::Span::current();
    let request = Carried::along();
    let work = move || {
        let write = || {
            let error = match file(&mut inlet) {
                Ok(true) => match inlet.close() {
                    Ok(()) => return,
                    Err(error) => return broke_off(&error),
                },
                // The client is gone.
                Ok(false) => return,
                Err(error) => error,
            };
            broke_off(&error);
            inlet.fail(error);
        };
        request.over(|| span.in_scope(write));
        drop(place);
    };
    std::thread::Builder::new()
        .name("export".to_owned())
        .spawn(work)
        .map(drop)
}

fn broke_off(error: &ExportError) {
    tracing::error!(%error, "an export broke off");
}

impl Inlet {
    /// Hands on a chunk; breaks where the client is gone, or takes too long.
    pub(super) fn put(&mut self, chunk: Vec<u8>) -> ControlFlow<()> {
        let Some(encoder) = &mut self.encoder else {
            return self.send(chunk);
        };
        // Writing to memory does not fail.
        let _ = encoder.write_all(&chunk);
        if encoder.get_ref().len() < CHUNK {
            return ControlFlow::Continue(());
        }
        let full = std::mem::replace(encoder.get_mut(), Vec::with_capacity(CHUNK));
        self.send(full)
    }

    /// The file is whole.
    pub(super) fn close(mut self) -> Result<(), ExportError> {
        if let Some(encoder) = self.encoder.take() {
            let last = encoder.finish().map_err(ExportError::Write)?;
            if self.send(last).is_break() {
                return Ok(());
            }
        }
        self.whole.store(true, Ordering::Release);
        Ok(())
    }

    /// The file will not be whole, for that reason.
    pub(super) fn fail(self, error: ExportError) {
        // The client that is gone does not need to be told.
        let _ = self.sender.try_send(Err(error));
    }

    fn send(&self, chunk: Vec<u8>) -> ControlFlow<()> {
        let chunk = match self.sender.try_send(Ok(chunk.into())) {
            Ok(()) => return ControlFlow::Continue(()),
            Err(TrySendError::Closed(_)) => return ControlFlow::Break(()),
            Err(TrySendError::Full(chunk)) => chunk,
        };
        let sending = async {
            let sent = self.sender.send(chunk);
            tokio::time::timeout(self.patience, sent).await
        };
        match self.runtime.block_on(sending) {
            Ok(Ok(())) => ControlFlow::Continue(()),
            Ok(Err(_)) => ControlFlow::Break(()),
            Err(_) => {
                tracing::warn!("a client stopped fetching an export, which is given up");
                ControlFlow::Break(())
            }
        }
    }
}

impl Outlet {
    /// The next chunk; `None` once the file is whole. A file that broke off ends with an error, so that nobody takes it for
    /// a whole one.
    pub(super) async fn next(&mut self) -> Option<Chunk> {
        let chunk = self.receiver.recv().await;
        if chunk.is_none() && !self.whole.swap(true, Ordering::AcqRel) {
            return Some(Err(ExportError::Write(io::ErrorKind::BrokenPipe.into())));
        }
        chunk
    }

    /// What follows.
    pub(super) fn rest(self) -> impl Stream<Item = Chunk> {
        stream::unfold(self, |mut outlet| async {
            outlet.next().await.map(|chunk| (chunk, outlet))
        })
    }
}
