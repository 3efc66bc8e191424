//! The user that a row describes.

use alloc::{
    format,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};

use userpool_wire::idp::AttributeType;

use super::columns::{MFA, USERNAME};
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::{
        factors::{Factor, Factors},
        keys,
        pool::Pool,
        user::{AliasKind, Profile, Status},
    },
    ops::{
        aliases,
        attributes::{self, Writer},
        directory::{self, NewUser},
        mfa::preference,
        passwords, profile_change,
        sign_up::sign_up::{
            mark_unverified, name_as_attribute, name_form, new_head, passwordless, refuse_taken,
        },
    },
};

/// The cells of a row: commas part them, but not those behind a backslash; blanks around them do not count.
pub(super) fn cells(row: &str) -> Vec<String> {
    let mut cells = Vec::new();
    let mut cell = String::new();
    let mut letters = row.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if letters.peek() == Some(&',') => {
                letters.next();
                cell.push(',');
            }
            ',' => cells.push(core::mem::take(&mut cell)),
            letter => cell.push(letter),
        }
    }
    cells.push(cell);
    cells.iter().map(|cell| cell.trim().to_string()).collect()
}

/// Makes the user of a row, without a password: it is to be reset, unless users of the pool may do without.
///
/// Refusals, in this order: another number of cells, no name, or one of the wrong form, no word on a second factor,
/// attributes outside the schema or of the wrong form, one that is required missing, no verified address, a name that
/// is taken, an address that somebody else signs in with, text messages where there can be none.
///
/// # Errors
/// The refusals above.
pub(super) fn make(cx: &mut Cx<'_>, pool: &Pool, columns: &[String], row: &[String]) -> Run<()> {
    let (name, texts, profile) = read(pool, columns, row)?;
    let contact = name_form(pool, &name)?;
    let beside = aliases::of_newcomer(pool, &profile);
    refuse_taken(cx, pool, &name, contact, &beside)?;
    let status = match passwordless(pool) {
        true => Status::Confirmed,
        false => Status::ResetRequired,
    };
    let head = cx.once(|cx| Ok(Arc::new(new_head(cx, pool, &name, contact, status))))?;
    aliases::take_first(cx, pool, &head, &profile, false)?;
    let password = passwords::first(cx, pool, &head, None)?;
    let user = NewUser {
        head: &head,
        profile: &profile,
        password: &password,
    };
    directory::create(cx, pool, &user)?;
    if texts {
        let mut factors = Factors::default();
        preference::check_can(pool, &profile, &factors, Factor::Sms)?;
        factors.switch(Factor::Sms, true);
        cx.insert(&keys::factors(&pool.id, &head.sub), &factors);
    }
    Ok(())
}

/// The name, whether text messages are a second factor, and the profile.
fn read(
    pool: &Pool,
    columns: &[String],
    row: &[String],
) -> Result<(String, bool, Profile), Refusal> {
    if row.len() != columns.len() {
        let text = format!(
            "The row has {} values for {} columns.",
            row.len(),
            columns.len()
        );
        return Err(invalid(text));
    }
    let (mut name, mut texts, mut given) = ("", None, Vec::new());
    for (column, cell) in columns.iter().zip(row) {
        match column.as_str() {
            USERNAME => name = cell,
            MFA => texts = truth(cell),
            _ if cell.is_empty() => {}
            _ => given.push(AttributeType {
                name: column.clone(),
                value: Some(value(column, cell)?.into()),
            }),
        }
    }
    let is_name = !name.is_empty()
        && name.chars().count() <= 128
        && !name.contains(|letter: char| letter.is_whitespace() || letter.is_control());
    if !is_name {
        return Err(invalid("The value of cognito:username is no user name."));
    }
    let texts =
        texts.ok_or_else(|| invalid("The value of cognito:mfa_enabled must be true or false."))?;
    let contact = name_form(pool, name)?;
    let mut values = attributes::of_new_user(pool, Writer::Administrator, &given)?;
    if let Some(kind) = contact {
        name_as_attribute(&mut values, kind, name)?;
    }
    attributes::check_required(pool, &values)?;
    profile_change::check_preferred(pool, &values)?;
    profile_change::check_flags(&values)?;
    let is_verified = [AliasKind::Email, AliasKind::Phone]
        .into_iter()
        .any(|kind| {
            values
                .get(directory::flag(kind))
                .is_some_and(|it| it == "true")
        });
    if !is_verified {
        let text = "The User Record does not set any of the auto verified attributes to true. (Example: email_verified to true).";
        return Err(invalid(text));
    }
    mark_unverified(&mut values);
    let profile = Profile {
        attributes: values,
        ..Profile::default()
    };
    Ok((name.into(), texts, profile))
}

/// The value of an attribute: dates of birth stand as month, day and year in files.
fn value(column: &str, cell: &str) -> Result<String, Refusal> {
    if column != "birthdate" {
        return Ok(match column {
            "email_verified" | "phone_number_verified" => cell.to_ascii_lowercase(),
            _ => cell.into(),
        });
    }
    let parts: Vec<&str> = cell.split('/').collect();
    let date = match parts.as_slice() {
        [month, day, year] => format!("{year}-{month}-{day}"),
        _ => String::new(),
    };
    match attributes::is_date(&date) {
        true => Ok(date),
        false => Err(invalid(
            "The value of birthdate must be a day of the form mm/dd/yyyy.",
        )),
    }
}

fn truth(cell: &str) -> Option<bool> {
    [("true", true), ("false", false)]
        .into_iter()
        .find_map(|(word, truth)| cell.eq_ignore_ascii_case(word).then_some(truth))
}

fn invalid(text: impl Into<alloc::borrow::Cow<'static, str>>) -> Refusal {
    Refusal::new(RefusalKind::InvalidParameter, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_part_cells_but_not_behind_a_backslash() {
        assert_eq!(cells("a, b ,,c"), ["a", "b", "", "c"]);
        assert_eq!(
            cells(r"1 Main St\, Springfield,x\y"),
            ["1 Main St, Springfield", r"x\y"]
        );
        assert_eq!(cells(""), [""]);
    }

    #[test]
    fn dates_of_birth_are_turned_around() {
        assert_eq!(
            value("birthdate", "02/28/1990").ok().as_deref(),
            Some("1990-02-28")
        );
        for wrong in [
            "1990-02-28",
            "2/28/1990",
            "02/28/90",
            "02/28/1990/1",
            "aa/bb/cccc",
            "02/30/1990",
            "13/01/1990",
            "28/02/1990",
        ] {
            assert!(value("birthdate", wrong).is_err(), "{wrong}");
        }
    }
}
