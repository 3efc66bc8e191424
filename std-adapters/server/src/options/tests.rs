//! Options from their sources to their values.

use std::num::NonZeroU32;
use std::path::Path;

use clap::Parser;
use userpool_http::rates::{Category, Rates};

use super::*;
use crate::failure::Failure;

fn resolve(arguments: &[&str]) -> Result<Resolved, Failure> {
    let arguments = [&["userpool"], arguments].concat();
    Cli::try_parse_from(arguments)
        .unwrap()
        .options
        .resolve(|_| None)
}

#[test]
fn every_option_has_the_documented_default() {
    let resolved = resolve(&[]).unwrap();
    assert_eq!(resolved.listen.to_string(), "127.0.0.1:9229");
    assert_eq!(resolved.data, Path::new("./userpool-data"));
    assert!(matches!(resolved.store, StoreKind::Redb));
    assert_eq!(resolved.base_url(resolved.listen), "http://127.0.0.1:9229");
    assert_eq!(resolved.issuer, "{base}/{pool}");
    assert_eq!(resolved.account_id, "000000000000");
    assert_eq!(
        resolved.messages.unwrap(),
        Path::new("./userpool-data/messages.jsonl")
    );
    assert_eq!(resolved.metrics_listen, None);
}

#[test]
fn an_address_without_a_number_is_told_what_one_looks_like() {
    for flag in ["--listen", "--metrics-listen"] {
        for text in ["localhost:9229", "9229", ":9229"] {
            let error = Cli::try_parse_from(["userpool", flag, text]).unwrap_err();
            let told = error.to_string();
            assert!(told.contains("such as 127.0.0.1:9229"), "{told}");
        }
    }
}

#[test]
fn the_base_url_names_an_address_that_can_be_reached() {
    let bound = "0.0.0.0:4100".parse().unwrap();
    assert_eq!(
        resolve(&[]).unwrap().base_url(bound),
        "http://127.0.0.1:4100"
    );
    let set = resolve(&["--base-url", "https://id.example.com/"]).unwrap();
    assert_eq!(set.base_url(bound), "https://id.example.com");
}

#[test]
fn codes_go_to_a_file_only_on_loopback_or_when_asked_for() {
    assert_eq!(resolve(&["--listen", "0.0.0.0:80"]).unwrap().messages, None);
    assert_eq!(resolve(&["--messages", "off"]).unwrap().messages, None);
    let mailed = ["--smtp-relay", "localhost", "--smtp-from", "a@example.com"];
    assert_eq!(resolve(&mailed).unwrap().messages, None);
    let asked = resolve(&["--listen", "0.0.0.0:80", "--messages", "m"]).unwrap();
    assert_eq!(asked.messages.unwrap(), Path::new("m"));
}

#[test]
fn rates_are_the_services_own_or_said_one_by_one() {
    let rates = |text: &str| resolve(&["--rates", text]).map(|resolved| resolved.rates);
    let rate = |rate| NonZeroU32::new(rate).unwrap();
    assert_eq!(resolve(&[]).unwrap().rates, None);
    let mixed = Rates::service().per_address(rate(50)).per_user(rate(5));
    assert_eq!(rates("service, address=50,user=5").unwrap(), Some(mixed));
    let said = Rates::new()
        .category(Category::UserCreation, rate(2))
        .per_client(rate(3));
    assert_eq!(rates("UserCreation=2,client=3").unwrap(), Some(said));
    for wrong in ["", "UserCreation", "user=0", "user=x", "UserCreating=3"] {
        assert!(rates(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn flags_win_over_the_file() {
    let flags = Options {
        region: Some("eu-west-1".into()),
        ..Options::default()
    };
    let file: Options = toml::from_str(
        "region = \"us-west-2\"\naccount-id = \"123456789012\"\nlog-format = \"json\"",
    )
    .unwrap();
    let resolved = flags.or(file).complete().unwrap();
    assert_eq!(resolved.region, "eu-west-1");
    assert_eq!(resolved.account_id, "123456789012");
    assert_eq!(resolved.log_format, LogFormat::Json);
}

#[test]
fn the_file_knows_every_flag_and_nothing_else() {
    use clap::CommandFactory;
    let command = Cli::command();
    for flag in command.get_arguments().filter(|it| it.get_env().is_some()) {
        let name = flag.get_long().unwrap();
        let variable = flag.get_env().unwrap().to_str().unwrap();
        assert_eq!(
            variable,
            format!("USERPOOL_{}", name.to_uppercase().replace('-', "_"))
        );
        if name == "config" {
            continue;
        }
        let wrong = format!("{name} = []");
        let error = toml::from_str::<Options>(&wrong).unwrap_err().to_string();
        assert!(!error.contains("unknown field"), "{name}: {error}");
    }
    let error = toml::from_str::<Options>("listn = 1")
        .unwrap_err()
        .to_string();
    assert!(error.contains("unknown field `listn`"), "{error}");
}

#[test]
fn the_page_of_settings_has_each_and_its_file_is_read() {
    use clap::CommandFactory;
    let page = include_str!("../../docs/settings.md");
    let command = Cli::command();
    let flags = command.get_arguments().filter_map(|it| it.get_env());
    let flags = flags.map(|it| it.to_str().unwrap());
    let secrets = SECRETS_HELP.split_whitespace();
    let secrets = secrets.filter(|it| it.starts_with("USERPOOL_"));
    for name in flags.chain(secrets) {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
    let (_, example) = page.split_once("```toml\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    let read: Options = toml::from_str(example).unwrap();
    assert_eq!(read.pools.len(), 1);
    assert!(read.complete().is_ok());
}

#[test]
fn no_secret_is_a_flag() {
    for flag in [
        "--admin-secret-access-key=x",
        "--root-keys=x",
        "--store-password=x",
        "--smtp-password=x",
        "--lambda-secret-access-key=x",
        "--lambda-session-token=x",
        "--message-keys=x",
        "--kms-secret-access-key=x",
        "--kms-session-token=x",
    ] {
        assert!(Cli::try_parse_from(["userpool", flag]).is_err(), "{flag}");
    }
}

#[test]
fn the_demonstration_page_is_for_loopback() {
    assert!(resolve(&["--demo", "target/demo"]).is_ok());
    let elsewhere = ["--listen", "0.0.0.0:80", "--demo", "target/demo"];
    let refusal = resolve(&elsewhere).unwrap_err().to_string();
    assert!(refusal.contains("loopback"), "{refusal}");
}

#[test]
fn options_that_make_no_sense_are_named() {
    for (arguments, word) in [
        (["--store", "postgres://db/x"], "no user"),
        (["--store", "sqlite"], "neither `redb`"),
        (["--account-id", "12"], "twelve digits"),
        (["--base-url", "example.com"], "base-url"),
        (["--base-url", "https://id.example.com/?a=1"], "no query"),
        (["--base-url", "https://id.example.com/#a"], "no fragment"),
        (["--base-url", "https://id example.com"], "no blanks"),
        (
            ["--base-url", "https://id.example.com/{a}"],
            "single slashes",
        ),
        (["--issuer", "{base}/{user}"], "nothing else"),
        (["--issuer", "example.com/{pool}"], "must begin with"),
        (["--region", "us east 1"], "region must be"),
        (["--region", "us-east-1_x"], "region must be"),
        (["--region", ""], "region must be"),
        (["--tls-cert", "cert.pem"], "go together"),
        (["--trusted-proxies", "proxy"], "trusted-proxies"),
        (["--smtp-relay", "localhost"], "smtp-from"),
        (["--smtp-user", "u"], "go together"),
        (["--lambda-access-key-id", "AK"], "go together"),
        (["--kms-endpoint", "http://localhost:4566"], "go together"),
        (["--admin-access-key-id", "AK"], "go together"),
    ] {
        let error = resolve(&arguments).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
}

#[test]
fn a_server_lets_at_least_one_in() {
    for flag in ["--max-in-flight", "--max-connections"] {
        assert!(Cli::try_parse_from(["userpool", flag, "0"]).is_err());
        assert!(resolve(&[flag, "1"]).is_ok());
        let file = format!("{} = 0", flag.trim_start_matches('-'));
        assert!(toml::from_str::<Options>(&file).is_err(), "{file}");
    }
}

#[test]
fn issuers_may_be_the_services_own() {
    let own = "https://cognito-idp.{region}.amazonaws.com/{pool}";
    assert_eq!(resolve(&["--issuer", own]).unwrap().issuer, own);
}

#[test]
fn secrets_come_from_the_environment_and_are_not_shown() {
    let options = Options {
        admin_access_key_id: Some("AK".into()),
        lambda_access_key_id: Some("AK".into()),
        lambda_endpoint: Some("http://localhost:3001".into()),
        kms_access_key_id: Some("AK".into()),
        kms_endpoint: Some("http://localhost:4566".into()),
        ..Options::default()
    };
    let secret = |name: &str| {
        (name.contains("SECRET") || name.contains("MESSAGE_KEYS")).then(|| "canary".to_owned())
    };
    let resolved = options.resolve(secret).unwrap();
    assert_eq!(
        resolved.admin_secret_access_key.as_ref().unwrap().expose(),
        "canary"
    );
    assert!(!format!("{resolved:?}").contains("canary"));
}
