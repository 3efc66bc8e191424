//! The server's message file, read as an inbox: one JSON object a line.

use std::{env, fs};

/// How many messages went to an address so far.
pub fn count(address: &str) -> usize {
    codes(address).len()
}

/// The code of the only message that went to the address after the first `seen` ones.
///
/// The server flushes a message before the caller has its answer, so nothing here waits.
///
/// # Panics
///
/// If there is no such message, or more than one.
pub fn code_after(seen: usize, address: &str) -> String {
    let mut codes = codes(address);
    assert_eq!(codes.len(), seen + 1, "one new message to {address}");
    codes.remove(seen)
}

/// A code of the same form that is not the given one.
pub fn other(code: &str) -> String {
    let (head, last) = code.split_at(code.len() - 1);
    let digit = last.parse::<u8>().expect("a code is made of digits");
    format!("{head}{}", (digit + 1) % 10)
}

fn codes(address: &str) -> Vec<String> {
    let path = env::var("USERPOOL_MESSAGES").expect("USERPOOL_MESSAGES names the message file");
    let text = fs::read_to_string(path).unwrap_or_default();
    // Another journey's line may still be half written; ours was flushed.
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).expect("a line is a JSON object")
        })
        .filter(|message| message["to"] == address)
        .map(|message| {
            message["code"]
                .as_str()
                .expect("a message has a code")
                .to_owned()
        })
        .collect()
}
