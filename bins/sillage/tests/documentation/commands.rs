//! Commands in the pages: run by something, or marked with the reason why not; and all such that shell and program take them.

use clap::{CommandFactory as _, error::ErrorKind};
use sillage_cli::Arguments;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{pages, root};

/// A block of commands, and what stands before it.
struct Block {
    page: String,
    line: usize,
    before: String,
    text: String,
}

fn blocks() -> Vec<Block> {
    let mut found = Vec::new();
    pages(&root(), &mut found);
    found.sort();
    found.iter().flat_map(|page| blocks_of(page)).collect()
}

fn blocks_of(page: &Path) -> Vec<Block> {
    let text = fs::read_to_string(page).unwrap();
    let name = page.strip_prefix(root()).unwrap().display().to_string();
    let (mut blocks, mut before, mut open) = (Vec::new(), String::new(), None::<Block>);
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        match &mut open {
            Some(_) if line == "```" => blocks.extend(open.take()),
            Some(block) => block.text.extend([line, "\n"]),
            None if line == "```sh" => {
                open = Some(Block {
                    page: name.clone(),
                    line: number + 1,
                    before: std::mem::take(&mut before),
                    text: String::new(),
                });
            }
            None if line.is_empty() => {}
            None => before = line.to_owned(),
        }
    }
    blocks
}

#[test]
fn every_block_of_commands_is_run_or_says_why_not() {
    let suite = fs::read_to_string(root().join("scripts/test")).unwrap();
    let (_, walked) = suite.split_once("for page in README.md").unwrap();
    let (walked, _) = walked.split_once("; do").unwrap();
    let mut marked = 0;
    for block in blocks() {
        let Block { page, line, .. } = &block;
        if page == "README.md" || walked.split_whitespace().any(|one| one == page) {
            continue;
        }
        let mark = block
            .before
            .strip_prefix("<!-- ")
            .and_then(|rest| rest.strip_suffix(" -->"));
        let (what, rest) = mark
            .and_then(|mark| mark.split_once(": "))
            .unwrap_or_default();
        match what {
            "run by" => {
                let by = rest.split(',').next().unwrap();
                assert!(root().join(by).exists(), "{page}:{line}: there is no {by}");
            }
            "not run" => assert!(rest.len() > 20, "{page}:{line}: why not?"),
            _ => panic!(
                "{page}:{line}: nothing runs these commands; before them, say `<!-- run by: FILE -->` or `<!-- not run: REASON -->`"
            ),
        }
        marked += 1;
    }
    assert!(marked > 10, "{marked}");
}

#[test]
fn a_shell_can_read_every_block_of_commands() {
    let blocks = blocks();
    assert!(blocks.len() > 50);
    for block in blocks {
        let mut shell = Command::new("bash")
            .arg("-n")
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = shell.stdin.take().unwrap();
        input.write_all(block.text.as_bytes()).unwrap();
        drop(input);
        let done = shell.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(
            done.status.success(),
            "{}:{}: {said}",
            block.page,
            block.line
        );
    }
}

/// The words of a simple command, up to where the shell does something with it.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for letter in command.chars() {
        match (quote, letter) {
            (Some(mark), letter) if letter == mark => quote = None,
            (Some(_), letter) => word.get_or_insert_default().push(letter),
            (None, '\'' | '"') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, '>' | '<' | '|' | '&' | ';' | '#') => break,
            (None, ' ') => words.extend(word.take()),
            (None, letter) => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}

/// What the program says to such words, where it does not take them.
fn refusal(command: &str) -> Option<String> {
    let parsed = Arguments::command().try_get_matches_from(words(command));
    match parsed {
        Ok(_) => None,
        Err(error) => match error.kind() {
            // Named, and not as something to type.
            ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::MissingSubcommand
            | ErrorKind::MissingRequiredArgument
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => None,
            // In the place of a value, a word that says what it is: FILE.
            ErrorKind::InvalidValue | ErrorKind::ValueValidation
                if words(command)
                    .iter()
                    .any(|word| word.bytes().all(|b| b.is_ascii_uppercase())) =>
            {
                None
            }
            // An option that is named without its value.
            _ if error.to_string().contains("a value is required") => None,
            _ => Some(error.to_string()),
        },
    }
}

#[test]
fn the_program_takes_every_command_of_its_own_in_the_blocks() {
    let mut tried = 0;
    for block in blocks() {
        let whole = block.text.replace("\\\n", " ");
        for line in whole.lines().filter(|line| line.starts_with("sillage ")) {
            let refused = refusal(line);
            assert!(refused.is_none(), "{}: {line}\n{refused:?}", block.page);
            tried += 1;
        }
    }
    assert!(tried > 15, "{tried}");
}

#[test]
fn the_program_knows_every_command_that_a_page_names_in_passing() {
    let mut found = Vec::new();
    pages(&root(), &mut found);
    let mut tried = 0;
    for page in found {
        let text = fs::read_to_string(&page).unwrap();
        for span in text.split('`').filter(|span| span.starts_with("sillage ")) {
            // Several in one, or one that is cut short, is no command.
            let span = span.replace('\n', " ");
            if span.contains(['|', '[', '*']) || span.contains("...") {
                continue;
            }
            let refused = refusal(&span);
            assert!(refused.is_none(), "{}: {span}\n{refused:?}", page.display());
            tried += 1;
        }
    }
    assert!(tried > 30, "{tried}");
}

/// A person at three in the morning looks for the words that the program said.
#[test]
fn what_the_page_on_incidents_quotes_is_said_by_the_program() {
    let mut said = String::new();
    for folder in ["bins/sillage/src", "crates"] {
        sources(&root().join(folder), &mut said);
    }
    // Where a text goes on in the next line of the source, it has a backslash there.
    let said = said.replace("\\\n", " ");
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let page = fs::read_to_string(root().join("docs/incidents.md")).unwrap();
    let (_, part) = page.split_once("## It does not start").unwrap();
    let (part, _) = part.split_once("\n## ").unwrap();
    let quoted = part.lines().filter_map(|line| line.strip_prefix("| *"));
    let quoted: Vec<_> = quoted.filter_map(|rest| rest.split('*').next()).collect();
    assert!(quoted.len() >= 4, "{quoted:?}");
    for words in quoted {
        assert!(said.contains(words), "the program never says: {words}");
    }
}

fn sources(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, text);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            text.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}
