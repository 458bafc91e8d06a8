use std::collections::BTreeMap;

use uuid::Uuid;

use super::*;
use crate::domain::seed;

fn device(number: u128, site: &str, of_this_visit: bool) -> InPlace<'_> {
    InPlace {
        id: DeviceId(Uuid::from_u128(number)),
        site,
        of_this_visit,
    }
}

fn link(act: LinkAct, one_only: bool) -> DeviceLink {
    DeviceLink {
        kind: DeviceKind::Ng,
        act,
        one_only,
        site: None,
        material: None,
        size: None,
        depth_cm: None,
        lot: None,
        removal: None,
    }
}

#[test]
fn the_only_one_of_its_kind_is_meant_wherever_it_is() {
    let (old, hers) = (device(1, "left", false), device(2, "left", true));
    let other = device(3, "right", false);
    for (site, there, expected) in [
        (Some("right"), vec![], Step::Place),
        (Some("right"), vec![old], Step::Replace(old.id)),
        (Some("right"), vec![hers], Step::Correct(hers.id)),
        (Some("right"), vec![old, other], Step::Replace(other.id)),
        (Some("left"), vec![old], Step::Replace(old.id)),
        (None, vec![old, other], Step::Several),
        // Which of the two went nobody can say.
        (Some("mouth"), vec![old, other], Step::Place),
    ] {
        let place = link(LinkAct::Place, true);
        assert_eq!(step(&place, site, &there, false), expected, "{site:?}");
    }
    let remove = link(LinkAct::Remove, true);
    assert_eq!(
        step(&remove, Some("right"), &[old], false),
        Step::Remove(old.id)
    );
}

#[test]
fn what_the_visit_did_already_is_not_done_again() {
    let (old, hers) = (device(1, "left", false), device(2, "left", true));
    let other = device(3, "right", false);
    for (act, site, there, removed, expected) in [
        (LinkAct::Place, None, vec![], false, Step::Place),
        (LinkAct::Place, None, vec![], true, Step::Place),
        (
            LinkAct::Place,
            None,
            vec![old],
            false,
            Step::Replace(old.id),
        ),
        (
            LinkAct::Place,
            None,
            vec![hers],
            true,
            Step::Correct(hers.id),
        ),
        (LinkAct::Place, Some("right"), vec![hers], true, Step::Place),
        (
            LinkAct::Place,
            Some("right"),
            vec![old, other],
            false,
            Step::Replace(other.id),
        ),
        (LinkAct::Place, None, vec![old, other], false, Step::Several),
        (
            LinkAct::Place,
            None,
            vec![other, hers],
            true,
            Step::Correct(hers.id),
        ),
        (LinkAct::Review, None, vec![], false, Step::NoneThere),
        (
            LinkAct::Review,
            None,
            vec![old],
            false,
            Step::Review(old.id),
        ),
        (LinkAct::Review, None, vec![hers], true, Step::Done),
        (
            LinkAct::Review,
            None,
            vec![old, other],
            false,
            Step::Several,
        ),
        (
            LinkAct::Review,
            Some("left"),
            vec![old, other],
            false,
            Step::Review(old.id),
        ),
        (
            LinkAct::Remove,
            None,
            vec![old],
            false,
            Step::Remove(old.id),
        ),
        (LinkAct::Remove, None, vec![other], true, Step::Done),
        (LinkAct::Remove, None, vec![], false, Step::NoneThere),
    ] {
        assert_eq!(
            step(&link(act, false), site, &there, removed),
            expected,
            "{act:?} {site:?} {there:?}"
        );
    }
}

#[test]
fn the_form_tells_what_it_was_asked_for() {
    let form = seed::record_forms().form("NG_CHG").expect("a form");
    let link = form.device.as_ref().expect("a link");
    let word = |text: &str| Answer::Option(text.to_owned());
    let values = BTreeMap::from(
        [
            ("size", word("14 Fr")),
            ("depth_cm", Answer::Number(55.0)),
            ("lot", word(&"B".repeat(50))),
            ("ng_site", word("left_nostril")),
            ("device_removal", word("blocked")),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    let told = link.read(&values);
    assert_eq!(told.site.as_deref(), Some("left_nostril"));
    assert_eq!(
        (told.size.as_deref(), told.depth_cm),
        (Some("14 Fr"), Some(55.0))
    );
    assert_eq!(
        (told.material, told.removal),
        (None, Some(DeviceRemoval::Blocked))
    );
    assert_eq!(told.lot.expect("a lot").len(), SHORT);
}

/// The forms speak of places and materials that the rules for devices have, and each item of theirs has its link.
#[test]
fn forms_and_rules_for_devices_agree() {
    let (forms, devices) = (seed::record_forms(), seed::devices());
    for form in &forms.items {
        let Some(link) = &form.device else { continue };
        let rule = devices.rule(link.kind).expect("a rule");
        let options = |field: &Option<Key>| -> Vec<String> {
            let mut fields = forms.fields(form);
            let found = field
                .as_ref()
                .and_then(|code| fields.find(|one| one.code == *code));
            let options = found.into_iter().flat_map(|one| &one.options);
            options.map(|one| one.code.to_string()).collect()
        };
        for site in options(&link.site) {
            rule.site(Some(&site)).expect("a site of the rules");
        }
        for material in options(&link.material) {
            rule.material(Some(&material))
                .expect("a material of the rules");
        }
        if link.act == LinkAct::Place && rule.sites.len() > 1 {
            assert_eq!(options(&link.site).len(), rule.sites.len(), "{}", form.item);
        }
    }
    for rule in &devices.kinds {
        let form = forms.form(rule.item.as_str());
        let link = form.and_then(|form| form.device.as_ref());
        assert_eq!(link.map(|link| link.kind), Some(rule.kind), "{}", rule.item);
    }
}
