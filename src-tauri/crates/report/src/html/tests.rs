use super::*;
use crate::sample::{hostile, snapshot};
use crate::text::unseen;
use roxmltree::{Document as Tree, ParsingOptions};

/// Reads a report as XML, which also proves that every element is closed and every text escaped.
fn read(html: &str) -> Tree<'_> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    Tree::parse_with_options(html, options).unwrap()
}

fn names(html: &str) -> std::collections::BTreeSet<String> {
    read(html).descendants().map(|node| node.tag_name().name().to_owned()).collect()
}

#[test]
fn a_part_that_was_left_out_is_named_and_integrity_stays() {
    let without = vec!["Notes and tags".to_owned(), "Integrity".to_owned()];
    let page = html(&Snapshot { without, ..crate::sample::snapshot() });
    let whole = html(&crate::sample::snapshot());
    let sections = |page: &str| page.matches("<section ").count();
    assert_eq!(sections(&page) + 1, sections(&whole));
    assert!(page.contains("Left out by the examiner"));
    assert!(!whole.contains("Left out by the examiner"));
    assert_eq!(page.matches("Notes and tags").count(), 1, "where it is said to be left out");
}

#[test]
fn the_same_snapshot_gives_the_same_bytes() {
    assert_eq!(html(&snapshot()), html(&snapshot()));
}

#[test]
fn every_element_is_closed_and_every_link_leads_somewhere() {
    for html in [html(&snapshot()), html(&hostile()), html(&Snapshot::default())] {
        let tree = read(&html);
        let ids: Vec<_> = tree.descendants().filter_map(|node| node.attribute("id")).collect();
        for link in tree.descendants().filter_map(|node| node.attribute("href")) {
            assert!(ids.iter().any(|id| link == format!("#{id}")), "{link}");
        }
    }
}

#[test]
fn hostile_text_adds_no_element_and_no_attribute() {
    let (plain, hostile) = (html(&snapshot()), html(&hostile()));
    assert!(names(&hostile).is_subset(&names(&plain)), "{:?}", names(&hostile));
    let known = |html: &str| -> std::collections::BTreeSet<String> {
        let tree = read(html);
        let attributes = tree.descendants().flat_map(|node| node.attributes());
        attributes.map(|attribute| attribute.name().to_owned()).collect()
    };
    assert!(known(&hostile).is_subset(&known(&plain)));
    assert!(!hostile.contains("<script") && !hostile.contains("<img"));
}

#[test]
fn nothing_that_is_not_seen_is_left_in_the_file() {
    let html = html(&hostile());
    let left = html.chars().find(|character| unseen(*character) && *character != '\n');
    assert_eq!(left, None);
    for name in ["NUL", "ESC", "CR", "U+202E", "U+2066", "U+FEFF"] {
        assert!(html.contains(&format!("<bdi class=\"unseen\">{name}</bdi>")), "{name}");
    }
}

#[test]
fn nothing_is_loaded_or_run() {
    let html = html(&snapshot());
    assert!(html.contains(POLICY));
    for word in
        ["<script", "<link", "<iframe", "<object", "@import", " src=", "onload", "javascript:"]
    {
        assert!(!html.contains(word), "{word}");
    }
    let addresses: Vec<_> = html.match_indices("http").map(|(at, _)| &html[at..at + 12]).collect();
    let own = ["http-equiv=\"", "http://www.w", "http://shop."];
    assert!(
        addresses.iter().all(|found| own.contains(found) || found.starts_with("http<")),
        "{addresses:?}"
    );
    assert!(!STYLE.contains("url("));
}

#[test]
fn a_withdrawn_finding_is_named_and_its_section_left_out() {
    let html = html(&snapshot());
    assert!(html.contains("F-4 was withdrawn"));
    assert!(html.contains("id=\"f-3\"") && html.contains("id=\"f-5\""));
    assert!(!html.contains("id=\"f-4\""));
}

#[test]
fn every_evidence_hash_and_the_journal_head_stand_in_the_report() {
    let (snapshot, html) = (snapshot(), html(&snapshot()));
    for item in &snapshot.evidence {
        assert_eq!(html.matches(&item.sha256.to_string()).count(), 2, "{}", item.path);
    }
    let head = format!("{}:{}", snapshot.head.seq, snapshot.head.hash);
    assert!(html.contains(&format!("tidemark verify CASE --head {head}")));
    assert!(html.contains("Absence of packets is not absence of traffic."));
}

#[test]
fn an_unknown_number_is_never_zero() {
    let mut snapshot = snapshot();
    let flow = &mut snapshot.findings[2].flows[0];
    (flow.packets_seen, flow.packets, flow.bytes) = (None, None, None);
    snapshot.findings[2].flows.truncate(1);
    snapshot.findings[2].conversations.clear();
    let html = html(&snapshot);
    let row = html.split("<tbody>").find(|row| row.contains("203.0.113.66:51544")).unwrap();
    assert_eq!(
        row.matches("<td class=\"number short\"><bdi class=\"dim\">–</bdi></td>").count(),
        3
    );
}
