//! How long the questions of an analyst take over a case that is loaded: `query_bench CASE.duckdb`.
//!
//! Prints the best, the median and the worst of a few runs beside the limits; the worst is mostly the first, which reads
//! from disk. It judges nothing: machines differ.

use std::io::Write as _;
use std::path::Path;
use std::time::Instant;
use store::{
    Bucket, CompareQuery, FlowQuery, HistogramQuery, Measure, Order, Selection, Store, StoreError,
    TimelineQuery, TopQuery, Window,
};

const RUNS: usize = 5;

fn main() -> Result<(), StoreError> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "case.duckdb".to_owned());
    let store = Store::open(Path::new(&path))?;
    let totals = store.totals()?;
    let (first, last) = (totals.first.unwrap_or(0), totals.last.unwrap_or(0));
    let width = (last - first) / 1_000 + 1;
    let histogram = |filter: &str, by: Option<&str>| HistogramQuery {
        selection: Selection::filtered(filter),
        from: first,
        width,
        buckets: 1_000,
        by: by.map(str::to_owned),
    };
    let top = |field: &str, filter: &str| TopQuery {
        selection: Selection::filtered(filter),
        field: field.to_owned(),
        by: Measure::Bytes,
        limit: 20,
    };
    said(&format!("{} records\n", totals.flow_records));
    time("timeline, 1,000 buckets", 300, || store.histogram(&histogram("", None)).map(drop))?;
    time("timeline by action", 300, || store.histogram(&histogram("", Some("action"))).map(drop))?;
    time("timeline by action, filtered to a network", 300, || {
        store.histogram(&histogram("addr == 203.0.0.0/16", Some("action"))).map(drop)
    })?;
    time("timeline (command line), 1,000 bins", 300, || {
        let bucket = Bucket::Bins(1_000);
        store.timeline(&TimelineQuery { selection: Selection::all(), bucket, by: None }).map(drop)
    })?;
    time("top 20 sources", 300, || store.top(&top("srcaddr", "")).map(drop))?;
    time("top 20 destinations, filtered", 300, || {
        store.top(&top("dstaddr", "dstport == 443 && action == ACCEPT")).map(drop)
    })?;
    time("top 20 ports", 300, || store.top(&top("dstport", "")).map(drop))?;
    time("address and port", 300, || {
        store
            .selected_records(&Selection::filtered("addr == 10.0.1.12 && dstport == 443"))
            .map(drop)
    })?;
    time("network", 300, || {
        store.selected_records(&Selection::filtered("srcaddr == 20.0.0.0/6")).map(drop)
    })?;
    time("a fifth of a day, counted", 300, || {
        let to = first + (last - first) / 5;
        store.count(&Selection { from: Some(first), to: Some(to), ..Selection::all() }).map(drop)
    })?;
    for field in ["dstport", "srcaddr", "srcaddr,dstaddr"] {
        // Whole hours: the sums by hour serve them.
        let hour = 3_600_000_000;
        let (first, last) = (first.div_euclid(hour) * hour, (last + hour).div_euclid(hour) * hour);
        let noon = (first + last) / 2;
        let query = CompareQuery {
            filter: None,
            all_sources: false,
            baseline: Window { from: first, to: noon },
            window: Window { from: noon, to: last },
            field: field.to_owned(),
            by: Measure::Bytes,
            limit: 20,
        };
        time(&format!("baseline: {field}"), 300, || store.compare(&query).map(drop))?;
    }
    let mut orders = Vec::new();
    time("order by time, made once", 0, || {
        orders.push(store.record_order(None)?);
        Ok(())
    })?;
    orders.clear();
    let order = Order { field: "bytes".to_owned(), descending: true };
    let begun = Instant::now();
    let whole = store.record_order(Some(&order))?;
    said(&format!("{:<44}{:>8} ms\n", "order by bytes, made once", begun.elapsed().as_millis()));
    let selected = store.selected_records(&Selection::filtered("dstport == 443"))?;
    let view = whole.arrange(&selected);
    let mut page = 0;
    time("a page (50 rows) of the sorted, filtered list", 30, || {
        page += view.len() / (RUNS + 1);
        let rows = view.get(page..page + 50).unwrap_or_default();
        store.listed(rows).map(drop)
    })?;
    time("first 50 records (command line)", 300, || {
        store.flows(&FlowQuery { limit: Some(50), ..FlowQuery::default() }).map(drop)
    })
}

fn time(
    what: &str,
    limit: u128,
    mut ask: impl FnMut() -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let begun = Instant::now();
        ask()?;
        times.push(begun.elapsed().as_millis());
    }
    times.sort_unstable();
    let at = |place: usize| times.get(place).copied().unwrap_or(0);
    let (best, median, worst) = (at(0), at(RUNS / 2), at(RUNS - 1));
    said(&format!("{what:<44}{best:>8} {median:>6} {worst:>6} ms   limit {limit}\n"));
    Ok(())
}

fn said(line: &str) {
    let _ = std::io::stdout().write_all(line.as_bytes());
}
