//! Names of persons (field guide §6.6).

use std::fmt;
use std::ops::RangeInclusive;

use thiserror::Error;

use super::text::is_invisible;

/// Length of a name in characters.
pub const LENGTH: RangeInclusive<usize> = 2..=50;

/// Why a name is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NameError {
    /// Fewer than 2 or more than 50 characters.
    #[error("a name has {} to {} characters", LENGTH.start(), LENGTH.end())]
    Length,
    /// NUL, control or invisible characters, or no letter at all.
    #[error("a name holds letters, and no control or invisible characters")]
    Characters,
}

impl NameError {
    /// The stable code of the problem document.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Length => "name_length",
            Self::Characters => "name_characters",
        }
    }
}

/// A person's name. `Debug` and `Display` show the masked form only.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonName(String);

impl PersonName {
    /// Checks a name. Outer spaces are dropped, inner ones become single, and the look-alikes of
    /// the dot in minority names become "·", so that a name can be found again.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let trimmed = text.trim();
        if trimmed.chars().any(|c| c.is_control() || is_invisible(c)) {
            return Err(NameError::Characters);
        }
        let words: Vec<&str> = trimmed.split_whitespace().collect();
        let name: String = words.join(" ").chars().map(one_dot).collect();
        if !LENGTH.contains(&name.chars().count()) {
            return Err(NameError::Length);
        }
        if !name.chars().any(char::is_alphabetic) {
            return Err(NameError::Characters);
        }
        Ok(Self(name))
    }

    /// The whole name, for encryption and for those who may see it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The name for lists: 张*, 张*明, and 欧**明 for anything longer, whatever its length.
    pub fn masked(&self) -> String {
        let visible: Vec<char> = self.0.chars().filter(|c| !is_variation(*c)).collect();
        match visible.as_slice() {
            [] => "*".to_owned(),
            [first] | [first, _] => format!("{first}*"),
            [first, _, last] => format!("{first}*{last}"),
            [first, .., last] => format!("{first}**{last}"),
        }
    }
}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonName({})", self.masked())
    }
}

impl fmt::Display for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

fn one_dot(c: char) -> char {
    match c {
        '\u{2022}' | '\u{2027}' | '\u{22C5}' | '\u{30FB}' | '\u{FF65}' => '·',
        other => other,
    }
}

/// Variation selectors choose the form of a rare character; alone they show nothing.
fn is_variation(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("张明", "张明", "张*")]
    #[case(" 张小明\u{3000}", "张小明", "张*明")]
    #[case("欧阳小明", "欧阳小明", "欧**明")]
    #[case("古丽·买买提", "古丽·买买提", "古**提")]
    #[case("古丽•买买提", "古丽·买买提", "古**提")]
    #[case("古丽・买买提", "古丽·买买提", "古**提")]
    #[case("𠮷明", "𠮷明", "𠮷*")]
    #[case("张𠮷𪚥", "张𠮷𪚥", "张*𪚥")]
    #[case("辻\u{E0100}明", "辻\u{E0100}明", "辻*")]
    #[case("John   Smith", "John Smith", "J**h")]
    #[case("王芳之女1", "王芳之女1", "王**1")]
    fn names_are_kept_and_masked(#[case] text: &str, #[case] stored: &str, #[case] masked: &str) {
        let name = PersonName::parse(text).expect("valid");
        assert_eq!(name.reveal(), stored);
        assert_eq!(name.masked(), masked);
        assert_eq!(
            format!("{name} {name:?}"),
            format!("{masked} PersonName({masked})")
        );
    }

    #[rstest]
    #[case("", "name_length")]
    #[case("  ", "name_length")]
    #[case("张", "name_length")]
    #[case("𠮷", "name_length")]
    #[case("张\u{0}明", "name_characters")]
    #[case("张\n明", "name_characters")]
    #[case("张\u{200B}明", "name_characters")]
    #[case("张\u{202E}明", "name_characters")]
    #[case("··", "name_characters")]
    #[case("12", "name_characters")]
    fn others_are_refused(#[case] text: &str, #[case] code: &str) {
        assert_eq!(PersonName::parse(text).expect_err("refused").code(), code);
    }

    #[test]
    fn fifty_characters_fit_and_no_more() {
        assert!(PersonName::parse(&"𠮷".repeat(50)).is_ok());
        assert_eq!(PersonName::parse(&"𠮷".repeat(51)), Err(NameError::Length));
    }

    proptest! {
        #[test]
        fn stored_names_parse_to_themselves(text in "\\PC{0,60}") {
            if let Ok(name) = PersonName::parse(&text) {
                prop_assert_eq!(PersonName::parse(name.reveal()).expect("again"), name.clone());
                prop_assert!(name.masked().contains('*'));
            }
        }
    }
}
