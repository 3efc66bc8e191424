//! Documents, bounded before and after they are parsed, and what is read of their elements.

use alloc::{string::String, vec::Vec};

use roxmltree::{Document, Node, ParsingOptions};

use crate::Refused;

/// Namespaces of the documents that are read.
pub(crate) mod namespace {
    /// Protocol messages (saml-core-2.0-os §1.1).
    pub(crate) const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
    /// Assertions (saml-core-2.0-os §1.1).
    pub(crate) const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
    /// Metadata (saml-metadata-2.0-os §1.1).
    pub(crate) const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
    /// Signatures (xmldsig-core1 §1.3).
    pub(crate) const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";
    /// Encryption (xmlenc-core1 §1.3).
    pub(crate) const ENCRYPTION: &str = "http://www.w3.org/2001/04/xmlenc#";
    /// What version 1.1 adds to it (xmlenc-core1 §1.3).
    pub(crate) const ENCRYPTION_11: &str = "http://www.w3.org/2009/xmlenc11#";
    /// Exclusive canonicalization (xml-exc-c14n §4).
    pub(crate) const CANONICAL: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
}

/// How deep elements may be nested.
const DEPTH: usize = 64;
/// How many elements, texts, comments and instructions a document may have.
const NODES: u32 = 50_000;
/// How often a document may have `xmlns` in it: each declaration costs the elements below it.
const DECLARATIONS: usize = 2_000;
/// How many `=` a document may have: attributes of one element are compared with each other.
const EQUALS: usize = 8_000;

/// Parses a text of at most so many bytes.
///
/// # Errors
/// It is too large, is no XML, has a document type definition, or an id twice.
pub(crate) fn parse(text: &str, bytes: usize) -> Result<Document<'_>, Refused> {
    let too_large = text.len() > bytes
        || text.matches("xmlns").take(DECLARATIONS + 1).count() > DECLARATIONS
        || text.matches('=').take(EQUALS + 1).count() > EQUALS;
    if too_large {
        return Err(Refused::TooLarge);
    }
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: NODES,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(text, options).map_err(|error| match error {
        roxmltree::Error::NodesLimitReached => Refused::TooLarge,
        _ => Refused::Malformed,
    })?;
    let mut ids = Vec::new();
    for node in document.descendants().filter(Node::is_element) {
        if node.ancestors().take(DEPTH + 1).count() > DEPTH {
            return Err(Refused::TooLarge);
        }
        // Whatever some schema may take for an id, so that nobody's idea of the element of an id is another one.
        let is_id = |name: &str| name.eq_ignore_ascii_case("id");
        let own = node.attributes().filter(|own| is_id(own.name()));
        ids.extend(own.map(|own| own.value()));
    }
    ids.sort_unstable();
    if ids.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Refused::DuplicateId);
    }
    Ok(document)
}

/// Whether a node is this element.
pub(crate) fn is(node: Node<'_, '_>, namespace: &str, name: &str) -> bool {
    node.is_element()
        && node.tag_name().name() == name
        && node.tag_name().namespace() == Some(namespace)
}

/// The elements of this name in an element.
pub(crate) fn children<'a, 'i: 'a>(
    node: Node<'a, 'i>,
    namespace: &'a str,
    name: &'a str,
) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children()
        .filter(move |child| is(*child, namespace, name))
}

/// The element of this name in an element, where there may be one.
///
/// # Errors
/// There are several.
pub(crate) fn at_most_one<'a, 'i: 'a>(
    node: Node<'a, 'i>,
    namespace: &'a str,
    name: &'a str,
) -> Result<Option<Node<'a, 'i>>, Refused> {
    let mut found = children(node, namespace, name);
    let first = found.next();
    match found.next() {
        Some(_) => Err(Refused::Malformed),
        None => Ok(first),
    }
}

/// The element of this name in an element.
///
/// # Errors
/// There is none, or there are several.
pub(crate) fn one<'a, 'i: 'a>(
    node: Node<'a, 'i>,
    namespace: &'a str,
    name: &'a str,
) -> Result<Node<'a, 'i>, Refused> {
    at_most_one(node, namespace, name)?.ok_or(Refused::Malformed)
}

/// The whole text of an element, as canonicalization writes it: around comments and instructions.
///
/// # Errors
/// There are elements in it.
pub(crate) fn text(node: Node<'_, '_>) -> Result<String, Refused> {
    let mut text = String::new();
    for child in node.children() {
        if child.is_element() {
            return Err(Refused::Malformed);
        }
        if child.is_text() {
            text.push_str(child.text().unwrap_or_default());
        }
    }
    Ok(text)
}

/// The text of an element without the blanks around it.
///
/// # Errors
/// There are elements in it.
pub(crate) fn trimmed(node: Node<'_, '_>) -> Result<String, Refused> {
    text(node).map(|text| text.trim().into())
}

/// The bytes that an element holds in base64, blanks apart (xmlschema-2 §3.2.16).
///
/// # Errors
/// There are none.
pub(crate) fn base64(node: Node<'_, '_>) -> Result<Vec<u8>, Refused> {
    decode(&text(node)?).ok_or(Refused::Malformed)
}

/// The bytes of a text in base64, blanks apart.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let solid: String = text
        .chars()
        .filter(|char| !char.is_ascii_whitespace())
        .collect();
    userpool_crypto::base64::decode(&solid)
}

/// Writes a text as the content or as an attribute of an element.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push_str("&#9;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            _ => out.push(char),
        }
    }
    out
}
