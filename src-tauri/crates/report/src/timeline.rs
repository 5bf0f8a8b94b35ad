//! Flow records over time, drawn.

use crate::format;
use crate::snapshot::{Bucket, Finding};
use std::fmt::Write;

const WIDTH: f64 = 720.0;
/// Room for the scale at the left.
const LEFT: f64 = 52.0;
const TOP: f64 = 34.0;
const PANEL: f64 = 62.0;
const BETWEEN: f64 = 18.0;
/// More bars than this could not be told apart on paper.
const BARS: usize = 220;
const SECOND: i64 = 1_000_000_000;

const ACCEPT: &str = "#2c6db4";
const REJECT: &str = "#c97a1c";
const FINDING: &str = "#7d46b8";
const INK: &str = "#1b242c";
const DIM: &str = "#5b6873";

/// An SVG of records above and bytes below, accepted and rejected stacked, findings marked by their number;
/// `None` if there is nothing to draw. The drawing holds no text from evidence.
pub(crate) fn svg(buckets: &[Bucket], findings: &[Finding]) -> Option<String> {
    let bars = merged(buckets);
    let (from, to) = (bars.first()?.from, bars.last()?.to);
    let span = to.checked_sub(from).filter(|span| *span > 0)?;
    let x = |at: i64| LEFT + (WIDTH - LEFT) * (at.saturating_sub(from) as f64 / span as f64);
    let height = TOP + 2.0 * PANEL + BETWEEN + 26.0;

    let mut svg = String::new();
    let _ = write!(
        svg,
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" font-family="Inter, 'Libertinus Serif', sans-serif" font-size="8.5"><title>Flow records and bytes over time, accepted and rejected</title><defs><pattern id="rejected" width="3" height="3" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="3" height="3" fill="{REJECT}"/><rect width="1" height="3" fill="#f3d9b5"/></pattern></defs>"##
    );
    legend(&mut svg, findings.iter().any(|finding| finding.first.is_some()));
    for (at, label) in ticks(from, to) {
        let x = x(at);
        let bottom = TOP + 2.0 * PANEL + BETWEEN;
        let _ = write!(
            svg,
            r##"<path d="M{x:.1} {TOP}V{:.1}" stroke="#e2e7eb" stroke-width="0.6"/><text x="{x:.1}" y="{:.1}" fill="{DIM}" text-anchor="middle">{label}</text>"##,
            bottom + 3.0,
            bottom + 13.0,
        );
    }
    let records = |bar: &Bucket| (bar.accept_records, bar.reject_records);
    let bytes = |bar: &Bucket| (bar.accept_bytes, bar.reject_bytes);
    panel(&mut svg, &bars, x, TOP, "records", records, format::count);
    panel(&mut svg, &bars, x, TOP + PANEL + BETWEEN, "bytes", bytes, format::size);
    markers(&mut svg, findings, from, to, x);
    let _ = write!(
        svg,
        r##"<text x="{WIDTH}" y="{:.1}" fill="{DIM}" text-anchor="end">UTC, {}</text></svg>"##,
        height - 2.0,
        days(from, to),
    );
    Some(svg)
}

fn days(from: i64, to: i64) -> String {
    let (first, last) = (format::date(from), format::date(to));
    if first == last { first } else { format!("{first} to {last}") }
}

/// At most [`BARS`] buckets, neighbours summed.
fn merged(buckets: &[Bucket]) -> Vec<Bucket> {
    let together = buckets.len().div_ceil(BARS).max(1);
    let sum = |part: &[Bucket], of: fn(&Bucket) -> u64| {
        part.iter().fold(0u64, |sum, bucket| sum.saturating_add(of(bucket)))
    };
    let merge = |part: &[Bucket]| {
        let (first, last) = (part.first()?, part.last()?);
        Some(Bucket {
            from: first.from,
            to: last.to,
            accept_records: sum(part, |bucket| bucket.accept_records),
            accept_bytes: sum(part, |bucket| bucket.accept_bytes),
            reject_records: sum(part, |bucket| bucket.reject_records),
            reject_bytes: sum(part, |bucket| bucket.reject_bytes),
        })
    };
    buckets.chunks(together).filter_map(merge).collect()
}

fn legend(svg: &mut String, findings: bool) {
    let _ = write!(
        svg,
        r##"<g fill="{DIM}"><rect x="{LEFT}" y="3" width="9" height="7" fill="{ACCEPT}"/><text x="{:.1}" y="9.6">accepted</text><rect x="{:.1}" y="3" width="9" height="7" fill="url(#rejected)"/><text x="{:.1}" y="9.6">rejected</text>"##,
        LEFT + 13.0,
        LEFT + 62.0,
        LEFT + 75.0,
    );
    if findings {
        let _ = write!(
            svg,
            r##"<circle cx="{:.1}" cy="6.5" r="4" fill="{FINDING}"/><text x="{:.1}" y="9.6">first seen, by number of finding</text>"##,
            LEFT + 128.0,
            LEFT + 136.0,
        );
    }
    svg.push_str("</g>");
}

fn panel(
    svg: &mut String,
    bars: &[Bucket],
    x: impl Fn(i64) -> f64,
    top: f64,
    unit: &str,
    of: impl Fn(&Bucket) -> (u64, u64),
    label: impl Fn(u64) -> String,
) {
    let bottom = top + PANEL;
    let sums = bars.iter().map(|bar| {
        let (accept, reject) = of(bar);
        accept.saturating_add(reject)
    });
    let most = sums.max().unwrap_or(0).max(1);
    let height = |value: u64| (PANEL - 4.0) * (value as f64 / most as f64);
    for (kind, fill) in [(false, ACCEPT), (true, "url(#rejected)")] {
        let mut path = String::new();
        for bar in bars {
            let (accept, reject) = of(bar);
            let (base, value) = if kind { (accept, reject) } else { (0, accept) };
            if value == 0 {
                continue;
            }
            let (left, right) = (x(bar.from), x(bar.to));
            let width = (right - left - 0.5).max(0.6);
            let y = bottom - height(base);
            // What is there must be seen, however small beside the largest.
            let tall = height(value).max(0.7);
            let _ = write!(path, "M{left:.2} {y:.2}h{width:.2}v-{tall:.2}h-{width:.2}z");
        }
        if !path.is_empty() {
            let _ = write!(svg, r##"<path d="{path}" fill="{fill}"/>"##);
        }
    }
    let _ = write!(
        svg,
        r##"<path d="M{LEFT} {bottom:.1}H{WIDTH}" stroke="{INK}" stroke-width="0.6"/><g fill="{DIM}" text-anchor="end"><text x="{:.1}" y="{:.1}">{}</text><text x="{:.1}" y="{:.1}">{unit}</text><text x="{:.1}" y="{:.1}">0</text></g>"##,
        LEFT - 5.0,
        top + 8.0,
        label(most),
        LEFT - 5.0,
        top + 18.0,
        LEFT - 5.0,
        bottom,
    );
}

/// A number on a line for each finding; numbers that would cover each other move right.
fn markers(svg: &mut String, findings: &[Finding], from: i64, to: i64, x: impl Fn(i64) -> f64) {
    let mut firsts: Vec<(i64, usize)> = findings
        .iter()
        .zip(1..)
        .filter(|(finding, _)| finding.withdrawn.is_none())
        .filter_map(|(finding, number)| Some((finding.first?, number)))
        .filter(|(first, _)| (from..=to).contains(first))
        .collect();
    firsts.sort_unstable();
    let mut free = LEFT;
    for (first, number) in firsts {
        let line = x(first);
        let circle = line.max(free).min(WIDTH - 6.0);
        free = circle + 13.0;
        let bottom = TOP + 2.0 * PANEL + BETWEEN;
        let _ = write!(
            svg,
            r##"<path d="M{circle:.1} 26L{line:.1} {TOP}V{bottom:.1}" stroke="{FINDING}" stroke-width="0.6" fill="none"/><circle cx="{circle:.1}" cy="22" r="6" fill="{FINDING}"/><text x="{circle:.1}" y="24.8" fill="#ffffff" font-size="7.5" text-anchor="middle">{number}</text>"##
        );
    }
}

/// Round times, eight at most, with what to write below them.
fn ticks(from: i64, to: i64) -> Vec<(i64, String)> {
    const MINUTE: i64 = 60 * SECOND;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    let steps = [
        SECOND,
        5 * SECOND,
        15 * SECOND,
        MINUTE,
        5 * MINUTE,
        10 * MINUTE,
        15 * MINUTE,
        30 * MINUTE,
        HOUR,
        2 * HOUR,
        3 * HOUR,
        6 * HOUR,
        12 * HOUR,
        DAY,
        2 * DAY,
        7 * DAY,
        14 * DAY,
        28 * DAY,
        91 * DAY,
        364 * DAY,
    ];
    let span = to.saturating_sub(from);
    let step = steps.into_iter().find(|step| span / step < 8).unwrap_or(span.max(1));
    let mut ticks = Vec::new();
    let mut at = from.div_euclid(step).saturating_add(1).saturating_mul(step);
    if from % step == 0 {
        at = from;
    }
    // A label at either end would be cut in half.
    let margin = span / 40;
    while at <= to.saturating_sub(margin) {
        if at >= from.saturating_add(margin) {
            let midnight = at.rem_euclid(DAY) == 0;
            ticks.push((at, if midnight { format::date(at) } else { format::clock(at) }));
        }
        match at.checked_add(step) {
            Some(next) => at = next,
            None => break,
        }
    }
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(from: i64, accept: u64, reject: u64) -> Bucket {
        Bucket {
            from: from * SECOND,
            to: (from + 60) * SECOND,
            accept_records: accept,
            accept_bytes: accept * 100,
            reject_records: reject,
            reject_bytes: reject * 40,
        }
    }

    #[test]
    fn nothing_is_drawn_of_nothing() {
        assert_eq!(svg(&[], &[]), None);
    }

    #[test]
    fn many_buckets_are_summed_and_none_is_lost() {
        let buckets: Vec<_> = (0..10_001).map(|at| bucket(at * 60, 2, 1)).collect();
        let bars = merged(&buckets);
        assert!(bars.len() <= BARS);
        assert_eq!(bars.iter().map(|bar| bar.accept_records).sum::<u64>(), 20_002);
        assert_eq!(bars.last().map(|bar| bar.to), buckets.last().map(|bucket| bucket.to));
    }

    #[test]
    fn times_on_the_axis_are_round() {
        let labels = |from: i64, to: i64| {
            ticks(from * SECOND, to * SECOND).into_iter().map(|tick| tick.1).collect::<Vec<_>>()
        };
        assert_eq!(labels(42_000, 61_000), ["12:00", "13:00", "14:00", "15:00", "16:00"]);
        assert_eq!(labels(80_000, 110_000), ["1970-01-02", "02:00", "04:00", "06:00"]);
    }

    #[test]
    fn the_drawing_survives_any_time_and_count() {
        let odd = Bucket { from: i64::MIN, to: i64::MAX, ..bucket(0, u64::MAX / 100, 0) };
        assert_eq!(svg(&[odd], &[]), None);
        let huge = Bucket { accept_bytes: u64::MAX, reject_bytes: u64::MAX, ..bucket(0, 1, 1) };
        assert!(svg(&[huge], &[]).is_some_and(|svg| !svg.contains("NaN")));
    }
}
