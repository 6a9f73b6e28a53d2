//! The description of the API (OpenAPI 3.1), made from the controllers.

mod requests;
pub(crate) mod shapes;

use crate::codes::Code;
use crate::controllers::{
    alerts, amendments, audit, clients, codebook, consents, disputes, documentation, exports,
    grants, health, identities, live, log_deletion, logs, me, members, notice, oauth, own_consents,
    own_disputes, own_export, own_identity, own_logs, own_processing, own_removal, participants,
    processing, quality, quarantine, reidentifications, requests as rights_requests, studies,
    study_deletion, token, users,
};
use crate::routes::OAUTH_METADATA;
use crate::settings::HttpSettings;
use crate::views::error::{ErrorEntry, Errors, OauthErrors};
use sillage_auth::ScopeWord;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{HttpMethod, Operation, Parameter, PathItem};
use utoipa::openapi::schema::{Object, Type};
use utoipa::openapi::security::{
    ClientCredentials, Flow, HttpAuthScheme, HttpBuilder, OAuth2, Password, Scopes, SecurityScheme,
};
use utoipa::openapi::{
    ContentBuilder, OpenApi as Document, Ref, RefOr, ResponseBuilder, ServerBuilder,
};
use utoipa::{IntoParams, OpenApi};

/// The study that a path names.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "it describes")]
pub(crate) struct StudyPath {
    /// Slug of the study.
    #[param(value_type = shapes::Slug)]
    study: String,
}

/// The entry that a path names.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "it describes")]
pub(crate) struct LogPath {
    /// The number that the server gave it.
    number: i64,
}

/// Whether entries are shown as they were sent.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes")]
pub(crate) struct Raw {
    /// `true` shows what was sent, and not what it was amended to. Default false.
    raw: Option<bool>,
}

/// Whether what goes is only counted.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes")]
pub(crate) struct DryRun {
    /// `true` counts what would go, and does nothing. Default false.
    dry_run: Option<bool>,
}

/// Why something is deleted.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes")]
pub(crate) struct Because {
    /// Required here or in the body, but for a dry run. It stays with the tombstone: it should name nobody.
    #[param(value_type = Option<shapes::Reason>)]
    reason: Option<String>,
}

/// The log-in that a path names.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "it describes")]
pub(crate) struct GrantPath {
    /// As the list of log-ins gives it.
    #[param(example = "7a1f0c52-3a55-4e0e-9d0c-2f4f1e7b6c11")]
    id: String,
}

/// Which page of a list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes")]
pub(crate) struct Pages {
    /// From 1.
    #[param(minimum = 1, default = 1)]
    page: Option<u64>,
    /// At most 1000.
    #[param(minimum = 1, maximum = 1000, default = 10)]
    page_size: Option<u32>,
}

/// In which order, and from where on.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes")]
pub(crate) struct LogSort {
    /// `received` (the default) or `timestamp`, with `-` before it for descending.
    #[param(value_type = Option<shapes::LogSort>, example = "-timestamp")]
    sort: Option<String>,
    /// Only entries with a greater number, in order of numbers: the cursor of a harvest.
    #[param(value_type = Option<shapes::Number>)]
    after: Option<i64>,
}

/// Which entries.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes")]
pub(crate) struct ExportFilters {
    /// Pseudonym.
    #[param(value_type = Option<shapes::Pseudonym>)]
    participant: Option<String>,
    /// What the game calls the play session.
    #[param(value_type = Option<shapes::Name>)]
    session: Option<String>,
    /// What happened.
    #[param(value_type = Option<shapes::Name>)]
    action: Option<String>,
    /// That happened at this time or later.
    #[param(value_type = Option<shapes::Instant>)]
    from: Option<String>,
    /// That happened before this time.
    #[param(value_type = Option<shapes::Instant>)]
    to: Option<String>,
    /// That arrived at this time or later.
    #[param(value_type = Option<shapes::Instant>)]
    received_from: Option<String>,
    /// That arrived before this time.
    #[param(value_type = Option<shapes::Instant>)]
    received_to: Option<String>,
    /// `accepted` (the default), or `deleted`: tombstones.
    #[param(value_type = Option<shapes::EntryStatus>)]
    status: Option<String>,
}

/// Which entries, of which study.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes")]
pub(crate) struct LogFilters {
    /// Slug of the study; without it, all that you may read.
    #[param(value_type = Option<shapes::Slug>)]
    study: Option<String>,
    /// Pseudonym.
    #[param(value_type = Option<shapes::Pseudonym>)]
    participant: Option<String>,
    /// What the game calls the play session.
    #[param(value_type = Option<shapes::Name>)]
    session: Option<String>,
    /// What happened.
    #[param(value_type = Option<shapes::Name>)]
    action: Option<String>,
    /// That happened at this time or later.
    #[param(value_type = Option<shapes::Instant>)]
    from: Option<String>,
    /// That happened before this time.
    #[param(value_type = Option<shapes::Instant>)]
    to: Option<String>,
    /// That arrived at this time or later.
    #[param(value_type = Option<shapes::Instant>)]
    received_from: Option<String>,
    /// That arrived before this time.
    #[param(value_type = Option<shapes::Instant>)]
    received_to: Option<String>,
    /// `accepted` (the default), or `deleted`: tombstones.
    #[param(value_type = Option<shapes::EntryStatus>)]
    status: Option<String>,
}

/// Which of one's own entries.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes")]
pub(crate) struct OwnLogFilters {
    /// Slug of the study: that of a participant, unless it is said.
    #[param(value_type = Option<shapes::Slug>)]
    study: Option<String>,
    /// What the game calls the play session.
    #[param(value_type = Option<shapes::Name>)]
    session: Option<String>,
    /// What happened.
    #[param(value_type = Option<shapes::Name>)]
    action: Option<String>,
    /// That happened at this time or later.
    #[param(value_type = Option<shapes::Instant>)]
    from: Option<String>,
    /// That happened before this time.
    #[param(value_type = Option<shapes::Instant>)]
    to: Option<String>,
    /// That arrived at this time or later.
    #[param(value_type = Option<shapes::Instant>)]
    received_from: Option<String>,
    /// That arrived before this time.
    #[param(value_type = Option<shapes::Instant>)]
    received_to: Option<String>,
    /// `accepted` (the default), or `deleted`: tombstones.
    #[param(value_type = Option<shapes::EntryStatus>)]
    status: Option<String>,
}

/// Which texts of the quarantine.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes")]
pub(crate) struct QuarantineFilters {
    /// A word: only texts with such a reason among theirs, as `reasons` of a text lists them.
    #[param(value_type = Option<shapes::Word>)]
    reason: Option<String>,
    /// Pseudonym.
    #[param(value_type = Option<shapes::Pseudonym>)]
    participant: Option<String>,
    /// What happened, as far as that can be read.
    #[param(value_type = Option<shapes::Name>)]
    action: Option<String>,
    /// That arrived at this time or later.
    #[param(value_type = Option<shapes::Instant>)]
    from: Option<String>,
    /// That arrived before this time.
    #[param(value_type = Option<shapes::Instant>)]
    to: Option<String>,
}

/// Who opens the file.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes")]
pub(crate) struct Profile {
    /// `analysis` (the default) leaves every value as it is; `spreadsheet` guards texts that a spreadsheet would run.
    #[param(value_type = Option<shapes::ExportProfile>)]
    profile: Option<String>,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Sillage",
        description = "Collects and archives the interaction traces of research and serious games: action X, by player P, at time T.\n\nErrors have one form, `{\"errors\":[{\"code\",\"message\",\"pointer\"|\"parameter\"}]}`, in English or French by `Accept-Language`. Requests to `/v1` need a `User-Agent`.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(
        logs::create, logs::list, logs::read,
        amendments::change, amendments::history, log_deletion::delete, log_deletion::delete_session,
        studies::create, studies::list, studies::read, studies::change, studies::stats, study_deletion::delete,
        members::create, members::list, members::read, members::change, members::delete,
        users::create, users::list, users::read, users::change, users::delete,
        participants::create, participants::list, participants::read, participants::change, participants::delete,
        identities::read, identities::change, identities::delete, live::read,
        notice::read, notice::put, notice::versions, consents::list, consents::record, consents::history,
        processing::read, processing::change,
        rights_requests::list, rights_requests::create, rights_requests::read, rights_requests::change,
        disputes::list, disputes::read, disputes::change,
        codebook::read, codebook::put, codebook::versions, codebook::differences,
        quarantine::list, quarantine::read, quarantine::reasons, quarantine::replay, quarantine::discard,
        exports::study, exports::cleaning, exports::codebook, exports::table_schema, exports::tsadk, quality::read,
        token::create, token::for_basic,
        clients::create, clients::list, clients::read, clients::change, clients::delete, clients::renew_secret,
        oauth::revoke, oauth::introspect, oauth::metadata,
        me::read, me::change, own_removal::delete, own_logs::list, own_export::export, own_consents::list, own_consents::create, own_identity::read, own_identity::change,
        own_disputes::read, own_disputes::put, own_disputes::delete, own_processing::read, own_processing::change,
        grants::list, grants::read, grants::end, grants::end_all, grants::end_tokens,
        alerts::of_study, alerts::of_server,
        audit::list, reidentifications::create, reidentifications::list, reidentifications::read, reidentifications::decide, reidentifications::answer,
        health::live, health::ready, documentation::openapi,
    ),
    components(schemas(Errors, ErrorEntry, OauthErrors,
        shapes::Slug, shapes::Username, shapes::Password, shapes::Name, shapes::Instant, shapes::Pseudonym, shapes::Number,
        shapes::AlertChoice, shapes::AlertKind, shapes::AuditAction, shapes::AuditReference, shapes::Opinion, shapes::ChangedEmail, shapes::ChangedGameUrl, shapes::ChangedLine, shapes::IdentityField, shapes::ClientType, shapes::ContentEncoding, shapes::Country, shapes::DataFormat, shapes::DecidedBy, shapes::Decision, shapes::Duration, shapes::Email, shapes::ExportPurpose, shapes::LegalRegime, shapes::NoticeText, shapes::Purpose, shapes::RecordedBy, shapes::RetentionStart, shapes::EntryStatus, shapes::Cleaning, shapes::ExportFormat, shapes::ExportProfile, shapes::ExportShape, shapes::ExportTable, shapes::ExportView, shapes::GameUrl, shapes::Language, shapes::OwnFormat, shapes::GrantType, shapes::Label, shapes::Line, shapes::LogSort, shapes::Removal, shapes::Scope, shapes::StudyRole, shapes::StudyStatus, shapes::UserRole, shapes::Validation, shapes::Period, shapes::Word, shapes::Reason, shapes::Ids, shapes::OwnTable, shapes::Remark, shapes::FileReference, shapes::Day, shapes::RequestKind, shapes::RequestOutcome, shapes::RequestState)),
    security(("token" = []), ("password" = [])),
    tags(
        (name = "log in", description = "Tokens"),
        (name = "logs", description = "What players did"),
        (name = "studies", description = "Research projects, each around one game"),
        (name = "members", description = "Who runs a study"),
        (name = "users", description = "Accounts of people who run studies"),
        (name = "participants", description = "Accounts of players"),
        (name = "clients", description = "Applications that may ask for tokens"),
        (name = "codebook", description = "What a study chose to trace"),
        (name = "consent", description = "What those who take part are told, and what they allow"),
        (name = "quarantine", description = "What arrived and does not fit"),
        (name = "exports", description = "A study as a file"),
        (name = "re-identification", description = "Whose a pseudonym is: asked by one person, allowed by another"),
        (name = "alerts", description = "What is wrong now, as far as the server sees it"),
        (name = "audit", description = "Who did what"),
        (name = "me", description = "One's own account"),
        (name = "health", description = "For those who run the server"),
    )
)]
struct Description;

/// The description of the API as these settings mount it.
#[must_use]
pub fn document(settings: &HttpSettings) -> Document {
    let mut document = Description::openapi();
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    document.info.description = document
        .info
        .description
        .map(|text| format!("{text}\n\n{}", codes()));
    document.servers = Some(vec![ServerBuilder::new().url(&settings.public_url).build()]);
    let paths = std::mem::take(&mut document.paths.paths);
    for (path, mut item) in paths {
        complete(&path, &mut item);
        let under_base = path.starts_with("/v1/") || path.starts_with("/oauth2/");
        let base = if under_base {
            settings.base_path.as_str()
        } else {
            ""
        };
        let path = if path == OAUTH_METADATA {
            format!("{path}{}", settings.base_path)
        } else {
            format!("{base}{path}")
        };
        document.paths.paths.insert(path, item);
    }
    requests::close(&mut document);
    let components = document.components.get_or_insert_default();
    let token = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .build();
    components.add_security_scheme("token", SecurityScheme::Http(token));
    let password = HttpBuilder::new().scheme(HttpAuthScheme::Basic).build();
    components.add_security_scheme("password", SecurityScheme::Http(password.clone()));
    components.add_security_scheme("client", SecurityScheme::Http(password));
    components.add_security_scheme("oauth2", SecurityScheme::OAuth2(flows(settings)));
    document
}

/// The ways to a token of the scheme `token`, with every word of a scope.
fn flows(settings: &HttpSettings) -> OAuth2 {
    let url = format!(
        "{}{}/oauth2/access_token",
        settings.public_url, settings.base_path
    );
    let scopes = || {
        let words = ScopeWord::ALL.iter();
        Scopes::from_iter(words.map(|word| (word.as_str(), word.summary())))
    };
    OAuth2::new([
        Flow::Password(Password::with_refresh_url(
            url.clone(),
            scopes(),
            url.clone(),
        )),
        Flow::ClientCredentials(ClientCredentials::new(url, scopes())),
    ])
}

/// The codes of errors, as a table.
fn codes() -> String {
    let rows = Code::ALL
        .iter()
        .map(|code| format!("| {} | {} |\n", code.number(), code.meaning()));
    std::iter::once("| code | meaning |\n|---|---|\n".to_owned())
        .chain(rows)
        .collect()
}

/// Adds what holds for every operation of a path: PUT beside PATCH, and the errors that each may answer.
fn complete(path: &str, item: &mut PathItem) {
    if let Some(patch) = &item.patch {
        let mut put = patch.clone();
        put.operation_id = put.operation_id.map(|id| id.replace("change", "put"));
        item.put = Some(put);
    }
    let operations = [
        (HttpMethod::Get, &mut item.get),
        (HttpMethod::Post, &mut item.post),
        (HttpMethod::Patch, &mut item.patch),
        (HttpMethod::Put, &mut item.put),
        (HttpMethod::Delete, &mut item.delete),
    ];
    for (method, operation) in operations {
        if let Some(operation) = operation {
            let own_thing = path.contains('{');
            add_errors(path, &method, own_thing, operation);
        }
    }
}

fn add_errors(path: &str, method: &HttpMethod, names_a_thing: bool, operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter {
            requests::without_null(parameter);
        }
    }
    let mut add = |status: &str, description: &str| {
        let content = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name("Errors")))
            .build();
        let response = ResponseBuilder::new()
            .description(description)
            .content("application/json", content)
            .build();
        operation
            .responses
            .responses
            .entry(status.to_owned())
            .or_insert(RefOr::T(response));
    };
    add(
        "406",
        "The format asked for is not offered, or the format sent is not taken",
    );
    add("500", "Something failed inside the server");
    add(
        "503",
        "5031 or 5032: send it again after `Retry-After` seconds",
    );
    if matches!(
        method,
        HttpMethod::Post | HttpMethod::Patch | HttpMethod::Put
    ) {
        add(
            "408",
            "The body did not arrive whole in time; the connection is closed",
        );
        add("413", "4131: the body is too large");
        add("415", "The `Content-Encoding` is not understood");
        add("422", "4222: a value is not valid");
    }
    if !path.starts_with("/v1/") {
        return;
    }
    add(
        "400",
        "The request cannot be understood; 4006 without a `User-Agent`",
    );
    add(
        "401",
        "401, 4011, 4012 or 4013: no credentials, or bad ones",
    );
    add("403", "Your role may not do this");
    if names_a_thing || path.contains("/export/") || path == "/v1/logs" {
        add("404", "There is no such thing, or it is not yours to see");
    }
    let is_page = |one: &RefOr<Parameter>| matches!(one, RefOr::T(one) if one.name == "page");
    let list = operation.parameters.iter().flatten().any(is_page);
    if list {
        add("404", "4002: there is no such page");
    }
    if matches!(method, HttpMethod::Get) && !path.ends_with("/token") {
        add_not_modified(operation);
        add_headers(list, operation);
    }
}

fn add_headers(list: bool, operation: &mut Operation) {
    let Some(RefOr::T(read)) = operation.responses.responses.get_mut("200") else {
        return;
    };
    let mut add = |name: &str, description: &str| {
        let text = Object::with_type(Type::String);
        let header = HeaderBuilder::new()
            .schema(Some(text))
            .description(Some(description))
            .build();
        read.headers.insert(name.to_owned(), RefOr::T(header));
    };
    add(
        "ETag",
        "For `If-None-Match`, and for `If-Match` where the thing can be changed",
    );
    if list {
        add("X-Total-Count", "How many the whole list has");
        add(
            "Link",
            "`first`, `prev`, `next` and `last` page: those that exist (RFC 8288)",
        );
    }
}

fn add_not_modified(operation: &mut Operation) {
    let response = ResponseBuilder::new()
        .description("You have it already (`If-None-Match`)")
        .build();
    operation
        .responses
        .responses
        .entry("304".to_owned())
        .or_insert(RefOr::T(response));
}

#[cfg(test)]
mod tests;
