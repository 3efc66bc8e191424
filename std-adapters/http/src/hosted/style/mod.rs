//! The style sheet of every page, and that of an owner's managed login branding.
//!
//! Both name the same colours: `light.css` and `dark.css` hold what they are where nobody says otherwise.

use std::fmt::Write as _;

use userpool::oauth::brand::{Align, Behind, Colour, Face, Image, Logo, Mode, Scheme, Tint};

/// The style sheet of every page.
pub(super) const OWN: &str = concat!(
    ":root {\n",
    include_str!("light.css"),
    "}\n@media (prefers-color-scheme: dark) {\n:root {\n",
    include_str!("dark.css"),
    "}\n}\n",
    include_str!("rules.css")
);
const LIGHT: &str = include_str!("light.css");
const DARK: &str = include_str!("dark.css");

/// The style sheet of a branding. It comes after the one of every page; addresses in it are relative to its own.
pub(super) fn of_brand(face: &Face) -> String {
    let mut css = String::with_capacity(2_048);
    match face.scheme {
        Scheme::Light => palette(&mut css, LIGHT, &face.light),
        Scheme::Dark => palette(&mut css, DARK, &face.dark),
        Scheme::Dynamic => palette(&mut css, "", &face.light),
    }
    for (name, pixels) in [
        ("card", face.card_radius),
        ("button", face.button_radius),
        ("field", face.field_radius),
    ] {
        if let Some(pixels) = pixels {
            put(
                &mut css,
                format_args!(":root {{ --{name}-radius: {pixels}px; }}\n"),
            );
        }
    }
    if let Some(logo) = face.form_logo {
        form_logo(&mut css, logo);
    }
    if face.header {
        css.push_str(".bar { display: block; }\nbody { padding-top: 5rem; }\n");
    }
    if let Some(align) = face.header_logo {
        let side = side(align);
        put(
            &mut css,
            format_args!(".bar {{ background-position: {side}; }}\n"),
        );
    }
    if face.page_background.any() {
        css.push_str("body { background: var(--page) no-repeat center / cover fixed; }\n");
    }
    if face.form_background.any() {
        css.push_str("main { background: var(--card) no-repeat center / cover; }\n");
    }
    let mode = match face.scheme {
        Scheme::Dark => Mode::Dark,
        Scheme::Light | Scheme::Dynamic => Mode::Light,
    };
    images(&mut css, face, mode);
    if face.scheme == Scheme::Dynamic {
        css.push_str("@media (prefers-color-scheme: dark) {\n");
        palette(&mut css, DARK, &face.dark);
        images(&mut css, face, Mode::Dark);
        css.push_str("}\n");
    }
    css
}

/// The name of a mode in addresses.
pub(super) const fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Light => "light",
        Mode::Dark => "dark",
    }
}

fn palette(css: &mut String, defaults: &str, colours: &[(Tint, Colour)]) {
    css.push_str(":root {\n");
    css.push_str(defaults);
    for (tint, colour) in colours {
        if let Some(name) = variable(*tint) {
            put(css, format_args!("--{name}: {};\n", colour.to_css()));
        }
    }
    css.push_str("}\n");
}

fn form_logo(css: &mut String, logo: Logo) {
    let (place, side) = (if logo.inside { "in" } else { "out" }, side(logo.align));
    put(
        css,
        format_args!(".mark.{place} {{ display: block; background-position: {side}; }}\n"),
    );
    if logo.below {
        css.push_str("main { display: flex; flex-direction: column; }\n");
        css.push_str(".mark { order: 1; margin: 1rem 0 0; }\n");
    }
}

fn images(css: &mut String, face: &Face, mode: Mode) {
    let logo = |shown: bool| Behind {
        light: shown,
        dark: shown,
    };
    for (behind, selector, image) in [
        (face.page_background, "body", Image::PageBackground),
        (face.form_background, "main", Image::FormBackground),
        (logo(face.form_logo.is_some()), ".mark", Image::FormLogo),
        (logo(face.header_logo.is_some()), ".bar", Image::HeaderLogo),
    ] {
        if !behind.on(mode) {
            if behind.any() {
                put(
                    css,
                    format_args!("{selector} {{ background-image: none; }}\n"),
                );
            }
            continue;
        }
        let (mode, name) = (mode_name(mode), image.name());
        put(
            css,
            format_args!("{selector} {{ background-image: url({mode}/{name}); }}\n"),
        );
    }
}

const fn side(align: Align) -> &'static str {
    match align {
        Align::Start => "left",
        Align::Center => "center",
        Align::End => "right",
    }
}

/// The name that a colour has in style sheets.
const fn variable(tint: Tint) -> Option<&'static str> {
    Some(match tint {
        Tint::Page => "page",
        Tint::Card => "card",
        Tint::CardLine => "card-line",
        Tint::Heading => "heading",
        Tint::Text => "text",
        Tint::Quiet => "quiet",
        Tint::Label => "label",
        Tint::Link => "link",
        Tint::Focus => "focus",
        Tint::Field => "field",
        Tint::FieldLine => "field-line",
        Tint::Button => "button",
        Tint::OnButton => "on-button",
        Tint::ButtonOver => "button-over",
        Tint::OnButtonOver => "on-button-over",
        Tint::Second => "second",
        Tint::OnSecond => "on-second",
        Tint::SecondLine => "second-line",
        Tint::Header => "header",
        Tint::HeaderLine => "header-line",
        // A colour of a later engine, which these pages do not have.
        _ => return None,
    })
}

fn put(css: &mut String, text: std::fmt::Arguments<'_>) {
    css.write_fmt(text)
        .expect("a text takes whatever is written to it");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn light_and_dark_pages_have_the_same_colours() {
        let names = |css: &str| -> Vec<String> {
            let lines = css.lines().filter_map(|line| line.split_once(':'));
            lines.map(|(name, _)| name.to_owned()).collect()
        };
        assert_eq!(names(LIGHT), names(DARK));
        for name in names(LIGHT).iter().filter(|name| name.starts_with("--")) {
            assert!(
                OWN.contains(&format!("var({name})")),
                "{name} paints nothing"
            );
        }
    }
}
