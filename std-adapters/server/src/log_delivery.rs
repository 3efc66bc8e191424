//! Where the logs of pools go: files in a folder, or a service that takes them.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use userpool::ports::{Fetch, FetchFault, FetchRequest, LogDelivery, Reach};

use crate::failure::Failure;
use crate::folder::private;
use crate::outbound::Outbound;

/// How long a service may take.
const LIMIT: Duration = Duration::from_secs(5);

/// What takes the logs.
pub(crate) enum Logs {
    /// A file for each destination, with one event a line. One is written at a time.
    Folder(Mutex<PathBuf>),
    /// A service that each event is posted to.
    Service { url: String, outbound: Outbound },
}

impl Logs {
    /// The service at a URL, or the files in a folder, which is made where it is missing.
    ///
    /// # Errors
    /// The folder cannot be made, or nobody's certificate could be checked.
    pub(crate) fn open(place: &str) -> Result<Self, Failure> {
        if place.starts_with("https://") || place.starts_with("http://") {
            return Ok(Self::Service {
                url: place.to_owned(),
                outbound: Outbound::new(LIMIT)?,
            });
        }
        let made = std::fs::create_dir_all(place);
        made.map_err(|it| Failure::new(format!("log-delivery: {place}: {it}")))?;
        Ok(Self::Folder(Mutex::new(place.into())))
    }
}

impl LogDelivery for Logs {
    fn deliver(&self, destination: &str, event: &str) -> Result<(), FetchFault> {
        match self {
            Self::Folder(folder) => {
                let folder = folder
                    .lock()
                    .unwrap_or_else(|poisoned| poisoned.into_inner());
                let path = folder.join(format!("{}.jsonl", file_name(destination)));
                let mut options = OpenOptions::new();
                let file = private(options.create(true).append(true)).open(path);
                let written =
                    file.and_then(|mut file| file.write_all(format!("{event}\n").as_bytes()));
                written.map_err(|it| FetchFault(it.to_string()))
            }
            Self::Service { url, outbound } => {
                let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
                let reply = outbound.fetch(&FetchRequest {
                    method: "POST",
                    url: url.clone(),
                    headers: vec![
                        header("content-type", "application/json"),
                        header("userpool-log-destination", destination),
                    ],
                    body: event.as_bytes().to_vec(),
                    reach: Reach::Operator,
                })?;
                match reply.status {
                    200..=299 => Ok(()),
                    status => Err(FetchFault(format!("it answered {status}"))),
                }
            }
        }
    }
}

/// What an ARN names, in letters that every file system has: what follows its account.
fn file_name(arn: &str) -> String {
    let named = arn.splitn(6, ':').nth(5).unwrap_or(arn);
    let plain = named.chars().map(|letter| match letter {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '-' => letter,
        _ => '_',
    });
    plain.take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_is_a_file_in_the_folder_whatever_it_is_called() {
        for (arn, name) in [
            (
                "arn:aws:logs:us-east-1:000000000000:log-group:/aws/vendedlogs/x",
                "log-group__aws_vendedlogs_x",
            ),
            ("arn:aws:s3:::bucket/../../etc", "bucket_______etc"),
        ] {
            assert_eq!(file_name(arn), name);
        }
    }
}
