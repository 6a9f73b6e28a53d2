//! `sillage health`: whether a server can take entries, told by the exit code. For checks that have neither `curl` nor a shell.

use crate::arguments::HealthArguments;
use crate::error::CommandError;
use crate::output::Output;
use serde::Serialize;
use std::time::Duration;
use ureq::Agent;

#[derive(Serialize)]
struct Printed<'a> {
    url: &'a str,
    status: u16,
}

/// Asks the server at `base`, which is what stands before `/health`, and says what it answered.
///
/// # Errors
///
/// [`CommandError::Usage`] if `base` is not an `http://` address, and [`CommandError::Unwell`] if the server does not answer in time, or with
/// another status than 200.
pub fn run(
    base: &str,
    wanted: &HealthArguments,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    if !base.starts_with("http://") {
        let text = format!(
            "`{base}` is asked in plain HTTP, on the machine itself: name it as http://127.0.0.1:8080"
        );
        return Err(CommandError::Usage(text));
    }
    let (path, well) = match wanted.live {
        true => ("live", "alive"),
        false => ("ready", "ready"),
    };
    let url = format!("{}/health/{path}", base.trim_end_matches('/'));
    let agent: Agent = Agent::config_builder()
        .http_status_as_error(false)
        .user_agent(concat!("sillage-health/", env!("CARGO_PKG_VERSION")))
        .timeout_global(Some(Duration::from_secs(wanted.timeout)))
        // Another place says nothing about this one.
        .max_redirects(0)
        .max_redirects_will_error(false)
        // What stands between has no say in whether the server is well.
        .proxy(None)
        .build()
        .into();
    let unwell = |what: String| CommandError::Unwell {
        url: url.clone(),
        what,
    };
    let answer = agent
        .get(&url)
        .call()
        .map_err(|error| unwell(error.to_string()))?;
    let status = answer.status().as_u16();
    if status != 200 {
        return Err(unwell(format!("it answered {status}")));
    }
    output.line(well)?;
    output.value(&Printed { url: &url, status })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::thread;

    fn wanted(live: bool) -> HealthArguments {
        HealthArguments {
            url: None,
            live,
            timeout: 1,
        }
    }

    fn ask(base: &str, live: bool) -> Result<String, CommandError> {
        let mut printed = Vec::new();
        run(base, &wanted(live), &mut Output::new(&mut printed, false))?;
        Ok(String::from_utf8(printed).unwrap())
    }

    /// Answers one request with that status; gives back its first line.
    fn answering(status: &'static str) -> (String, thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let served = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = [0; 2048];
            let length = stream.read(&mut asked).unwrap();
            let answer =
                format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).unwrap();
            let asked = String::from_utf8_lossy(&asked[..length]);
            asked.lines().next().unwrap().to_owned()
        });
        (base, served)
    }

    #[test]
    fn a_server_that_answers_200_is_well() {
        let (base, served) = answering("200 OK");
        assert_eq!(ask(&base, false).unwrap(), "ready\n");
        assert_eq!(served.join().unwrap(), "GET /health/ready HTTP/1.1");
        let (base, served) = answering("200 OK");
        // A slash at the end is one too many, and does no harm.
        assert_eq!(ask(&format!("{base}/"), true).unwrap(), "alive\n");
        assert_eq!(served.join().unwrap(), "GET /health/live HTTP/1.1");
    }

    #[test]
    fn any_other_answer_is_a_failure_that_says_which() {
        for status in [
            "503 Service Unavailable",
            "404 Not Found",
            "307 Temporary Redirect",
        ] {
            let (base, served) = answering(status);
            let error = ask(&base, false).unwrap_err();
            assert!(error.to_string().contains(&status[..3]), "{error}");
            assert_eq!(error.exit_code(), 1);
            served.join().unwrap();
        }
    }

    #[test]
    fn a_server_that_is_not_there_or_says_nothing_is_a_failure() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        // It listens, and nobody answers.
        let error = ask(&base, false).unwrap_err();
        assert!(error.to_string().contains("timeout"), "{error}");
        drop(listener);
        assert!(matches!(
            ask(&base, false),
            Err(CommandError::Unwell { .. })
        ));
    }

    #[test]
    fn another_scheme_is_asked_for_wrongly() {
        for base in ["https://logs.example.org", "127.0.0.1:8080"] {
            assert_eq!(ask(base, false).unwrap_err().exit_code(), 2);
        }
    }
}
