//! A certificate of a day or two, for proxies that tests start.

use std::path::Path;
use std::process::Command;

/// The name that the configurations in `examples/proxies` and the certificate are for.
pub(crate) const HOST: &str = "api.example.org";

/// Makes `certificate.pem`, `key.pem`, and `both.pem`, which has the one after the other.
pub(crate) fn make(folder: &Path) {
    let path = |name: &str| folder.join(name).display().to_string();
    let made = Command::new("openssl")
        .args([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
        ])
        .args(["-subj", &format!("/CN={HOST}")])
        .args(["-addext", &format!("subjectAltName=DNS:{HOST}")])
        .args([
            "-keyout",
            &path("key.pem"),
            "-out",
            &path("certificate.pem"),
        ])
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let both = read("certificate.pem") + &read("key.pem");
    std::fs::write(folder.join("both.pem"), both).unwrap();
}
