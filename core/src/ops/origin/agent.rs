//! What a device is, in words, from the text by which its browser or SDK introduces itself.

use alloc::{format, string::String};

/// The longest name that is kept.
const MOST: usize = 128;

/// Browsers by the word before their version; the first that occurs counts, as the later ones claim to be the earlier.
const BROWSERS: [(&str, &str); 7] = [
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
];

/// Systems by a word of theirs; the first that occurs counts.
const SYSTEMS: [(&str, &str); 7] = [
    ("Windows", "Windows"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Android", "Android"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// The name of a device: browser and system, or the first word where it is no browser.
pub(super) fn name(agent: &str) -> Option<String> {
    if !agent.starts_with("Mozilla/") {
        return agent.split_whitespace().next().map(cut);
    }
    let browser = BROWSERS.iter().find_map(|(word, name)| {
        let (_, rest) = agent.split_once(word)?;
        let version: &str = rest.split(|c: char| !c.is_ascii_digit()).next()?;
        Some(format!("{name} {}", version.get(..version.len().min(8))?))
    });
    let system = SYSTEMS.iter().find(|(word, _)| agent.contains(word));
    match (browser, system) {
        (Some(browser), Some((_, system))) => Some(format!("{browser}, {system}")),
        (Some(browser), None) => Some(browser),
        (None, Some((_, system))) => Some((*system).into()),
        (None, None) => agent.split_whitespace().next().map(cut),
    }
}

/// The beginning of a text, as much as is kept.
pub(super) fn cut(text: &str) -> String {
    text.chars().take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_and_systems_are_told_apart() {
        let webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
        for (agent, expected) in [
            (format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {webkit} Chrome/126.0.0.0 Safari/537.36 Edg/126.0.1"), "Edge 126, Windows"),
            (format!("Mozilla/5.0 (X11; Linux x86_64) {webkit} Chrome/126.0.0.0 Safari/537.36"), "Chrome 126, Linux"),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0".into(), "Firefox 128, Linux"),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1".into(), "Safari 17, iOS"),
            ("aws-cli/2.17.0 md/awscrt#0.20".into(), "aws-cli/2.17.0"),
        ] {
            assert_eq!(name(&agent).as_deref(), Some(expected));
        }
        assert_eq!(name(""), None);
    }
}
