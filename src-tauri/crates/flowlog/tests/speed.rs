//! How fast text is read, run by hand: `cargo test -p flowlog --test speed -- --ignored`.

use evidence::Anomaly;
use flowlog::{FlowSink, Layout, ReadOptions, Record, Rejected, read_text};
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

#[test]
#[ignore = "a measurement"]
fn rows_per_second() {
    let mut text = String::from(
        "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n",
    );
    for n in 0..1_000_000_u32 {
        let line = format!(
            "2 123456789010 eni-1235b8ca12345{:04x} 172.31.{}.139 10.{}.16.21 {} 443 6 {} {} 14185{:05} 14185{:05} ACCEPT OK\n",
            n % 4096,
            n % 256,
            n / 7 % 256,
            1024 + n % 60000,
            n % 1000,
            n % 100_000,
            n % 90_000,
            n % 90_000 + 60,
        );
        text.push_str(&line);
    }
    for _ in 0..5 {
        let began = Instant::now();
        let mut count = Count::default();
        let summary = read_text(&mut text.as_bytes(), &ReadOptions::default(), &mut count).unwrap();
        let seconds = began.elapsed().as_secs_f64();
        assert_eq!((summary.records, count.0), (1_000_000, 14_000_000));
        use std::io::Write;
        let _ =
            writeln!(std::io::stderr(), "{:.2} M rows/s", summary.records as f64 / seconds / 1e6);
    }
}
