//! The style sheets that a pool's owner may set for the classic pages.
//!
//! They are shown to users beside a password field, so they may do no more than paint: rules of the classes below, whose
//! declarations load nothing, and no at-rules. What is not understood is refused.

use alloc::format;

use super::invalid;
use crate::engine::Refusal;

/// The most bytes of a style sheet.
const MAX: usize = 3 * 1_024;

/// What may stand before a brace.
const SELECTORS: [&str; 17] = [
    ".background-customizable",
    ".banner-customizable",
    ".errorMessage-customizable",
    ".idpButton-customizable",
    ".idpButton-customizable:hover",
    ".idpDescription-customizable",
    ".inputField-customizable",
    ".inputField-customizable:focus",
    ".label-customizable",
    ".legalText-customizable",
    ".logo-customizable",
    ".passwordCheck-notValid-customizable",
    ".passwordCheck-valid-customizable",
    ".socialButton-customizable",
    ".submitButton-customizable",
    ".submitButton-customizable:hover",
    ".textDescription-customizable",
];

/// Checks a style sheet.
///
/// # Errors
/// Refuses, in this order: one that is too long, one with anything but plain characters, at-rules, escapes or markup,
/// one that is no list of rules, a selector that is not one of the above, a declaration that loads something.
pub(super) fn check(css: &str) -> Result<(), Refusal> {
    if css.len() > MAX {
        return Err(invalid("The CSS exceeds the limit of 3 KB."));
    }
    let is_plain = |letter: char| matches!(letter, ' '..='~' | '\n' | '\r' | '\t');
    if !css.chars().all(is_plain) || css.contains(['@', '<', '\\']) {
        return Err(invalid(
            "The CSS may hold no at-rules, no escapes and no markup.",
        ));
    }
    let mut rest = css.trim();
    while !rest.is_empty() {
        if let Some(comment) = rest.strip_prefix("/*") {
            let (_, after) = comment.split_once("*/").ok_or_else(|| malformed(css))?;
            rest = after.trim_start();
            continue;
        }
        let (selectors, body) = rest.split_once('{').ok_or_else(|| malformed(css))?;
        let (declarations, after) = body.split_once('}').ok_or_else(|| malformed(css))?;
        for selector in selectors.split(',').map(str::trim) {
            if !SELECTORS.contains(&selector) {
                return Err(invalid(format!(
                    "The CSS class {selector} is not customizable."
                )));
            }
        }
        check_declarations(declarations)?;
        rest = after.trim_start();
    }
    Ok(())
}

fn check_declarations(declarations: &str) -> Result<(), Refusal> {
    if declarations.contains('{') {
        return Err(malformed(declarations));
    }
    let lower = declarations.to_ascii_lowercase();
    let loads = [
        "url(",
        "image(",
        "image-set(",
        "src(",
        "expression(",
        "javascript:",
        "/*",
    ];
    if loads.iter().any(|what| lower.contains(what)) {
        return Err(invalid(
            "The CSS may load nothing, and its declarations may hold no comments.",
        ));
    }
    for declaration in lower.split(';').map(str::trim).filter(|it| !it.is_empty()) {
        let name = declaration.split_once(':').map(|(name, _)| name.trim());
        let is_name = |name: &str| {
            let inside = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            !name.is_empty() && name.bytes().all(inside)
        };
        match name {
            // What these bring could be put over the page, or run.
            Some("behavior" | "-moz-binding" | "position" | "content") => {
                return Err(invalid(
                    "The CSS holds a property that is not customizable.",
                ));
            }
            Some(name) if is_name(name) => {}
            _ => return Err(malformed(declarations)),
        }
    }
    Ok(())
}

fn malformed(_: &str) -> Refusal {
    invalid("The CSS cannot be read.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_of_customizable_classes_pass() {
        for css in [
            ".logo-customizable { max-width: 60%; max-height: 30%; }",
            ".banner-customizable {\n\tpadding: 25px 0px;\n\tbackground-color: lightgray\n}\n",
            "/* ours */ .submitButton-customizable:hover { color: #fff !important; }",
            ".label-customizable, .textDescription-customizable{font-weight:300}",
            ".inputField-customizable:focus{}",
        ] {
            assert_eq!(check(css), Ok(()), "{css}");
        }
    }

    #[test]
    fn what_loads_or_covers_or_reaches_further_is_refused() {
        for css in [
            "@import url(https://evil.example/x.css);",
            "@media print { .logo-customizable { color: red } }",
            "body { display: none }",
            "input[value^=a] { color: red }",
            ".label-customizable input { color: red }",
            ".logo-customizable { background: URL (x) url(https://evil.example/) }",
            ".logo-customizable { background: u\\72l(https://evil.example/) }",
            ".logo-customizable { background: image-set('https://evil.example/' 1x) }",
            ".logo-customizable { position: fixed }",
            ".logo-customizable { color: red } </style><script>",
            ".logo-customizable { color: red",
            ".logo-customizable { color }",
            ".logo-customizable { a: b } body { color: red }",
            "/* open",
            ".logo-customizable { color: r\u{e9}d }",
        ] {
            assert!(check(css).is_err(), "{css}");
        }
        assert!(check(&" ".repeat(MAX + 1)).is_err());
    }
}
