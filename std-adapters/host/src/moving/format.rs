//! The lines of an export, written and read.
//!
//! | line | says |
//! |---|---|
//! | the first | format and version, the export's id, the pool, the name of the key |
//! | each further one | a record: its kind, key and value, and when it ends |
//! | the last | how many records there are, and the code of all lines before it |
//!
//! The code of a line is the HMAC-SHA-256, under a key that comes from that of the export, of the code of the line before
//! and the line; before the first one stand 32 zeros.

use std::io::{self, BufRead, Read, Write};

use serde::{Deserialize, Serialize};
use userpool_core::engine::{Bytes, Raw};
use userpool_core::model::keys;
use userpool_crypto::{
    base64,
    digest::{ct_eq, hmac_sha256},
    secret::SecretArray,
};
use userpool_ports::{
    Key, Timestamp,
    storage::{MAX_KEY, MAX_VALUE},
};

use super::{ExportKey, NotMoved};

const FORMAT: &str = "userpool-export";
const VERSION: u32 = 1;
/// The longest line: a record of the greatest length in base64, and what stands around it.
const MAX_LINE: u64 = ((MAX_KEY + MAX_VALUE) * 4 / 3 + 1_024) as u64;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    /// [`FORMAT`].
    pub format: String,
    /// [`VERSION`].
    pub version: u32,
    /// Names this export: 32 hexadecimal digits.
    pub export: String,
    /// The id of the pool.
    pub pool: String,
    /// Its name.
    pub name: String,
    /// When the export began, in seconds since 1970 began.
    pub made: i64,
    /// The name of the key that secrets are sealed under.
    pub key: String,
}

impl Head {
    pub fn new(export: [u8; 16], pool: &str, name: &str, now: Timestamp, key: &ExportKey) -> Self {
        Self {
            format: FORMAT.into(),
            version: VERSION,
            export: userpool_crypto::integer::hex(&export),
            pool: pool.into(),
            name: name.into(),
            made: now.secs(),
            key: key.id().to_string(),
        }
    }

    /// The export's id.
    pub fn export(&self) -> Result<[u8; 16], NotMoved> {
        let number = u128::from_str_radix(&self.export, 16).ok();
        let number = number.filter(|_| self.export.len() == 32);
        number
            .map(u128::to_be_bytes)
            .ok_or_else(|| unreadable("its first line has no id of an export"))
    }
}

/// What every version of the first line has.
#[derive(Deserialize)]
struct Mark {
    format: String,
    version: u32,
}

/// A line after the first.
#[derive(Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Line {
    Record {
        kind: char,
        key: String,
        value: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        expires: Option<i64>,
    },
    Last {
        records: u64,
        code: String,
    },
}

/// The code of the lines so far.
struct Chain {
    key: SecretArray<32>,
    code: [u8; 32],
}

impl Chain {
    fn new(key: &ExportKey) -> Self {
        Self {
            key: key.of_lines(),
            code: [0; 32],
        }
    }

    fn add(&mut self, line: &[u8]) {
        self.code = hmac_sha256(self.key.expose(), &[&self.code, line]);
    }
}

/// Writes an export.
pub(super) struct Writer<W> {
    out: W,
    chain: Chain,
    records: u64,
}

impl<W: Write> Writer<W> {
    pub fn begin(out: W, key: &ExportKey, head: &Head) -> io::Result<Self> {
        let mut writer = Self {
            out,
            chain: Chain::new(key),
            records: 0,
        };
        writer.line(head)?;
        Ok(writer)
    }

    pub fn record(&mut self, record: &Raw) -> io::Result<()> {
        self.records += 1;
        self.line(&Line::Record {
            kind: keys::kind(&record.key).map_or('?', char::from),
            key: base64::encode(record.key.as_bytes()),
            value: base64::encode(&record.value),
            expires: record.expires.map(Timestamp::millis),
        })
    }

    /// Writes the last line; tells how many records stand before it.
    pub fn end(mut self) -> io::Result<u64> {
        let last = Line::Last {
            records: self.records,
            code: base64::encode(&self.chain.code),
        };
        self.line(&last)?;
        self.out.flush()?;
        Ok(self.records)
    }

    fn line(&mut self, line: &impl Serialize) -> io::Result<()> {
        let mut text = serde_json::to_string(line).map_err(io::Error::other)?;
        self.chain.add(text.as_bytes());
        text.push('\n');
        self.out.write_all(text.as_bytes())
    }
}

/// Reads an export.
pub(super) struct Reader<R> {
    input: R,
    chain: Chain,
    line: Vec<u8>,
    /// How many lines were read.
    lines: u64,
    records: u64,
    bytes: u64,
}

impl<R: BufRead> Reader<R> {
    /// Reads the first line.
    ///
    /// # Errors
    /// The file is no export, of another version, or sealed under another key.
    pub fn begin(input: R, key: &ExportKey) -> Result<(Self, Head), NotMoved> {
        let mut reader = Self {
            input,
            chain: Chain::new(key),
            line: Vec::new(),
            lines: 0,
            records: 0,
            bytes: 0,
        };
        let no_export = || NotMoved::Unreadable("the file is no export of a user pool".into());
        let line = match reader.next_line() {
            Err(NotMoved::Unreadable(_)) | Ok(false) => return Err(no_export()),
            Err(other) => return Err(other),
            Ok(true) => &reader.line,
        };
        let mark: Mark = serde_json::from_slice(line).map_err(|_| no_export())?;
        if mark.format != FORMAT {
            return Err(no_export());
        }
        if mark.version != VERSION {
            return Err(NotMoved::Unreadable(format!(
                "the export has version {} of the format, and this userpool reads version {VERSION}",
                mark.version
            )));
        }
        let head: Head = serde_json::from_slice(line)
            .map_err(|_| unreadable("its first line is not that of an export"))?;
        if head.key != key.id().as_str() {
            return Err(NotMoved::Unreadable(format!(
                "the export is sealed under the key {}, and the key that was given is {}",
                head.key,
                key.id()
            )));
        }
        reader.chain.add(&reader.line);
        Ok((reader, head))
    }

    /// The next record; `None` behind the last one, when the whole file was found to be as it was written.
    ///
    /// # Errors
    /// The file is torn, was changed, or holds something else.
    pub fn next(&mut self) -> Result<Option<Raw>, NotMoved> {
        if !self.next_line()? {
            let text = format!(
                "the export is torn: it has no last line after its {} records; export the pool again",
                self.records
            );
            return Err(NotMoved::Unreadable(text));
        }
        let line = serde_json::from_slice(&self.line).map_err(|_| self.strange())?;
        let (kind, key, value, expires) = match line {
            Line::Record {
                kind,
                key,
                value,
                expires,
            } => (kind, key, value, expires),
            Line::Last { records, code } => return self.end(records, &code).map(|()| None),
        };
        self.chain.add(&self.line);
        self.records += 1;
        let decoded = base64::decode(&key).zip(base64::decode(&value));
        let (key, value) = decoded.ok_or_else(|| self.strange())?;
        let key = Key::new(key);
        if keys::kind(&key).map(char::from) != Some(kind) {
            return Err(self.strange());
        }
        Ok(Some(Raw {
            key,
            value: Bytes(value.into()),
            expires: expires.map(Timestamp::from_millis),
        }))
    }

    /// How many records were read.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// How many bytes were read.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    fn end(&mut self, records: u64, code: &str) -> Result<(), NotMoved> {
        let code = base64::decode(code).unwrap_or_default();
        if records != self.records || !ct_eq(&code, &self.chain.code) {
            return Err(NotMoved::Unreadable(
                "the export was changed since it was written, or the key is another one of the same name".into(),
            ));
        }
        match self.next_line()? {
            false => Ok(()),
            true => Err(unreadable("there is more after its last line")),
        }
    }

    /// Whether there is a further line, which is in `line` then, without its end.
    fn next_line(&mut self) -> Result<bool, NotMoved> {
        self.line.clear();
        let mut input = self.input.by_ref().take(MAX_LINE);
        let read = input.read_until(b'\n', &mut self.line)?;
        if read == 0 {
            return Ok(false);
        }
        self.lines += 1;
        self.bytes += read as u64;
        match self.line.pop() {
            Some(b'\n') => Ok(true),
            // A line that was cut is not there, and one that is too long is none of ours.
            Some(_) if (read as u64) < MAX_LINE => Ok(false),
            _ => Err(self.strange()),
        }
    }

    fn strange(&self) -> NotMoved {
        unreadable(&format!("its line {} is not one of an export", self.lines))
    }
}

fn unreadable(why: &str) -> NotMoved {
    NotMoved::Unreadable(format!("the export cannot be read: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> ExportKey {
        ExportKey::parse("a:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=").unwrap()
    }

    fn records() -> Vec<Raw> {
        let record = |n: u8, expires| Raw {
            key: Key::new(vec![b'P', n]),
            value: Bytes(vec![1, n].into()),
            expires,
        };
        vec![record(1, None), record(2, Some(Timestamp::from_millis(7)))]
    }

    fn written() -> String {
        let head = Head::new([9; 16], "r_p", "n", Timestamp::from_secs(5), &key());
        let mut out = Vec::new();
        let mut writer = Writer::begin(&mut out, &key(), &head).unwrap();
        for record in records() {
            writer.record(&record).unwrap();
        }
        assert_eq!(writer.end().unwrap(), 2);
        String::from_utf8(out).unwrap()
    }

    fn read(text: &[u8], key: &ExportKey) -> Result<Vec<Raw>, String> {
        let read = || {
            let (mut reader, head) = Reader::begin(text, key)?;
            head.export()?;
            let mut records = Vec::new();
            while let Some(record) = reader.next()? {
                records.push(record);
            }
            Ok(records)
        };
        read().map_err(|it: NotMoved| it.to_string())
    }

    #[test]
    fn what_was_written_is_read() {
        let text = written();
        assert_eq!(read(text.as_bytes(), &key()), Ok(records()));
        let (_, head) = Reader::begin(text.as_bytes(), &key()).unwrap();
        assert_eq!((head.export().unwrap(), &*head.pool), ([9; 16], "r_p"));
    }

    #[test]
    fn a_file_that_was_cut_anywhere_is_refused() {
        let text = written();
        for length in 0..text.len() {
            let error = read(&text.as_bytes()[..length], &key()).unwrap_err();
            let clear = ["torn", "no export of a user pool"];
            assert!(
                clear.iter().any(|it| error.contains(it)),
                "{length}: {error}"
            );
        }
    }

    #[test]
    fn a_file_that_was_changed_anywhere_is_refused() {
        let text = written();
        for at in 0..text.len() {
            for change in [1, 0x20] {
                let mut changed = text.clone().into_bytes();
                changed[at] ^= change;
                assert!(read(&changed, &key()).is_err(), "{at}");
            }
        }
        for line in 0..4 {
            let without = text.lines().enumerate().filter(|(at, _)| *at != line);
            let without: String = without.map(|(_, it)| format!("{it}\n")).collect();
            assert!(read(without.as_bytes(), &key()).is_err(), "{line}");
        }
        let more = format!("{text}{text}");
        assert!(
            read(more.as_bytes(), &key())
                .unwrap_err()
                .contains("after its last line")
        );
    }

    #[test]
    fn another_version_key_or_file_is_told() {
        let text = written();
        let newer = text.replace("\"version\":1", "\"version\":2");
        let told = read(newer.as_bytes(), &key()).unwrap_err();
        let version = "the export has version 2 of the format, and this userpool reads version 1";
        assert_eq!(told, version);
        let other = ExportKey::parse("b:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=").unwrap();
        let told = read(text.as_bytes(), &other).unwrap_err();
        assert!(
            told.contains("under the key a, and the key that was given is b"),
            "{told}"
        );
        let other = ExportKey::parse("a:CAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=").unwrap();
        let told = read(text.as_bytes(), &other).unwrap_err();
        assert!(told.contains("another one of the same name"), "{told}");
        let none = "the file is no export of a user pool";
        for file in ["", "{}\n", "{\"format\":\"x\",\"version\":1}\n", "a,b\n"] {
            assert_eq!(read(file.as_bytes(), &key()), Err(none.into()));
        }
        let endless = vec![b'a'; 2 * MAX_LINE as usize];
        assert_eq!(read(&endless, &key()), Err(none.into()));
    }
}
