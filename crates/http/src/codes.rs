//! Every status and code that the API answers an error with, and nothing else: what they mean is said here once.

use actix_web::http::StatusCode;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $number:literal, $status:literal, $meaning:literal;)+) => {
        /// A code of the API: the HTTP status, or a four-digit code of its own.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code { $(#[doc = $meaning] $variant),+ }

        impl Code {
            /// Every code, in increasing order of the numbers of each kind.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The number, as an answer shows it.
            #[must_use]
            pub const fn number(self) -> u16 {
                match self { $(Self::$variant => $number),+ }
            }

            /// The status of an answer that is about this code alone.
            #[must_use]
            pub fn status(self) -> StatusCode {
                let status: u16 = match self { $(Self::$variant => $status),+ };
                StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            }

            /// What it means, for the documentation.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning),+ }
            }
        }
    };
}

codes! {
    BadRequest = 400, 400, "the request cannot be understood";
    Unauthorised = 401, 401, "no credentials, or bad ones";
    Forbidden = 403, 403, "a role that may never do this";
    NotFound = 404, 404, "there is no such thing, or it is not yours to see";
    MethodNotAllowed = 405, 405, "the path exists under other methods, which `Allow` lists";
    NotAcceptable = 406, 406, "the format asked for is not offered, or the format sent is not taken";
    RequestTimeout = 408, 408, "the request did not arrive whole in time";
    NotNow = 409, 409, "what is there now stands against it; the message says what to do first";
    Gone = 410, 410, "it was there, and its content was deleted";
    PreconditionFailed = 412, 412, "it was changed since the revision in `If-Match`";
    UnsupportedEncoding = 415, 415, "the `Content-Encoding` is not understood";
    Internal = 500, 500, "something failed inside the server; the message has a reference to its log";
    PageNotInteger = 4001, 400, "page not an integer";
    NoSuchPage = 4002, 404, "no such page";
    UnknownParameter = 4003, 400, "unknown filter or sort";
    MalformedJson = 4004, 400, "malformed JSON";
    MalformedTime = 4005, 400, "malformed time";
    UserAgentMissing = 4006, 400, "User-Agent missing";
    PageSizeOutOfRange = 4007, 400, "page_size out of range";
    TokenExpired = 4011, 401, "token expired";
    TokenRevoked = 4012, 401, "token revoked";
    TokenInvalid = 4013, 401, "token invalid";
    StudyNotOpen = 4031, 403, "study not open";
    ConsentMissing = 4032, 403, "consent missing";
    NotYours = 4033, 403, "not yours";
    Conflict = 4091, 409, "same id, other content";
    NameTaken = 4092, 409, "name taken";
    NotReady = 4093, 409, "the study has not said what it must before it collects this";
    BodyTooLarge = 4131, 413, "body too large";
    TooManyEntries = 4132, 413, "too many entries";
    PayloadTooLarge = 4133, 413, "payload too large";
    NotInCodebook = 4221, 422, "does not fit the codebook";
    InvalidValue = 4222, 422, "invalid value";
    TooManyRequests = 4291, 429, "too many requests";
    TooManyFailedLogIns = 4292, 429, "too many failed log-ins";
    Overloaded = 5031, 503, "overloaded";
    DatabaseAway = 5032, 503, "database away";
    VaultIsShut = 5033, 503, "the key of the vault, where identities are, is not on this server";
}

impl Code {
    /// The code for a status that came from elsewhere than the API's own code.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let plain = Self::ALL
            .iter()
            .find(|code| code.number() == status.as_u16());
        match plain {
            Some(code) => *code,
            None if status == StatusCode::PAYLOAD_TOO_LARGE => Self::BodyTooLarge,
            None if status.is_client_error() => Self::BadRequest,
            None => Self::Internal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_its_status_or_has_four_digits_that_begin_with_the_same_class() {
        for code in Code::ALL {
            let (number, status) = (code.number(), code.status().as_u16());
            assert!(
                number == status || number / 1000 == status / 100,
                "{code:?}"
            );
        }
    }

    #[test]
    fn no_two_codes_have_one_number() {
        let numbers: std::collections::BTreeSet<_> =
            Code::ALL.iter().map(|code| code.number()).collect();
        assert_eq!(numbers.len(), Code::ALL.len());
    }
}
