//! Listing and fetching over a real socket, from a service of a few lines.

mod service;

use crate::{AcquireError, Connection, Location, Object, Options};
use evidence::Sha256;
use service::{Answer, Service};
use std::{
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

fn connect(service: &Service) -> Connection {
    let options = Options {
        endpoint_url: Some(service.url.clone()),
        region: Some("eu-west-1".to_owned()),
        path_style: true,
        anonymous: true,
    };
    Connection::open(&options).unwrap()
}

fn location() -> Location {
    "s3://flow-logs/AWSLogs/".parse().unwrap()
}

fn object(key: &str, size: u64) -> Object {
    Object { key: key.to_owned(), size, etag: Some("\"e1\"".to_owned()), last_modified: None }
}

/// An empty folder of its own for the test of this name; it goes when the test does.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let name = format!("tidemark-acquire-{}-{test}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn join(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn page(entries: &str, next: Option<&str>) -> Answer {
    let next = next.map_or(String::new(), |token| {
        format!("<NextContinuationToken>{token}</NextContinuationToken>")
    });
    Answer::ok(&format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
        <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
          <Name>flow-logs</Name><EncodingType>url</EncodingType>
          <IsTruncated>{}</IsTruncated>{next}{entries}
        </ListBucketResult>"#,
        !next.is_empty()
    ))
}

fn entry(key: &str, size: u64) -> String {
    format!(
        "<Contents><Key>{key}</Key><LastModified>2026-03-02T09:05:00.250Z</LastModified>\
         <ETag>&quot;e1&quot;</ETag><Size>{size}</Size></Contents>"
    )
}

fn quietly(_: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

#[test]
fn a_listing_goes_on_over_all_pages() {
    let service = Service::start(|request| {
        assert!(request.starts_with("GET /flow-logs/?"), "{request}");
        assert!(request.contains("prefix=AWSLogs%2F"), "{request}");
        match request.contains("continuation-token=second") {
            false => page(&entry("AWSLogs/a%01+b.gz", 3), Some("second")),
            true => page(&entry("AWSLogs/c.gz", 5), None),
        }
    });
    let objects = connect(&service).list(&location()).unwrap();
    let seen: Vec<_> = objects.iter().map(|object| (object.key.as_str(), object.size)).collect();
    assert_eq!(seen, [("AWSLogs/a\u{1} b.gz", 3), ("AWSLogs/c.gz", 5)]);
    assert_eq!(objects[0].etag.as_deref(), Some("\"e1\""));
    assert_eq!(objects[0].last_modified, Some(1_772_442_300_250_000));
}

#[test]
fn a_refusal_keeps_the_services_own_code() {
    let service = Service::start(|_| Answer {
        status: "404 Not Found",
        ..Answer::ok("<Error><Code>NoSuchBucket</Code><Message>no such bucket</Message></Error>")
    });
    let error = connect(&service).list(&location()).unwrap_err();
    assert!(
        matches!(&error, AcquireError::Service { code: Some(code), .. } if code == "NoSuchBucket"),
        "{error:?}"
    );
}

#[test]
fn an_object_becomes_a_file_and_a_record() {
    let service = Service::start(|request| {
        assert!(request.starts_with("GET /flow-logs/AWSLogs/a.log"), "{request}");
        assert!(request.to_lowercase().contains("if-match: \"e1\""), "{request}");
        Answer::ok("version account-id\n")
    });
    let folder = Folder::new("object");
    let mut heard = 0;
    let acquired = connect(&service)
        .fetch(&location(), &object("AWSLogs/a.log", 19), &folder.0, &mut |received| {
            heard = received;
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(acquired.path, folder.join("AWSLogs/a.log"));
    assert_eq!(fs::read(&acquired.path).unwrap(), b"version account-id\n");
    assert_eq!(acquired.sha256, Sha256::of(b"version account-id\n"));
    assert_eq!((acquired.size, heard), (19, 19));
    assert_eq!(acquired.source, "s3://flow-logs/AWSLogs/a.log");
    assert_eq!(acquired.request_id.as_deref(), Some("R1"));
    assert_eq!(acquired.version_id.as_deref(), Some("v7"));
    assert_eq!(files_in(&folder.join("AWSLogs")), ["a.log"]);
}

#[test]
fn a_hostile_key_stays_below_the_folder() {
    let service = Service::start(|_| Answer::ok("x"));
    let folder = Folder::new("hostile");
    let acquired = connect(&service)
        .fetch(&location(), &object("../../evil", 1), &folder.0, &mut quietly)
        .unwrap();
    assert_eq!(acquired.path, folder.join("%2E%2E/%2E%2E/evil"));
    assert_eq!(files_in(&folder.0), ["%2E%2E"]);
}

#[test]
fn a_file_that_is_there_is_left_as_it_is() {
    let service = Service::start(|_| Answer::ok("new"));
    let folder = Folder::new("exists");
    fs::write(folder.join("a"), "old").unwrap();
    let error =
        connect(&service).fetch(&location(), &object("a", 3), &folder.0, &mut quietly).unwrap_err();
    assert!(matches!(error, AcquireError::Exists(_)), "{error:?}");
    assert_eq!(fs::read(folder.join("a")).unwrap(), b"old");
}

#[test]
fn a_cut_transfer_leaves_nothing() {
    let service =
        Service::start(|_| Answer { promised: Some(1_000), ..Answer::ok("only the beginning") });
    let folder = Folder::new("cut");
    let error = connect(&service)
        .fetch(&location(), &object("a", 1_000), &folder.0, &mut quietly)
        .unwrap_err();
    assert!(matches!(error, AcquireError::Service { .. }), "{error:?}");
    assert_eq!(files_in(&folder.0), [] as [&str; 0]);
}

#[test]
fn other_content_than_was_listed_is_not_accepted() {
    let folder = Folder::new("changed");
    let longer = Service::start(|_| Answer::ok("longer than listed"));
    let error =
        connect(&longer).fetch(&location(), &object("a", 3), &folder.0, &mut quietly).unwrap_err();
    assert!(matches!(error, AcquireError::Size { expected: 3, .. }), "{error:?}");
    let changed = Service::start(|_| Answer {
        status: "412 Precondition Failed",
        ..Answer::ok("<Error><Code>PreconditionFailed</Code></Error>")
    });
    let error =
        connect(&changed).fetch(&location(), &object("a", 3), &folder.0, &mut quietly).unwrap_err();
    assert!(error.to_string().contains("PreconditionFailed"), "{error}");
    assert_eq!(files_in(&folder.0), [] as [&str; 0]);
}

#[test]
fn a_cancelled_transfer_leaves_nothing() {
    let service = Service::start(|_| Answer::ok("xxx"));
    let folder = Folder::new("cancelled");
    let error = connect(&service)
        .fetch(&location(), &object("a", 3), &folder.0, &mut |_| ControlFlow::Break(()))
        .unwrap_err();
    assert!(matches!(error, AcquireError::Cancelled), "{error:?}");
    assert_eq!(files_in(&folder.0), [] as [&str; 0]);
}

fn files_in(folder: &Path) -> Vec<String> {
    let name = |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
    fs::read_dir(folder).unwrap().map(|entry| name(entry.unwrap())).collect()
}
