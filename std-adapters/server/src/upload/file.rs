//! The file that is sent, piece by piece, with a bar.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, SizeHint};

use crate::failure::Failure;
use crate::progress::{Bar, grouped};

/// How much is read at once.
const PIECE: usize = 64 * 1024;

/// A file as the body of a request. It is read in the thread that sends it: nothing else goes on there.
pub(super) struct FileBody {
    file: File,
    length: u64,
    sent: u64,
    bar: Option<Bar>,
}

impl FileBody {
    /// Opens a file that is not empty.
    ///
    /// # Errors
    /// It cannot be read, or is empty.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let opened = File::open(path).and_then(|file| Ok((file.metadata()?.len(), file)));
        let (length, file) = opened.map_err(|it| named(path, &it))?;
        if length == 0 {
            return Err(named(path, &"the file is empty"));
        }
        Ok(Self {
            file,
            length,
            sent: 0,
            bar: Some(Bar::begin("upload")),
        })
    }

    /// How long the file is.
    pub fn length(&self) -> u64 {
        self.length
    }

    fn piece(&mut self) -> io::Result<Option<Bytes>> {
        let left = usize::try_from(self.length - self.sent).unwrap_or(usize::MAX);
        let mut piece = vec![0; left.min(PIECE)];
        if piece.is_empty() {
            if let Some(bar) = self.bar.take() {
                bar.end();
            }
            return Ok(None);
        }
        self.file.read_exact(&mut piece)?;
        self.sent += piece.len() as u64;
        let (sent, length) = (self.sent, self.length);
        if let Some(bar) = &mut self.bar {
            bar.show(sent, length, || format!("{} bytes", grouped(sent)));
        }
        Ok(Some(piece.into()))
    }
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Poll::Ready(self.piece().map(|piece| piece.map(Frame::data)).transpose())
    }

    fn is_end_stream(&self) -> bool {
        self.sent == self.length
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length - self.sent)
    }
}

/// How many rows a file has, besides the names of its columns.
///
/// # Errors
/// It cannot be read.
pub(super) fn rows(path: &Path) -> Result<u64, Failure> {
    let count = || {
        let mut input = BufReader::with_capacity(PIECE, File::open(path)?);
        let (mut rows, mut in_row) = (0_u64, false);
        loop {
            let piece = input.fill_buf()?;
            if piece.is_empty() {
                return Ok((rows + u64::from(in_row)).saturating_sub(1));
            }
            for byte in piece {
                match byte {
                    b'\n' => {
                        rows += u64::from(in_row);
                        in_row = false;
                    }
                    b'\r' => {}
                    _ => in_row = true,
                }
            }
            let length = piece.len();
            input.consume(length);
        }
    };
    count().map_err(|it: io::Error| named(path, &it))
}

fn named(path: &Path, cause: &dyn std::fmt::Display) -> Failure {
    Failure::new(format!("{}: {cause}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_lines_that_hold_something_but_the_first() {
        let path = std::env::temp_dir().join(format!("userpool-rows-{}", std::process::id()));
        for (text, count) in [
            ("", 0),
            ("a,b\n", 0),
            ("a,b\r\n1,2\r\n\r\n3,4", 2),
            ("a\nb\nc\n\n", 2),
        ] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(rows(&path).unwrap(), count, "{text:?}");
        }
        std::fs::remove_file(&path).unwrap();
    }
}
