//! An HTTP/1.1 service on the loopback interface that answers every request by a function.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    thread,
};

/// What is sent back.
pub(crate) struct Answer {
    pub(crate) status: &'static str,
    pub(crate) body: String,
    /// The content length to promise, where it is not the body's.
    pub(crate) promised: Option<usize>,
}

impl Answer {
    pub(crate) fn ok(body: &str) -> Self {
        Self { status: "200 OK", body: body.to_owned(), promised: None }
    }
}

/// A running service; its thread ends with the test process.
pub(crate) struct Service {
    pub(crate) url: String,
}

impl Service {
    /// `answer` is given the head of each request.
    pub(crate) fn start(answer: impl Fn(&str) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        thread::spawn(move || {
            for stream in listener.incoming() {
                serve(stream.unwrap(), &answer);
            }
        });
        Self { url }
    }
}

fn serve(mut stream: TcpStream, answer: &impl Fn(&str) -> Answer) {
    let mut head = String::new();
    let mut lines = BufReader::new(stream.try_clone().unwrap());
    while lines.read_line(&mut head).unwrap() > 2 {}
    if head.is_empty() {
        return;
    }
    let Answer { status, body, promised } = answer(&head);
    let length = promised.unwrap_or(body.len());
    // The client hangs up early when a body is longer than it was listed.
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\nETag: \"e1\"\r\n\
         x-amz-request-id: R1\r\nx-amz-version-id: v7\r\n\r\n{body}"
    );
}
