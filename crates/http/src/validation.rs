//! Checks of single values, for [`validator::Validate`]. A failed check carries its message in English, and in French as its code.

use crate::error::Problem;
use crate::language::Language;
use crate::messages;
use sillage_auth::{PasswordError, Passwords, Scope, Secret};
use sillage_domain::{
    ClientType, Day, DecidedBy, Decision, FileReference, GrantType, IdentityField, LegalRegime,
    MAX_ACCOUNTS, MAX_GAME_URL, MAX_IDENTITY, NameError, Purpose, Reason, Remark, Removal,
    RequestKind, RequestOutcome, RetentionStart, Role, Slug, StudyRole, StudyStatus, Username,
    Validation, is_email, is_game_url, is_line, is_notice, language_tag,
};
use validator::ValidationError;

fn failed(problem: &Problem) -> ValidationError {
    let mut error = ValidationError::new("");
    error.code = problem.text.in_language(Language::French).to_owned().into();
    error.message = Some(
        problem
            .text
            .in_language(Language::English)
            .to_owned()
            .into(),
    );
    error
}

/// What somebody who runs studies may be on the server.
pub(crate) fn user_role(text: &str) -> Result<(), ValidationError> {
    word(&[Role::Admin.as_str(), Role::Researcher.as_str()], text)
}

pub(crate) fn study_role(text: &str) -> Result<(), ValidationError> {
    let words: Vec<_> = StudyRole::ALL.iter().map(|role| role.as_str()).collect();
    word(&words, text)
}

/// A check of a whole request that failed for one of its members.
pub(crate) fn failed_at(member: &'static str, problem: &Problem) -> ValidationError {
    let mut error = failed(problem);
    error.add_param("member".into(), &member);
    error
}

fn name<T: std::str::FromStr<Err = NameError>>(text: &str) -> Result<(), ValidationError> {
    text.parse::<T>()
        .map(drop)
        .map_err(|error| failed(&messages::name(&error)))
}

fn word(words: &[&str], text: &str) -> Result<(), ValidationError> {
    if words.contains(&text) {
        Ok(())
    } else {
        Err(failed(&messages::words(words)))
    }
}

pub(crate) fn slug(text: &str) -> Result<(), ValidationError> {
    name::<Slug>(text)
}

pub(crate) fn reason(text: &str) -> Result<(), ValidationError> {
    name::<Reason>(text)
}

pub(crate) fn remark(text: &str) -> Result<(), ValidationError> {
    name::<Remark>(text)
}

pub(crate) fn file_reference(text: &str) -> Result<(), ValidationError> {
    name::<FileReference>(text)
}

/// A day of the calendar.
pub(crate) fn day(text: &str) -> Result<(), ValidationError> {
    let day = text.parse::<Day>();
    day.map(drop).map_err(|_| failed(&messages::day()))
}

pub(crate) fn request_kind(text: &str) -> Result<(), ValidationError> {
    let words: Vec<_> = RequestKind::ALL.iter().map(|one| one.as_str()).collect();
    word(&words, text)
}

pub(crate) fn request_outcome(text: &str) -> Result<(), ValidationError> {
    let words: Vec<_> = RequestOutcome::ALL.iter().map(|one| one.as_str()).collect();
    word(&words, text)
}

pub(crate) fn username(text: &str) -> Result<(), ValidationError> {
    name::<Username>(text)
}

/// A line of text that is printed.
pub(crate) fn line(text: &str) -> Result<(), ValidationError> {
    const MAX: usize = MAX_IDENTITY;
    if !is_line(text) {
        return Err(failed(&messages::invalid(
            format!("it must be one line of 1 to {MAX} characters"),
            format!("ce doit être une ligne de 1 à {MAX} caractères"),
        )));
    }
    Ok(())
}

/// Where a game is played.
pub(crate) fn game_url(text: &str) -> Result<(), ValidationError> {
    if is_game_url(text) {
        return Ok(());
    }
    Err(failed(&messages::invalid(
        format!(
            "it must be a web address, https://game.example.org/, of at most {MAX_GAME_URL} characters"
        ),
        format!(
            "ce doit être une adresse web, https://game.example.org/, de {MAX_GAME_URL} caractères au plus"
        ),
    )))
}

/// The same, or nothing, which takes it away.
pub(crate) fn changed_game_url(text: &str) -> Result<(), ValidationError> {
    if text.is_empty() {
        Ok(())
    } else {
        game_url(text)
    }
}

pub(crate) fn status(text: &str) -> Result<(), ValidationError> {
    let words: Vec<_> = StudyStatus::ALL
        .iter()
        .map(|status| status.as_str())
        .collect();
    word(&words, text)
}

pub(crate) fn study_validation(text: &str) -> Result<(), ValidationError> {
    let words: Vec<_> = Validation::ALL
        .iter()
        .map(|validation| validation.as_str())
        .collect();
    word(&words, text)
}

/// A check of a whole request, since the member is called as no field can be.
pub(crate) fn client_type(text: Option<&str>) -> Result<(), ValidationError> {
    let words: Vec<_> = ClientType::ALL.iter().map(|kind| kind.as_str()).collect();
    match text {
        None => Err(failed_at("type", &messages::missing())),
        Some(text) if words.contains(&text) => Ok(()),
        Some(_) => Err(failed_at("type", &messages::words(&words))),
    }
}

/// One line.
pub(crate) fn label(text: &str) -> Result<(), ValidationError> {
    without(text, char::is_control)
}

/// Several lines.
pub(crate) fn lines(text: &str) -> Result<(), ValidationError> {
    without(text, |c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

fn without(text: &str, is_refused: impl Fn(char) -> bool) -> Result<(), ValidationError> {
    match text.chars().find(|c| is_refused(*c)) {
        None => Ok(()),
        Some(c) => Err(failed(&messages::name(&NameError::Character(c)))),
    }
}

/// At least one, and each a way to a token that there is.
pub(crate) fn grants(texts: &[String]) -> Result<(), ValidationError> {
    let words: Vec<_> = GrantType::ALL.iter().map(|grant| grant.as_str()).collect();
    if texts.is_empty() {
        return Err(failed(&messages::words(&words)));
    }
    texts.iter().try_for_each(|text| word(&words, text))
}

pub(crate) fn scope(text: &str) -> Result<(), ValidationError> {
    text.parse::<Scope>().map(drop).map_err(|error| {
        failed(&messages::invalid(
            error.to_string(),
            "ce n'est pas un scope",
        ))
    })
}

/// A check of a whole request, since a failed check of a member keeps its value.
pub(crate) fn password(password: Option<&Secret>) -> Result<(), ValidationError> {
    password
        .map_or(Ok(()), Passwords::check)
        .map_err(unfit("password"))
}

/// The same for the member `pwd`, under rules that know of no shortest one.
pub(crate) fn pwd(password: Option<&Secret>) -> Result<(), ValidationError> {
    match password.map_or(Ok(()), Passwords::check) {
        Err(PasswordError::TooShort) => Ok(()),
        other => other.map_err(unfit("pwd")),
    }
}

fn unfit(member: &'static str) -> impl Fn(PasswordError) -> ValidationError {
    move |error| {
        let french = match error {
            PasswordError::Empty => "le mot de passe est vide",
            PasswordError::TooShort => "le mot de passe est trop court",
            PasswordError::TooLong => "le mot de passe est trop long",
            _ => "le mot de passe ne convient pas",
        };
        failed_at(member, &messages::invalid(error.to_string(), french))
    }
}

/// Two capital letters.
pub(crate) fn country(text: &str) -> Result<(), ValidationError> {
    if text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        Ok(())
    } else {
        Err(failed(&messages::country()))
    }
}

/// Something, an at sign, and something: who gets what is sent there, only sending tells.
pub(crate) fn email(text: &str) -> Result<(), ValidationError> {
    if is_email(text) {
        Ok(())
    } else {
        Err(failed(&messages::email()))
    }
}

/// A reference that is said, or taken away.
pub(crate) fn changed_line(text: &str) -> Result<(), ValidationError> {
    if text.is_empty() { Ok(()) } else { line(text) }
}

/// The same for an address.
pub(crate) fn changed_email(text: &str) -> Result<(), ValidationError> {
    if text.is_empty() { Ok(()) } else { email(text) }
}

/// What a study keeps of its participants.
pub(crate) fn identity_fields(texts: &[String]) -> Result<(), ValidationError> {
    words_of(IdentityField::ALL.iter().map(|one| one.as_str()), texts)
}

pub(crate) fn language(text: &str) -> Result<(), ValidationError> {
    match language_tag(text) {
        Some(_) => Ok(()),
        None => Err(failed(&messages::language())),
    }
}

pub(crate) fn notice_text(text: &str) -> Result<(), ValidationError> {
    match is_notice(text) {
        true => Ok(()),
        false => Err(failed(&messages::notice_text())),
    }
}

/// A check of a whole request, since a number that is left out is none.
pub(crate) fn notice_number(number: Option<i64>) -> Result<(), ValidationError> {
    match number {
        Some(number) if number < 1 => Err(failed_at("notice", &messages::no_such_notice())),
        _ => Ok(()),
    }
}

fn words_of<'a>(
    all: impl Iterator<Item = &'static str>,
    texts: impl IntoIterator<Item = &'a String>,
) -> Result<(), ValidationError> {
    let words: Vec<_> = all.collect();
    texts.into_iter().try_for_each(|text| word(&words, text))
}

pub(crate) fn opinion(text: &str) -> Result<(), ValidationError> {
    word(&["approved", "refused"], text)
}

pub(crate) fn decision(text: &str) -> Result<(), ValidationError> {
    let words: Vec<_> = Decision::ALL.iter().map(|one| one.as_str()).collect();
    word(&words, text)
}

/// At least one, and each a purpose.
pub(crate) fn purposes(texts: &[String]) -> Result<(), ValidationError> {
    let words: Vec<_> = Purpose::ALL.iter().map(|one| one.as_str()).collect();
    if texts.is_empty() {
        return Err(failed(&messages::words(&words)));
    }
    words_of(words.into_iter(), texts)
}

/// What a study asks for: nothing, or the collection and perhaps more.
pub(crate) fn asked_purposes(texts: &[String]) -> Result<(), ValidationError> {
    if texts.is_empty() {
        return Ok(());
    }
    purposes(texts)?;
    if texts
        .iter()
        .any(|text| text == Purpose::Collection.as_str())
    {
        Ok(())
    } else {
        Err(failed(&messages::collection_comes_first()))
    }
}

pub(crate) fn legal_regimes(texts: &[String]) -> Result<(), ValidationError> {
    words_of(LegalRegime::ALL.iter().map(|one| one.as_str()), texts)
}

pub(crate) fn retention_start(text: &str) -> Result<(), ValidationError> {
    let words: Vec<_> = RetentionStart::ALL.iter().map(|one| one.as_str()).collect();
    word(&words, text)
}

pub(crate) fn removal(text: &str) -> Result<(), ValidationError> {
    let words: Vec<_> = Removal::ALL.iter().map(|one| one.as_str()).collect();
    word(&words, text)
}

/// By whom one's own decision was made.
pub(crate) fn decided_by(text: &str) -> Result<(), ValidationError> {
    let words = [
        DecidedBy::Participant.as_str(),
        DecidedBy::Guardian.as_str(),
    ];
    word(&words, text)
}

/// By whom a decision was made that somebody else writes down.
pub(crate) fn recorded_by(text: &str) -> Result<(), ValidationError> {
    word(
        &[DecidedBy::Paper.as_str(), DecidedBy::Guardian.as_str()],
        text,
    )
}

/// Names of so many as are enrolled at once.
pub(crate) fn some_participants(texts: &[String]) -> Result<(), ValidationError> {
    if (1..=MAX_ACCOUNTS).contains(&texts.len()) {
        Ok(())
    } else {
        Err(failed(&messages::how_many_participants(MAX_ACCOUNTS)))
    }
}
