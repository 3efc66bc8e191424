//! Exclusive canonicalization without comments (xml-exc-c14n §3, xml-c14n §2.3) of one element and what is in it.

use alloc::{string::String, vec::Vec};

use roxmltree::{Attribute, Node};

/// Writes an element in canonical form.
///
/// One element in it may be left out, as the enveloped-signature transform does (xmldsig-core1 §6.6.4). `inclusive`
/// names the prefixes that are treated as inclusive canonicalization does; the empty one is the default namespace.
///
/// The depth of documents is bounded where they are parsed, and with it the depth of this function.
pub(crate) fn write(
    element: Node<'_, '_>,
    without: Option<Node<'_, '_>>,
    inclusive: &[&str],
) -> String {
    let mut writer = Writer {
        out: String::new(),
        without,
        inclusive,
        rendered: Vec::new(),
    };
    writer.element(element);
    writer.out
}

struct Writer<'a, 'i, 'p> {
    out: String,
    without: Option<Node<'a, 'i>>,
    inclusive: &'p [&'p str],
    /// The declarations that elements around the present one have written, innermost last.
    rendered: Vec<(String, String)>,
}

impl Writer<'_, '_, '_> {
    fn element(&mut self, node: Node<'_, '_>) {
        let outside = self.rendered.len();
        let source = node.document().input_text();
        let name = qualified(source.get(node.range().start + 1..).unwrap_or_default());
        let mut attributes: Vec<(Attribute<'_, '_>, &str)> = node
            .attributes()
            .map(|own| {
                (
                    own,
                    qualified(source.get(own.range().start..).unwrap_or_default()),
                )
            })
            .collect();
        attributes.sort_by(|(left, _), (right, _)| {
            (left.namespace(), left.name()).cmp(&(right.namespace(), right.name()))
        });

        self.out.push('<');
        self.out.push_str(name);
        // The prefixes that are visibly used (xml-exc-c14n §3), and those of the list.
        let mut prefixes = Vec::from([prefix(name).unwrap_or_default()]);
        prefixes.extend(attributes.iter().filter_map(|(_, name)| prefix(name)));
        prefixes.extend(
            self.inclusive
                .iter()
                .filter(|prefix| declared(node, prefix).is_some()),
        );
        prefixes.sort_unstable();
        prefixes.dedup();
        for prefix in prefixes {
            self.declaration(prefix, declared(node, prefix).unwrap_or_default());
        }
        for (attribute, name) in attributes {
            self.out.push(' ');
            self.out.push_str(name);
            self.out.push_str("=\"");
            self.value(attribute.value());
            self.out.push('"');
        }
        self.out.push('>');
        for child in node.children() {
            self.child(child);
        }
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
        self.rendered.truncate(outside);
    }

    /// A declaration, unless the one that is in force says the same.
    fn declaration(&mut self, prefix: &str, uri: &str) {
        if prefix == "xml" {
            return;
        }
        let known = self.rendered.iter().rev().find(|known| known.0 == prefix);
        if known.map_or("", |known| &known.1) == uri {
            return;
        }
        self.out.push_str(" xmlns");
        if !prefix.is_empty() {
            self.out.push(':');
            self.out.push_str(prefix);
        }
        self.out.push_str("=\"");
        self.value(uri);
        self.out.push('"');
        self.rendered.push((prefix.into(), uri.into()));
    }

    fn child(&mut self, node: Node<'_, '_>) {
        if node.is_element() {
            if self.without.is_none_or(|without| without.id() != node.id()) {
                self.element(node);
            }
        } else if node.is_text() {
            self.text(node.text().unwrap_or_default());
        } else if let Some(instruction) = node.pi() {
            self.out.push_str("<?");
            self.out.push_str(instruction.target);
            if let Some(value) = instruction.value {
                self.out.push(' ');
                self.out.push_str(value);
            }
            self.out.push_str("?>");
        }
    }

    fn text(&mut self, text: &str) {
        for char in text.chars() {
            match char {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '\r' => self.out.push_str("&#xD;"),
                _ => self.out.push(char),
            }
        }
    }

    fn value(&mut self, text: &str) {
        for char in text.chars() {
            match char {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '"' => self.out.push_str("&quot;"),
                '\t' => self.out.push_str("&#x9;"),
                '\n' => self.out.push_str("&#xA;"),
                '\r' => self.out.push_str("&#xD;"),
                _ => self.out.push(char),
            }
        }
    }
}

/// The name that a source text begins with, with its prefix: the tree keeps names alone.
fn qualified(source: &str) -> &str {
    let ends = |char: char| char.is_ascii_whitespace() || matches!(char, '=' | '/' | '>');
    source.split(ends).next().unwrap_or_default()
}

fn prefix(name: &str) -> Option<&str> {
    name.split_once(':').map(|(prefix, _)| prefix)
}

/// What a prefix stands for at an element.
fn declared<'a>(node: Node<'a, '_>, prefix: &str) -> Option<&'a str> {
    let prefix = (!prefix.is_empty()).then_some(prefix);
    node.lookup_namespace_uri(prefix)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use roxmltree::Document;

    use super::*;

    /// Undoes how Python writes a text in one line.
    fn plain(field: &str) -> String {
        let mut out = String::new();
        let mut rest = field.chars();
        while let Some(char) = rest.next() {
            let escaped = if char == '\\' { rest.next() } else { None };
            out.push(match escaped {
                None => char,
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                Some('x') => {
                    let digits: String = rest.by_ref().take(2).collect();
                    char::from(u8::from_str_radix(&digits, 16).unwrap())
                }
                Some(other) => other,
            });
        }
        out
    }

    #[test]
    fn elements_are_written_as_another_library_writes_them() {
        let lines = include_str!("../tests/vectors/canonical.txt").lines();
        for (line, text) in lines.enumerate() {
            let fields: Vec<String> = text.split('\t').map(plain).collect();
            let [document, number, prefixes, expected] = &fields[..] else {
                panic!("line {line} has not four fields");
            };
            let tree = Document::parse(document).unwrap();
            let mut elements = tree.descendants().filter(Node::is_element);
            let element = elements.nth(number.parse().unwrap()).unwrap();
            let prefixes: Vec<&str> = prefixes.split_whitespace().collect();
            assert_eq!(
                &write(element, None, &prefixes),
                expected,
                "line {line}: {document}"
            );
        }
    }

    /// xml-exc-c14n §2.2 and §3.
    #[test]
    fn declarations_stand_where_they_are_used() {
        let text = "\u{FEFF}<?xml version='1.0'?><a:r xmlns:a='urn:a' xmlns='urn:d' xmlns:b='urn:b'>\
            <e b:z='2' y='1' xmlns=''><f xmlns='urn:d'/><a:g/></e></a:r>";
        let tree = Document::parse(text).unwrap();
        let element = tree.root_element().first_element_child().unwrap();
        let expected = "<e xmlns:b=\"urn:b\" y=\"1\" b:z=\"2\"><f xmlns=\"urn:d\"></f><a:g xmlns:a=\"urn:a\"></a:g></e>";
        assert_eq!(write(element, None, &[]), expected);
        let expected = "<a:r xmlns=\"urn:d\" xmlns:a=\"urn:a\"></a:r>";
        assert_eq!(write(tree.root_element(), Some(element), &[""]), expected);
    }
}
