//! The disk that holds the server's data.

use sillage_domain::{Disk, DiskSpace};
use std::path::{Path, PathBuf};

/// The disk of a folder.
#[derive(Debug)]
pub(crate) struct DataDisk(PathBuf);

impl DataDisk {
    pub(crate) fn of(folder: &Path) -> Self {
        Self(folder.to_owned())
    }
}

impl Disk for DataDisk {
    #[cfg(unix)]
    fn space(&self) -> Option<DiskSpace> {
        let disk = rustix::fs::statvfs(&self.0).ok()?;
        Some(DiskSpace {
            // Without what is left over for the system's administrator.
            free: disk.f_bavail.saturating_mul(disk.f_frsize),
            size: disk.f_blocks.saturating_mul(disk.f_frsize),
        })
    }

    #[cfg(not(unix))]
    fn space(&self) -> Option<DiskSpace> {
        None
    }
}

/// What this machine is called.
pub(crate) fn host_name() -> String {
    #[cfg(unix)]
    let name = rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned();
    #[cfg(not(unix))]
    let name = std::env::var("COMPUTERNAME").unwrap_or_default();
    if name.is_empty() {
        "server".to_owned()
    } else {
        name
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_disk_of_a_folder_has_a_size_and_some_room() {
        let space = DataDisk::of(Path::new(".")).space().unwrap();
        assert!(space.size > 0 && space.free <= space.size);
        assert!(
            DataDisk::of(Path::new("/there/is/no/such/folder"))
                .space()
                .is_none()
        );
    }
}
