//! Clients that send a byte a second, beside such that play.

use crate::load::{Load, wait_until};
use crate::process::{open_files, resident};
use crate::stage::{Ended, Stage};
use crate::support::Server;
use crate::support::class::{ADMIN_PASSWORD, Class};
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

const CLIENTS: usize = 1000;
/// What all of them may cost the server, in MiB: 64 KiB each.
const MOST: u64 = 64;

/// One that sends slowly.
struct Slow {
    stream: TcpStream,
    request: Vec<u8>,
    sent: usize,
}

pub(crate) fn play(stage: &Stage) -> Ended {
    let server = Server::with_admin_password(stage.engine, ADMIN_PASSWORD);
    let class = Class::new(server.address(), "slow", 4);
    let token = class.token(0);
    let alone = Load::start(&class);
    alone.go_on_for(stage.seconds(10, 2));
    let usual = alone.seen().wait(0.5);
    drop(alone.finish(&class, |_| String::new()));

    let before = (open_files(server.pid()), resident(server.pid()));
    let mut clients: Vec<Slow> = (0..CLIENTS)
        .map(|n| Slow::connect(server.address(), &token, n))
        .collect();
    let class = Class::new(server.address(), "played", 4);
    let load = Load::start(&class);
    let (begin, mut closed, mut most) = (Instant::now(), 0, before.1);
    while begin.elapsed() < stage.seconds(60, 8) {
        let tick = Instant::now();
        for (n, client) in clients.iter_mut().enumerate() {
            if !client.send_a_byte() {
                // After some time without a whole head the server hangs up. They are stubborn.
                closed += 1;
                *client = Slow::connect(server.address(), &token, n);
            }
        }
        most = most.max(resident(server.pid()));
        // Those in the head are hung up on when their time is over, all at once.
        let open = open_files(server.pid());
        assert!(open >= CLIENTS / 2, "only {open} files are open");
        std::thread::sleep(Duration::from_secs(1).saturating_sub(tick.elapsed()));
    }
    load.wait_for_more(40);
    let seen = load.seen();
    assert_eq!(seen.unanswered, 0, "who plays got no answer");
    assert!(
        seen.answers
            .keys()
            .all(|status| matches!(status, 200 | 201)),
        "{:?}",
        seen.answers
    );
    assert!(
        most < before.1 + MOST,
        "memory grew from {} to {most} MiB",
        before.1
    );
    drop(clients);
    wait_until("the server has closed them", || {
        open_files(server.pid()) <= before.0 + 16
    });
    load.finish(&class, |seen| {
        format!(
            "{CLIENTS} slow, {closed} of them hung up on; memory {} to {most} MiB; half of all acknowledgements in {:.1} ms, alone {:.1} ms",
            before.1,
            seen.wait(0.5).as_secs_f64() * 1e3,
            usual.as_secs_f64() * 1e3,
        )
    })
}

impl Slow {
    /// Half of them are slow from the first byte on, half of them in the body.
    fn connect(address: SocketAddr, token: &str, n: usize) -> Self {
        let body = format!(
            r#"{{"timestamp":"2024-05-18T10:17:33Z","action":"{}"}}"#,
            "a".repeat(60)
        );
        let head = format!(
            "POST /v1/logs HTTP/1.1\r\nHost: {address}\r\nUser-Agent: faults\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: 4000\r\n\r\n"
        );
        let mut stream = TcpStream::connect(address).unwrap();
        let sent = match n % 2 {
            0 => 0,
            _ => head.len(),
        };
        let request = (head + &body + &" ".repeat(3900)).into_bytes();
        stream.write_all(&request[..sent]).unwrap();
        Self {
            stream,
            request,
            sent,
        }
    }

    /// Whether it could.
    fn send_a_byte(&mut self) -> bool {
        let byte = self.request[self.sent % self.request.len()];
        self.sent += 1;
        self.stream.write_all(&[byte]).is_ok()
    }
}
