//! A reader of the model files that keeps members in their order, which is the order of fields and of messages.

/// A JSON value.
#[derive(Debug)]
pub enum Json {
    Bool(bool),
    Number(i64),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads a model file; the files are part of the crate, so that a fault in one is a bug.
    pub fn read(text: &str) -> Self {
        let mut reader = Reader { rest: text };
        let value = reader.value();
        reader.skip();
        assert!(reader.rest.is_empty(), "the model ends after one value");
        value
    }

    pub fn get(&self, name: &str) -> Option<&Self> {
        self.members()
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }

    pub fn members(&self) -> &[(String, Self)] {
        match self {
            Self::Object(members) => members,
            other => panic!("an object is expected, not {other:?}"),
        }
    }

    pub fn list(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            other => panic!("a list is expected, not {other:?}"),
        }
    }

    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            other => panic!("a text is expected, not {other:?}"),
        }
    }

    pub fn number(&self) -> i64 {
        match self {
            Self::Number(number) => *number,
            other => panic!("a number is expected, not {other:?}"),
        }
    }

    pub fn flag(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Self::Bool(true)))
    }

    pub fn words(&self, name: &str) -> Vec<String> {
        let items = self.get(name).map(Self::list).unwrap_or_default();
        items.iter().map(|item| item.text().to_owned()).collect()
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn value(&mut self) -> Json {
        self.skip();
        match self.rest.as_bytes()[0] {
            b'{' => Json::Object(self.sequence('{', '}', |reader| {
                let key = reader.string();
                reader.expect(':');
                (key, reader.value())
            })),
            b'[' => Json::List(self.sequence('[', ']', Self::value)),
            b'"' => Json::Text(self.string()),
            b't' => self.word("true", Json::Bool(true)),
            b'f' => self.word("false", Json::Bool(false)),
            _ => self.integer(),
        }
    }

    fn sequence<T>(&mut self, open: char, close: char, item: impl Fn(&mut Self) -> T) -> Vec<T> {
        let mut items = Vec::new();
        self.expect(open);
        while !self.accept(close) {
            if !items.is_empty() {
                self.expect(',');
            }
            items.push(item(self));
        }
        items
    }

    fn string(&mut self) -> String {
        self.expect('"');
        let mut text = String::new();
        loop {
            match self.next() {
                '"' => return text,
                '\\' => text.push(match self.next() {
                    'n' => '\n',
                    't' => '\t',
                    other @ ('"' | '\\' | '/') => other,
                    other => panic!("the escape \\{other} is not used in the models"),
                }),
                other => text.push(other),
            }
        }
    }

    fn integer(&mut self) -> Json {
        let end = self
            .rest
            .find(|c: char| c != '-' && !c.is_ascii_digit())
            .unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        Json::Number(digits.parse().expect("the models hold integers only"))
    }

    fn word(&mut self, word: &str, value: Json) -> Json {
        self.rest = self.rest.strip_prefix(word).expect("the models hold JSON");
        value
    }

    fn expect(&mut self, wanted: char) {
        assert!(
            self.accept(wanted),
            "{wanted} is expected at {:.40}",
            self.rest
        );
    }

    fn accept(&mut self, wanted: char) -> bool {
        self.skip();
        let Some(rest) = self.rest.strip_prefix(wanted) else {
            return false;
        };
        self.rest = rest;
        true
    }

    fn next(&mut self) -> char {
        let mut chars = self.rest.chars();
        let next = chars.next().expect("the model is complete");
        self.rest = chars.as_str();
        next
    }

    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }
}
