//! How far something long is: a bar on a terminal, a line now and then elsewhere.

use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

/// How often a bar is drawn.
const ON_TERMINAL: Duration = Duration::from_millis(100);
/// How often a line is printed where there is no terminal.
const ELSEWHERE: Duration = Duration::from_secs(10);
/// How many signs wide a bar is.
const WIDTH: usize = 30;

/// Shows on standard error how far something is.
pub(crate) struct Bar {
    what: &'static str,
    terminal: bool,
    shown: Instant,
    /// How many signs the last line had.
    drawn: usize,
}

impl Bar {
    /// Begins to show.
    pub(crate) fn begin(what: &'static str) -> Self {
        Self {
            what,
            terminal: stderr().is_terminal(),
            shown: Instant::now(),
            drawn: 0,
        }
    }

    /// Shows how far it is, if the last time is long enough ago.
    pub(crate) fn show(&mut self, done: u64, of: u64, say: impl FnOnce() -> String) {
        let pause = if self.terminal {
            ON_TERMINAL
        } else {
            ELSEWHERE
        };
        if self.shown.elapsed() < pause {
            return;
        }
        self.shown = Instant::now();
        let line = line(self.what, done, of, &say(), self.terminal);
        if self.terminal {
            self.draw(&line);
        } else {
            eprintln!("{line}");
        }
    }

    /// Takes the bar from the terminal.
    pub(crate) fn end(mut self) {
        if self.drawn > 0 {
            self.draw("");
            eprint!("\r");
        }
    }

    fn draw(&mut self, line: &str) {
        let length = line.chars().count();
        let gone = " ".repeat(self.drawn.saturating_sub(length));
        eprint!("\r{line}{gone}");
        // A terminal that is gone is no reason to stop.
        let _ = stderr().flush();
        self.drawn = length;
    }
}

fn line(what: &str, done: u64, of: u64, say: &str, bar: bool) -> String {
    if of == 0 {
        return format!("{what}: {say}");
    }
    let done = done.min(of);
    let percent = u128::from(done) * 100 / u128::from(of);
    if !bar {
        return format!("{what}: {percent} %, {say}");
    }
    let full = usize::try_from(u128::from(done) * WIDTH as u128 / u128::from(of)).unwrap_or(WIDTH);
    let (full, rest) = ("#".repeat(full), "-".repeat(WIDTH - full));
    format!("{what} [{full}{rest}] {percent:>3} %, {say}")
}

/// A number with its thousands apart.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_how_far_it_is() {
        let bar = "a [###############---------------]  50 %, b";
        assert_eq!(line("a", 1, 2, "b", true), bar);
        assert_eq!(line("a", 9, 2, "b", false), "a: 100 %, b");
        assert_eq!(line("a", 0, 0, "b", true), "a: b");
        let wide = line("a", u64::MAX, u64::MAX, "b", true);
        assert!(wide.contains("100 %"), "{wide}");
    }

    #[test]
    fn thousands_stand_apart() {
        let shown = [0, 999, 1_000, 1_234_567].map(grouped);
        assert_eq!(shown, ["0", "999", "1,000", "1,234,567"]);
    }
}
