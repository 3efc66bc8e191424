//! Names of the model in the forms that Rust wants.

/// The field name of a member: `SMSMfaSettings` gives `sms_mfa_settings`.
pub fn snake(name: &str) -> String {
    let name = name.replace("URLs", "Urls").replace("ARNs", "Arns");
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| letters[at]);
        let after = letters.get(at + 1);
        let starts_word = before.is_some_and(|it| it.is_lowercase() || it.is_ascii_digit())
            || before.is_some_and(char::is_uppercase) && after.is_some_and(|it| it.is_lowercase());
        if letter.is_uppercase() && starts_word {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    if snake == "type" {
        "r#type".to_owned()
    } else {
        snake
    }
}

/// The name of a constant: `ClientIdType` gives `CLIENT_ID_TYPE`.
pub fn constant(name: &str) -> String {
    snake(name).trim_start_matches("r#").to_uppercase()
}

/// The variant of a word: `USER_SRP_AUTH` gives `UserSrpAuth`, `V1_0` stays.
pub fn variant(word: &str) -> String {
    let mixed = word.chars().any(char::is_lowercase) && word.chars().any(char::is_uppercase);
    let mut variant = String::new();
    for part in word.split('_') {
        let digits = |it: Option<char>| it.is_some_and(|it| it.is_ascii_digit());
        if digits(variant.chars().last()) && digits(part.chars().next()) {
            variant.push('_');
        }
        let (first, rest) = part.split_at(1);
        variant.push_str(&first.to_uppercase());
        variant.push_str(&if mixed {
            rest.to_owned()
        } else {
            rest.to_lowercase()
        });
    }
    variant
}
