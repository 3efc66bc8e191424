//! Signatures of assertions and messages: the profile of XML signatures that SAML allows (saml-core-2.0-os §5.4).
//!
//! One reference, to the element that the signature stands in, by its id; the enveloped-signature transform and
//! exclusive canonicalization, and nothing else. What a signature says of keys is not looked at.

use alloc::vec::Vec;

use roxmltree::{Document, Node};

use crate::{
    Refused, canonical,
    certificate::{Hash, Key},
    xml::{
        self,
        namespace::{CANONICAL, SIGNATURE},
    },
};

const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
/// How many signatures a message may have: one of the response, and one of the assertion.
const SIGNATURES: usize = 2;

/// The algorithms of signatures (RFC 6931 §2.3), also in addresses.
pub(crate) fn algorithm(uri: &str) -> Result<Hash, Refused> {
    match uri {
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256" => Ok(Hash::Sha256),
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384" => Ok(Hash::Sha384),
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512" => Ok(Hash::Sha512),
        _ => Err(Refused::Algorithm),
    }
}

/// Checks the signatures of these elements, each of which may have one, and tells which have.
///
/// # Errors
/// A signature is invalid, or there is one anywhere else in the document.
pub(crate) fn check<const N: usize>(
    document: &Document<'_>,
    elements: [Node<'_, '_>; N],
    keys: &[Key],
) -> Result<[bool; N], Refused> {
    let signatures = find(document, elements)?;
    let mut signed = [false; N];
    for ((element, signature), signed) in elements.into_iter().zip(signatures).zip(&mut signed) {
        *signed = check_one(element, signature, keys)?;
    }
    Ok(signed)
}

/// The signatures of these elements, each of which may have one.
///
/// # Errors
/// There is a signature anywhere else in the document.
pub(crate) fn find<'a, 'i: 'a, const N: usize>(
    document: &'a Document<'i>,
    elements: [Node<'a, 'i>; N],
) -> Result<[Option<Node<'a, 'i>>; N], Refused> {
    let own = elements.map(|element| xml::children(element, SIGNATURE, "Signature").next());
    let all = document
        .descendants()
        .filter(|node| xml::is(*node, SIGNATURE, "Signature"));
    if all.take(SIGNATURES + 1).count() != own.iter().flatten().count() {
        return Err(Refused::Signature);
    }
    Ok(own)
}

/// Checks the signature of the element that it stands in, if there is one, and tells whether there is.
pub(crate) fn check_one(
    element: Node<'_, '_>,
    signature: Option<Node<'_, '_>>,
    keys: &[Key],
) -> Result<bool, Refused> {
    let Some(signature) = signature else {
        return Ok(false);
    };
    // Objects could hold what an id leads to.
    let known = ["SignedInfo", "SignatureValue", "KeyInfo"];
    let is_known = |node: Node<'_, '_>| known.iter().any(|name| xml::is(node, SIGNATURE, name));
    if !signature.children().filter(Node::is_element).all(is_known) {
        return Err(Refused::Signature);
    }
    let info = xml::one(signature, SIGNATURE, "SignedInfo")?;
    let value = xml::base64(xml::one(signature, SIGNATURE, "SignatureValue")?)?;

    let method = xml::one(info, SIGNATURE, "SignatureMethod")?;
    let hash = algorithm(method.attribute("Algorithm").unwrap_or_default())?;
    let method = xml::one(info, SIGNATURE, "CanonicalizationMethod")?;
    let inclusive = canonicalization(method)?;
    let text = canonical::write(info, None, &inclusive);
    if !keys
        .iter()
        .any(|key| key.verify(hash, text.as_bytes(), &value))
    {
        return Err(Refused::Signature);
    }

    let reference = xml::one(info, SIGNATURE, "Reference")?;
    let id = element.attribute("ID").filter(|id| !id.is_empty());
    let uri = reference.attribute("URI").unwrap_or_default();
    if id.is_none() || uri.strip_prefix('#') != id {
        return Err(Refused::Signature);
    }
    let inclusive = transforms(xml::one(reference, SIGNATURE, "Transforms")?)?;
    let method = xml::one(reference, SIGNATURE, "DigestMethod")?;
    let hash = match method.attribute("Algorithm").unwrap_or_default() {
        "http://www.w3.org/2001/04/xmlenc#sha256" => Hash::Sha256,
        "http://www.w3.org/2001/04/xmldsig-more#sha384" => Hash::Sha384,
        "http://www.w3.org/2001/04/xmlenc#sha512" => Hash::Sha512,
        _ => return Err(Refused::Algorithm),
    };
    let digest = xml::base64(xml::one(reference, SIGNATURE, "DigestValue")?)?;
    let text = canonical::write(element, Some(signature), &inclusive);
    if hash.of(text.as_bytes()) != digest {
        return Err(Refused::Signature);
    }
    Ok(true)
}

/// The prefixes that are treated as inclusive canonicalization does, of the two transforms that SAML allows (§5.4.4).
fn transforms<'a>(list: Node<'a, '_>) -> Result<Vec<&'a str>, Refused> {
    let mut elements = list.children().filter(Node::is_element);
    let enveloped = elements.next().is_some_and(|first| {
        xml::is(first, SIGNATURE, "Transform")
            && first.attribute("Algorithm") == Some(ENVELOPED)
            && !first.children().any(|child| child.is_element())
    });
    let second = elements
        .next()
        .filter(|second| xml::is(*second, SIGNATURE, "Transform"));
    match (enveloped, second, elements.next()) {
        (true, Some(second), None) => canonicalization(second),
        _ => Err(Refused::Algorithm),
    }
}

/// The prefixes that exclusive canonicalization treats as the inclusive one does (xml-exc-c14n §4).
fn canonicalization<'a>(method: Node<'a, '_>) -> Result<Vec<&'a str>, Refused> {
    if method.attribute("Algorithm") != Some(CANONICAL) {
        return Err(Refused::Algorithm);
    }
    let mut prefixes = Vec::new();
    for child in method.children().filter(Node::is_element) {
        if !xml::is(child, CANONICAL, "InclusiveNamespaces") {
            return Err(Refused::Algorithm);
        }
        let list = child.attribute("PrefixList").unwrap_or_default();
        prefixes.extend(list.split_ascii_whitespace().map(|prefix| match prefix {
            "#default" => "",
            _ => prefix,
        }));
    }
    Ok(prefixes)
}
