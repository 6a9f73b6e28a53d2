//! A network between a client and a server that can be cut, and that loses answers.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Passes bytes on. It ends with the test's process.
#[derive(Clone)]
pub(crate) struct Relay {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    to: Mutex<SocketAddr>,
    cut: AtomicBool,
    /// So many answers are still to be lost: the server gets the request, the client no answer.
    lose: AtomicUsize,
    open: Mutex<Vec<TcpStream>>,
}

impl Relay {
    pub(crate) fn new(to: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let relay = Self {
            address: listener.local_addr().unwrap(),
            state: Arc::new(State {
                to: Mutex::new(to),
                cut: AtomicBool::new(false),
                lose: AtomicUsize::new(0),
                open: Mutex::default(),
            }),
        };
        let state = Arc::clone(&relay.state);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let state = Arc::clone(&state);
                thread::spawn(move || pass(client, &state));
            }
        });
        relay
    }

    /// What stands before `/v1`.
    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Passes on to another server from now on.
    pub(crate) fn move_to(&self, to: SocketAddr) {
        *self.state.to.lock().unwrap() = to;
    }

    /// Breaks all connections, and every new one, until it is mended.
    pub(crate) fn cut(&self) {
        self.state.cut.store(true, Ordering::SeqCst);
        for stream in self.state.open.lock().unwrap().drain(..) {
            // The other end may have closed it.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    pub(crate) fn mend(&self) {
        self.state.cut.store(false, Ordering::SeqCst);
    }

    /// Loses the next answers, after the server has given them.
    pub(crate) fn lose_answers(&self, count: usize) {
        self.state.lose.store(count, Ordering::SeqCst);
    }

    /// How many answers are still to be lost.
    pub(crate) fn to_lose(&self) -> usize {
        self.state.lose.load(Ordering::SeqCst)
    }
}

fn pass(client: TcpStream, state: &Arc<State>) {
    if state.cut.load(Ordering::SeqCst) {
        return;
    }
    let to = *state.to.lock().unwrap();
    let Ok(server) = TcpStream::connect_timeout(&to, Duration::from_secs(5)) else {
        return;
    };
    let mut open = state.open.lock().unwrap();
    open.extend([client.try_clone().unwrap(), server.try_clone().unwrap()]);
    drop(open);
    let (from_client, to_client) = (client.try_clone().unwrap(), client);
    let (from_server, to_server) = (server.try_clone().unwrap(), server);
    thread::spawn(move || copy(from_client, to_server, || false));
    let state = Arc::clone(state);
    copy(from_server, to_client, move || {
        let taken = |left: usize| left.checked_sub(1);
        let lost = state
            .lose
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, taken);
        lost.is_ok()
    });
}

/// Until one end closes; then both are. What is to be lost closes them too.
fn copy(mut from: TcpStream, mut to: TcpStream, lost: impl Fn() -> bool) {
    let mut buffer = [0; 8192];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        if lost() || to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    // The other end may have closed it.
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
