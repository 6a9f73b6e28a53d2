//! What `--help` says.

use clap::{CommandFactory, Parser};
use sillage_cli::Arguments;

/// The help of that command and of all below it.
fn help(command: &mut clap::Command, text: &mut String) {
    text.push_str(&format!("{}\n\n", command.render_long_help()));
    for below in command.get_subcommands_mut() {
        if below.get_name() != "help" {
            help(below, text);
        }
    }
}

#[test]
fn the_help_pages_look_so() {
    let mut command = Arguments::command().term_width(100);
    command.build();
    let mut text = String::new();
    help(&mut command, &mut text);
    insta::assert_snapshot!(text.replace(env!("CARGO_PKG_VERSION"), "VERSION"));
}

#[test]
fn the_arguments_are_sound() {
    Arguments::command().debug_assert();
}

#[test]
fn what_can_not_be_is_a_slip_of_the_pen() {
    for line in [
        "study create Castle --title x",
        "study create castle --game-url game.example.org",
        "study open",
        "participants generate castle --count 0",
        "participants generate castle --count 1001",
        "export castle --format xml",
        "export castle --from 2024-05-18T00:00:00",
        "serve --bind nowhere",
        "stduy open castle",
    ] {
        let words = std::iter::once("sillage").chain(line.split(' '));
        assert_eq!(
            Arguments::try_parse_from(words).unwrap_err().exit_code(),
            2,
            "{line}"
        );
    }
}
