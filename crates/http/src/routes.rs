//! Every path of the API, its methods and formats, in one table; and how the table is mounted.

use crate::api::Api;
#[cfg(feature = "player-page")]
use crate::controllers::own_page;
use crate::controllers::{
    alerts, amendments, audit, clients, codebook, consents, disputes, documentation, exports,
    grants, health, identities, live, log_deletion, logs, me, members, metrics, notice, oauth,
    own_consents, own_disputes, own_export, own_identity, own_logs, own_processing, own_removal,
    participants, processing, quality, quarantine, reidentifications, requests, studies,
    study_deletion, token, users,
};
use crate::error::ApiError;
use crate::extractors::Depth;
use crate::messages;
use crate::metrics::RouteMeter;
use crate::middleware::{Keeping, Offer, Place, answer, preflight};
use crate::views::notice::FORMATS as NOTICES;
use crate::views::participant::FORMATS as HANDED_OUT;
use actix_web::dev::{HttpServiceFactory, ServiceRequest};
use actix_web::http::Method;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::middleware::{Next, from_fn};
use actix_web::{FromRequest, Handler, HttpRequest, HttpResponse, Responder, Route, guard, web};
use std::rc::Rc;

const V1: &str = "/v1";
/// Where the description of OAuth 2 is, before the base path.
pub(crate) const OAUTH_METADATA: &str = "/.well-known/oauth-authorization-server";
const JSON: &[&str] = &["application/json"];
/// Who takes JSON and nothing else gets a line of it for each row.
const EXPORTS: &[&str] = &["text/csv", "application/x-ndjson", "application/json"];
const CSV: &[&str] = &["text/csv"];
#[cfg(feature = "docs")]
const PAGE: &[&str] = &[
    "text/html",
    "text/css",
    "text/javascript",
    "application/javascript",
    "image/png",
    "application/json",
];

/// A path with its methods.
pub(crate) struct Endpoint {
    /// Below whatever the API is mounted under.
    pub(crate) path: &'static str,
    /// What follows the path, where that is not known before the settings are.
    suffix: String,
    /// As `Allow` lists them.
    pub(crate) methods: Vec<Method>,
    formats: &'static [&'static str],
    /// What is answered to POST, if it is more than that.
    post_formats: &'static [&'static str],
    routes: Vec<Route>,
}

impl Endpoint {
    fn at(path: &'static str, formats: &'static [&'static str]) -> Self {
        Self {
            path,
            suffix: String::new(),
            methods: Vec::new(),
            formats,
            post_formats: formats,
            routes: Vec::new(),
        }
    }

    /// Under a path that goes on so.
    fn followed_by(mut self, suffix: &str) -> Self {
        self.suffix = suffix.to_owned();
        self
    }

    /// With these formats as the answer to POST.
    fn answering_post_with(mut self, formats: &'static [&'static str]) -> Self {
        self.post_formats = formats;
        self
    }

    /// GET, and HEAD, which is GET without the body.
    fn get<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(&[Method::GET, Method::HEAD], handler)
    }

    fn post<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(&[Method::POST], handler)
    }

    /// PATCH, and PUT with the same body.
    fn patch<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(&[Method::PATCH, Method::PUT], handler)
    }

    /// PUT, of a thing that is put whole.
    fn put<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(&[Method::PUT], handler)
    }

    fn delete<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(&[Method::DELETE], handler)
    }

    fn on<F, Args>(mut self, methods: &[Method], handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        for method in methods {
            let own = method.clone();
            // Not `guard::Method`, which writes down for each request what it looked for, for an answer 405 that is not ours.
            let is_own = guard::fn_guard(move |context| context.head().method == own);
            self.routes
                .push(web::route().guard(is_own).to(handler.clone()));
        }
        self.methods.extend_from_slice(methods);
        self
    }

    /// The resource under that base path, with all that happens around it.
    fn into_resource(self, api: &web::Data<Api>, base: &str) -> impl HttpServiceFactory + use<> {
        let mut allow: Vec<_> = self.methods.iter().map(Method::as_str).collect();
        allow.push("OPTIONS");
        let allow = allow.join(", ");
        let offer = Offer {
            path: self.path,
            keeping: Keeping::at(self.path),
            post_formats: self.post_formats,
            formats: self.formats,
        };
        let place = Rc::new(Place {
            api: api.clone(),
            gated: self.path.starts_with(V1),
            offer: Some(offer),
            meter: RouteMeter::new(self.path),
        });
        let mut service = web::resource(format!("{base}{}{}", self.path, self.suffix))
            .app_data(api.clone())
            .app_data(Depth(self.path.matches('/').count()));
        for route in self.routes {
            service = service.route(route);
        }
        service
            .default_service(web::to(move |request: HttpRequest| {
                let answer = other_method(&request, &allow);
                async move { answer }
            }))
            .wrap(from_fn(move |request: ServiceRequest, next: Next<_>| {
                answer(Rc::clone(&place), request, next)
            }))
    }
}

/// A method that the path does not know; OPTIONS asks which ones it knows.
fn other_method(request: &HttpRequest, allow: &str) -> Result<HttpResponse, ApiError> {
    if request.method() == Method::OPTIONS {
        return Ok(preflight(allow));
    }
    let error = ApiError::from(messages::method_not_allowed(allow));
    let value = HeaderValue::from_str(allow).map_err(ApiError::internal)?;
    Err(error.header(ALLOW, value))
}

/// What stands below `/v1`, and asks for a User-Agent.
pub(crate) fn v1() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/v1/logs", JSON)
            .get(logs::list)
            .post(logs::create)
            .delete(log_deletion::delete_session),
        Endpoint::at("/v1/logs/{number}", JSON)
            .get(logs::read)
            .patch(amendments::change)
            .delete(log_deletion::delete),
        Endpoint::at("/v1/logs/{number}/history", JSON).get(amendments::history),
        Endpoint::at("/v1/studies", JSON)
            .get(studies::list)
            .post(studies::create),
        Endpoint::at("/v1/studies/{study}", JSON)
            .get(studies::read)
            .patch(studies::change)
            .delete(study_deletion::delete),
        Endpoint::at("/v1/studies/{study}/stats", JSON).get(studies::stats),
        Endpoint::at("/v1/studies/{study}/alerts", JSON).get(alerts::of_study),
        Endpoint::at("/v1/studies/{study}/live", live::FORMATS).get(live::read),
        Endpoint::at("/v1/studies/{study}/participants", JSON)
            .answering_post_with(HANDED_OUT)
            .get(participants::list)
            .post(participants::create),
        Endpoint::at("/v1/studies/{study}/participants/{username}", JSON)
            .get(participants::read)
            .patch(participants::change)
            .delete(participants::delete),
        Endpoint::at("/v1/studies/{study}/participants/{username}/consents", JSON)
            .get(consents::history),
        Endpoint::at("/v1/studies/{study}/participants/{username}/identity", JSON)
            .get(identities::read)
            .patch(identities::change)
            .delete(identities::delete),
        Endpoint::at(
            "/v1/studies/{study}/participants/{username}/processing",
            JSON,
        )
        .get(processing::read)
        .patch(processing::change),
        Endpoint::at("/v1/studies/{study}/disputes", JSON).get(disputes::list),
        Endpoint::at("/v1/studies/{study}/disputes/{number}", JSON)
            .get(disputes::read)
            .patch(disputes::change),
        Endpoint::at("/v1/studies/{study}/requests", JSON)
            .get(requests::list)
            .post(requests::create),
        Endpoint::at("/v1/studies/{study}/requests/{id}", JSON)
            .get(requests::read)
            .patch(requests::change),
        Endpoint::at("/v1/studies/{study}/consents", JSON)
            .get(consents::list)
            .post(consents::record),
        Endpoint::at("/v1/studies/{study}/notice", NOTICES)
            .get(notice::read)
            .put(notice::put),
        Endpoint::at("/v1/studies/{study}/notice/versions", JSON).get(notice::versions),
        Endpoint::at("/v1/studies/{study}/members", JSON)
            .get(members::list)
            .post(members::create),
        Endpoint::at("/v1/studies/{study}/members/{username}", JSON)
            .get(members::read)
            .patch(members::change)
            .delete(members::delete),
        Endpoint::at("/v1/studies/{study}/codebook", codebook::FORMATS)
            .get(codebook::read)
            .put(codebook::put),
        Endpoint::at("/v1/studies/{study}/codebook/versions", JSON).get(codebook::versions),
        Endpoint::at("/v1/studies/{study}/codebook/differences", JSON).get(codebook::differences),
        Endpoint::at("/v1/studies/{study}/quarantine", JSON).get(quarantine::list),
        Endpoint::at("/v1/studies/{study}/quarantine/reasons", JSON).get(quarantine::reasons),
        Endpoint::at("/v1/studies/{study}/quarantine/replay", JSON).post(quarantine::replay),
        Endpoint::at("/v1/studies/{study}/quarantine/{id}", JSON)
            .get(quarantine::read)
            .delete(quarantine::discard),
        Endpoint::at("/v1/studies/{study}/quality", JSON).get(quality::read),
        Endpoint::at("/v1/studies/{study}/export", EXPORTS).get(exports::study),
        Endpoint::at("/v1/studies/{study}/export/cleaning.csv", CSV).get(exports::cleaning),
        Endpoint::at("/v1/studies/{study}/export/codebook.csv", CSV).get(exports::codebook),
        Endpoint::at("/v1/studies/{study}/export/tableschema.json", JSON)
            .get(exports::table_schema),
        Endpoint::at("/v1/studies/{study}/reidentifications", JSON)
            .get(reidentifications::list)
            .post(reidentifications::create),
        Endpoint::at("/v1/studies/{study}/reidentifications/{id}", JSON)
            .get(reidentifications::read),
        Endpoint::at("/v1/studies/{study}/reidentifications/{id}/approval", JSON)
            .post(reidentifications::decide),
        Endpoint::at("/v1/studies/{study}/reidentifications/{id}/answer", JSON)
            .post(reidentifications::answer),
        Endpoint::at("/v1/alerts", JSON).get(alerts::of_server),
        Endpoint::at("/v1/audit", JSON).get(audit::list),
        Endpoint::at("/v1/utils/export/logs", CSV).get(exports::tsadk),
        Endpoint::at("/v1/utils/token", JSON).get(token::for_basic),
        Endpoint::at("/v1/clients", JSON)
            .get(clients::list)
            .post(clients::create),
        Endpoint::at("/v1/clients/{client_id}", JSON)
            .get(clients::read)
            .patch(clients::change)
            .delete(clients::delete),
        Endpoint::at("/v1/clients/{client_id}/secret", JSON).post(clients::renew_secret),
        Endpoint::at("/v1/users", JSON)
            .get(users::list)
            .post(users::create),
        Endpoint::at("/v1/users/{id}", JSON)
            .get(users::read)
            .patch(users::change)
            .delete(users::delete),
        Endpoint::at("/v1/me", JSON)
            .get(me::read)
            .patch(me::change)
            .delete(own_removal::delete),
        Endpoint::at("/v1/me/export", own_export::FORMATS).get(own_export::export),
        Endpoint::at("/v1/me/logs", JSON).get(own_logs::list),
        Endpoint::at("/v1/me/logs/{number}/dispute", JSON)
            .get(own_disputes::read)
            .put(own_disputes::put)
            .delete(own_disputes::delete),
        Endpoint::at("/v1/me/processing", JSON)
            .get(own_processing::read)
            .patch(own_processing::change),
        Endpoint::at("/v1/me/consents", JSON)
            .get(own_consents::list)
            .post(own_consents::create),
        Endpoint::at("/v1/me/identity", JSON)
            .get(own_identity::read)
            .patch(own_identity::change),
        Endpoint::at("/v1/me/grants", JSON)
            .get(grants::list)
            .delete(grants::end_all),
        Endpoint::at("/v1/me/grants/{id}", JSON)
            .get(grants::read)
            .delete(grants::end),
        Endpoint::at("/v1/me/tokens", JSON).delete(grants::end_tokens),
    ]
}

/// What stands beside `/v1`, under the base path too.
pub(crate) fn oauth() -> Vec<Endpoint> {
    let endpoints = vec![
        Endpoint::at("/oauth2/access_token", JSON).post(token::create),
        Endpoint::at("/oauth2/revoke", JSON).post(oauth::revoke),
        Endpoint::at("/oauth2/introspect", JSON).post(oauth::introspect),
    ];
    #[cfg(feature = "player-page")]
    let endpoints = {
        let mut endpoints = endpoints;
        endpoints.push(Endpoint::at("/me", own_page::FORMATS).get(own_page::page));
        endpoints.push(Endpoint::at("/me/{file}", own_page::FORMATS).get(own_page::file));
        endpoints
    };
    endpoints
}

/// What stays where it is, whatever the base path; it follows in the one path that names the API (RFC 8414 section 3.1).
pub(crate) fn server(base: &str) -> Vec<Endpoint> {
    let endpoints = vec![
        Endpoint::at("/health/live", JSON).get(health::live),
        Endpoint::at("/health/ready", JSON).get(health::ready),
        Endpoint::at("/openapi.json", JSON).get(documentation::openapi),
        Endpoint::at(OAUTH_METADATA, JSON)
            .followed_by(base)
            .get(oauth::metadata),
    ];
    #[cfg(feature = "docs")]
    let endpoints = {
        let mut endpoints = endpoints;
        endpoints.push(Endpoint::at("/docs", PAGE).get(documentation::page));
        endpoints.push(Endpoint::at("/docs/{file}", PAGE).get(documentation::file));
        endpoints
    };
    endpoints
}

/// Mounts the whole API under whatever path the configuration is used in, as `App::configure` and `Scope::configure` do.
///
/// All that happens to every request (the error format, `404` and `405`, CORS, negotiation) happens within, and nothing outside of it
/// is touched.
pub fn configure(api: Api) -> impl Fn(&mut web::ServiceConfig) + Clone + Send + Sync + 'static {
    let api = web::Data::new(api);
    move |config| {
        let base = api.settings().base_path.as_str();
        // Each path stands by itself, as a whole: a scope around many would be one more step for every request. They are looked
        // through in their order, and what games ask for comes first.
        for endpoint in v1().into_iter().chain(oauth()) {
            config.service(endpoint.into_resource(&api, base));
        }
        for endpoint in server(base) {
            config.service(endpoint.into_resource(&api, ""));
        }
        config.service(elsewhere(&api, &format!("{base}{V1}"), true));
        config.service(elsewhere(&api, "", false));
    }
}

/// Mounts `/metrics`, for a listener of its own: whoever reaches it reads it, without a token. It tells how much is done, in the text format of
/// Prometheus, and nothing of anybody.
pub fn configure_metrics(
    api: Api,
) -> impl Fn(&mut web::ServiceConfig) + Clone + Send + Sync + 'static {
    let api = web::Data::new(api);
    move |config| {
        let page = web::resource("/metrics")
            .app_data(api.clone())
            .route(web::get().to(metrics::read))
            .route(web::head().to(metrics::read));
        config.service(page);
    }
}

/// What begins so and is no path of the table.
fn elsewhere(api: &web::Data<Api>, prefix: &str, gated: bool) -> impl HttpServiceFactory + use<> {
    let place = Rc::new(Place {
        api: api.clone(),
        gated,
        offer: None,
        meter: RouteMeter::new(""),
    });
    web::scope(prefix)
        .default_service(web::to(no_such_path))
        .wrap(from_fn(move |request: ServiceRequest, next: Next<_>| {
            answer(Rc::clone(&place), request, next)
        }))
}

async fn no_such_path() -> Result<HttpResponse, ApiError> {
    Err(messages::no_such_path().into())
}
