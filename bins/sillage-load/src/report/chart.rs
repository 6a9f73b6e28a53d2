//! Charts of lines, as SVG that stands in a page and takes its colours from the page's style.

use super::number;
use std::fmt::Write;

const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 28.0;
const BOTTOM: f64 = 44.0;

/// A line.
pub(super) struct Series {
    name: &'static str,
    points: Vec<(f64, f64)>,
}

impl Series {
    pub(super) fn new(name: &'static str, points: Vec<(f64, f64)>) -> Self {
        Self { name, points }
    }
}

/// What stands below a chart.
pub(super) enum Ticks {
    /// Numbers.
    Numbers,
    /// Shares: 90 %, 99 %, 99.9 %.
    Nines,
}

/// A chart.
pub(super) struct Chart {
    pub(super) title: &'static str,
    pub(super) x: &'static str,
    pub(super) y: &'static str,
    /// Whether each step up is ten times as much.
    pub(super) log: bool,
    pub(super) ticks: Ticks,
    /// What is shaded.
    pub(super) band: Option<(f64, f64)>,
    /// Points that lie further apart are not joined: nothing happened between them.
    pub(super) gap: f64,
    pub(super) series: Vec<Series>,
}

/// From values to places.
struct Scale {
    least: f64,
    greatest: f64,
    log: bool,
    from: f64,
    to: f64,
}

impl Scale {
    fn place(&self, value: f64) -> f64 {
        let on = |value: f64| {
            if self.log {
                value.max(1e-6).log10()
            } else {
                value
            }
        };
        let (least, greatest) = (on(self.least), on(self.greatest));
        self.from + (on(value) - least) / (greatest - least) * (self.to - self.from)
    }

    /// Values to draw lines at.
    fn steps(&self) -> Vec<f64> {
        if self.log {
            let (mut steps, mut step) = (Vec::new(), self.least);
            while step <= self.greatest * 1.001 {
                steps.push(step);
                step *= 10.0;
            }
            return steps;
        }
        let step = round_step((self.greatest - self.least) / 5.0);
        let first = (self.least / step).ceil() as i64;
        (first..)
            .map(|n| n as f64 * step)
            .take_while(|value| *value <= self.greatest * 1.001)
            .collect()
    }
}

/// 1, 2 or 5 and zeros, at least as much.
fn round_step(step: f64) -> f64 {
    let ten = 10_f64.powf(step.max(1e-9).log10().floor());
    let times = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .find(|times| times * ten >= step);
    times.unwrap_or(10.0) * ten
}

impl Chart {
    pub(super) fn svg(&self) -> String {
        let all = || self.series.iter().flat_map(|series| &series.points);
        let most = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0, f64::max);
        let right = most(&mut all().map(|(x, _)| *x)).max(1.0);
        let top = most(&mut all().map(|(_, y)| *y));
        let x = Scale {
            least: 0.0,
            greatest: right,
            log: false,
            from: LEFT,
            to: WIDTH - RIGHT,
        };
        let (least, greatest) = if self.log {
            let least = all().map(|(_, y)| *y).fold(f64::MAX, f64::min).min(top);
            let down = 10_f64.powf(least.max(1e-3).log10().floor());
            let up = 10_f64.powf(top.max(1e-3).log10().ceil());
            (down, up.max(down * 10.0))
        } else {
            let step = round_step(top.max(1.0) / 5.0);
            (0.0, (top.max(1.0) / step).ceil() * step)
        };
        let y = Scale {
            least,
            greatest,
            log: self.log,
            from: HEIGHT - BOTTOM,
            to: TOP,
        };
        let mut svg = format!(
            "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}: {} by {}\">\n",
            self.title, self.y, self.x
        );
        self.frame(&mut svg, &x, &y);
        for (n, series) in self.series.iter().enumerate() {
            let mut line = String::new();
            let mut last = 0.0;
            for (at, value) in &series.points {
                let begins = line.is_empty() || at - last > self.gap;
                let command = if begins { 'M' } else { 'L' };
                last = *at;
                let _ = write!(line, "{command}{:.1} {:.1}", x.place(*at), y.place(*value));
            }
            let class = n + 1;
            if !line.is_empty() {
                let _ = writeln!(svg, "<path class=\"s s{class}\" d=\"{line}\"/>");
            }
            let place = LEFT + 8.0 + 170.0 * n as f64;
            let _ = writeln!(
                svg,
                "<text class=\"s{class}\" x=\"{place}\" y=\"16\">\u{2014} {}</text>",
                series.name
            );
        }
        svg.push_str("</svg>");
        svg
    }

    fn frame(&self, svg: &mut String, x: &Scale, y: &Scale) {
        let (bottom, end) = (HEIGHT - BOTTOM, WIDTH - RIGHT);
        if let Some((from, to)) = self.band {
            let (from, to) = (x.place(from.min(x.greatest)), x.place(to.min(x.greatest)));
            let _ = writeln!(
                svg,
                "<rect class=\"band\" x=\"{from:.1}\" y=\"{TOP}\" width=\"{:.1}\" height=\"{:.1}\"/>",
                to - from,
                bottom - TOP
            );
        }
        for value in y.steps() {
            let place = y.place(value);
            let _ = writeln!(
                svg,
                "<path class=\"grid\" d=\"M{LEFT} {place:.1}H{end}\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                LEFT - 8.0,
                place + 4.0,
                number(value)
            );
        }
        let ticks: Vec<(f64, String)> = match self.ticks {
            Ticks::Numbers => {
                let steps = x.steps();
                steps.into_iter().map(|n| (n, number(n))).collect()
            }
            Ticks::Nines => (0..=x.greatest.floor() as i32)
                .map(|n| {
                    let digits = (n - 2).max(0) as usize;
                    let share = 100.0 * (1.0 - 10_f64.powi(-n));
                    (f64::from(n), format!("{share:.digits$} %"))
                })
                .collect(),
        };
        for (at, name) in ticks {
            let _ = writeln!(
                svg,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{name}</text>",
                x.place(at),
                bottom + 18.0
            );
        }
        let _ = writeln!(
            svg,
            "<text x=\"{end}\" y=\"{:.1}\" text-anchor=\"end\">{}</text><text x=\"{end}\" y=\"16\" text-anchor=\"end\">{}</text>",
            HEIGHT - 8.0,
            self.x,
            self.y
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round_and_few() {
        for (range, expected) in [
            (10.0, 2.0),
            (7.0, 2.0),
            (49.0, 10.0),
            (0.9, 0.2),
            (1200.0, 500.0),
        ] {
            assert!((round_step(range / 5.0) - expected).abs() < 1e-9, "{range}");
        }
    }

    #[test]
    fn a_scale_of_powers_of_ten_has_a_line_at_each() {
        let scale = Scale {
            least: 1.0,
            greatest: 1000.0,
            log: true,
            from: 100.0,
            to: 0.0,
        };
        assert_eq!(scale.steps().len(), 4);
        assert!((scale.place(10.0) - 66.7).abs() < 0.1);
    }
}
