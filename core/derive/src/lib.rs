//! `#[derive(Cbor)]`, for the records of `userpool-core`: nothing but a call for each field, of code that all records share.
//!
//! | of | attribute | |
//! |---|---|---|
//! | struct | `#[cbor(map)]` | a map; the numbers of its fields are the keys, and a field that is `None` is left out |
//! | struct | `#[cbor(array)]` | an array; the numbers of its fields are the places |
//! | struct of one field | `#[cbor(transparent)]` | what the field is |
//! | enum | | an array of two: the number of the variant, and its fields in an array |
//! | enum | `#[cbor(map)]` | the same, but its fields in a map |
//! | enum | `#[cbor(index_only)]` | the number of the variant |
//! | field, variant | `#[n(1)]` | its number |
//! | field | `#[cbor(n(1), bytes)]` | its number; it is a string of bytes |
//! | field | `#[cbor(n(1), default)]` | its number; it is the default of its type where it is missing |
//!
//! Fields are written in the order of their numbers, and are read in it.
#![no_std]

extern crate alloc;

mod attributes;
mod enums;
mod fields;

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use quote::quote;
use syn::{Data, DataStruct, DeriveInput, Error, Result, parse_macro_input, spanned::Spanned};

use attributes::{Form, form};
use fields::Fields;

/// How a value is written as CBOR, and read from it.
#[proc_macro_derive(Cbor, attributes(n, cbor))]
pub fn cbor(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    implementation(&input)
        .unwrap_or_else(Error::into_compile_error)
        .into()
}

fn implementation(input: &DeriveInput) -> Result<Tokens> {
    let form = form(&input.attrs)?;
    let body = match &input.data {
        Data::Struct(data) if form == Some(Form::Transparent) => transparent(data)?,
        Data::Struct(data) => of_struct(data, form)?,
        Data::Enum(data) => enums::body(data, form)?,
        Data::Union(data) => return Err(Error::new(data.union_token.span, "a union has no form")),
    };
    let name = &input.ident;
    Ok(quote! {
        impl crate::cbor::Cbor for #name {
            #body
        }
    })
}

fn of_struct(data: &DataStruct, form: Option<Form>) -> Result<Tokens> {
    let open = match form {
        Some(Form::Map) => quote!(map),
        Some(Form::Array) => quote!(array),
        _ => {
            let text = "a struct is `#[cbor(map)]`, `#[cbor(array)]` or `#[cbor(transparent)]`";
            return Err(Error::new(data.struct_token.span, text));
        }
    };
    let fields = Fields::of(&data.fields)?;
    let (taken, put) = (fields.taken(), fields.put(|member| quote!(&self.#member)));
    Ok(quote! {
        fn read(reader: &mut crate::cbor::Reader<'_>) -> Self {
            let mut fields = reader.#open();
            let value = Self { #taken };
            fields.end();
            value
        }

        fn write(&self, writer: &mut crate::cbor::Writer) {
            let mut fields = writer.#open();
            #put
            fields.end();
        }
    })
}

fn transparent(data: &DataStruct) -> Result<Tokens> {
    let mut fields = data.fields.members();
    let (Some(member), None) = (fields.next(), fields.next()) else {
        return Err(Error::new(data.fields.span(), "one field is transparent"));
    };
    Ok(quote! {
        fn read(reader: &mut crate::cbor::Reader<'_>) -> Self {
            Self { #member: crate::cbor::Cbor::read(reader) }
        }

        fn write(&self, writer: &mut crate::cbor::Writer) {
            crate::cbor::Cbor::write(&self.#member, writer);
        }

        fn missing(reader: &mut crate::cbor::Reader<'_>, number: u32) -> Self {
            Self { #member: crate::cbor::Cbor::missing(reader, number) }
        }

        fn is_missing(&self) -> bool {
            crate::cbor::Cbor::is_missing(&self.#member)
        }
    })
}
