//! The settings of a style that the pages follow.
//!
//! | of the page | setting |
//! |---|---|
//! | light, dark, or as the browser has it | `categories.global.colorSchemeMode` |
//! | a colour, of light and of dark pages | the table of [`Tint`]s |
//! | corners of card, buttons, fields | `borderRadius` of `components.form`, `componentClasses.buttons`, `componentClasses.input` |
//! | logo of the form, its place | `components.form.logo` |
//! | logo at the top of the page | `categories.global.pageHeader`, `components.pageHeader.logo` |
//! | image behind page or form | `components.pageBackground.image`, `components.form.backgroundImage` |
//!
//! A setting that is missing, of another form or not in the table changes nothing. The defaults are the service's:
//! logos have to be switched on, the image of the page need not.

use alloc::{string::String, vec::Vec};

use serde_json::Value;

use super::Image;

/// The roundest corner that pages have, in pixels.
const MAX_RADIUS: u8 = 100;

/// What a style says of the pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Face {
    /// Which pages there are.
    pub scheme: Scheme,
    /// The colours of light pages.
    pub light: Vec<(Tint, Colour)>,
    /// The colours of dark pages.
    pub dark: Vec<(Tint, Colour)>,
    /// The corners of the form, in pixels.
    pub card_radius: Option<u8>,
    /// The corners of buttons, in pixels.
    pub button_radius: Option<u8>,
    /// The corners of fields, in pixels.
    pub field_radius: Option<u8>,
    /// The logo of the form.
    pub form_logo: Option<Logo>,
    /// Whether the page has a bar at its top.
    pub header: bool,
    /// The logo in that bar.
    pub header_logo: Option<Align>,
    /// Whether there is an image behind everything.
    pub page_background: Behind,
    /// Whether there is an image behind the form.
    pub form_background: Behind,
}

/// Whether there is an image behind something, on light and on dark pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Behind {
    /// On light ones.
    pub light: bool,
    /// On dark ones.
    pub dark: bool,
}

impl Behind {
    /// Whether on any.
    #[must_use]
    pub const fn any(self) -> bool {
        self.light || self.dark
    }

    /// Whether on those of a mode.
    #[must_use]
    pub const fn on(self, mode: Mode) -> bool {
        match mode {
            Mode::Light => self.light,
            Mode::Dark => self.dark,
        }
    }
}

/// Which pages there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scheme {
    /// Light ones.
    Light,
    /// Dark ones.
    Dark,
    /// What the browser asks for.
    #[default]
    Dynamic,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// Red, green, blue, and how opaque.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub [u8; 4]);

/// Where a logo stands in its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Where lines begin.
    Start,
    /// In the middle.
    Center,
    /// Where lines end.
    End,
}

/// The logo of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Logo {
    /// Where in its line.
    pub align: Align,
    /// Whether inside of the form's card.
    pub inside: bool,
    /// Whether below the form.
    pub below: bool,
}

/// What has a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tint {
    /// The page.
    Page,
    /// The form's card.
    Card,
    /// The border of the card.
    CardLine,
    /// Titles.
    Heading,
    /// Text.
    Text,
    /// Descriptions.
    Quiet,
    /// The labels of fields.
    Label,
    /// Links.
    Link,
    /// What is around what has the focus.
    Focus,
    /// Fields.
    Field,
    /// The borders of fields.
    FieldLine,
    /// The button that goes on.
    Button,
    /// Its text.
    OnButton,
    /// The same under a pointer.
    ButtonOver,
    /// Its text under a pointer.
    OnButtonOver,
    /// Other buttons.
    Second,
    /// Their text.
    OnSecond,
    /// Their borders.
    SecondLine,
    /// The bar at the top.
    Header,
    /// The border of the bar.
    HeaderLine,
}

/// Where the colours stand; the star is `lightMode` or `darkMode`.
const TINTS: [(Tint, &str); 20] = [
    (Tint::Page, "/components/pageBackground/*/color"),
    (Tint::Card, "/components/form/*/backgroundColor"),
    (Tint::CardLine, "/components/form/*/borderColor"),
    (Tint::Heading, "/components/pageText/*/headingColor"),
    (Tint::Text, "/components/pageText/*/bodyColor"),
    (Tint::Quiet, "/components/pageText/*/descriptionColor"),
    (Tint::Label, "/componentClasses/inputLabel/*/textColor"),
    (Tint::Link, "/componentClasses/link/*/defaults/textColor"),
    (Tint::Focus, "/componentClasses/focusState/*/borderColor"),
    (
        Tint::Field,
        "/componentClasses/input/*/defaults/backgroundColor",
    ),
    (
        Tint::FieldLine,
        "/componentClasses/input/*/defaults/borderColor",
    ),
    (
        Tint::Button,
        "/components/primaryButton/*/defaults/backgroundColor",
    ),
    (
        Tint::OnButton,
        "/components/primaryButton/*/defaults/textColor",
    ),
    (
        Tint::ButtonOver,
        "/components/primaryButton/*/hover/backgroundColor",
    ),
    (
        Tint::OnButtonOver,
        "/components/primaryButton/*/hover/textColor",
    ),
    (
        Tint::Second,
        "/components/secondaryButton/*/defaults/backgroundColor",
    ),
    (
        Tint::OnSecond,
        "/components/secondaryButton/*/defaults/textColor",
    ),
    (
        Tint::SecondLine,
        "/components/secondaryButton/*/defaults/borderColor",
    ),
    (Tint::Header, "/components/pageHeader/*/background/color"),
    (Tint::HeaderLine, "/components/pageHeader/*/borderColor"),
];

impl Face {
    /// What settings say, as JSON text, for a style that has these images.
    pub(super) fn read(settings: &str, has: impl Fn(Image, Mode) -> bool) -> Self {
        let settings: Value = serde_json::from_str(settings).unwrap_or_default();
        let text = |path: &str| settings.pointer(path).and_then(Value::as_str);
        let flag = |path: &str| settings.pointer(path).and_then(Value::as_bool);
        let radius = |path: &str| {
            let pixels = settings.pointer(path).and_then(Value::as_f64)?;
            // Bounded a line above the cast, and never negative.
            Some(pixels.clamp(0.0, f64::from(MAX_RADIUS)) as u8)
        };
        let colours = |mode: &str| {
            let found = TINTS.iter().filter_map(|(tint, path)| {
                let colour = Colour::read(text(&path.replace('*', mode))?)?;
                Some((*tint, colour))
            });
            found.collect()
        };
        let align = |path: &str| match text(path) {
            Some("START") => Align::Start,
            Some("END") => Align::End,
            _ => Align::Center,
        };
        let behind = |enabled: bool, image: Image| Behind {
            light: enabled && has(image, Mode::Light),
            dark: enabled && has(image, Mode::Dark),
        };
        let form_logo = flag("/components/form/logo/enabled") == Some(true)
            && has(Image::FormLogo, Mode::Light);
        let header = flag("/categories/global/pageHeader/enabled") == Some(true);
        let header_logo = header
            && flag("/components/pageHeader/logo/enabled") == Some(true)
            && has(Image::HeaderLogo, Mode::Light);
        Self {
            scheme: match text("/categories/global/colorSchemeMode") {
                Some("LIGHT") => Scheme::Light,
                Some("DARK") => Scheme::Dark,
                _ => Scheme::Dynamic,
            },
            light: colours("lightMode"),
            dark: colours("darkMode"),
            card_radius: radius("/components/form/borderRadius"),
            button_radius: radius("/componentClasses/buttons/borderRadius"),
            field_radius: radius("/componentClasses/input/borderRadius"),
            form_logo: form_logo.then(|| Logo {
                align: align("/components/form/logo/location"),
                inside: text("/components/form/logo/formInclusion") != Some("OUT"),
                below: text("/components/form/logo/position") == Some("BOTTOM"),
            }),
            header,
            header_logo: header_logo.then(|| align("/components/pageHeader/logo/location")),
            page_background: behind(
                flag("/components/pageBackground/image/enabled") != Some(false),
                Image::PageBackground,
            ),
            form_background: behind(
                flag("/components/form/backgroundImage/enabled") == Some(true),
                Image::FormBackground,
            ),
        }
    }
}

impl Colour {
    /// Six or eight hexadecimal digits.
    fn read(text: &str) -> Option<Self> {
        if !matches!(text.len(), 6 | 8) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let mut colour = [0xFF; 4];
        for (part, digits) in colour.iter_mut().zip(text.as_bytes().chunks(2)) {
            let digits = core::str::from_utf8(digits).ok()?;
            *part = u8::from_str_radix(digits, 16).ok()?;
        }
        Some(Self(colour))
    }

    /// As style sheets write it.
    #[must_use]
    pub fn to_css(self) -> String {
        let [red, green, blue, opaque] = self.0;
        alloc::format!("#{red:02x}{green:02x}{blue:02x}{opaque:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_and_what_is_not_understood_changes_nothing() {
        let settings = r#"{
            "categories": {"global": {"colorSchemeMode": "DARK"}},
            "componentClasses": {"buttons": {"borderRadius": 28.0}, "input": {"borderRadius": -3}},
            "components": {
                "form": {"borderRadius": 1e9, "logo": {"enabled": true, "location": "END", "formInclusion": "OUT"},
                    "lightMode": {"backgroundColor": "red;} body { x: y"}},
                "pageBackground": {"lightMode": {"color": "00ff0080"}, "darkMode": {"color": "102030"}}
            },
            "whatever": [1, 2, 3]
        }"#;
        let face = Face::read(settings, |image, _| image == Image::FormLogo);
        assert_eq!(face.scheme, Scheme::Dark);
        assert_eq!(face.light, [(Tint::Page, Colour([0, 0xFF, 0, 0x80]))]);
        assert_eq!(face.dark, [(Tint::Page, Colour([0x10, 0x20, 0x30, 0xFF]))]);
        assert_eq!(
            (face.card_radius, face.button_radius, face.field_radius),
            (Some(100), Some(28), Some(0))
        );
        let logo = face.form_logo.expect("a logo");
        assert_eq!(
            (logo.align, logo.inside, logo.below),
            (Align::End, false, false)
        );
        assert!(!face.header && !face.page_background.any() && !face.form_background.any());
    }

    #[test]
    fn logos_are_switched_on_and_a_background_is_switched_off() {
        let none = Face::read("{}", |_, mode| mode == Mode::Light);
        assert_eq!((none.form_logo, none.header_logo), (None, None));
        let light = Behind {
            light: true,
            dark: false,
        };
        assert_eq!(
            (none.page_background, none.form_background.any()),
            (light, false)
        );
        let off = r#"{"components": {"pageBackground": {"image": {"enabled": false}}}}"#;
        assert!(!Face::read(off, |_, _| true).page_background.any());
        assert_eq!(Face::read("", |_, _| false), Face::default());
    }
}
