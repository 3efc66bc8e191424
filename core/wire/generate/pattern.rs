//! The patterns of the models: a parser for the part of Java's syntax that they use.
//!
//! A pattern matches a whole value, as Java's `matches` does, so that `^` at its start and `$` at its end say
//! nothing. `\w`, `\d`, `\s` are ASCII, also as in Java.

use crate::charset::Charset;

/// A parsed pattern.
pub struct Pattern {
    pub tree: Tree,
    /// Characters that the value must not end with: `(?<!..)$`.
    pub not_after: Option<Charset>,
}

#[derive(Clone)]
pub enum Tree {
    One(Charset),
    All(Vec<Tree>),
    Any(Vec<Tree>),
    /// At least so often, at most so often.
    Repeat(Box<Tree>, u32, Option<u32>),
}

impl Pattern {
    pub fn parse(source: &str) -> Self {
        let mut parser = Parser {
            source,
            rest: source.chars().collect(),
            at: 0,
            dot_is_all: false,
            not_after: None,
        };
        if parser.accept("(?s)") {
            parser.dot_is_all = true;
        }
        parser.accept("^");
        let tree = parser.alternatives();
        assert!(
            parser.at == parser.rest.len(),
            "{source} was read to its end"
        );
        Self {
            tree,
            not_after: parser.not_after,
        }
    }
}

struct Parser<'a> {
    source: &'a str,
    rest: Vec<char>,
    at: usize,
    dot_is_all: bool,
    not_after: Option<Charset>,
}

impl Parser<'_> {
    fn alternatives(&mut self) -> Tree {
        let mut branches = vec![self.sequence()];
        while self.accept("|") {
            branches.push(self.sequence());
        }
        if branches.len() == 1 {
            branches.remove(0)
        } else {
            Tree::Any(branches)
        }
    }

    fn sequence(&mut self) -> Tree {
        let mut items = Vec::new();
        while let Some(next) = self.peek() {
            if next == '|' || next == ')' {
                break;
            }
            if self.accept("$") {
                assert!(self.at == self.rest.len(), "$ ends {}", self.source);
            } else if self.accept("(?<!") {
                assert!(
                    self.not_after.is_none() && self.source.ends_with(")$"),
                    "a lookbehind ends {}",
                    self.source
                );
                self.not_after = Some(self.one());
                self.expect(")");
            } else {
                items.push(self.repeated());
            }
        }
        Tree::All(items)
    }

    fn repeated(&mut self) -> Tree {
        let tree = if self.accept("(?:") || self.accept("(") {
            let inner = self.alternatives();
            self.expect(")");
            inner
        } else {
            Tree::One(self.one())
        };
        let (least, most) = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => return self.counted(tree),
            _ => return tree,
        };
        self.at += 1;
        Tree::Repeat(Box::new(tree), least, most)
    }

    fn counted(&mut self, tree: Tree) -> Tree {
        self.expect("{");
        let least = self.number();
        let most = if self.accept(",") {
            self.number()
        } else {
            least
        };
        self.expect("}");
        Tree::Repeat(Box::new(tree), least, Some(most))
    }

    fn number(&mut self) -> u32 {
        let digits: String = self.rest[self.at..]
            .iter()
            .take_while(|it| it.is_ascii_digit())
            .collect();
        self.at += digits.len();
        digits.parse().expect("counts are written out")
    }

    /// One character of a set, outside of brackets or a whole bracket.
    fn one(&mut self) -> Charset {
        match self.next() {
            '[' => self.bracket(),
            '\\' => self.escape(),
            // Java's dot leaves out its line terminators.
            '.' if self.dot_is_all => Charset::of(&[]).negated(),
            '.' => Charset::of(&[
                ('\n', '\n'),
                ('\r', '\r'),
                ('\u{85}', '\u{85}'),
                ('\u{2028}', '\u{2029}'),
            ])
            .negated(),
            plain => {
                assert!(
                    !"*+?(){}|^$".contains(plain),
                    "{plain} has a meaning of its own in {}",
                    self.source
                );
                Charset::of(&[(plain, plain)])
            }
        }
    }

    fn bracket(&mut self) -> Charset {
        let negated = self.accept("^");
        let mut set = Charset::of(&[]);
        while !self.accept("]") {
            let first = self.item();
            // A hyphen is a range only between two single characters.
            let range = self.peek() == Some('-') && self.rest.get(self.at + 1) != Some(&']');
            match first.single() {
                Some(low) if range => {
                    self.expect("-");
                    let high = self.item().single().expect("ranges end with one character");
                    set = set.union(&Charset::of(&[(low, high)]));
                }
                _ => set = set.union(&first),
            }
        }
        if negated { set.negated() } else { set }
    }

    fn item(&mut self) -> Charset {
        match self.next() {
            '\\' => self.escape(),
            plain => Charset::of(&[(plain, plain)]),
        }
    }

    fn escape(&mut self) -> Charset {
        match self.next() {
            'd' => Charset::of(&[('0', '9')]),
            'w' => Charset::of(&[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')]),
            's' => Charset::of(&[('\t', '\r'), (' ', ' ')]),
            'S' => Charset::of(&[('\t', '\r'), (' ', ' ')]).negated(),
            't' => Charset::of(&[('\t', '\t')]),
            'n' => Charset::of(&[('\n', '\n')]),
            'r' => Charset::of(&[('\r', '\r')]),
            'x' => {
                let digits: String = [self.next(), self.next()].into_iter().collect();
                let code =
                    u8::from_str_radix(&digits, 16).expect("\\x is followed by two hex digits");
                Charset::of(&[(code.into(), code.into())])
            }
            'p' => {
                self.expect("{");
                let category = self.next();
                self.expect("}");
                Charset::category(category)
            }
            plain => {
                assert!(
                    plain.is_ascii_punctuation(),
                    "\\{plain} is not used in the models"
                );
                Charset::of(&[(plain, plain)])
            }
        }
    }

    fn peek(&self) -> Option<char> {
        self.rest.get(self.at).copied()
    }

    fn next(&mut self) -> char {
        let next = self.peek().expect("patterns are complete");
        self.at += 1;
        next
    }

    fn accept(&mut self, wanted: &str) -> bool {
        let found = wanted.chars().eq(self.rest[self.at..]
            .iter()
            .copied()
            .take(wanted.chars().count()));
        self.at += if found { wanted.chars().count() } else { 0 };
        found
    }

    fn expect(&mut self, wanted: &str) {
        assert!(
            self.accept(wanted),
            "{wanted} is expected in {}",
            self.source
        );
    }
}
