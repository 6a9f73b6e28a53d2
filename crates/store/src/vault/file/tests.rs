use super::*;
use std::io::Read;

fn place() -> (tempfile::TempDir, VaultKeyFile) {
    let dir = tempfile::tempdir().unwrap();
    let file = VaultKeyFile::new(dir.path().join("vault.key"));
    (dir, file)
}

fn put(file: &VaultKeyFile, version: i32) -> VaultSecret {
    let secret = VaultSecret::generate().unwrap();
    file.change(&mut |secrets| {
        secrets.insert(VaultVersion(version), secret.clone());
        Ok(())
    })
    .unwrap();
    secret
}

#[test]
fn secrets_are_read_as_they_were_written_and_by_their_owner_only() {
    let (_dir, file) = place();
    assert!(file.secrets().unwrap().is_empty());
    let (one, two) = (put(&file, 1), put(&file, 2));
    let expected = VaultSecrets::from([(VaultVersion(1), one), (VaultVersion(2), two)]);
    assert!(file.secrets().unwrap() == expected);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(file.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::set_permissions(file.path(), fs::Permissions::from_mode(0o640)).unwrap();
        let told = file.read().unwrap_err().to_string();
        assert!(told.contains("chmod 600"), "{told}");
    }
}

#[test]
fn a_secret_that_is_taken_away_is_overwritten() {
    let (dir, file) = place();
    let secret = put(&file, 1);
    // Whoever still has the old file open has nothing of it.
    let mut old = File::open(file.path()).unwrap();
    file.change(&mut |secrets| {
        secrets.clear();
        Ok(())
    })
    .unwrap();
    put(&file, 2);
    let mut bytes = Vec::new();
    old.read_to_end(&mut bytes).unwrap();
    assert!(!bytes.is_empty() && bytes.iter().all(|byte| *byte == 0));
    for entry in fs::read_dir(dir.path()).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(!text.contains(secret.to_text().as_str()));
    }
}

#[test]
fn what_is_no_such_file_is_refused_with_its_line_and_none_of_its_text() {
    let (_dir, file) = place();
    let weak = "ab".repeat(32);
    for (text, told) in [
        ("# a comment\n\none 0123\n".to_owned(), "line 3: a number"),
        ("0123456789abcdef\n".to_owned(), "line 1: a number"),
        (format!("0 {weak}"), "line 1: a number"),
        (format!("1 {weak}"), "line 1"),
    ] {
        private(file.path()).unwrap();
        fs::write(file.path(), &text).unwrap();
        let error = file.read().unwrap_err().to_string();
        assert!(error.contains(told) && !error.contains("abab"), "{error}");
    }
}

#[test]
fn those_who_change_it_at_once_do_not_lose_a_secret() {
    let (_dir, file) = place();
    std::thread::scope(|scope| {
        for version in 1..=8 {
            let file = &file;
            scope.spawn(move || put(file, version));
        }
    });
    assert_eq!(file.secrets().unwrap().len(), 8);
}
