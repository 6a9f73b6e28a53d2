//! A bag: BagIt 1.0 (RFC 8493), as a folder or in a ZIP file.

use super::failed;
use crate::CommandError;
use crate::progress::bytes;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// The declaration (section 2.1.1).
const DECLARATION: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/// A bag that is filled in a folder beside its name.
pub(super) struct Bag {
    to: PathBuf,
    folder: PathBuf,
    payload: PathBuf,
}

/// What a bag came to.
pub(super) struct Bagged {
    pub(super) files: usize,
    pub(super) bytes: u64,
}

impl Bag {
    /// Makes the folder. Refuses a name that is taken.
    pub(super) fn begin(to: &Path) -> Result<Self, CommandError> {
        if to.exists() {
            return Err(CommandError::Usage(format!(
                "{}: there is something of that name already",
                to.display()
            )));
        }
        let mut folder = to.as_os_str().to_owned();
        folder.push(format!(".{}.part", std::process::id()));
        let folder = PathBuf::from(folder);
        let payload = folder.join("data");
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder).map_err(failed(&folder))?;
        let bag = Self {
            to: to.to_owned(),
            folder,
            payload,
        };
        fs::create_dir(&bag.payload).map_err(failed(&bag.payload))?;
        Ok(bag)
    }

    /// Where what it carries goes.
    pub(super) fn payload(&self) -> &Path {
        &self.payload
    }

    /// Writes the manifests over what was written, and gives the bag its name.
    pub(super) fn finish(self, info: &[(&str, String)]) -> Result<Bagged, CommandError> {
        let files = listed(&self.payload, "data").map_err(failed(&self.payload))?;
        let total: u64 = files.iter().map(|file| file.bytes).sum();
        let mut text = String::new();
        let oxum = format!("{total}.{}", files.len());
        for (label, value) in info.iter().chain([&("Payload-Oxum", oxum)]) {
            // A value is one line; a line that begins with a space would go on the one before.
            let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
            if !value.is_empty() {
                text.push_str(&format!("{label}: {value}\n"));
            }
        }
        let mut tags = vec![
            ("bag-info.txt", text),
            ("bagit.txt", DECLARATION.to_owned()),
            ("manifest-sha256.txt", manifest(&files)),
        ];
        let of_tags: Vec<_> = tags
            .iter()
            .map(|(name, text)| Listed {
                name: (*name).to_owned(),
                bytes: text.len() as u64,
                hash: hex(&Sha256::digest(text.as_bytes())),
            })
            .collect();
        tags.push(("tagmanifest-sha256.txt", manifest(&of_tags)));
        for (name, text) in &tags {
            let path = self.folder.join(name);
            File::create(&path)
                .and_then(|mut file| {
                    file.write_all(text.as_bytes())?;
                    file.sync_all()
                })
                .map_err(failed(&path))?;
        }
        let is_zip = self.to.extension().is_some_and(|end| end == "zip");
        match is_zip {
            true => self.zip(),
            false => fs::rename(&self.folder, &self.to),
        }
        .map_err(failed(&self.to))?;
        Ok(Bagged {
            files: files.len(),
            bytes: total,
        })
    }

    /// As a ZIP file with one folder in it, which has the name of the file.
    fn zip(&self) -> io::Result<()> {
        let mut part = self.to.as_os_str().to_owned();
        part.push(format!(".{}.zip.part", std::process::id()));
        let part = PathBuf::from(part);
        let name = self.to.file_stem().unwrap_or_default().to_string_lossy();
        let packed = pack(&part, &self.folder, &name).and_then(|()| fs::rename(&part, &self.to));
        if packed.is_err() {
            // The failure that led here is the one to tell.
            let _ = fs::remove_file(&part);
        }
        packed
    }
}

impl Drop for Bag {
    fn drop(&mut self) {
        // Once it has its name there is nothing under this one, but for a ZIP file's.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn pack(part: &Path, folder: &Path, name: &str) -> io::Result<()> {
    let mut zip = ZipWriter::new(File::create_new(part)?);
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .large_file(true)
        .unix_permissions(0o600);
    let progress = bytes("packed");
    for file in listed(folder, name)? {
        zip.start_file(&file.name, options)?;
        let inside = file.name.strip_prefix(name).unwrap_or(&file.name);
        let from = File::open(folder.join(inside.trim_start_matches('/')))?;
        io::copy(&mut progress.wrap_read(from), &mut zip)?;
    }
    progress.finish_and_clear();
    zip.finish()?.sync_all()
}

/// A file of a bag.
struct Listed {
    /// With slashes, from the bag.
    name: String,
    bytes: u64,
    hash: String,
}

/// Every file below a folder, as it is on the disk, in order of names.
fn listed(folder: &Path, name: &str) -> io::Result<Vec<Listed>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{name}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            found.extend(listed(&entry.path(), &name)?);
        } else {
            let (hash, bytes) = hashed(&entry.path())?;
            found.push(Listed { name, bytes, hash });
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

fn hashed(path: &Path) -> io::Result<(String, u64)> {
    let mut file = BufReader::with_capacity(1 << 16, File::open(path)?);
    let (mut hash, mut bytes) = (Sha256::new(), 0);
    let mut part = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut part)?;
        if read == 0 {
            file.into_inner().sync_all()?;
            return Ok((hex(&hash.finalize()), bytes));
        }
        hash.update(&part[..read]);
        bytes += read as u64;
    }
}

/// A manifest (section 2.1.3); in names, what would end a line is written with a percent sign.
fn manifest(files: &[Listed]) -> String {
    let line = |file: &Listed| {
        let name = file
            .name
            .replace('%', "%25")
            .replace('\n', "%0A")
            .replace('\r', "%0D");
        format!("{}  {name}\n", file.hash)
    };
    files.iter().map(line).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
