//! A proxy that behaves as a bad network: it drops, doubles, delays and reorders requests, and loses answers.

use crate::dice::Dice;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// What happened to the requests.
#[derive(Debug, Default)]
pub(crate) struct Happened {
    pub(crate) dropped: AtomicUsize,
    pub(crate) doubled: AtomicUsize,
    pub(crate) delayed: AtomicUsize,
    pub(crate) answers_lost: AtomicUsize,
}

impl Happened {
    /// In words. Panics if some of it never happened: then nothing was tried.
    pub(crate) fn told(&self) -> String {
        let counts = [
            &self.dropped,
            &self.doubled,
            &self.delayed,
            &self.answers_lost,
        ]
        .map(|count| count.load(Ordering::Relaxed));
        assert!(
            counts.iter().all(|count| *count > 0),
            "too short: {counts:?}"
        );
        let [dropped, doubled, delayed, lost] = counts;
        format!(
            "{dropped} requests dropped, {doubled} doubled, {delayed} late and again, {lost} answers lost"
        )
    }
}

/// The proxy, ended with this value.
pub(crate) struct BadNetwork {
    pub(crate) address: SocketAddr,
    pub(crate) happened: Arc<Happened>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl BadNetwork {
    /// In front of that server, with a seed for its dice.
    pub(crate) fn start(server: SocketAddr, seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, happened) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(Happened::default()),
        );
        let (stopped, told) = (stop.clone(), happened.clone());
        let thread = std::thread::spawn(move || {
            let dice = Arc::new(Mutex::new(Dice::new(seed)));
            let mut under_way = Vec::new();
            for stream in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    break;
                }
                let (dice, told) = (dice.clone(), told.clone());
                under_way.push(std::thread::spawn(move || {
                    // Who hangs up is gone.
                    let _ = pass(&mut stream?, server, &dice, &told);
                    Ok::<(), std::io::Error>(())
                }));
                under_way.retain(|thread| !thread.is_finished());
            }
            for thread in under_way {
                let _ = thread.join();
            }
        });
        Self {
            address,
            happened,
            stop,
            thread: Some(thread),
        }
    }
}

impl Drop for BadNetwork {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // So that it looks.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// One request of a connection; then the connection is closed.
fn pass(
    client: &mut TcpStream,
    server: SocketAddr,
    dice: &Mutex<Dice>,
    happened: &Happened,
) -> std::io::Result<()> {
    client.set_read_timeout(Some(Duration::from_secs(5)))?;
    let Some(request) = read_request(client)? else {
        return Ok(());
    };
    let (fate, delay) = {
        let mut dice = dice.lock().unwrap();
        (dice.below(100), dice.below(300) as u64)
    };
    let count = |what: &AtomicUsize| what.fetch_add(1, Ordering::Relaxed);
    match fate {
        0..10 => {
            count(&happened.dropped);
            Ok(())
        }
        10..20 => {
            count(&happened.answers_lost);
            forward(&request, server).map(drop)
        }
        // Twice, one after the other.
        20..30 => {
            count(&happened.doubled);
            forward(&request, server)?;
            client.write_all(&forward(&request, server)?)
        }
        // Twice at the same time.
        30..40 => {
            count(&happened.doubled);
            let again = request.clone();
            let other = std::thread::spawn(move || forward(&again, server));
            let answer = forward(&request, server);
            let _ = other.join();
            client.write_all(&answer?)
        }
        // Later than what was sent after it. Who waits gets the answer, and one copy comes later still.
        40..50 => {
            count(&happened.delayed);
            std::thread::sleep(Duration::from_millis(delay));
            client.write_all(&forward(&request, server)?)?;
            client.shutdown(Shutdown::Both)?;
            std::thread::sleep(Duration::from_millis(delay * 3));
            forward(&request, server).map(drop)
        }
        _ => client.write_all(&forward(&request, server)?),
    }
}

/// Sends it on, and gives the whole answer.
fn forward(request: &[u8], server: SocketAddr) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(server)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    stream.write_all(request)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}

/// A whole request, which asks for the connection to be closed after it; `None` where none comes.
fn read_request(client: &mut TcpStream) -> std::io::Result<Option<Vec<u8>>> {
    let (mut request, mut part) = (Vec::new(), [0; 16 << 10]);
    loop {
        if let Some(whole) = whole(&request) {
            return Ok(Some(whole));
        }
        match client.read(&mut part)? {
            0 => return Ok(None),
            read => request.extend_from_slice(&part[..read]),
        }
    }
}

fn whole(request: &[u8]) -> Option<Vec<u8>> {
    let end = request.windows(4).position(|four| four == b"\r\n\r\n")?;
    let (head, body) = (
        std::str::from_utf8(&request[..end]).unwrap(),
        &request[end + 4..],
    );
    let field = |line: &str, name: &str| {
        let (known, value) = line.split_once(':')?;
        known
            .eq_ignore_ascii_case(name)
            .then(|| value.trim().to_owned())
    };
    let find = |name: &str| head.lines().find_map(|line| field(line, name));
    let is_whole = match find("Content-Length") {
        Some(length) => body.len() >= length.parse().unwrap(),
        None => find("Transfer-Encoding").is_none() || body.ends_with(b"0\r\n\r\n"),
    };
    let mut kept = String::new();
    for line in head
        .lines()
        .filter(|line| field(line, "Connection").is_none())
    {
        kept.push_str(line);
        kept.push_str("\r\n");
    }
    kept.push_str("Connection: close\r\n\r\n");
    is_whole.then(|| [kept.as_bytes(), body].concat())
}
