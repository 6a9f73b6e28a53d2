//! The form of errors, for the description of the API; [`ApiError`](crate::error::ApiError) writes it.
#![expect(dead_code, reason = "these types describe; nothing makes them")]

use utoipa::ToSchema;

/// Everything that is wrong with a request.
#[derive(ToSchema)]
pub(crate) struct Errors {
    /// One or more.
    errors: Vec<ErrorEntry>,
}

/// One thing that is wrong with a request, at one place at most.
#[derive(serde::Serialize, ToSchema)]
#[schema(as = Error)]
pub(crate) struct ErrorEntry {
    /// The HTTP status, or a four-digit code of the API's own.
    #[schema(example = 4005)]
    code: u16,
    /// For the developer of the game; English or French by `Accept-Language`.
    message: String,
    /// The place in the body (RFC 6901).
    #[schema(example = "/3/timestamp")]
    pointer: Option<String>,
    /// The parameter of the query.
    parameter: Option<String>,
    /// The line of the body, from 1, of a codebook.
    line: Option<u64>,
    /// The character of that line, from 1.
    column: Option<u64>,
}

/// An error of OAuth 2 (RFC 6749 section 5.2), with the form of every other error beside it.
#[derive(ToSchema)]
pub(crate) struct OauthErrors {
    /// A word of the standard.
    #[schema(example = "invalid_grant")]
    error: String,
    /// In English.
    error_description: String,
    /// The same, in the form of this API.
    errors: Vec<ErrorEntry>,
}
