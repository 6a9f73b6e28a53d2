//! A report as a page that needs nothing else: no script, no style, no font from elsewhere.

use super::chart::{Chart, Series, Ticks};
use super::{Report, number};
use crate::latency::Latency;
use std::fmt::Write;

/// No chart has more points than this in a line: they would lie beside each other in less than a pixel.
const MOST_POINTS: usize = 400;

const STYLE: &str = "\
:root { color-scheme: light dark; --back: #fff; --text: #1d2733; --weak: #5a6775; --line: #d9dfe6; --one: #0b62a8; --two: #b3430c; --three: #6d6d6d; --band: #f2dfae }
@media (prefers-color-scheme: dark) { :root { --back: #14191f; --text: #e6ebf0; --weak: #9aa7b4; --line: #323c47; --one: #6cb6f5; --two: #f29a68; --three: #a3a3a3; --band: #4a3d16 } }
body { background: var(--back); color: var(--text); font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1.5rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2rem }
p.about, figcaption, th { color: var(--weak) }
table { border-collapse: collapse; margin: 1rem 0 } td, th { border-bottom: 1px solid var(--line); padding: .3rem .8rem .3rem 0; text-align: left; font-weight: normal }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
figure { margin: 1rem 0; overflow-x: auto } svg { display: block; width: 100%; min-width: 30rem; height: auto }
svg text { fill: var(--weak); font: 12px system-ui, sans-serif } .grid { stroke: var(--line) } .band { fill: var(--band) }
.s { fill: none; stroke-width: 2; stroke-linejoin: round } .s1 { stroke: var(--one) } .s2 { stroke: var(--two) } .s3 { stroke: var(--three); stroke-dasharray: 4 3 }
text.s1 { fill: var(--one); stroke: none } text.s2 { fill: var(--two); stroke: none } text.s3 { fill: var(--three); stroke: none }
.bad { color: var(--two); font-weight: bold } pre { white-space: pre-wrap; overflow-wrap: anywhere }
";

pub(super) fn of(report: &Report) -> String {
    let mut page = String::new();
    let what = escaped(&report.what());
    // Writing to memory does not fail.
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>sillage-load: {what}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{what}</h1>\n\
         <p class=\"about\">Study <b>{}</b> on {}, {}, {:.1} seconds, sillage-load {}</p>\n",
        escaped(&report.study),
        escaped(&report.server),
        escaped(&report.at),
        report.played.seconds,
        escaped(report.version),
    );
    if let Some(verified) = &report.verified {
        let _ = if verified.is_whole() {
            writeln!(
                page,
                "<p>Each of the {} entries that were acknowledged is stored once.</p>",
                number(verified.acknowledged as f64)
            )
        } else {
            writeln!(
                page,
                "<p class=\"bad\">Of {} entries that were acknowledged {} are lost; {} are stored too often.</p>",
                number(verified.acknowledged as f64),
                number(verified.lost as f64),
                number(verified.doubled as f64)
            )
        };
    }
    page.push_str("<table>\n");
    for (what, value) in report.facts() {
        let _ = writeln!(
            page,
            "<tr><td>{what}</td><td class=\"n\">{}</td></tr>",
            escaped(&value)
        );
    }
    page.push_str("</table>\n");
    latencies(&mut page, report);
    charts(&mut page, report);
    answers(&mut page, report);
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

fn latencies(page: &mut String, report: &Report) {
    let played = &report.played;
    page.push_str(
        "<h2>Latency, in milliseconds</h2>\n<p class=\"about\">From the moment at which something was due, so that waiting behind a slow answer counts. \
         In the closed loop nothing is due before it is sent; through the client, the time in which it gathers a batch counts too.</p>\n<table>\n<tr><th></th><th class=\"n\">number</th><th class=\"n\">half</th>\
         <th class=\"n\">90 %</th><th class=\"n\">99 %</th><th class=\"n\">99.9 %</th><th class=\"n\">longest</th></tr>\n",
    );
    let rows = [
        (
            "log-ins",
            Some(&played.log_ins).filter(|log_ins| log_ins.count > 0),
        ),
        ("entries", Some(&played.posts)),
        (
            "entries around the drop of the Wi-Fi",
            played.caught_up.as_ref(),
        ),
    ];
    for (what, latency) in rows {
        let Some(latency) = latency else { continue };
        let _ = write!(page, "<tr><td>{what}</td>");
        for value in [
            latency.count as f64,
            latency.p50,
            latency.p90,
            latency.p99,
            latency.p999,
            latency.max,
        ] {
            let _ = write!(page, "<td class=\"n\">{}</td>", number(value));
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</table>\n");
}

fn charts(page: &mut String, report: &Report) {
    let timeline = &report.played.timeline;
    let together = timeline.len().div_ceil(MOST_POINTS).max(1);
    // Several seconds become one point: rates as their mean, times as the longest.
    let points = |value: &dyn Fn(&crate::play::Second) -> f64, mean: bool| -> Vec<(f64, f64)> {
        timeline
            .chunks(together)
            .enumerate()
            .map(|(n, seconds)| {
                let values = seconds.iter().map(value);
                let all = if mean {
                    values.sum::<f64>() / seconds.len() as f64
                } else {
                    values.fold(0.0, f64::max)
                };
                ((n * together) as f64 + 0.5, all)
            })
            .collect()
    };
    let positive = |mut points: Vec<(f64, f64)>| {
        points.retain(|(_, value)| *value > 0.0);
        points
    };
    let band = report
        .plan
        .outage
        .map(|outage| (outage.begins.as_secs_f64(), outage.ends.as_secs_f64()));
    let over_time = |title, y, log, series| Chart {
        title,
        x: "seconds",
        y,
        log,
        ticks: Ticks::Numbers,
        band,
        gap: 1.5 * together as f64,
        series,
    };
    let rates = over_time(
        "Entries acknowledged",
        "a second",
        false,
        vec![
            Series::new("acknowledged", points(&|s| s.acknowledged as f64, true)),
            Series::new("requests that failed", points(&|s| s.failures as f64, true)),
        ],
    );
    let times = over_time(
        "Latency in each second",
        "milliseconds",
        true,
        vec![
            Series::new("half", positive(points(&|s| s.p50, false))),
            Series::new("99 %", positive(points(&|s| s.p99, false))),
            Series::new("longest", positive(points(&|s| s.max, false))),
        ],
    );
    let shares = Chart {
        title: "Latency by share of the entries",
        x: "share that was answered within this time",
        y: "milliseconds",
        log: true,
        ticks: Ticks::Nines,
        band: None,
        gap: f64::INFINITY,
        series: [
            ("entries", Some(&report.played.posts)),
            ("around the drop", report.played.caught_up.as_ref()),
        ]
        .into_iter()
        .filter_map(|(name, latency)| Some(Series::new(name, nines(latency?))))
        .collect(),
    };
    for chart in [rates, times, shares] {
        let _ = writeln!(page, "<h2>{}</h2>\n<figure>\n{}", chart.title, chart.svg());
        if chart.band.is_some() {
            page.push_str("<figcaption>Shaded: the Wi-Fi is gone.</figcaption>\n");
        }
        page.push_str("</figure>\n");
    }
}

/// Shares by how many nines they have: 0.9 is 1, 0.99 is 2. The longest stands where one more would.
fn nines(latency: &Latency) -> Vec<(f64, f64)> {
    latency
        .curve
        .iter()
        .map(|(share, time)| {
            let beyond = (1.0 - share).max(1.0 / (latency.count.max(1) as f64 + 1.0));
            (-beyond.log10(), *time)
        })
        .collect()
}

fn answers(page: &mut String, report: &Report) {
    page.push_str(
        "<h2>Answers</h2>\n<table>\n<tr><th>status</th><th class=\"n\">number</th></tr>\n",
    );
    for (status, count) in &report.played.statuses {
        let status = match status {
            0 => "no answer".to_owned(),
            status => status.to_string(),
        };
        let _ = writeln!(
            page,
            "<tr><td>{status}</td><td class=\"n\">{}</td></tr>",
            number(*count as f64)
        );
    }
    page.push_str("</table>\n");
    if !report.played.messages.is_empty() {
        page.push_str("<p>What went wrong, once each:</p>\n<pre>");
        for message in &report.played.messages {
            page.push_str(&escaped(message));
            page.push('\n');
        }
        page.push_str("</pre>\n");
    }
}

/// A text as HTML has it.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
