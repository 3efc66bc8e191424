//! What the generated definitions have in common, so that the generated text stays short.

/// Reading and writing of a structure, from its fields and their names on the wire.
macro_rules! shape {
    ($name:ident {}) => {
        impl crate::Decode for $name {
            fn decode(_: crate::Json) -> Self {
                Self {}
            }
        }

        impl crate::Encode for $name {
            fn encode(&self, out: &mut crate::Writer) {
                out.open('{');
                out.close('}');
            }
        }
    };
    ($name:ident { $($field:ident: $wire:literal),+ }) => {
        impl crate::Decode for $name {
            fn decode(json: crate::Json) -> Self {
                let mut object = json.into_object();
                Self { $($field: object.take($wire)),+ }
            }
        }

        impl crate::Encode for $name {
            fn encode(&self, out: &mut crate::Writer) {
                out.open('{');
                $(out.member($wire, &self.$field);)+
                out.close('}');
            }
        }
    };
}

/// An enumeration of the words that a text member may be.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $first:ident = $first_wire:literal $(, $word:ident = $wire:literal)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            #[doc = concat!("`", $first_wire, "`.")]
            #[default]
            $first,
            $(
                #[doc = concat!("`", $wire, "`.")]
                $word,
            )*
        }

        impl $name {
            /// Every word, in the order of the model.
            pub const ALL: &'static [Self] = &[Self::$first $(, Self::$word)*];

            pub(crate) const WORDS: &'static [&'static str] = &[$first_wire $(, $wire)*];

            /// The variant of a word on the wire.
            pub fn from_wire(word: &str) -> Option<Self> {
                Self::WORDS.iter().position(|known| *known == word).map(|at| Self::ALL[at])
            }

            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                Self::WORDS[self as usize]
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl crate::Decode for $name {
            fn decode(json: crate::Json) -> Self {
                Self::from_wire(&json.into_text()).unwrap_or_default()
            }
        }

        impl crate::Encode for $name {
            fn encode(&self, out: &mut crate::Writer) {
                out.text(self.as_str());
            }
        }
    };
}

pub(crate) use {shape, words};

use crate::scalar::Empty;

shape!(Empty {});
