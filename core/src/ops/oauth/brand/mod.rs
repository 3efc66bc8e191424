//! Managed login branding as the pages follow it: colours, corners and images of an app client's style.
//!
//! A style is kept as it was written, settings that the pages do not know included. What is read of it here is read
//! when a browser asks for the style sheet or an image, under an address that changes with the style, so that a page
//! itself costs no more for having one.

mod settings;

use alloc::{string::String, vec::Vec};

use userpool_wire::idp::{AssetCategoryType, AssetExtensionType, AssetType, ColorSchemeModeType};

pub use settings::{Align, Behind, Colour, Face, Logo, Mode, Scheme, Tint};

use super::{Endpoint, place::Place};
use crate::{
    engine::{Cx, Held, Run},
    model::{
        branding::{Branding, BrandingOf},
        client::Client,
        keys,
    },
    ops::branding::Content,
};

/// Where a style is asked for.
#[derive(Clone, Debug)]
pub struct Brand {
    /// Where the request came to.
    pub place: Place,
    /// The app client.
    pub client: String,
}

/// Asks for what the style of a client's pages says; none where there is none.
#[derive(Clone, Debug)]
pub struct BrandFace(pub Brand);

/// Asks for an image of the style of a client's pages.
#[derive(Clone, Debug)]
pub struct BrandImage {
    /// Whose.
    pub brand: Brand,
    /// Which.
    pub image: Image,
    /// For which pages.
    pub mode: Mode,
}

/// An image of a style that pages show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Image {
    /// Behind everything.
    PageBackground,
    /// Behind the form.
    FormBackground,
    /// In or above the form.
    FormLogo,
    /// At the top of the page.
    HeaderLogo,
    /// Beside the title in a browser's tab.
    Favicon,
}

impl Image {
    /// Every image with its name in addresses.
    const NAMES: [(Self, &'static str); 5] = [
        (Self::PageBackground, "page-background"),
        (Self::FormBackground, "form-background"),
        (Self::FormLogo, "form-logo"),
        (Self::HeaderLogo, "header-logo"),
        (Self::Favicon, "favicon"),
    ];

    /// The name in addresses.
    #[must_use]
    pub fn name(self) -> &'static str {
        let found = Self::NAMES.iter().find(|(image, _)| *image == self);
        found.map_or("", |(_, name)| name)
    }

    /// The image of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let found = Self::NAMES.iter().find(|(_, known)| *known == name);
        found.map(|(image, _)| *image)
    }

    /// The categories of assets that are this image, the best first.
    const fn categories(self) -> &'static [AssetCategoryType] {
        match self {
            Self::PageBackground => &[AssetCategoryType::PageBackground],
            Self::FormBackground => &[AssetCategoryType::FormBackground],
            Self::FormLogo => &[AssetCategoryType::FormLogo],
            Self::HeaderLogo => &[AssetCategoryType::PageHeaderLogo],
            Self::Favicon => &[AssetCategoryType::FaviconSvg, AssetCategoryType::FaviconIco],
        }
    }

    /// The asset of this image for a mode: one that is made for it, for both, or for the other; what is behind
    /// something has a colour to fall back to.
    fn among(self, assets: &[AssetType], mode: Mode) -> Option<&AssetType> {
        let (own, other) = match mode {
            Mode::Light => (ColorSchemeModeType::Light, ColorSchemeModeType::Dark),
            Mode::Dark => (ColorSchemeModeType::Dark, ColorSchemeModeType::Light),
        };
        let modes = [own, ColorSchemeModeType::Dynamic, other];
        let modes = match self {
            Self::PageBackground | Self::FormBackground => &modes[..2],
            Self::FormLogo | Self::HeaderLogo | Self::Favicon => &modes[..],
        };
        let wanted = self.categories().iter();
        let wanted = wanted.flat_map(|category| modes.iter().map(move |mode| (category, mode)));
        wanted
            .filter_map(|(category, mode)| {
                assets.iter().find(|asset| {
                    asset.category == *category
                        && asset.color_mode == *mode
                        && asset.bytes.is_some()
                })
            })
            .next()
    }
}

impl Endpoint for BrandFace {
    type Reply = Option<Face>;

    fn run(&self, cx: &mut Cx<'_>) -> Run<Option<Face>> {
        let Some(content) = self.0.content(cx)? else {
            return Ok(None);
        };
        let assets = content.assets.unwrap_or_default();
        let has = |image: Image, mode: Mode| image.among(&assets, mode).is_some();
        let text = content.settings.map(|settings| settings.to_text());
        Ok(Some(Face::read(&text.unwrap_or_default(), has)))
    }
}

impl Endpoint for BrandImage {
    /// The media type, and the bytes.
    type Reply = Option<(&'static str, Vec<u8>)>;

    fn run(&self, cx: &mut Cx<'_>) -> Run<Self::Reply> {
        let Some(content) = self.brand.content(cx)? else {
            return Ok(None);
        };
        let assets = content.assets.unwrap_or_default();
        let found = self.image.among(&assets, self.mode);
        Ok(found.map(|asset| {
            let bytes = asset.bytes.as_ref();
            (
                media_type(asset.extension),
                bytes.map(|it| it.0.clone()).unwrap_or_default(),
            )
        }))
    }
}

impl Brand {
    fn content(&self, cx: &mut Cx<'_>) -> Run<Option<Content>> {
        let Some(pool) = self.place.pool(cx)?.filter(|_| self.client.len() <= 128) else {
            return Ok(None);
        };
        let client = cx.get::<Client>(&keys::client(&self.client))?;
        if client.is_none_or(|client| client.pool != pool.id) {
            return Ok(None);
        }
        match of(cx, &pool.id, &self.client)? {
            Some(branding) => Content::of(cx, &pool.id, &branding).map(Some),
            None => Ok(None),
        }
    }
}

/// The style of an app client.
///
/// # Errors
/// Stops the run until it is there.
pub(super) fn of(cx: &mut Cx<'_>, pool: &str, client: &str) -> Run<Option<Held<Branding>>> {
    match cx.get::<BrandingOf>(&keys::branding_of(pool, client))? {
        Some(of) => cx.get::<Branding>(&keys::branding(pool, &of.id)),
        None => Ok(None),
    }
}

const fn media_type(extension: AssetExtensionType) -> &'static str {
    match extension {
        AssetExtensionType::Ico => "image/x-icon",
        AssetExtensionType::Jpeg => "image/jpeg",
        AssetExtensionType::Png => "image/png",
        AssetExtensionType::Svg => "image/svg+xml",
        AssetExtensionType::Webp => "image/webp",
    }
}
