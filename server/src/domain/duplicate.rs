//! Who may be registered twice. Nothing here decides: a person looks, and merges or says that they are two.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::enums::{IdKind, Sex};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::identity::IdNumber;
use super::name::PersonName;
use super::phone::Phone;

/// Why two patients may be one.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[schema(as = DuplicateReason)]
pub enum Reason {
    /// Their id numbers differ in one digit, or in two that changed places; the check digit aside.
    IdNumberNear,
    /// The same name and the same birth date.
    NameAndBirthDate,
    /// Names that differ in one character, the same birth date and sex.
    LikeNameAndBirthDate,
    /// The same phone and the same name, or one that differs in one character.
    PhoneAndName,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 4] = [
        Self::IdNumberNear,
        Self::NameAndBirthDate,
        Self::LikeNameAndBirthDate,
        Self::PhoneAndName,
    ];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::IdNumberNear => "id_number_near",
            Self::NameAndBirthDate => "name_and_birth_date",
            Self::LikeNameAndBirthDate => "like_name_and_birth_date",
            Self::PhoneAndName => "phone_and_name",
        }
    }
}

/// What is compared of a patient.
#[derive(Clone, Debug)]
pub struct Traits {
    /// Name.
    pub name: PersonName,
    /// Id number; none for newborns.
    pub id_number: Option<IdNumber>,
    /// Birth date.
    pub birth_date: NaiveDate,
    /// Sex.
    pub sex: Sex,
    /// Phone.
    pub phone: Option<Phone>,
}

/// Why two patients may be one; nothing when there is no ground. Two checked identity cards that are not near are two
/// people, whatever else they share.
pub fn reasons(one: &Traits, other: &Traits) -> BTreeSet<Reason> {
    let mut found = BTreeSet::new();
    let (same_name, like_name) = (one.name == other.name, alike(&one.name, &other.name));
    let same_birth = one.birth_date == other.birth_date;
    let same_phone = one.phone.is_some() && one.phone == other.phone;
    if let (Some(a), Some(b)) = (card(one), card(other)) {
        if !near(a, b) {
            return found;
        }
        // Neighbours in the register of births have near numbers too: something else has to speak for it.
        if same_name || same_phone || (like_name && same_birth) {
            found.insert(Reason::IdNumberNear);
        }
    }
    if same_name && same_birth {
        found.insert(Reason::NameAndBirthDate);
    } else if like_name && same_birth && one.sex == other.sex {
        found.insert(Reason::LikeNameAndBirthDate);
    }
    if same_phone && (same_name || like_name) {
        found.insert(Reason::PhoneAndName);
    }
    found
}

/// The number of an identity card.
fn card(traits: &Traits) -> Option<&str> {
    let number = traits.id_number.as_ref();
    let number = number.filter(|number| number.kind() == IdKind::ResidentId)?;
    Some(number.reveal())
}

/// Whether two id numbers differ by one slip of the hand. The check digit follows from the others, so it is left out.
fn near(one: &str, other: &str) -> bool {
    let body = |number: &str| number.chars().take(17).collect::<Vec<_>>();
    let (a, b) = (body(one), body(other));
    if a.len() != b.len() {
        return false;
    }
    let differ: Vec<_> = (0..a.len())
        .filter(|place| a[*place] != b[*place])
        .collect();
    match differ[..] {
        [_] => true,
        [first, second] => second == first + 1 && a[first] == b[second] && a[second] == b[first],
        _ => false,
    }
}

/// Whether two names differ in one character: another one, one more, or one less. The family name stays.
fn alike(one: &PersonName, other: &PersonName) -> bool {
    let letters = |name: &PersonName| -> Vec<char> {
        let all = name.reveal().chars();
        all.filter(|c| !c.is_whitespace() && *c != '·').collect()
    };
    let (mut a, mut b) = (letters(one), letters(other));
    if a.len() > b.len() {
        std::mem::swap(&mut a, &mut b);
    }
    if a.first() != b.first() || b.len() - a.len() > 1 {
        return false;
    }
    let head = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let tail = a[head..]
        .iter()
        .rev()
        .zip(b[head..].iter().rev())
        .take_while(|(x, y)| x == y)
        .count();
    // What is left between the equal ends is at most the one character.
    b.len() - head - tail <= 1 && *one != *other
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn id(body: &str) -> IdNumber {
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        let digits = body.chars().filter_map(|c| c.to_digit(10));
        let sum: u32 = digits
            .zip(weights)
            .map(|(digit, weight)| digit * weight)
            .sum();
        let check = b"10X98765432"[(sum % 11) as usize] as char;
        IdNumber::parse(IdKind::ResidentId, &format!("{body}{check}")).expect("a number")
    }

    fn person(name: &str, card: Option<&str>, born: &str, phone: Option<&str>) -> Traits {
        Traits {
            name: PersonName::parse(name).expect("a name"),
            id_number: card.map(id),
            birth_date: born.parse().expect("a date"),
            sex: Sex::Female,
            phone: phone.map(|phone| Phone::parse(phone).expect("a phone")),
        }
    }

    fn codes(one: &Traits, other: &Traits) -> Vec<&'static str> {
        let there = reasons(one, other);
        assert_eq!(there, reasons(other, one), "the same both ways");
        there.into_iter().map(Reason::code).collect()
    }

    const CARD: &str = "13049919480305002";

    #[rstest]
    #[case::a_digit("李秀英", Some("13049919480305004"), "1948-03-05", &["id_number_near", "name_and_birth_date"])]
    #[case::a_digit_of_the_birth_date("李秀英", Some("13049919480306002"), "1948-03-06", &["id_number_near"])]
    #[case::swapped("李秀英", Some("13049919480305020"), "1948-03-05", &["id_number_near", "name_and_birth_date"])]
    #[case::two_people("李秀英", Some("13049919480305136"), "1948-03-05", &[])]
    #[case::a_neighbour("王桂兰", Some("13049919480305004"), "1948-03-05", &[])]
    #[case::no_card("李秀英", None, "1948-03-05", &["name_and_birth_date"])]
    #[case::a_slip_in_the_name("李秀芳", None, "1948-03-05", &["like_name_and_birth_date"])]
    #[case::a_character_less("李英", None, "1948-03-05", &["like_name_and_birth_date"])]
    #[case::another_family("王秀英", None, "1948-03-05", &[])]
    #[case::another_birth_date("李秀英", None, "1948-03-06", &[])]
    fn what_speaks_for_one_person(
        #[case] name: &str,
        #[case] card: Option<&str>,
        #[case] born: &str,
        #[case] expected: &[&str],
    ) {
        let known = person("李秀英", Some(CARD), "1948-03-05", None);
        assert_eq!(codes(&known, &person(name, card, born, None)), expected);
    }

    #[test]
    fn the_page_lists_every_reason() {
        let page = crate::domain::rules_page::first_cells("duplicate reasons");
        assert_eq!(page, Reason::ALL.map(Reason::code));
    }

    #[test]
    fn a_phone_counts_with_a_name() {
        let one = person("李秀英", Some(CARD), "1948-03-05", Some("13811112222"));
        let like = person("李秀芳", None, "1950-01-01", Some("13811112222"));
        assert_eq!(codes(&one, &like), ["phone_and_name"]);
        let husband = person("张大明", None, "1948-03-05", Some("13811112222"));
        assert_eq!(codes(&one, &husband), Vec::<&str>::new());
        let none = person("李秀英", None, "1950-01-01", None);
        assert_eq!(codes(&none, &none.clone()), ["name_and_birth_date"]);
    }

    proptest! {
        /// One wrong digit of a number is always near, two wrong ones apart never are.
        #[test]
        fn slips_are_near(body in "[1-8][0-9]{16}", place in 0usize..17, by in 1u32..10) {
            let mut digits: Vec<char> = body.chars().collect();
            let digit = digits[place].to_digit(10).expect("a digit");
            digits[place] = char::from_digit((digit + by) % 10, 10).expect("a digit");
            let other: String = digits.iter().collect();
            prop_assert!(near(&body, &other));
            prop_assert!(!near(&body, &body));
            let far = (place + 5) % 17;
            let digit = digits[far].to_digit(10).expect("a digit");
            digits[far] = char::from_digit((digit + 1) % 10, 10).expect("a digit");
            let two: String = digits.iter().collect();
            prop_assert!(!near(&body, &two));
        }

        #[test]
        fn names_that_differ_in_one_are_alike(name in "[一-龥]{2,6}", place in 1usize..6, other in "[一-龥]") {
            let mut letters: Vec<char> = name.chars().collect();
            prop_assume!(place < letters.len());
            let there = PersonName::parse(&name).expect("a name");
            let new = other.chars().next().expect("one");
            prop_assume!(letters[place] != new);
            letters[place] = new;
            let changed = PersonName::parse(&letters.iter().collect::<String>()).expect("a name");
            prop_assert!(alike(&there, &changed) && alike(&changed, &there) && !alike(&there, &there));
            letters.insert(place, new);
            let longer = PersonName::parse(&letters.iter().collect::<String>()).expect("a name");
            prop_assert!(alike(&changed, &longer) && alike(&longer, &changed));
        }
    }
}
