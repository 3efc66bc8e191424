//! Enums: the number of the variant, and what it holds.

use alloc::vec::Vec;

use proc_macro2::TokenStream as Tokens;
use quote::{format_ident, quote};
use syn::{DataEnum, Error, Member, Result, Variant, spanned::Spanned};

use crate::{
    attributes::{Form, Said},
    fields::Fields,
};

/// The implementation for an enum.
pub(crate) fn body(data: &DataEnum, form: Option<Form>) -> Result<Tokens> {
    let mut numbered = Vec::new();
    for variant in &data.variants {
        let said = Said::by(&variant.attrs, |text| Error::new(variant.span(), text))?;
        numbered.push((said.number, variant));
    }
    numbered.sort_by_key(|(number, _)| *number);
    if !numbered.is_sorted_by(|(a, _), (b, _)| a < b) {
        return Err(Error::new(
            data.variants.span(),
            "two variants have the same number",
        ));
    }
    let Some(((least, first), others)) = numbered.split_first() else {
        return Err(Error::new(data.enum_token.span, "an enum has variants"));
    };
    let number = match form {
        Some(Form::IndexOnly) => quote!(reader.u32()),
        _ => quote!(reader.variant()),
    };
    let mut written = Tokens::new();
    for (number, variant) in &numbered {
        written.extend(write(*number, variant, form)?);
    }
    let mut read_others = Tokens::new();
    for (number, variant) in others {
        let value = read(variant, form)?;
        read_others.extend(quote!(#number => #value,));
    }
    let read_first = read(first, form)?;
    Ok(quote! {
        fn read(reader: &mut crate::cbor::Reader<'_>) -> Self {
            match #number {
                #read_others
                number => {
                    // One that this version does not know fails, and what is given then counts for nothing.
                    if number != #least {
                        reader.refuse_variant(number);
                    }
                    #read_first
                }
            }
        }

        fn write(&self, writer: &mut crate::cbor::Writer) {
            match self {
                #written
            }
        }
    })
}

fn read(variant: &Variant, form: Option<Form>) -> Result<Tokens> {
    let (name, open) = (&variant.ident, open(variant, form)?);
    let taken = Fields::of(&variant.fields)?.taken();
    Ok(match (form, variant.fields.is_empty()) {
        (Some(Form::IndexOnly), _) => quote!(Self::#name),
        (_, true) => quote!({
            reader.skip();
            Self::#name {}
        }),
        (_, false) => quote!({
            let mut fields = reader.#open();
            let value = Self::#name { #taken };
            fields.end();
            value
        }),
    })
}

fn write(number: u32, variant: &Variant, form: Option<Form>) -> Result<Tokens> {
    let (name, open) = (&variant.ident, open(variant, form)?);
    if form == Some(Form::IndexOnly) {
        return Ok(quote!(Self::#name => crate::cbor::Cbor::write(&#number, writer),));
    }
    let fields = Fields::of(&variant.fields)?;
    let bound = fields.bound(name_of);
    let put = fields.put(name_of);
    Ok(quote! {
        Self::#name { #bound } => {
            let mut fields = writer.variant(#number).#open();
            #put
            fields.end();
        }
    })
}

fn open(variant: &Variant, form: Option<Form>) -> Result<Tokens> {
    match form {
        Some(Form::IndexOnly) if variant.fields.is_empty() => Ok(Tokens::new()),
        Some(Form::Map) => Ok(quote!(map)),
        None => Ok(quote!(array)),
        Some(Form::Array | Form::Transparent | Form::IndexOnly) => {
            let text = "not a form that this variant may have";
            Err(Error::new(variant.span(), text))
        }
    }
}

fn name_of(member: &Member) -> Tokens {
    let name = format_ident!("field_{}", member);
    quote!(#name)
}
