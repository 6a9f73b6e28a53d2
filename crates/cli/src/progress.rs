//! How far long work is, on the standard error, if that is a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar of that many steps.
pub(crate) fn bar(what: &'static str, steps: u64) -> ProgressBar {
    shown(
        what,
        Some(steps),
        "{msg} {wide_bar} {human_pos}/{human_len} {eta}",
    )
}

/// Bytes that are counted.
pub(crate) fn bytes(what: &'static str) -> ProgressBar {
    shown(what, None, "{bytes} {msg} {spinner}")
}

fn shown(what: &'static str, steps: Option<u64>, template: &str) -> ProgressBar {
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    // This target shows nothing where the standard error is no terminal.
    ProgressBar::with_draw_target(steps, ProgressDrawTarget::stderr())
        .with_style(style)
        .with_message(what)
}
