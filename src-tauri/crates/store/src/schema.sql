-- The cache of a case. Everything here comes from the evidence and the journal and can be rebuilt.
-- The table of flow records is made in `records.rs`, the views over it stand in `views.sql`.
-- `number`, `record`, `session` and `conversation` are row numbers of this database only.

CREATE TABLE evidence (
    number INTEGER NOT NULL,
    sha256 VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    -- How many of AWS's fields it has, if it is a flow log.
    fields INTEGER,
    -- Which reading of these bytes it is, from 1. While bytes are read again, both readings are here, and the journal
    -- says which of them counts.
    reading INTEGER NOT NULL
);

-- Texts of flow records; records hold their numbers.
CREATE TABLE texts (
    number INTEGER NOT NULL,
    "text" VARCHAR NOT NULL
);

CREATE TABLE rejected_lines (
    evidence INTEGER NOT NULL,
    line BIGINT NOT NULL,
    "offset" BIGINT NOT NULL,
    length BIGINT NOT NULL,
    cause VARCHAR NOT NULL,
    "text" VARCHAR NOT NULL
);

CREATE TABLE anomalies (
    evidence INTEGER NOT NULL,
    kind VARCHAR NOT NULL,
    "offset" BIGINT NOT NULL,
    length BIGINT NOT NULL,
    expected VARCHAR NOT NULL,
    found VARCHAR NOT NULL
);

CREATE TABLE sidecars (
    evidence INTEGER NOT NULL,
    "text" VARCHAR NOT NULL
);

CREATE TABLE conversations (
    conversation INTEGER NOT NULL,
    id VARCHAR NOT NULL,
    protocol INTEGER NOT NULL,
    client_hi UBIGINT NOT NULL,
    client_lo UBIGINT NOT NULL,
    client_port INTEGER NOT NULL,
    server_hi UBIGINT NOT NULL,
    server_lo UBIGINT NOT NULL,
    server_port INTEGER NOT NULL,
    source VARCHAR,
    vni BIGINT,
    session_key VARCHAR,
    tunnelled BOOLEAN NOT NULL,
    interface_id VARCHAR,
    duplicate_of VARCHAR,
    records BIGINT NOT NULL,
    unrecorded_reason VARCHAR,
    "first" BIGINT NOT NULL,
    "last" BIGINT NOT NULL,
    packets_client BIGINT NOT NULL,
    packets_server BIGINT NOT NULL,
    bytes_client BIGINT NOT NULL,
    bytes_server BIGINT NOT NULL,
    application VARCHAR,
    community_id VARCHAR NOT NULL
);

CREATE TABLE coverage (
    record BIGINT NOT NULL,
    verdict VARCHAR,
    reasons VARCHAR[] NOT NULL,
    packets_seen BIGINT,
    bytes_seen BIGINT,
    packets_seen_min BIGINT,
    packets_seen_max BIGINT,
    conversations INTEGER[] NOT NULL
);

-- Why the records that have no row in `coverage` have no packets. One row.
CREATE TABLE uncovered (
    reason VARCHAR NOT NULL
);
INSERT INTO uncovered VALUES ('no_capture');

CREATE TABLE transactions (
    id VARCHAR NOT NULL,
    conversation INTEGER NOT NULL,
    protocol VARCHAR NOT NULL,
    "time" BIGINT NOT NULL,
    method VARCHAR,
    host VARCHAR,
    uri VARCHAR,
    status INTEGER,
    request_body_sha256 VARCHAR,
    response_body_sha256 VARCHAR,
    request_body_size BIGINT,
    response_body_size BIGINT,
    complete BOOLEAN NOT NULL,
    qname VARCHAR,
    qtype VARCHAR,
    rcode VARCHAR,
    answers VARCHAR[],
    asked VARCHAR,
    answered VARCHAR
);

-- What was said in other protocols than HTTP and DNS, field by field, under Wireshark's names.
CREATE TABLE transaction_fields (
    id VARCHAR NOT NULL,
    conversation INTEGER NOT NULL,
    protocol VARCHAR NOT NULL,
    place INTEGER NOT NULL,
    from_client BOOLEAN NOT NULL,
    name VARCHAR NOT NULL,
    value VARCHAR NOT NULL
);

-- Where a stream or a message breaks its protocol's rules; `offset` counts bytes of the stream or the datagram.
CREATE TABLE payload_anomalies (
    conversation INTEGER NOT NULL,
    kind VARCHAR NOT NULL,
    "offset" BIGINT NOT NULL,
    length BIGINT NOT NULL,
    expected VARCHAR NOT NULL,
    found VARCHAR NOT NULL
);

-- What the derived tables (conversations, transactions, coverage) were derived from, once they are complete.
CREATE TABLE derived (
    fingerprint VARCHAR NOT NULL,
    problems VARCHAR NOT NULL
);

-- Sums by hour that were made, see `rollup.rs`.
CREATE TABLE rollups (
    name VARCHAR NOT NULL,
    worth BOOLEAN NOT NULL
);

-- Which export of which flow log a piece of evidence is part of; `rank` is the precedence of its kind, the lowest first;
-- `slot` is the begin of the five minutes that its name says (µs).
CREATE TABLE sources (
    evidence INTEGER NOT NULL,
    source VARCHAR NOT NULL,
    "rank" INTEGER NOT NULL,
    slot BIGINT
);

-- Records that another source counts: those of this evidence, interface and class (see `presence.rs`) that end in this
-- stretch of one bucket of five minutes. `counted` is the number of the other source's name.
CREATE TABLE overlapping_slots (
    evidence INTEGER NOT NULL,
    interface INTEGER NOT NULL,
    class TINYINT NOT NULL,
    bucket BIGINT NOT NULL,
    "from" BIGINT NOT NULL,
    "to" BIGINT NOT NULL,
    counted INTEGER NOT NULL
);

-- The same as stretches, with the number of records.
CREATE TABLE overlapping_stretches (
    interface_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    counted VARCHAR NOT NULL,
    "from" TIMESTAMP NOT NULL,
    "to" TIMESTAMP NOT NULL,
    records BIGINT NOT NULL
);

-- Stretches without flow records, and what is known of them.
CREATE TABLE gaps (
    interface_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    "from" TIMESTAMP NOT NULL,
    "to" TIMESTAMP NOT NULL,
    source VARCHAR,
    note VARCHAR NOT NULL
);

CREATE TABLE tags (
    record BIGINT NOT NULL,
    tag VARCHAR NOT NULL
);

-- Groups of an IPv6 address between colons, the longest run of zeros folded.
CREATE MACRO folded(t) AS regexp_replace(regexp_replace(CASE
    WHEN contains(t, ':0:0:0:0:0:0:0:0:') THEN regexp_replace(t, ':0:0:0:0:0:0:0:0:', '::')
    WHEN contains(t, ':0:0:0:0:0:0:0:') THEN regexp_replace(t, ':0:0:0:0:0:0:0:', '::')
    WHEN contains(t, ':0:0:0:0:0:0:') THEN regexp_replace(t, ':0:0:0:0:0:0:', '::')
    WHEN contains(t, ':0:0:0:0:0:') THEN regexp_replace(t, ':0:0:0:0:0:', '::')
    WHEN contains(t, ':0:0:0:0:') THEN regexp_replace(t, ':0:0:0:0:', '::')
    WHEN contains(t, ':0:0:0:') THEN regexp_replace(t, ':0:0:0:', '::')
    WHEN contains(t, ':0:0:') THEN regexp_replace(t, ':0:0:', '::')
    ELSE t END, '^:([^:])', '\1'), '([^:]):$', '\1');

-- Text of an address kept as two halves (RFC 5952 for IPv6).
CREATE MACRO addr(hi, lo) AS CASE
    WHEN lo IS NULL THEN NULL
    WHEN hi = 0 AND (lo >> 32) = 65535 THEN
        concat_ws('.', (lo >> 24) & 255, (lo >> 16) & 255, (lo >> 8) & 255, lo & 255)
    ELSE folded(':' || concat_ws(':',
        format('{:x}', hi >> 48), format('{:x}', (hi >> 32) & 65535), format('{:x}', (hi >> 16) & 65535), format('{:x}', hi & 65535),
        format('{:x}', lo >> 48), format('{:x}', (lo >> 32) & 65535), format('{:x}', (lo >> 16) & 65535), format('{:x}', lo & 65535)
    ) || ':')
END;

CREATE VIEW conversation_details AS
SELECT
    id, protocol, addr(client_hi, client_lo) AS client, client_port, addr(server_hi, server_lo) AS server, server_port,
    source, vni, session_key, tunnelled, interface_id, duplicate_of, records, unrecorded_reason, make_timestamp_ns("first") AS "first", make_timestamp_ns("last") AS "last",
    packets_client, packets_server, bytes_client, bytes_server, application, community_id
FROM conversations;

-- Addresses of the records and what is known of them, once somebody asks; see `labels.rs`, which makes it anew.
CREATE TABLE address_labels (
    hi UBIGINT,
    lo UBIGINT,
    scope VARCHAR,
    aws_service VARCHAR,
    aws_services VARCHAR[],
    aws_region VARCHAR,
    country VARCHAR,
    city VARCHAR,
    asn UINTEGER,
    as_org VARCHAR,
    unreadable BOOLEAN
);

-- Of which files and how many records the table is, and how many addresses have an entry that could not be read.
CREATE TABLE labelled (
    fingerprint VARCHAR NOT NULL,
    records BIGINT NOT NULL,
    unreadable BIGINT NOT NULL
);

CREATE VIEW addresses AS
SELECT addr(hi, lo) AS address, scope, aws_service, aws_services, aws_region, country, city, asn, as_org FROM address_labels;
