//! The fields of a struct or a variant.

use alloc::vec::Vec;

use proc_macro2::TokenStream as Tokens;
use quote::quote;
use syn::{Error, Member, Result, spanned::Spanned};

use crate::attributes::Said;

/// Fields, in the order of their numbers.
pub(crate) struct Fields(Vec<(Said, Member)>);

impl Fields {
    pub fn of(fields: &syn::Fields) -> Result<Self> {
        let mut all = Vec::new();
        for (field, member) in fields.iter().zip(fields.members()) {
            let said = Said::by(&field.attrs, |text| Error::new(field.span(), text))?;
            if said.is_bytes && said.has_default {
                return Err(Error::new(field.span(), "bytes have no default"));
            }
            all.push((said, member));
        }
        all.sort_by_key(|(said, _)| said.number);
        match all.is_sorted_by(|(a, _), (b, _)| a.number < b.number) {
            true => Ok(Self(all)),
            false => Err(Error::new(fields.span(), "two fields have the same number")),
        }
    }

    /// What stands between the braces where the fields are taken from `fields`.
    pub fn taken(&self) -> Tokens {
        self.each(|said, member| {
            let number = said.number;
            match (said.is_bytes, said.has_default) {
                (true, _) => quote!(#member: fields.take_bytes(#number),),
                (_, true) => quote!(#member: fields.take_or_default(#number),),
                _ => quote!(#member: fields.take(#number),),
            }
        })
    }

    /// Statements that put the fields into `fields`, each by a reference to it.
    pub fn put(&self, reference: impl Fn(&Member) -> Tokens) -> Tokens {
        self.each(|said, member| {
            let (number, field) = (said.number, reference(member));
            match said.is_bytes {
                true => quote!(fields.put_bytes(#number, #field);),
                false => quote!(fields.put(#number, #field);),
            }
        })
    }

    /// Names for the fields, where a pattern binds them.
    pub fn bound(&self, name: impl Fn(&Member) -> Tokens) -> Tokens {
        self.each(|_, member| {
            let name = name(member);
            quote!(#member: #name,)
        })
    }

    fn each(&self, tokens: impl Fn(&Said, &Member) -> Tokens) -> Tokens {
        self.0
            .iter()
            .map(|(said, member)| tokens(said, member))
            .collect()
    }
}
