//! HTTP/1.1 messages (RFC 9112).

use crate::wire::gzip;

/// A request.
#[derive(Default)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) host: String,
    pub(crate) uri: String,
    pub(crate) agent: &'static str,
    pub(crate) content_type: &'static str,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn get(host: &str, uri: impl Into<String>, agent: &'static str) -> Self {
        Self { method: "GET", host: host.into(), uri: uri.into(), agent, ..Self::default() }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut head = format!(
            "{} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {}\r\nAccept: */*\r\n",
            self.method, self.uri, self.host, self.agent
        );
        if !self.body.is_empty() {
            head += &format!(
                "Content-Type: {}\r\nContent-Length: {}\r\n",
                self.content_type,
                self.body.len()
            );
        }
        head += "\r\n";
        [head.as_bytes(), &self.body].concat()
    }
}

/// How a response's body stands on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Coding {
    #[default]
    Plain,
    Chunked,
    Gzip,
}

/// A response.
pub(crate) struct Response {
    pub(crate) status: &'static str,
    pub(crate) server: &'static str,
    pub(crate) content_type: &'static str,
    pub(crate) coding: Coding,
    /// Before any coding.
    pub(crate) body: Vec<u8>,
}

impl Response {
    pub(crate) fn ok(content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status: "200 OK",
            server: "nginx/1.24.0",
            content_type,
            coding: Coding::Plain,
            body: body.into(),
        }
    }

    /// The body with its content coding, but without chunks: what a client stores.
    pub(crate) fn transferred(&self) -> Vec<u8> {
        if self.coding == Coding::Gzip { gzip::member(&self.body) } else { self.body.clone() }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let body = self.transferred();
        let mut head = format!(
            "HTTP/1.1 {}\r\nServer: {}\r\nContent-Type: {}\r\n",
            self.status, self.server, self.content_type
        );
        if self.coding == Coding::Chunked {
            head += "Transfer-Encoding: chunked\r\n\r\n";
            let mut out = head.into_bytes();
            for chunk in body.chunks(1024) {
                out.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                out.extend_from_slice(chunk);
                out.extend_from_slice(b"\r\n");
            }
            out.extend_from_slice(b"0\r\n\r\n");
            return out;
        }
        if self.coding == Coding::Gzip {
            head += "Content-Encoding: gzip\r\n";
        }
        head += &format!("Content-Length: {}\r\n\r\n", body.len());
        [head.as_bytes(), &body].concat()
    }
}
