//! How fast flow logs are read, run by hand: `cargo test -p flowlog --test speed -- --ignored`.

use evidence::Anomaly;
use flowlog::{FlowSink, Layout, ReadOptions, Record, Rejected, sniff};
use std::ops::ControlFlow;
use std::time::Instant;

#[derive(Default)]
struct Count(u64);

impl FlowSink for Count {
    fn layout(&mut self, _: &Layout) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        self.0 += record.values.len() as u64;
        ControlFlow::Continue(())
    }
    fn rejected(&mut self, _: &Rejected<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
    fn anomaly(&mut self, _: Anomaly) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

const NAMES: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status";

fn line(n: u32) -> String {
    format!(
        "2 123456789010 eni-1235b8ca12345{:04x} 172.31.{}.139 10.{}.16.21 {} 443 6 {} {} 14185{:05} 14185{:05} ACCEPT OK",
        n % 4096,
        n % 256,
        n / 7 % 256,
        1024 + n % 60_000,
        n % 1000,
        n % 100_000,
        n % 90_000,
        n % 90_000 + 60,
    )
}

#[test]
#[ignore = "a measurement"]
#[expect(clippy::print_stderr, reason = "what it measured")]
fn rows_per_second() {
    const ROWS: u32 = 500_000;
    let text = (0..ROWS).fold(format!("{NAMES}\n"), |text, n| text + &line(n) + "\n");
    let csv = text.replace(' ', "\",\"").replace('\n', "\"\n\"");
    let csv = format!("\"{}", csv.strip_suffix('"').unwrap());
    let events: Vec<_> = (0..ROWS)
        .map(|n| {
            format!(
                "{{\"timestamp\":1418530010000,\"message\":\"{}\",\"eventId\":\"{n}\"}}",
                line(n)
            )
        })
        .collect();
    let events = format!("{{\"events\":[{}]}}", events.join(","));
    for file in [text, csv, events] {
        let format = sniff(&file.as_bytes()[..65536]).unwrap();
        // The best of several: other work on the machine only makes it slower.
        let rate = (0..7).map(|_| {
            let began = Instant::now();
            let mut count = Count::default();
            let summary =
                format.read(&mut file.as_bytes(), &ReadOptions::default(), &mut count).unwrap();
            assert_eq!(summary.records, u64::from(ROWS));
            f64::from(ROWS) / began.elapsed().as_secs_f64() / 1e6
        });
        let best = rate.fold(0.0, f64::max);
        eprintln!("{:20} {best:.2} M rows/s", format.name());
    }
}
