//! Lines of figures: bars, and what has none.

/// Which side of its limit a figure has to lie on.
#[derive(Clone, Copy, Debug)]
pub enum Side {
    /// The figure reaches the limit.
    AtLeast,
    /// The figure does not pass the limit.
    AtMost,
}

/// Prints one bar; whether it holds.
pub fn bar(name: &str, figure: f64, limit: f64, side: Side) -> bool {
    let (holds, sign) = match side {
        Side::AtLeast => (figure >= limit, ">="),
        Side::AtMost => (figure <= limit, "<="),
    };
    let verdict = if holds { "ok" } else { "MISSED" };
    println!("bar  {name:<52} {figure:>14.3} {sign} {limit:>10.3} x      {verdict}");
    holds
}

/// Prints a figure that has no bar.
pub fn note(name: &str, text: &str) {
    println!("     {name:<52} {text}");
}

/// Prints which processor this is, and how busy the machine was.
pub fn machine(openssl: &str) {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        cpu.lines()
            .find(|line| line.starts_with(name))
            .and_then(|line| line.split_once(": "))
            .map_or("unknown", |(_, value)| value)
    };
    let flags: Vec<&str> = ["bmi2", "adx", "avx2", "sha_ni", "avx512ifma"]
        .into_iter()
        .filter(|flag| field("flags").split(' ').any(|other| other == *flag))
        .collect();
    note(
        "processor",
        &format!(
            "{}, family {}, model {}; {}",
            field("model name"),
            field("cpu family"),
            field("model\t"),
            flags.join(" ")
        ),
    );
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    note(
        "load of the last minute before",
        load.split(' ').next().unwrap_or("unknown"),
    );
    note("OpenSSL", openssl);
}

/// The middle one of many figures.
///
/// # Panics
///
/// Without figures.
#[must_use]
pub fn median(figures: impl IntoIterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.into_iter().collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
