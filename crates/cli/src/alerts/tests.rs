use super::*;
use sillage_auth::Secret;
use sillage_domain::testing::MemoryStore;
use sillage_domain::testing::fixtures::{at, entry, misfit, study, submit};
use sillage_domain::{Arrival, DiskSpace, StudyChange};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

const RULES: AlertRules = AlertRules {
    quarantine_share: 0.2,
    disk_free_share: 0.1,
};
const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// A disk of 100 bytes, of which so many are free.
#[derive(Default)]
struct SmallDisk(AtomicU64);

impl Disk for SmallDisk {
    fn space(&self) -> Option<DiskSpace> {
        Some(DiskSpace {
            free: self.0.load(Ordering::SeqCst),
            size: 100,
        })
    }
}

struct Site {
    ports: Ports,
    disk: Arc<SmallDisk>,
}

impl Site {
    fn new() -> Self {
        let disk = Arc::new(SmallDisk::default());
        disk.0.store(50, Ordering::SeqCst);
        Self {
            ports: Ports::of(Arc::new(MemoryStore::default())),
            disk,
        }
    }

    fn watch(&self, server: &str, webhook: Option<Webhook>) -> AlertWatch {
        let (ports, disk) = (self.ports.clone(), Arc::clone(&self.disk));
        AlertWatch::new(ports, RULES, disk, server, webhook)
    }

    /// An open study that wants an alert after ten minutes.
    fn study(&self) -> Study {
        let made = study(&self.ports, "castle");
        let change = StudyChange {
            status: Some(StudyStatus::Open),
            silence_minutes: Some(10),
            ..StudyChange::default()
        };
        let studies = &self.ports.studies;
        studies.change_study(made.id, &change, None, at(0)).unwrap()
    }

    fn alerts(&self, state: AlertState) -> Vec<Alert> {
        let filter = AlertFilter {
            study: None,
            state: Some(state),
        };
        self.ports
            .alerts
            .alerts(&filter, &first_page())
            .unwrap()
            .items
    }

    fn raised(&self) -> Vec<AlertKind> {
        let raised = self.alerts(AlertState::Raised);
        raised.iter().map(|alert| alert.about.kind).collect()
    }
}

#[test]
fn a_silent_study_is_told_until_something_arrives() {
    let site = Site::new();
    let study = site.study();
    let mut watch = site.watch("one", None);
    watch.look(at(600)).unwrap();
    assert_eq!(site.raised(), []);
    watch.look(at(660)).unwrap();
    assert_eq!(site.raised(), [AlertKind::StudySilent]);
    let alert = site.alerts(AlertState::Raised).remove(0);
    assert_eq!((alert.about.value, alert.about.threshold), (660.0, 600.0));
    submit(
        &site.ports,
        vec![Arrival::Entry(entry(&study, 1))],
        670,
        false,
    );
    watch.look(at(720)).unwrap();
    assert_eq!(site.raised(), []);
    assert_eq!(
        site.alerts(AlertState::Resolved)[0].resolved_at,
        Some(at(720))
    );
}

#[test]
fn the_alerts_of_a_study_end_with_its_closing() {
    let site = Site::new();
    let study = site.study();
    let mut watch = site.watch("one", None);
    watch.look(at(700)).unwrap();
    assert_eq!(site.raised(), [AlertKind::StudySilent]);
    let close = StudyChange {
        status: Some(StudyStatus::Closed),
        ..StudyChange::default()
    };
    let studies = &site.ports.studies;
    studies
        .change_study(study.id, &close, None, at(710))
        .unwrap();
    watch.look(at(760)).unwrap();
    assert_eq!(site.raised(), []);
}

#[test]
fn too_much_in_quarantine_is_told() {
    let site = Site::new();
    let study = site.study();
    let mut watch = site.watch("one", None);
    watch.look(at(0)).unwrap();
    let entries = (0..10).map(|n| Arrival::Entry(entry(&study, n)));
    let texts = (0..10).map(|n| Arrival::Misfit(misfit(&study, &format!(r#"{{"id":{n}}}"#))));
    submit(&site.ports, entries.chain(texts).collect(), 30, false);
    watch.look(at(60)).unwrap();
    assert_eq!(site.raised(), [AlertKind::QuarantineShare]);
    let more = (10..100).map(|n| Arrival::Entry(entry(&study, n)));
    submit(&site.ports, more.collect(), 90, false);
    watch.look(at(120)).unwrap();
    assert_eq!(site.raised(), []);
}

#[test]
fn a_full_disk_is_told_of_each_server_until_there_is_room_or_the_server_is_gone() {
    let site = Site::new();
    let (mut one, mut two) = (site.watch("one", None), site.watch("two", None));
    site.disk.0.store(5, Ordering::SeqCst);
    one.look(at(0)).unwrap();
    two.look(at(0)).unwrap();
    assert_eq!(site.raised(), [AlertKind::DiskNearlyFull; 2]);
    // The second one is not heard of again.
    one.look(at(3000)).unwrap();
    assert_eq!(site.raised().len(), 2);
    one.look(at(3600)).unwrap();
    let left = site.alerts(AlertState::Raised);
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].about.server.as_deref(), Some("one"));
    site.disk.0.store(50, Ordering::SeqCst);
    one.look(at(3660)).unwrap();
    assert_eq!(site.raised(), []);
}

/// What came to the webhook: its headers, in small letters, and its body.
type Received = Arc<Mutex<Vec<(Vec<String>, String)>>>;

/// A webhook on loopback that answers these statuses, one after the other, and then ends.
fn webhook(statuses: &'static [u16]) -> (String, Received, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let received = Received::default();
    let kept = Arc::clone(&received);
    let run = move || {
        for status in statuses {
            let (mut stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut head = Vec::new();
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                if line.trim().is_empty() {
                    break;
                }
                head.push(line.trim().to_lowercase());
            }
            let length = head
                .iter()
                .find_map(|line| line.strip_prefix("content-length: "));
            let mut body = vec![0; length.unwrap().parse().unwrap()];
            reader.read_exact(&mut body).unwrap();
            kept.lock()
                .unwrap()
                .push((head, String::from_utf8(body).unwrap()));
            let answer = format!(
                "HTTP/1.1 {status} x\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
            stream.write_all(answer.as_bytes()).unwrap();
        }
    };
    (url, received, std::thread::spawn(run))
}

#[test]
fn an_alert_is_sent_signed_once_and_its_end_as_well() {
    let site = Site::new();
    let study = site.study();
    let (url, received, thread) = webhook(&[204, 200]);
    let hook = || Some(Webhook::new(&url, Secret::new(SECRET)).unwrap());
    let (mut one, mut two) = (site.watch("one", hook()), site.watch("two", hook()));
    for second in [700, 760, 820] {
        for watch in [&mut one, &mut two] {
            watch.look(at(second)).unwrap();
            watch.tell(at(second)).unwrap();
        }
    }
    assert_eq!(received.lock().unwrap().len(), 1);
    submit(
        &site.ports,
        vec![Arrival::Entry(entry(&study, 1))],
        830,
        false,
    );
    for watch in [&mut two, &mut one] {
        watch.look(at(880)).unwrap();
        watch.tell(at(880)).unwrap();
    }
    thread.join().unwrap();
    let received = received.lock().unwrap();
    let bodies: Vec<serde_json::Value> = received
        .iter()
        .map(|(_, body)| serde_json::from_str(body).unwrap())
        .collect();
    assert_eq!(bodies.len(), 2);
    assert_eq!(
        bodies[0],
        serde_json::json!({
            "id": bodies[0]["id"], "kind": "study_silent", "study": "castle", "server": null, "state": "raised",
            "raised_at": at(700), "resolved_at": null, "value": 700.0, "threshold": 600.0,
        })
    );
    assert_eq!(bodies[1]["id"], bodies[0]["id"]);
    assert_eq!(bodies[1]["state"], "resolved");
    let (head, body) = &received[0];
    let header = |name: &str| {
        let begin = format!("{name}: ");
        head.iter()
            .find_map(|line| line.strip_prefix(&begin))
            .unwrap()
    };
    assert_eq!(header("content-type"), "application/json");
    let timestamp = header("x-sillage-timestamp");
    assert_eq!(timestamp, (at(700).micros() / 1_000_000).to_string());
    let expected = webhook::signature(&Secret::new(SECRET), timestamp, body);
    assert_eq!(header("x-sillage-signature"), expected);
}

#[test]
fn what_the_webhook_does_not_take_is_sent_again_later_and_not_for_ever() {
    let site = Site::new();
    site.study();
    // A redirection is not followed: nobody listens where it leads.
    let (url, received, thread) = webhook(&[500, 302, 404, 503, 500, 500, 500, 500]);
    let secret = Secret::new(SECRET);
    let mut watch = site.watch("one", Some(Webhook::new(&url, secret).unwrap()));
    watch.look(at(700)).unwrap();
    let mut tried = Vec::new();
    for minute in 0..400 {
        let before = received.lock().unwrap().len();
        watch.tell(at(700 + 60 * minute)).unwrap();
        if received.lock().unwrap().len() > before {
            tried.push(minute);
        }
    }
    thread.join().unwrap();
    assert_eq!(tried, [0, 1, 3, 8, 18, 48, 108, 168]);
}

#[test]
fn what_is_a_day_old_is_no_news() {
    let site = Site::new();
    site.study();
    let mut silent = site.watch("one", None);
    silent.look(at(700)).unwrap();
    silent.tell(at(700)).unwrap();
    let (url, received, thread) = webhook(&[]);
    let watch = site.watch(
        "one",
        Some(Webhook::new(&url, Secret::new(SECRET)).unwrap()),
    );
    watch.tell(at(700 + STALE)).unwrap();
    thread.join().unwrap();
    assert_eq!(received.lock().unwrap().len(), 0);
    let waiting = site
        .ports
        .alerts
        .alerts_to_tell(at(10 * STALE), 10)
        .unwrap();
    assert_eq!(waiting, []);
}
