//! The command line.

use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Joins VPC flow logs with mirrored packets, offline, and keeps the case.
#[derive(Debug, Parser)]
#[command(name = "tidemark", version, max_term_width = 100)]
pub(crate) struct Args {
    /// Print JSON Lines instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a case.
    New {
        case: PathBuf,
        #[arg(long, default_value = "")]
        title: String,
        #[arg(long, default_value = "")]
        number: String,
        #[arg(long, default_value = "")]
        examiner: String,
    },
    /// Take in evidence: recognise, hash, load. Status 1 if something was rejected or unreadable.
    Add {
        case: PathBuf,
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// The format of all these files, whatever they look like.
        #[arg(long)]
        format: Option<String>,
        /// A UDP port at which captures have VXLAN, besides 4789, 4790 and 8472; may be given often.
        #[arg(long, value_name = "PORT")]
        vxlan_port: Vec<u16>,
        /// A UDP port at which captures have GENEVE, besides 6081.
        #[arg(long, value_name = "PORT")]
        geneve_port: Vec<u16>,
        /// What the columns mean of records without a header line: "version account-id …", or a LogFormat.
        #[arg(long)]
        fields: Option<String>,
    },
    /// What the case holds.
    Status { case: PathBuf },
    /// Stretches without flow records, and what is known of them.
    Gaps {
        case: PathBuf,
        #[arg(long)]
        interface: Option<String>,
        #[arg(long, value_enum)]
        kind: Option<Kind>,
    },
    /// Check a case, or an exported report, against its hashes. Status 1 if anything was changed.
    Verify {
        path: PathBuf,
        /// Hold packets that were exported (.pcapng) against the captures of this case.
        #[arg(long, value_name = "FILE", conflicts_with = "head")]
        slice: Option<PathBuf>,
        /// Hold the journal against an anchor kept elsewhere: SEQ:HASH.
        #[arg(long)]
        head: Option<String>,
    },
    /// Mirror sessions, and whose traffic they copy.
    Sessions {
        case: PathBuf,
        /// Say whose a session is: SOURCE/NUMBER=INTERFACE.
        #[arg(long, value_name = "SESSION=INTERFACE", conflicts_with = "release")]
        confirm: Option<String>,
        /// Take that back.
        #[arg(long, value_name = "SESSION")]
        release: Option<String>,
    },
    /// How far the clocks of collectors are ahead of the flow logs' clock.
    Clock {
        case: PathBuf,
        /// Set it by hand: COLLECTOR=SECONDS.
        #[arg(long, value_name = "COLLECTOR=SECONDS", conflicts_with = "unpin")]
        pin: Option<String>,
        /// Estimate it again.
        #[arg(long, value_name = "COLLECTOR")]
        unpin: Option<String>,
    },
    /// Look for evidence that was moved, by its hash. Status 1 if some is missing still.
    Relink {
        case: PathBuf,
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
    /// What captures say besides their packets: comments, counters of lost packets, names, keys.
    Facts {
        case: PathBuf,
        #[arg(long, default_value_t = 1000)]
        limit: usize,
    },
    /// Recorded, seen and captured packets of each mirrored interface and minute.
    Reconcile { case: PathBuf },
    /// Throw the cache away and make it anew from evidence and journal.
    Rebuild { case: PathBuf },
    /// List flow records.
    Flows {
        case: PathBuf,
        #[command(flatten)]
        selection: SelectionArgs,
        /// FIELD or FIELD:desc.
        #[arg(long)]
        order: Option<String>,
        #[arg(long)]
        limit: Option<u64>,
        /// Show each as it stands in the evidence, read back from there.
        #[arg(long, conflicts_with = "out")]
        raw: bool,
        /// Write them all to this file, .csv or .parquet.
        #[arg(long, conflicts_with = "limit")]
        out: Option<PathBuf>,
        /// Join the records of a tuple whose windows follow each other; flows come in the order in which they end.
        #[arg(long, conflicts_with = "order")]
        stitched: bool,
    },
    /// Records over time.
    Timeline {
        case: PathBuf,
        #[command(flatten)]
        selection: SelectionArgs,
        /// Width of a bucket: 30s, 5m, 1h.
        #[arg(long, conflicts_with = "bins")]
        bucket: Option<String>,
        /// Number of buckets.
        #[arg(long)]
        bins: Option<u32>,
        /// A field whose values are counted apart.
        #[arg(long)]
        by: Option<String>,
    },
    /// The largest values of a field, or what changed among them since a baseline.
    Top {
        case: PathBuf,
        /// A field, or several with commas between them: srcaddr,dstaddr.
        field: String,
        #[command(flatten)]
        selection: SelectionArgs,
        /// FROM..TO: what is new, grown, gone or shrunk beside that time, in --from to --to or else after it.
        #[arg(long)]
        baseline: Option<String>,
        #[arg(long, value_enum, default_value_t = By::Bytes)]
        by: By,
        #[arg(long, default_value_t = 20)]
        limit: u64,
    },
    /// The different values of a field, and when each was there first and last.
    Distinct {
        case: PathBuf,
        /// A field, or several with commas between them.
        field: String,
        #[command(flatten)]
        selection: SelectionArgs,
        #[arg(long)]
        limit: Option<u64>,
    },
    /// Selections of records that have a name: list them, or save or forget one.
    View {
        case: PathBuf,
        name: Option<String>,
        #[command(flatten)]
        selection: SelectionArgs,
        #[arg(long)]
        order: Option<String>,
        /// Give the name up.
        #[arg(long, requires = "name")]
        forget: bool,
    },
    /// From flow records to their packets, with the reason where there are not more.
    Pivot {
        case: PathBuf,
        /// A record's id.
        #[arg(long, conflicts_with = "filter")]
        record: Option<String>,
        /// Write the packets of all these records to a new file, .pcapng: as the interface sent and received them.
        #[arg(long, value_name = "FILE")]
        pcap: Option<PathBuf>,
        /// As they were captured, with what mirrored them.
        #[arg(long, requires = "pcap")]
        outer: bool,
        /// The other way round: the records that account for a conversation, or why none does.
        #[arg(long, conflicts_with_all = ["filter", "record"])]
        conversation: Option<String>,
        /// The same of a packet.
        #[arg(long, conflicts_with_all = ["filter", "record", "conversation"])]
        packet: Option<String>,
        #[command(flatten)]
        selection: SelectionArgs,
        #[arg(long)]
        limit: Option<u64>,
    },
    /// List conversations.
    Conversations { case: PathBuf },
    /// List the packets of a conversation.
    Packets {
        case: PathBuf,
        conversation: String,
        /// Write them to a new file, .pcapng: as the interface sent and received them.
        #[arg(long, value_name = "FILE")]
        pcap: Option<PathBuf>,
        /// As they were captured, with what mirrored them.
        #[arg(long, requires = "pcap")]
        outer: bool,
    },
    /// One packet: its layers with their byte ranges.
    Packet { case: PathBuf, packet: String },
    /// One direction of a conversation, reassembled.
    Stream {
        case: PathBuf,
        conversation: String,
        /// What the client sent (default).
        #[arg(long, conflicts_with = "server")]
        client: bool,
        /// What the server sent.
        #[arg(long)]
        server: bool,
        /// Write the bytes to a file; gaps are left out.
        #[arg(long)]
        raw: Option<PathBuf>,
    },
    /// Decoded requests and responses, queries and answers.
    Transactions {
        case: PathBuf,
        /// http, dns.
        #[arg(long)]
        protocol: Option<String>,
    },
    /// Run one SELECT over the case's tables and views.
    Sql {
        case: PathBuf,
        statement: String,
        #[arg(long, default_value_t = 100_000)]
        limit: usize,
    },
    /// Tag things: record:…, packet:…, conversation:…, evidence:….
    Tag {
        case: PathBuf,
        tag: String,
        #[command(flatten)]
        on: OnArgs,
        /// Take the tag off.
        #[arg(long)]
        remove: bool,
    },
    /// Write a note, or list notes when no text is given.
    Note {
        case: PathBuf,
        text: Option<String>,
        #[command(flatten)]
        on: OnArgs,
    },
    /// Make a finding, or list findings when no title is given.
    Finding {
        case: PathBuf,
        title: Option<String>,
        #[arg(long, default_value = "")]
        text: String,
        #[arg(long, value_enum, default_value_t = SeverityArg::Medium)]
        severity: SeverityArg,
        /// ATT&CK id, for example T1190.
        #[arg(long)]
        technique: Option<String>,
        #[command(flatten)]
        on: OnArgs,
        /// Take the finding with this id back.
        #[arg(long, requires = "reason", conflicts_with_all = ["title", "text"])]
        withdraw: Option<String>,
        /// Why it is taken back.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Write the report.
    Report {
        case: PathBuf,
        dir: PathBuf,
        #[arg(long, value_enum, value_delimiter = ',', default_value = "html")]
        format: Vec<Format>,
        /// The time that the report states as its own, RFC 3339; by default that of its last entry.
        #[arg(long)]
        at: Option<String>,
        /// End at this journal entry; by default the last that is not an export.
        #[arg(long)]
        upto: Option<u64>,
    },
}

/// Which records.
#[derive(Debug, clap::Args)]
pub(crate) struct SelectionArgs {
    /// For example: dstport == 22 && action == REJECT
    #[arg(long)]
    pub(crate) filter: Option<String>,
    /// A saved view, which the other options narrow.
    #[arg(long)]
    pub(crate) view: Option<String>,
    /// Records that start at or after this time.
    #[arg(long)]
    pub(crate) from: Option<String>,
    /// Records that start before this time.
    #[arg(long)]
    pub(crate) to: Option<String>,
    /// Also the records that another source counts.
    #[arg(long)]
    pub(crate) all_sources: bool,
}

/// What something is said about.
#[derive(Debug, clap::Args)]
pub(crate) struct OnArgs {
    /// A reference; a bare record id will do.
    #[arg(long = "on")]
    pub(crate) on: Vec<String>,
    /// Every record that this filter selects.
    #[arg(long)]
    pub(crate) filter: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum By {
    Bytes,
    Packets,
    Records,
}

/// What is known of a stretch without records.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// The log states that nothing was sent.
    #[value(name = "nodata")]
    NoData,
    /// The log states that records were skipped.
    #[value(name = "skipdata")]
    SkipData,
    /// A delivery file may be missing.
    SuspectedMissingFile,
    /// There is no row, and nobody says why.
    Silence,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum SeverityArg {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Format {
    Html,
    Pdf,
}
