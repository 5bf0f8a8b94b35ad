use super::*;
use crate::sample::{hostile, snapshot};

#[test]
fn the_same_snapshot_gives_the_same_pdf() {
    let first = pdf(&snapshot()).unwrap();
    assert!(first.starts_with(b"%PDF-"));
    assert!(first == pdf(&snapshot()).unwrap());
}

#[test]
fn hostile_and_empty_snapshots_are_laid_out() {
    for snapshot in [hostile(), Snapshot::default()] {
        assert!(pdf(&snapshot).unwrap().starts_with(b"%PDF-"));
    }
}

#[test]
fn the_layout_sees_no_file_and_no_package() {
    let world = Closed::new(&compose(&snapshot())).unwrap();
    let path = RootedPath::new(VirtualRoot::Project, VirtualPath::new("secret").unwrap());
    let elsewhere = path.intern();
    assert!(world.file(elsewhere).is_err() && world.source(elsewhere).is_err());
    assert!(world.today(None).is_none());
}

#[test]
fn a_character_without_a_glyph_is_named() {
    let mut text = Text::from("a中b");
    fit_text(&mut text);
    let found: Vec<_> = text.0.iter().map(|span| (span.style, span.text.as_str())).collect();
    assert_eq!(found, [(Style::Plain, "a"), (Style::Unseen, "U+4E2D"), (Style::Plain, "b")]);
}

#[test]
fn a_long_word_can_be_broken_and_a_hash_cannot() {
    let word = "x".repeat(100);
    assert_eq!(breakable(Style::Mono, &word).matches('\u{200b}').count(), 2);
    assert_eq!(breakable(Style::Digest, &word), word);
    assert_eq!(breakable(Style::Plain, "short words stay"), "short words stay");
}
