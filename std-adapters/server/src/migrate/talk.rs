//! What the process that copies a store and the one that serves it say to each other: frames of CBOR over a socket in the data
//! folder, each behind its length (four bytes, the highest first). Whoever may enter that folder may read the store's file as well.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::path::Path;

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use userpool_ports::{Entry, Key, Timestamp, Version};

/// The version of what is said, which both sides have to know.
pub(crate) const TALK: u32 = 1;
/// The longest frame: a page whose values are all of the longest.
const MAX_FRAME: usize = 64 * 1024 * 1024;

/// The longest path of a socket that every system takes, in bytes.
const MAX_PATH: usize = 100;

/// Does something with the path of a socket; where it is too long, with one that leads there through the opened folder.
///
/// # Errors
/// There is no such folder, or `go` fails.
pub(crate) fn at<T>(path: &Path, go: impl FnOnce(&Path) -> io::Result<T>) -> io::Result<T> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return go(path);
    };
    if path.as_os_str().len() <= MAX_PATH {
        return go(path);
    }
    let folder = File::open(folder)?;
    let opened = format!("/proc/self/fd/{}", folder.as_raw_fd());
    go(&Path::new(&opened).join(name))
}

/// What the copying process asks for.
#[derive(Debug, Decode, Encode)]
pub(crate) enum Ask {
    /// To begin to copy; the first of all.
    #[n(0)]
    Begin {
        /// The version that it speaks.
        #[n(0)]
        talk: u32,
    },
    /// The entries after a key, in the order of their keys.
    #[n(1)]
    Page {
        /// The last key that it has.
        #[n(0)]
        after: Option<ByteVec>,
        /// How many it wants at most.
        #[n(1)]
        limit: u32,
    },
    /// The entries of these keys.
    #[n(2)]
    Load {
        /// The keys.
        #[n(0)]
        keys: Vec<ByteVec>,
    },
    /// The keys that changed since they were asked for last.
    #[n(3)]
    Changed,
    /// That no commit is taken from now on.
    #[n(4)]
    Hold,
    /// That the store is never served from there again, and the server stops.
    #[n(5)]
    Leave,
}

/// What the serving process answers.
#[derive(Debug, Decode, Encode)]
pub(crate) enum Answer {
    /// It is done.
    #[n(0)]
    Done,
    /// A page.
    #[n(1)]
    Page(#[n(0)] Vec<Found>),
    /// The entries of the keys, in their order.
    #[n(2)]
    Entries(#[n(0)] Vec<Option<Kept>>),
    /// Some keys that changed; there may be more, unless there are none.
    #[n(3)]
    Keys(#[n(0)] Vec<ByteVec>),
    /// It is not done, and why.
    #[n(4)]
    Refused(#[n(0)] String),
}

/// An entry with its key.
#[derive(Debug, Decode, Encode)]
pub(crate) struct Found {
    #[n(0)]
    key: ByteVec,
    #[n(1)]
    kept: Kept,
}

/// An entry.
#[derive(Debug, Decode, Encode)]
pub(crate) struct Kept {
    #[n(0)]
    value: ByteVec,
    #[n(1)]
    version: u64,
    #[n(2)]
    expires: Option<i64>,
}

impl Found {
    pub(crate) fn of((key, entry): (Key, Entry)) -> Self {
        Self {
            key: bytes(&key),
            kept: Kept::of(entry),
        }
    }

    pub(crate) fn entry(self) -> (Key, Entry) {
        (Key::new(Vec::from(self.key)), self.kept.entry())
    }
}

impl Kept {
    pub(crate) fn of(entry: Entry) -> Self {
        Self {
            value: entry.value.to_vec().into(),
            version: entry.version.raw(),
            expires: entry.expires.map(Timestamp::millis),
        }
    }

    pub(crate) fn entry(self) -> Entry {
        Entry {
            value: Vec::from(self.value).into(),
            version: Version::from_raw(self.version),
            expires: self.expires.map(Timestamp::from_millis),
        }
    }
}

/// A key as it is sent.
pub(crate) fn bytes(key: &Key) -> ByteVec {
    key.as_bytes().to_vec().into()
}

/// Sends one frame.
///
/// # Errors
/// The other side is gone.
pub(crate) fn send(to: &mut impl Write, what: &impl Encode<()>) -> io::Result<()> {
    let frame = minicbor::to_vec(what).map_err(io::Error::other)?;
    let length = u32::try_from(frame.len()).map_err(io::Error::other)?;
    to.write_all(&length.to_be_bytes())?;
    to.write_all(&frame)?;
    to.flush()
}

/// Receives one frame.
///
/// # Errors
/// The other side is gone, or speaks something else.
pub(crate) fn receive<T: for<'b> Decode<'b, ()>>(from: &mut impl Read) -> io::Result<T> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = usize::try_from(u32::from_be_bytes(length)).map_err(io::Error::other)?;
    if length > MAX_FRAME {
        return Err(io::Error::other("a frame is too long"));
    }
    let mut frame = vec![0; length];
    from.read_exact(&mut frame)?;
    minicbor::decode(&frame).map_err(io::Error::other)
}
