//! The disk is full, and has space again.

use crate::load::{Load, wait_until};
use crate::stage::{Ended, Stage};
use crate::support::class::{ADMIN_PASSWORD, Class};
use crate::support::mariadb::Mariadb;
use crate::support::{Engine, Server};
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::Command;

/// A small file system in memory.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// `None` where this user may not mount.
    fn mount(mebibytes: u32) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={mebibytes}m"), "tmpfs"])
            .arg(dir.path())
            .output()
            .is_ok_and(|output| output.status.success());
        mounted.then_some(Self(dir))
    }

    /// Writes until nothing more can be written.
    fn fill(&self) {
        let mut ballast = File::create(self.0.path().join("ballast")).unwrap();
        for size in [1 << 20, 4096, 1] {
            while ballast.write_all(&vec![0; size]).is_ok() {}
        }
    }

    fn clear(&self) {
        std::fs::remove_file(self.0.path().join("ballast")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount")
            .arg("--lazy")
            .arg(self.0.path())
            .status();
    }
}

pub(crate) fn play(stage: &Stage) -> Ended {
    let (disk, database) = match stage.engine {
        Engine::Sqlite => (SmallDisk::mount(48), None),
        Engine::Mariadb => {
            let disk = SmallDisk::mount(320);
            let path: Option<&Path> = disk.as_ref().map(|disk| disk.0.path());
            let Some(database) = path.and_then(|path| Mariadb::start_in(path, true)) else {
                return Ended::Skipped(
                    "no file system may be mounted here, or no database server is known",
                );
            };
            (disk, Some(database))
        }
    };
    let Some(disk) = disk else {
        return Ended::Skipped("this user may not mount a file system");
    };
    let admin = ("SILLAGE__AUTH__ADMIN_PASSWORD", ADMIN_PASSWORD);
    let server = match &database {
        None => Server::in_directory(&disk.0.path().join("data"), stage.engine, &[admin]),
        Some(database) => Server::on_database(&database.url(), &[admin]),
    };
    let class = Class::new(server.address(), "full", 4);
    let load = Load::with_filler(&class, 4000);
    let rounds = stage.times(5, 1);
    for _ in 0..rounds {
        load.wait_for_more(40);
        let before = load.answered(503);
        disk.fill();
        wait_until("it says that nothing can be written", || {
            load.answered(503) >= before + 8
        });
        disk.clear();
        load.wait_for_more(40);
    }
    let seen = load.seen();
    assert_eq!(seen.unadvised, 0, "a 503 without Retry-After");
    assert_eq!(seen.unanswered, 0, "a request got no answer");
    load.finish(&class, |seen| {
        format!("full {rounds} times, {} answers 503", seen.answers[&503])
    })
}
