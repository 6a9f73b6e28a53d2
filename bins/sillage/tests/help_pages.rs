//! What `--help` says, of every command that there is.

use crate::support::{Engine, Home};
use clap::CommandFactory;
use sillage_cli::Arguments;

#[test]
fn every_command_has_a_page_of_help_that_names_all_that_it_takes() {
    let home = Home::new(Engine::Sqlite);
    let mut command = Arguments::command();
    command.build();
    let mut pages = 0;
    ask_for_help(&home, &command, &[], &mut pages);
    assert!(pages > 40, "{pages}");
    // Nothing was opened or made for it.
    assert!(!home.data().exists());
}

fn ask_for_help(home: &Home, command: &clap::Command, path: &[&str], pages: &mut usize) {
    let page = home.done(&[path, &["--help"]].concat());
    *pages += 1;
    let usage = [&["Usage: sillage"], path].concat().join(" ");
    assert!(page.contains(&usage), "{path:?}: {page}");
    for argument in command
        .get_arguments()
        .filter(|argument| !argument.is_hide_set())
    {
        let named = match (argument.get_long(), argument.get_value_names()) {
            (Some(long), _) => format!("--{long}"),
            (None, Some([name, ..])) => name.to_string(),
            _ => continue,
        };
        assert!(page.contains(&named), "{path:?} says nothing of {named}");
        let told = argument
            .get_help()
            .is_some_and(|help| !help.to_string().is_empty());
        assert!(told, "{path:?}: {named} is not explained");
    }
    for below in command
        .get_subcommands()
        .filter(|below| below.get_name() != "help")
    {
        assert!(
            page.contains(below.get_name()),
            "{path:?} names no {}",
            below.get_name()
        );
        ask_for_help(home, below, &[path, &[below.get_name()]].concat(), pages);
    }
}
