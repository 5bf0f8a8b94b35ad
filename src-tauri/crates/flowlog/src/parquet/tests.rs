//! What cannot be seen from outside: rows in OCSF as JSON, and long nested rows.

use super::footer::Footer;
use super::limits::Budget;
use super::nested::Row;
use super::read::Holding;
use super::{Stop, group, header};
use ::parquet::basic::Type;
use ::parquet::column::writer::ColumnWriter;
use ::parquet::data_type::ByteArray;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::parser::parse_message_type;
use serde_json::json;
use std::io::Cursor;
use std::sync::Arc;

/// The values of one leaf, with their definition and repetition levels.
enum Values {
    Int(Vec<i64>, Vec<i16>, Vec<i16>),
    Text(Vec<&'static str>, Vec<i16>, Vec<i16>),
}

fn int(values: &[i64], def: &[i16]) -> Values {
    Values::Int(values.to_vec(), def.to_vec(), vec![0; def.len()])
}

fn text(values: &[&'static str], def: &[i16], rep: &[i16]) -> Values {
    let rep = if rep.is_empty() { vec![0; def.len()] } else { rep.to_vec() };
    Values::Text(values.to_vec(), def.to_vec(), rep)
}

fn file(message: &str, leaves: &[Values]) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(message).unwrap());
    let mut file = Vec::new();
    let properties = Arc::new(WriterProperties::builder().build());
    let mut writer = SerializedFileWriter::new(&mut file, schema, properties).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut leaves = leaves.iter();
    while let Some(mut column) = group.next_column().unwrap() {
        match (column.untyped(), leaves.next().unwrap()) {
            (ColumnWriter::Int64ColumnWriter(writer), Values::Int(values, def, rep)) => {
                writer.write_batch(values, Some(def), Some(rep)).unwrap();
            }
            (ColumnWriter::Int32ColumnWriter(writer), Values::Int(values, def, rep)) => {
                let values: Vec<_> = values.iter().map(|value| *value as i32).collect();
                writer.write_batch(&values, Some(def), Some(rep)).unwrap();
            }
            (ColumnWriter::ByteArrayColumnWriter(writer), Values::Text(values, def, rep)) => {
                let values: Vec<_> = values.iter().map(|value| ByteArray::from(*value)).collect();
                writer.write_batch(&values, Some(def), Some(rep)).unwrap();
            }
            _ => panic!("{:?}", Type::INT96),
        }
        column.close().unwrap();
    }
    group.close().unwrap();
    writer.close().unwrap();
    file
}

/// The rows of the first row group, up to the first that cannot be read.
fn rows(file: &[u8]) -> (Holding, Vec<Row>) {
    let mut input = Cursor::new(file);
    let footer = Footer::read(&mut input).unwrap().unwrap();
    let holding = Holding::of(&header(&footer).layout);
    let group = footer.group(0).unwrap();
    let mut nested = group::whole_rows(&footer.schema, &group);
    let mut budget = Budget::new(footer.file);
    let mut rows = Vec::new();
    for _ in 0..group.rows {
        match nested.row(&footer.schema.columns, &mut input, &mut budget) {
            Ok(row) => rows.push(row),
            Err(Stop::Damage(_)) => break,
            Err(Stop::Io(error)) => panic!("{error}"),
        }
    }
    (holding, rows)
}

#[test]
fn rows_of_security_lake_become_the_json_that_ocsf_defines() {
    let message = "message ocsf {
        required int32 class_uid;
        required int64 time (TIMESTAMP(MILLIS, true));
        optional int64 start_time_dt (TIMESTAMP(MICROS, true));
        optional group cloud { optional binary region (STRING); optional group account { optional binary uid (STRING); } }
        optional group src_endpoint {
            optional binary ip (STRING);
            optional int32 port;
            optional group intermediate_ips (LIST) { repeated group list { optional binary element (STRING); } }
        }
        optional group observables (LIST) { repeated group array { optional binary name (STRING); optional int32 type_id; } }
        optional group unmapped (MAP) { repeated group key_value { required binary key (STRING); optional binary value (STRING); } }
    }";
    let seconds = 1_725_368_066;
    let leaves = [
        Values::Int(vec![4001, 4001, 4001], vec![0; 3], vec![0; 3]),
        Values::Int(vec![seconds * 1000, seconds * 1000 + 5, 0], vec![0; 3], vec![0; 3]),
        int(&[seconds * 1_000_000 + 7], &[1, 0, 0]),
        text(&["us-east-1"], &[2, 1, 0], &[]),
        text(&["012345678901"], &[3, 2, 0], &[]),
        text(&["10.0.0.1", "-"], &[2, 2, 0], &[]),
        int(&[443], &[2, 1, 0]),
        // Two addresses; none; no endpoint at all.
        text(&["10.0.0.2", "10.0.0.3"], &[4, 4, 2, 0], &[0, 1, 0, 0]),
        text(&["a", "b"], &[3, 2, 3, 1, 0], &[0, 1, 1, 0, 0]),
        Values::Int(vec![1, 2], vec![3, 3, 2, 1, 0], vec![0, 1, 1, 0, 0]),
        text(&["log_status", "ecs", "log_status"], &[2, 2, 2, 0], &[0, 1, 0, 0]),
        text(&["OK", "NODATA"], &[3, 2, 3, 0], &[0, 1, 0, 0]),
    ];
    let (holding, rows) = rows(&file(message, &leaves));
    assert_eq!(holding, Holding::Ocsf);
    let rows: Vec<_> = rows.into_iter().map(|row| row.value).collect();
    let expected = [
        json!({
            "class_uid": 4001,
            "time": seconds * 1000,
            "start_time_dt": "2024-09-03T12:54:26.000007Z",
            "cloud": { "region": "us-east-1", "account": { "uid": "012345678901" } },
            "src_endpoint": { "ip": "10.0.0.1", "port": 443, "intermediate_ips": ["10.0.0.2", "10.0.0.3"] },
            "observables": [{ "name": "a", "type_id": 1 }, { "type_id": 2 }, { "name": "b" }],
            "unmapped": { "log_status": "OK", "ecs": null }
        }),
        json!({
            "class_uid": 4001,
            "time": seconds * 1000 + 5,
            "cloud": { "account": {} },
            "src_endpoint": { "ip": "-", "intermediate_ips": [] },
            "observables": [],
            "unmapped": { "log_status": "NODATA" }
        }),
        json!({ "class_uid": 4001, "time": 0 }),
    ];
    assert_eq!(rows, expected);
}

#[test]
fn text_that_is_none_and_rows_without_end_are_told() {
    let message =
        "message ocsf { required int32 class_uid; repeated binary src_endpoint (STRING); }";
    let classes = Values::Int(vec![4001, 4001], vec![0; 2], vec![0; 2]);
    let mut broken = file(message, &[classes, text(&["ab", "cd"], &[1, 1], &[0, 0])]);
    let at = broken.windows(2).position(|bytes| bytes == b"cd").unwrap();
    broken[at] = 0xff;
    let (_, rows_) = rows(&broken);
    assert_eq!(rows_.iter().map(|row| row.utf8).collect::<Vec<_>>(), [true, false]);
    assert_eq!(rows_[1].value["src_endpoint"], json!(["\\xffd"]));

    let many = 1 << 18;
    let classes = Values::Int(vec![4001, 4001], vec![0; 2], vec![0; 2]);
    let rep: Vec<_> = (0..=many).map(|at| i16::from(at > 1)).collect();
    let long = file(message, &[classes, text(&vec!["a"; many + 1], &vec![1; many + 1], &rep)]);
    assert_eq!(rows(&long).1.len(), 1);
}
