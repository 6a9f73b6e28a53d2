//! Information notices: found by language, and put.

use crate::api::Inner;
use crate::error::ApiError;
use crate::extractors::InStudy;
use crate::language::weighted;
use crate::messages;
use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderMap};
use sillage_auth::{Granted, ManageNotice};
use sillage_domain::{
    NewNotice, NoticePut, NoticeSummary, NoticeVersion, StoredNotice, StudyId, language_tag,
};

/// Which notice is asked for.
pub(crate) enum Wanted {
    /// That version, whether it holds or not.
    Version(NoticeVersion),
    /// The one that holds in that language, or in one that is near to it.
    Language(String),
    /// The one that holds in the language that suits best: these, the best first.
    Suiting(Vec<String>),
}

impl Wanted {
    /// The languages that `Accept-Language` (RFC 9110 section 12.5.4) names, the best first.
    pub(crate) fn suiting(headers: &HeaderMap) -> Self {
        let lists = headers
            .get_all(ACCEPT_LANGUAGE)
            .filter_map(|value| value.to_str().ok());
        let mut ranges: Vec<_> = lists
            .flat_map(|list| list.split(','))
            .map(weighted)
            .filter(|(_, quality)| *quality > 0.0)
            .collect();
        ranges.sort_by(|one, other| other.1.total_cmp(&one.1));
        let tags = ranges.into_iter().filter_map(|(tag, _)| language_tag(tag));
        Self::Suiting(tags.collect())
    }
}

/// The one in that language: to the letter, or of the same language elsewhere.
fn near<'a>(all: &'a [NoticeSummary], language: &str) -> Option<&'a NoticeSummary> {
    let primary = |tag: &str| tag.split('-').next().map(str::to_owned);
    let exact = all.iter().find(|one| one.language == language);
    exact.or_else(|| {
        all.iter()
            .find(|one| primary(&one.language) == primary(language))
    })
}

/// The one that suits best; English if none of those does, or the first that was put.
fn suiting<'a>(all: &'a [NoticeSummary], languages: &[String]) -> Option<&'a NoticeSummary> {
    languages
        .iter()
        .find_map(|language| near(all, language))
        .or_else(|| near(all, "en"))
        .or_else(|| all.first())
}

impl Inner {
    /// The notice that is asked for.
    pub(crate) fn find_notice(
        &self,
        study: StudyId,
        wanted: &Wanted,
    ) -> Result<StoredNotice, ApiError> {
        let notices = &self.ports.notices;
        let version = match wanted {
            Wanted::Version(version) => Some(*version),
            Wanted::Language(language) => {
                near(&notices.notices_in_force(study)?, language).map(|one| one.version)
            }
            Wanted::Suiting(languages) => {
                suiting(&notices.notices_in_force(study)?, languages).map(|one| one.version)
            }
        };
        let version = version.ok_or_else(messages::not_found)?;
        let found = notices.notice(study, version)?;
        found.ok_or_else(|| messages::not_found().into())
    }
}

/// The notice that holds in exactly that language.
pub(crate) async fn holding(
    study: &InStudy,
    language: String,
) -> Result<Option<NoticeSummary>, ApiError> {
    let id = study.id();
    let find = move |inner: &Inner| {
        let all = inner.ports.notices.notices_in_force(id)?;
        Ok(all.into_iter().find(|one| one.language == language))
    };
    study.who.api.off(find).await
}

/// Keeps a notice as the next version of the study's, if it says something else.
pub(crate) async fn put(
    study: &InStudy,
    granted: Granted<ManageNotice>,
    language: String,
    text: String,
    seen: Option<Option<NoticeVersion>>,
) -> Result<(NoticePut, NewNotice), ApiError> {
    let api = &study.who.api;
    let now = api.now();
    let new = NewNotice {
        language,
        text,
        by: granted.by(),
    };
    let keep = move |inner: &Inner| {
        let notices = &inner.ports.notices;
        let put = notices.put_notice(granted.study(), &new, seen, now)?;
        Ok((put, new))
    };
    api.off(keep).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;
    use rstest::rstest;
    use sillage_domain::Timestamp;

    fn notice(version: i32, language: &str) -> NoticeSummary {
        NoticeSummary {
            version: NoticeVersion(version),
            language: language.to_owned(),
            hash: [0; 32],
            created_at: Timestamp::now(),
            created_by: None,
        }
    }

    #[rstest]
    #[case("", 2)]
    #[case("fr", 1)]
    #[case("fr-CH, en;q=0.5", 1)]
    #[case("en;q=0.1, de-AT;q=0.9", 3)]
    #[case("it, *;q=0.1", 2)]
    #[case("fr;q=0, it", 2)]
    #[case("nonsense!", 2)]
    fn a_notice_comes_in_the_language_that_suits_best(
        #[case] header: &'static str,
        #[case] version: i32,
    ) {
        let all = [notice(1, "fr"), notice(2, "en"), notice(3, "de-ch")];
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(header));
        let Wanted::Suiting(languages) = Wanted::suiting(&headers) else {
            panic!("languages were asked for");
        };
        let found = suiting(&all, &languages).map(|one| one.version);
        assert_eq!(found, Some(NoticeVersion(version)));
    }

    #[test]
    fn the_only_notice_suits_everybody() {
        let all = [notice(1, "fr")];
        assert_eq!(suiting(&all, &["it".to_owned()]), all.first());
        assert_eq!(suiting(&[], &[]), None);
    }
}
