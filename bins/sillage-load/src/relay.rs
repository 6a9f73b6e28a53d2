//! A network that can be cut: a relay on this machine, through which clients reach the server.

use crate::Result;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// How soon a cut is noticed.
const GRAIN: Duration = Duration::from_millis(10);

/// A relay that runs until this value goes away.
pub struct Relay {
    /// Where it listens.
    pub address: SocketAddr,
    state: Arc<State>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    cut: AtomicBool,
    ended: AtomicBool,
}

impl Relay {
    /// Starts it on a free loopback port.
    ///
    /// # Errors
    ///
    /// No port is free.
    pub fn start(target: SocketAddr) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let address = listener.local_addr()?;
        let state = Arc::<State>::default();
        let shared = Arc::clone(&state);
        let thread = std::thread::spawn(move || runtime.block_on(relay(listener, target, shared)));
        Ok(Self {
            address,
            state,
            thread: Some(thread),
        })
    }

    /// Breaks all connections and takes no others, or takes them again.
    pub fn cut(&self, is_cut: bool) {
        self.state.cut.store(is_cut, Ordering::Relaxed);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.state.ended.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // If it panicked, that was told when it did.
            let _ = thread.join();
        }
    }
}

async fn relay(listener: TcpListener, target: SocketAddr, state: Arc<State>) {
    let mut open = JoinSet::new();
    while !state.ended.load(Ordering::Relaxed) {
        let accepted = tokio::time::timeout(GRAIN, listener.accept()).await;
        if state.cut.load(Ordering::Relaxed) {
            // With what was accepted just now.
            open.abort_all();
            continue;
        }
        if let Ok(Ok((mut near, _))) = accepted {
            open.spawn(async move {
                if let Ok(mut far) = TcpStream::connect(target).await {
                    let _ = near.set_nodelay(true).and(far.set_nodelay(true));
                    // One side ends it, or the network does: that is for the two to see.
                    let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
                }
            });
        }
        while open.try_join_next().is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net;

    #[test]
    fn what_was_open_is_broken_and_comes_back() {
        let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
        let relay = Relay::start(listener.local_addr().unwrap()).unwrap();
        let mut near = net::TcpStream::connect(relay.address).unwrap();
        near.write_all(b"a").unwrap();
        let (mut far, _) = listener.accept().unwrap();
        let mut byte = [0];
        far.read_exact(&mut byte).unwrap();
        relay.cut(true);
        // The end of the stream, or an error, as the system has it.
        assert!(matches!(near.read(&mut byte), Ok(0) | Err(_)));
        relay.cut(false);
        let mut near = loop {
            // The one or other may still meet the cut.
            let mut near = net::TcpStream::connect(relay.address).unwrap();
            near.write_all(b"b").unwrap();
            listener.set_nonblocking(true).unwrap();
            std::thread::sleep(Duration::from_millis(100));
            if let Ok((stream, _)) = listener.accept() {
                far = stream;
                break near;
            }
        };
        far.set_nonblocking(false).unwrap();
        far.read_exact(&mut byte).unwrap();
        assert_eq!(byte, *b"b");
        far.write_all(b"c").unwrap();
        near.read_exact(&mut byte).unwrap();
        assert_eq!(byte, *b"c");
    }
}
