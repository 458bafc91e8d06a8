use super::*;
use crate::domain::seed::exercises;

fn hash(letter: &str) -> String {
    letter.repeat(64)
}

fn id(letter: &str) -> PictureId {
    PictureId::try_from(hash(letter)).expect("a hash")
}

#[test]
fn every_shipped_exercise_has_its_drawing_and_every_drawing_is_used() {
    assert_eq!(missing(exercises(), &BTreeSet::new()), vec![]);
    let used: BTreeSet<&str> = exercises()
        .exercises
        .iter()
        .map(|one| one.picture.as_str())
        .collect();
    let drawn: BTreeSet<&str> = SHIPPED.iter().map(|one| one.name).collect();
    assert_eq!(used, drawn);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/data/pictures");
    let files = std::fs::read_dir(folder).expect("the folder of drawings");
    assert_eq!(files.count(), SHIPPED.len(), "a drawing is not listed");
}

/// A drawing is lines and colours: what could run, load or speak a language is not in it.
#[test]
fn a_drawing_is_small_and_holds_nothing_but_shapes() {
    let shapes = [
        "svg", "rect", "circle", "ellipse", "polyline", "polygon", "path", "g",
    ];
    for Shipped { name, svg } in SHIPPED {
        assert!(svg.len() < 8 * 1024, "{name} has {} bytes", svg.len());
        assert!(svg.contains("viewBox=\"0 0 "), "{name} has no viewBox");
        let links = svg.matches("://").count();
        assert_eq!(links, 1, "{name}: only the namespace is an address");
        for bad in ["href", "style", "url(", " on", "<!", "<?", "&"] {
            assert!(!svg.contains(bad), "{name} has {bad:?}");
        }
        for tag in svg.split('<').skip(1) {
            let tag = tag.trim_start_matches('/');
            let end = tag.find(|letter: char| !letter.is_ascii_alphanumeric());
            let tag = &tag[..end.unwrap_or(tag.len())];
            assert!(shapes.contains(&tag), "{name} has <{tag}>");
        }
        for text in svg.split('>').skip(1) {
            let text = text.split('<').next().unwrap_or_default();
            assert_eq!(text.trim(), "", "{name} has text");
        }
    }
}

#[test]
fn a_name_is_a_drawing_or_a_hash() {
    assert_eq!(
        Named::read("exercises/ankle_pump"),
        Some(Named::Shipped(&SHIPPED[0]))
    );
    assert_eq!(Named::read(&hash("a")), Some(Named::Own(id("a"))));
    for other in [
        "",
        "ankle_pump",
        "exercises/headstand",
        &hash("A"),
        &hash("a")[1..],
        "../a",
    ] {
        assert_eq!(Named::read(other), None, "{other}");
    }
}

#[test]
fn a_library_that_names_a_picture_nobody_has_is_told_where() {
    let mut library = exercises().clone();
    library.exercises[1].picture = hash("a");
    library.exercises[3].picture = "exercises/headstand".to_owned();
    assert_eq!(own(&library), BTreeSet::from([id("a")]));
    let paths = |has: &[PictureId]| {
        let problems = missing(&library, &has.iter().cloned().collect());
        assert!(
            problems
                .iter()
                .all(|one| one.code == RuleProblemCode::UnknownReference)
        );
        problems.into_iter().map(|one| one.path).collect::<Vec<_>>()
    };
    assert_eq!(
        paths(&[id("b")]),
        ["exercises[1].picture", "exercises[3].picture"]
    );
    assert_eq!(paths(&[id("a")]), ["exercises[3].picture"]);
}
