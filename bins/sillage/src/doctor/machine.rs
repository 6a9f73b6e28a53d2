//! What can be told without the database.

use crate::files;
use crate::root_key;
use crate::settings::{Settings, reachable};
use sillage_cli::doctor::Findings;
use sillage_pseudonym::RootKey;
use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// Less room than this is little: bytes, and the share of the disk.
const ROOM: u64 = 1 << 30;
const SHARE: u64 = 20;

/// Whether the settings can be used.
pub(super) fn configuration(settings: &Settings, findings: &mut Findings) {
    let usable = settings
        .http(settings.server.bind)
        .and_then(|_| settings.database_url().check());
    match usable {
        Ok(()) => findings.well("configuration", "it can be used"),
        Err(failure) => findings.wrong(
            "configuration",
            failure.told(),
            "mend the setting; docs/configuration.md has all of them",
        ),
    }
    public_url(settings, findings);
}

/// Whether passwords pass in the clear, and whose address is counted.
fn public_url(settings: &Settings, findings: &mut Findings) {
    let check = "public-url";
    let bind = settings.server.bind.ip();
    match settings.server.public_url.as_deref() {
        None if bind.is_loopback() => {
            findings.well(check, "the server is for this machine alone");
        }
        None => findings.wrong(
            check,
            format_args!("others reach {bind}, and [server] public_url does not say under which name"),
            "put a proxy with TLS before it (examples/proxies), bind to 127.0.0.1, and set [server] public_url = \"https://...\"",
        ),
        Some(url) if url.starts_with("https://") => {
            if settings.server.trusted_proxies.is_empty() {
                findings.note(
                    check,
                    "TLS is done by a proxy, and [server] trusted_proxies names none: all requests count as from one address",
                    "name the proxy's address in [server] trusted_proxies",
                );
            } else {
                findings.well(check, url);
            }
        }
        Some(url) if is_local(url) => findings.well(check, url),
        Some(url) => findings.wrong(
            check,
            format_args!("passwords pass in the clear: {url} has no TLS"),
            "put a proxy with TLS before it (examples/proxies), and set [server] public_url = \"https://...\"",
        ),
    }
}

fn is_local(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    ["localhost", "127.", "[::1]"]
        .iter()
        .any(|local| host.starts_with(local))
}

/// Whether a server answers there, or could.
pub(super) fn address(settings: &Settings, findings: &mut Findings) {
    let check = "server";
    let address = settings.server.bind;
    if address.port() == 0 {
        return findings.note(
            check,
            "[server] bind has port 0: each start takes another port",
            "name a port",
        );
    }
    match TcpListener::bind(address) {
        Ok(_) => findings.note(
            check,
            format_args!("no server runs on {address}; the address is free"),
            "`sillage serve` starts one",
        ),
        Err(error) if error.kind() == ErrorKind::AddrInUse => match ready(reachable(address)) {
            Some(200) => findings.well(check, format_args!("it answers on {address}")),
            Some(503) => findings.wrong(
                check,
                format_args!("it runs on {address} and can't take entries: its database is away, or its queue is full"),
                "look at its log, and at the other findings here",
            ),
            _ => findings.wrong(
                check,
                format_args!("{address} is taken by something that is no Sillage, or does not answer"),
                "`ss -ltnp` shows by what; end that, or choose another [server] bind",
            ),
        },
        Err(error) => findings.wrong(
            check,
            format_args!("{address} can't be listened on: {error}"),
            "choose another [server] bind; ports below 1024 need a right that a proxy has",
        ),
    }
}

/// What the server there says of itself.
fn ready(address: SocketAddr) -> Option<u16> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.set_write_timeout(Some(PATIENCE)).ok()?;
    let request = format!(
        "GET /health/ready HTTP/1.1\r\nHost: {address}\r\nUser-Agent: sillage-doctor\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut head = [0; 12];
    stream.read_exact(&mut head).ok()?;
    let head = std::str::from_utf8(&head).ok()?;
    head.strip_prefix("HTTP/1.1 ")?.parse().ok()
}

/// Who may read what lies in the data directory.
pub(super) fn files(settings: &Settings, findings: &mut Findings) {
    let check = "files";
    let folder = &settings.server.data_dir;
    let metadata = match fs::metadata(folder) {
        Ok(metadata) if metadata.is_dir() => metadata,
        Ok(_) => {
            return findings.wrong(
                check,
                format_args!("{} is no folder", folder.display()),
                "name another in [server] data_dir",
            );
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return findings.note(
                check,
                format_args!("{} is not there yet", folder.display()),
                "the first `sillage serve` makes it",
            );
        }
        Err(error) => {
            return findings.wrong(
                check,
                format_args!("{}: {error}", folder.display()),
                "run this as the user that the server runs as",
            );
        }
    };
    let mut well = true;
    if files::is_open_to_others(&metadata) {
        well = false;
        findings.wrong(
            check,
            format_args!("others can look into {}", folder.display()),
            format_args!("`chmod 700 {}`", folder.display()),
        );
    }
    if let Err(error) = tempfile::tempfile_in(folder) {
        well = false;
        findings.wrong(
            check,
            format_args!("nothing can be written to {}: {error}", folder.display()),
            "give it to the user that the server runs as (`chown`), and look whether the disk is full or mounted to be read only",
        );
    }
    let url = settings.database_url();
    let database = url.expose().strip_prefix("sqlite://").map(Path::new);
    let secret = [
        settings.root_key_file(),
        settings.vault_key_file(),
        settings.erasure_ledger(),
        folder.join("audit-checkpoints.json"),
    ];
    for path in secret.iter().map(|path| path.as_path()).chain(database) {
        if fs::metadata(path).is_ok_and(|metadata| files::is_open_to_others(&metadata)) {
            well = false;
            findings.wrong(
                check,
                format_args!("others than its owner can read {}", path.display()),
                format_args!("`chmod 600 {}`", path.display()),
            );
        }
    }
    if well {
        findings.well(check, "only their owner reads them");
    }
}

/// How much room there is.
pub(super) fn disk(settings: &Settings, findings: &mut Findings) {
    let check = "disk";
    let Some((free, all)) = room(&settings.server.data_dir) else {
        return;
    };
    let told = format!(
        "{} MiB of {} MiB are free in {}",
        free >> 20,
        all >> 20,
        settings.server.data_dir.display()
    );
    if free < ROOM || free < all / SHARE {
        findings.wrong(
            check,
            told,
            "make room, or move the data directory: when it is full, entries are answered 503 and wait in the games",
        );
    } else {
        findings.well(check, told);
    }
}

#[cfg(unix)]
fn room(folder: &Path) -> Option<(u64, u64)> {
    let told = rustix::fs::statvfs(folder).ok()?;
    Some((
        told.f_bavail.saturating_mul(told.f_frsize),
        told.f_blocks.saturating_mul(told.f_frsize),
    ))
}

#[cfg(not(unix))]
fn room(_: &Path) -> Option<(u64, u64)> {
    None
}

/// The root key, if there is a good one.
pub(super) fn root_key(settings: &Settings, findings: &mut Findings) -> Option<RootKey> {
    let check = "root-key";
    match root_key::find(settings) {
        Ok(Some(key)) => {
            findings.well(check, format_args!("fingerprint {}", key.fingerprint()));
            Some(key)
        }
        Ok(None) => {
            match crate::site::fingerprint(settings) {
                Ok(Some(theirs)) => findings.wrong(
                    check,
                    format_args!(
                        "{} is not there, and the database belongs to the key with the fingerprint {theirs}",
                        settings.root_key_file().display()
                    ),
                    "bring the key back (`sillage keys import`); without it no pseudonym can be computed again",
                ),
                _ => findings.note(
                    check,
                    "there is none yet",
                    "the first start makes one; copy it to a safe place then",
                ),
            }
            None
        }
        Err(failure) => {
            findings.wrong(
                check,
                failure.told(),
                "mend what is said of it; the server does not start before",
            );
            None
        }
    }
}
