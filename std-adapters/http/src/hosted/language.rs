//! In which language a page speaks: that of the query (`lang`), of the cookie that keeps it, or the one that the browser
//! likes best of those that there are (`Accept-Language`, RFC 9110 §12.5.4).

use std::borrow::Cow;

use userpool::ApiError;

use super::words::{ALL, Words};

/// The most ranges of a browser that are looked at.
const MOST: usize = 16;

/// A language of the pages.
#[derive(Clone, Copy)]
pub(super) struct Language {
    /// Its tag.
    pub tag: &'static str,
    /// What the pages say in it.
    pub words: &'static Words,
}

/// A text to show.
pub(super) struct Saying<'a> {
    text: Cow<'a, str>,
    tag: Option<&'static str>,
}

impl<'a> Saying<'a> {
    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its language, where that is another than the page's.
    pub fn tag(&self) -> Option<&'static str> {
        self.tag
    }
}

impl<'a, T: Into<Cow<'a, str>>> From<T> for Saying<'a> {
    /// A text in the language of its page.
    fn from(text: T) -> Self {
        let text = text.into();
        Self { text, tag: None }
    }
}

impl Language {
    /// The language of the query, the cookie, or the browser; else English.
    pub fn chosen(query: Option<&str>, cookie: Option<&str>, accepted: Option<&str>) -> Self {
        let named = query.and_then(Self::named);
        let named = named.or_else(|| cookie.and_then(Self::named));
        let named = named.or_else(|| accepted.and_then(Self::best));
        named.unwrap_or_else(|| Self::of(&ALL[0]))
    }

    /// The language of a tag, or of its first part: `de-AT` is German.
    pub fn named(tag: &str) -> Option<Self> {
        let exact = ALL.iter().find(|(own, _)| own.eq_ignore_ascii_case(tag));
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        let traditional = ["hant", "tw", "hk", "mo"];
        let is_traditional = tag
            .to_ascii_lowercase()
            .split(['-', '_'])
            .any(|part| traditional.contains(&part));
        let near = || {
            if primary.eq_ignore_ascii_case("zh") && is_traditional {
                return ALL.iter().find(|(own, _)| *own == "zh-TW");
            }
            let starts = |own: &str| {
                own.split('-')
                    .next()
                    .unwrap_or_default()
                    .eq_ignore_ascii_case(primary)
            };
            ALL.iter().find(|(own, _)| starts(own))
        };
        exact.or_else(near).map(Self::of)
    }

    /// The best of what a browser accepts; of equals the first.
    fn best(accepted: &str) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        for range in accepted.split(',').take(MOST) {
            let (tag, weight) = range.split_once(';').unwrap_or((range, "q=1"));
            let weight = weight.trim().strip_prefix("q=").unwrap_or_default();
            let weight: f32 = weight.parse().unwrap_or(0.0);
            let found = Self::named(tag.trim()).filter(|_| weight > 0.0);
            if let Some(found) = found
                && best.is_none_or(|(most, _)| weight > most)
            {
                best = Some((weight, found));
            }
        }
        best.map(|(_, found)| found)
    }

    fn of((tag, words): &(&'static str, &'static Words)) -> Self {
        Self { tag, words }
    }

    /// A text of the engine, which speaks English.
    pub fn english<'a>(self, text: impl Into<Cow<'a, str>>) -> Saying<'a> {
        Saying {
            text: text.into(),
            tag: (self.tag != "en").then_some("en"),
        }
    }

    /// What a refusal is told as. English has the engine's own words, which say more.
    pub fn refusal<'a>(self, error: &'a ApiError) -> Saying<'a> {
        let words = self.words;
        let text = match (error.name, error.message.as_str()) {
            _ if self.tag == "en" => return error.message.as_str().into(),
            ("NotAuthorizedException", "Incorrect username or password.") => words.wrong_password,
            ("CodeMismatchException" | "EnableSoftwareTokenMFAException", _) => words.wrong_code,
            ("ExpiredCodeException", _) => words.expired_code,
            ("UsernameExistsException" | "AliasExistsException", _) => words.name_taken,
            ("InvalidPasswordException", _) => words.weak_password,
            (
                "LimitExceededException"
                | "TooManyRequestsException"
                | "TooManyFailedAttemptsException",
                _,
            )
            | ("NotAuthorizedException", "Password attempts exceeded") => words.too_many,
            ("PasswordResetRequiredException", _) => words.reset_required,
            (_, message) => return self.english(message),
        };
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_comes_before_the_cookie_and_that_before_the_browser() {
        let tag = |query, cookie, accepted| Language::chosen(query, cookie, accepted).tag;
        assert_eq!(tag(Some("fr"), Some("de"), Some("ja")), "fr");
        assert_eq!(tag(Some("tlh"), Some("de"), Some("ja")), "de");
        assert_eq!(tag(None, None, Some("ja")), "ja");
        assert_eq!(tag(None, None, None), "en");
    }

    #[test]
    fn a_browser_gets_the_language_it_likes_best() {
        for (accepted, tag) in [
            ("de-AT,de;q=0.9,en;q=0.8", "de"),
            ("tlh,nl;q=0.4,fr;q=0.6", "fr"),
            ("pt;q=0.5", "pt-BR"),
            ("zh-Hant-HK", "zh-TW"),
            ("zh", "zh-CN"),
            ("de;q=0, *;q=0.1", "en"),
            ("", "en"),
        ] {
            assert_eq!(
                Language::chosen(None, None, Some(accepted)).tag,
                tag,
                "{accepted}"
            );
        }
    }
}
