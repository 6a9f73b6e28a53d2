//! The audit log, for those who run the server.

use crate::accesses;
use crate::audit::before;
use crate::error::ApiError;
use crate::extractors::{Conditions, Parameters, Who};
use crate::openapi::shapes;
use crate::response::fresh;
use crate::views::audit::AuditView;
use crate::views::page::Page;
use actix_web::HttpResponse;
use sillage_auth::ReadAudit;
use sillage_domain::AuditAction;

/// The audit log: who did what, the last first. It names nobody.
///
/// With `after` it comes from the first record on, for a harvest: `Link` has `next` with the cursor. What is younger than ten seconds does not
/// show there, since other servers may still write records with lower numbers. That somebody reads it is recorded too, once an hour.
#[utoipa::path(
    get, path = "/v1/audit", tag = "audit", operation_id = "listAudit",
    params(
        ("study" = Option<shapes::Slug>, Query, description = "Slug of the study; of one that is gone, too"),
        ("action" = Option<shapes::AuditAction>, Query, description = "What was done"),
        ("actor" = Option<shapes::AuditReference>, Query, description = "By whom: the reference that records have"),
        ("subject" = Option<shapes::AuditReference>, Query, description = "About whom: the reference that records have"),
        ("from" = Option<shapes::Instant>, Query, description = "Done at this time or later"),
        ("to" = Option<shapes::Instant>, Query, description = "Done before this time"),
        ("after" = Option<shapes::Number>, Query, description = "Only records with a greater number, in order of numbers: the cursor of a harvest"),
        crate::openapi::Pages,
    ),
    responses((status = 200, description = "A page of it", body = Vec<AuditView>))
)]
pub(crate) async fn list(
    who: Who,
    asked: Parameters,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let granted = who.may(ReadAudit)?;
    let filter = accesses::filter(&asked)?;
    before(&who, AuditAction::ReadAudit).await?;
    if let Some(after) = asked.after()? {
        let (found, links) = accesses::harvest(&who, granted, filter, after, &asked).await?;
        let views: Vec<_> = found.iter().map(AuditView::new).collect();
        return fresh(&conditions, &views, &[("Link", links)]);
    }
    let page = Page::of(&asked)?;
    let found = accesses::page(&who, granted, filter, page.request).await?;
    page.answer(&asked, &conditions, &found, AuditView::new)
}
