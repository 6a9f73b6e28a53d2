//! The real binary, driven from outside: a file a theme, one test program for all.
#![expect(clippy::unwrap_used, reason = "a test that can't go on ends here")]

mod access;
mod archives;
mod audit;
mod backups;
mod bad_days;
mod bad_input;
mod behind_a_proxy;
mod client;
mod codebooks;
mod command_line;
mod commands_of_pages;
mod configuration;
mod consents;
mod corrections;
mod demonstration;
mod doctor;
mod erasures;
#[cfg(target_os = "linux")]
mod failing_flush;
mod first_log;
mod first_start;
mod health;
mod help_pages;
mod keys;
mod limits;
mod live;
mod logs_of_proxies;
mod monitoring;
mod own_data;
mod papers;
mod people_commands;
mod pseudonymise;
mod quality;
mod replays;
mod retention;
mod revocation;
mod rights;
mod secrets;
mod signing_keys;
mod support;
mod tsadk;
mod upgrade;
mod vault;
mod ways_around;
