//! What the attributes of a type, a variant or a field say.

use syn::{Attribute, Error, LitInt, Result, meta::ParseNestedMeta, parenthesized};

/// The form that a type asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Map,
    Array,
    Transparent,
    IndexOnly,
}

/// What a field, or a variant, says of itself.
#[derive(Clone, Copy)]
pub(crate) struct Said {
    pub number: u32,
    pub is_bytes: bool,
    pub has_default: bool,
}

/// The form in the attributes of a type.
pub(crate) fn form(attributes: &[Attribute]) -> Result<Option<Form>> {
    let mut form = None;
    for attribute in attributes.iter().filter(|it| it.path().is_ident("cbor")) {
        attribute.parse_nested_meta(|meta| {
            let said = match () {
                () if meta.path.is_ident("map") => Form::Map,
                () if meta.path.is_ident("array") => Form::Array,
                () if meta.path.is_ident("transparent") => Form::Transparent,
                () if meta.path.is_ident("index_only") => Form::IndexOnly,
                () => return Err(meta.error("not a form that a type may have")),
            };
            match form.replace(said) {
                Some(_) => Err(meta.error("a type has one form")),
                None => Ok(()),
            }
        })?;
    }
    Ok(form)
}

impl Said {
    /// What these attributes of `what` say.
    pub fn by(attributes: &[Attribute], what: impl Fn(&str) -> Error) -> Result<Self> {
        let mut number = None;
        let (mut is_bytes, mut has_default) = (false, false);
        for attribute in attributes {
            if attribute.path().is_ident("n") {
                number = Some(attribute.parse_args::<LitInt>()?.base10_parse()?);
            } else if attribute.path().is_ident("cbor") {
                attribute.parse_nested_meta(|meta| {
                    match () {
                        () if meta.path.is_ident("n") => number = Some(in_parentheses(&meta)?),
                        () if meta.path.is_ident("bytes") => is_bytes = true,
                        () if meta.path.is_ident("default") => has_default = true,
                        () => return Err(meta.error("not what a field may say")),
                    }
                    Ok(())
                })?;
            }
        }
        Ok(Self {
            number: number.ok_or_else(|| what("it lacks its number, `#[n(..)]`"))?,
            is_bytes,
            has_default,
        })
    }
}

fn in_parentheses(meta: &ParseNestedMeta<'_>) -> Result<u32> {
    let content;
    parenthesized!(content in meta.input);
    content.parse::<LitInt>()?.base10_parse()
}
