//! What a run gave: for people as text and as a page, for programs as JSON.

mod chart;
mod html;
mod text;

use crate::Result;
use crate::ids::Comparison;
use crate::play::{Pace, Plan, Played};
use crate::spread::Spread;
use serde::Serialize;

/// A run and all that was found.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The version of this program.
    pub version: &'static str,
    /// When it began, as RFC 3339 has it.
    pub at: String,
    /// Which server was loaded.
    pub server: String,
    /// The study that was played in.
    pub study: String,
    /// What was played.
    pub plan: Plan,
    /// What happened.
    pub played: Played,
    /// What the server gave back afterwards, if that was asked for.
    pub verified: Option<Comparison>,
    /// How it compares with an endpoint that only parses, if that was measured.
    pub floor: Option<FloorRatio>,
}

/// The server beside an endpoint that only parses, measured in turn.
#[derive(Debug, Clone, Serialize)]
pub struct FloorRatio {
    /// Connections in the closed loop.
    pub connections: usize,
    /// Entries acknowledged a second.
    pub server: Spread,
    /// Requests answered a second.
    pub floor: Spread,
    /// The first divided by the second.
    pub ratio: Spread,
}

impl Report {
    /// For programs.
    ///
    /// # Errors
    ///
    /// None is known.
    pub fn json(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)?)
    }

    /// For people, on a terminal.
    #[must_use]
    pub fn text(&self) -> String {
        text::of(self)
    }

    /// A page of HTML that needs nothing else.
    #[must_use]
    pub fn html(&self) -> String {
        html::of(self)
    }

    /// Whether nothing that was acknowledged is lost or doubled, as far as was looked.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.verified.is_none_or(|verified| verified.is_whole())
    }

    /// What was played, in words.
    fn what(&self) -> String {
        let players = number(self.played.players as f64);
        let plan = &self.plan;
        let mut what = match plan.pace {
            Pace::Recorded => format!("{players} players as in the recorded class"),
            Pace::Fast => format!("{players} players of a fast game, five actions a second each"),
            Pace::Rate(rate) => format!(
                "open loop: {} entries a second on {players} connections",
                number(rate)
            ),
            Pace::Closed => format!("closed loop on {players} connections"),
        };
        if plan.pace.is_game() && plan.speed != 1.0 {
            what.push_str(&format!(", {} times as fast as life", number(plan.speed)));
        }
        what
    }

    /// Lines of a table: what, and how much.
    fn facts(&self) -> Vec<(&'static str, String)> {
        let counts = &self.played.counts;
        let mut facts = vec![
            ("players who logged in", {
                let all = self.played.players as u64;
                format!("{} of {all}", all - self.played.failed_log_ins)
            }),
            ("entries sent", number(counts.sent as f64)),
            ("acknowledged", number(counts.acknowledged as f64)),
            (
                "acknowledged a second, on average",
                number(self.played.rate),
            ),
            ("requests sent again", number(counts.retries as f64)),
            (
                "known already when they were sent again",
                number(counts.duplicates as f64),
            ),
            ("in quarantine", number(counts.quarantined as f64)),
            ("refused", number(counts.refused as f64)),
            ("turned away for now", number(counts.turned_away as f64)),
            ("without an answer", number(counts.unanswered as f64)),
            ("due, and not sent in time", number(counts.unsent as f64)),
        ];
        if let Some(verified) = &self.verified {
            facts.extend([
                ("read back from the server", number(verified.stored as f64)),
                ("acknowledged and lost", number(verified.lost as f64)),
                ("stored more than once", number(verified.doubled as f64)),
                (
                    "stored, and not acknowledged",
                    number(verified.unacknowledged as f64),
                ),
            ]);
        }
        if let Some(floor) = &self.floor {
            facts.push((
                "single posts / an endpoint that only parses",
                format!(
                    "{:.2} ({:.2} to {:.2}) on {} connections",
                    floor.ratio.median, floor.ratio.least, floor.ratio.greatest, floor.connections
                ),
            ));
        }
        facts
    }
}

/// A number as people read it: `12,300`, `0.31`.
#[must_use]
pub fn number(value: f64) -> String {
    if value < 1000.0 {
        let text = format!("{value:.*}", if value < 10.0 { 3 } else { 1 });
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latency::Times;
    use crate::play::{Counts, Outage, Second, Through};
    use std::collections::BTreeMap;
    use std::time::Duration;

    fn report() -> Report {
        let mut times = Times::new().unwrap();
        for millis in 1..=2000 {
            times.push(Duration::from_millis(millis));
        }
        Report {
            version: "0",
            at: "2024-05-18T10:17:33.000000Z".to_owned(),
            server: "http://127.0.0.1:8080/<&".to_owned(),
            study: "castle".to_owned(),
            plan: Plan {
                pace: Pace::Recorded,
                through: Through::Client,
                time: Duration::from_secs(9),
                speed: 60.0,
                log_ins_within: Duration::from_secs(1),
                outage: Some(Outage {
                    begins: Duration::from_secs(3),
                    ends: Duration::from_secs(5),
                }),
                patience: Duration::from_secs(30),
            },
            played: Played {
                players: 30,
                failed_log_ins: 1,
                log_ins: times.latency(),
                posts: times.latency(),
                caught_up: Some(times.latency()),
                counts: Counts {
                    acknowledged: 12_345,
                    ..Counts::default()
                },
                rate: 1371.7,
                seconds: 9.0,
                statuses: BTreeMap::from([(0, 3), (200, 412)]),
                messages: vec!["no <answer> in time".to_owned()],
                timeline: (0..9)
                    .map(|n| Second {
                        requests: 40,
                        acknowledged: 100 * n,
                        failures: n % 2,
                        p50: 1.5,
                        p99: 20.0 + n as f64,
                        max: 80.0,
                    })
                    .collect(),
            },
            verified: Some(Comparison {
                acknowledged: 12_345,
                stored: 12_345,
                ..Comparison::default()
            }),
            floor: None,
        }
    }

    #[test]
    fn the_page_needs_nothing_else_and_runs_nothing() {
        let page = report().html();
        for outside in [
            "<script",
            "http-equiv",
            " src=",
            "@import",
            "url(",
            "<link",
            "<iframe",
        ] {
            assert!(!page.contains(outside), "{outside}");
        }
        // What comes from elsewhere stays text.
        assert!(page.contains("127.0.0.1:8080/&lt;&amp;"));
        assert!(page.contains("no &lt;answer&gt; in time"));
        assert!(page.contains("prefers-color-scheme: dark"));
        assert_eq!(page.matches("<svg").count(), 3);
        assert_eq!(page.matches("<svg").count(), page.matches("</svg>").count());
        assert!(!page.contains("NaN") && !page.contains("inf"));
    }

    #[test]
    fn a_run_in_which_nothing_was_answered_has_a_page_too() {
        let mut report = report();
        report.played.timeline.clear();
        report.played.posts = Times::new().unwrap().latency();
        report.played.caught_up = None;
        let page = report.html();
        assert!(!page.contains("NaN") && !page.contains("inf"), "{page}");
    }

    #[test]
    fn text_and_json_tell_what_was_lost() {
        let mut report = report();
        assert!(report.is_whole());
        report.verified = Some(Comparison {
            lost: 7,
            ..Comparison::default()
        });
        assert!(!report.is_whole());
        assert!(report.text().contains("acknowledged and lost"));
        let json: serde_json::Value = serde_json::from_str(&report.json().unwrap()).unwrap();
        assert_eq!(json["verified"]["lost"], 7);
        assert_eq!(json["played"]["counts"]["acknowledged"], 12_345);
        assert_eq!(json["plan"]["outage"]["ends"], 5.0);
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(number(1_234_567.0), "1,234,567");
        assert_eq!(number(0.3141), "0.314");
        assert_eq!(number(100.0), "100");
    }
}
