//! What a person sees when the server has started.

use std::fmt::Write;
use std::io::{IsTerminal, stdout};
use std::path::Path;

use crate::admin::{Administrator, Origin};

/// Prints where the server is and what to try first.
///
/// A secret that was made just now is shown only on a terminal, and only this once.
pub(crate) fn print(
    base_url: &str,
    region: &str,
    administrator: &Administrator,
    messages: Option<&Path>,
) {
    let text = text(
        base_url,
        region,
        administrator,
        messages,
        stdout().is_terminal(),
    );
    // Whoever started the server may have closed its output; it serves all the same.
    let _ = std::io::Write::write_all(&mut stdout(), text.as_bytes());
}

fn text(
    base_url: &str,
    region: &str,
    administrator: &Administrator,
    messages: Option<&Path>,
    on_terminal: bool,
) -> String {
    let mut text = format!("userpool serves {base_url}\n\n");
    let mut say = |label: &str, value: &dyn std::fmt::Display| {
        let _ = writeln!(text, "  {label:<14}{value}");
    };
    say("access key id", &administrator.pair.access_key_id());
    let file = match &administrator.origin {
        Origin::Given => None,
        Origin::Kept(path) => Some(path),
        Origin::Made { path, secret } => {
            if on_terminal {
                say("secret", &format_args!("{secret} (shown this once)"));
            }
            Some(path)
        }
    };
    if let Some(file) = file {
        say("credentials", &file.display());
    }
    if let Some(messages) = messages {
        say("messages", &messages.display());
    }
    text.push_str("\nTry:\n");
    let credentials = match file {
        Some(file) => format!(" AWS_SHARED_CREDENTIALS_FILE={}", quoted(file)),
        None => String::new(),
    };
    let _ = writeln!(
        text,
        "  export AWS_ENDPOINT_URL={base_url} AWS_DEFAULT_REGION={region}{credentials}\n  \
         aws cognito-idp create-user-pool --pool-name first\n  \
         aws cognito-idp list-user-pools --max-results 10"
    );
    text
}

/// A path as a shell takes it, absolute so that it works from any folder.
fn quoted(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let path = path.display().to_string();
    let plain = path
        .bytes()
        .all(|it| it.is_ascii_alphanumeric() || b"/._-".contains(&it));
    if plain {
        path
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use userpool_http::AdminPair;

    use super::*;

    fn made() -> Administrator {
        Administrator {
            pair: AdminPair::new("AK", "canary"),
            origin: Origin::Made {
                path: "/data/admin-credentials".into(),
                secret: "canary".into(),
            },
        }
    }

    #[test]
    fn a_new_secret_is_shown_on_a_terminal_only() {
        let shown = text("http://127.0.0.1:9229", "us-east-1", &made(), None, true);
        assert!(shown.contains("canary"));
        let kept = text("http://127.0.0.1:9229", "us-east-1", &made(), None, false);
        assert!(!kept.contains("canary"));
        assert!(kept.contains("AWS_SHARED_CREDENTIALS_FILE=/data/admin-credentials"));
        assert!(kept.contains("AWS_ENDPOINT_URL=http://127.0.0.1:9229"));
    }

    #[test]
    fn paths_are_quoted_for_the_shell() {
        assert_eq!(quoted(Path::new("/a b/it's")), r"'/a b/it'\''s'");
        assert_eq!(quoted(Path::new("/a/b")), "/a/b");
    }
}
