-- What people and questions read. The marks in braces stand for the columns of the fields that a flow log can have.

-- All fields of all records; `…_number` is the number of a text, `…_hi` and `…_lo` are the halves of an address.
CREATE OR REPLACE VIEW flow_records AS SELECT {columns} FROM stored_records;

-- Records with what the captures hold of them. Records of interfaces that nobody mirrored have no row of their own in
-- `coverage`: one reason goes for all of them. Packets are held against the records that count, not against those that
-- another source counts. 0 and 1 are the numbers of NODATA and SKIPDATA.
CREATE OR REPLACE VIEW covered_records AS
SELECT f.*,
    CASE WHEN c.record IS NOT NULL THEN c.verdict
        WHEN coalesce(f.log_status_number IN (0, 1), false) THEN NULL
        WHEN f.overlapping_number IS NOT NULL OR f.packets IS NULL OR f.bytes IS NULL THEN 'not_comparable'
        ELSE 'none' END AS verdict,
    CASE WHEN c.record IS NOT NULL THEN c.reasons
        WHEN f.overlapping_number IS NOT NULL THEN ['overlapping']
        WHEN coalesce(f.log_status_number IN (0, 1), false) OR f.packets IS NULL OR f.bytes IS NULL THEN []
        ELSE [u.reason] END AS reasons,
    CASE WHEN c.record IS NOT NULL THEN c.packets_seen
        WHEN f.overlapping_number IS NOT NULL THEN NULL
        WHEN coalesce(f.log_status_number IN (0, 1), false) THEN NULL ELSE 0 END AS packets_seen,
    CASE WHEN c.record IS NOT NULL THEN c.bytes_seen
        WHEN f.overlapping_number IS NOT NULL THEN NULL
        WHEN coalesce(f.log_status_number IN (0, 1), false) THEN NULL ELSE 0 END AS bytes_seen,
    CASE WHEN c.record IS NOT NULL THEN c.packets_seen_min
        WHEN f.overlapping_number IS NOT NULL THEN NULL
        WHEN coalesce(f.log_status_number IN (0, 1), false) THEN NULL ELSE 0 END AS packets_seen_min,
    CASE WHEN c.record IS NOT NULL THEN c.packets_seen_max
        WHEN f.overlapping_number IS NOT NULL THEN NULL
        WHEN coalesce(f.log_status_number IN (0, 1), false) THEN NULL ELSE 0 END AS packets_seen_max,
    coalesce(c.conversations, []) AS conversations
FROM flow_records f LEFT JOIN coverage c ON c.record = f.record CROSS JOIN uncovered u;

-- Records with their evidence and what the examiner says of them; the filter language's columns.
CREATE OR REPLACE VIEW flow_details AS
SELECT f.* EXCLUDE (evidence), f.evidence AS evidence_number, e.name AS evidence, e.sha256, s.source, coalesce(t.tags, []) AS tags
FROM covered_records f
JOIN evidence e ON e.number = f.evidence
LEFT JOIN sources s ON s.evidence = f.evidence
LEFT JOIN (SELECT record, list(DISTINCT tag ORDER BY tag) AS tags FROM tags GROUP BY record) t ON t.record = f.record;

-- For the console.
CREATE OR REPLACE VIEW flows AS
SELECT e.sha256 || ':' || f.line AS id, e.name AS evidence_name, {address_texts}f.* EXCLUDE ({internal}, conversations)
FROM covered_records f
JOIN evidence e ON e.number = f.evidence;
