//! What the examiner says: tags, notes, findings.

use crate::{ErrorCode, Workbench, WorkbenchError};
use case::{Act, Finding, Note, Reference, Severity};
use evidence::PacketRef;

/// A finding as the examiner words it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFinding {
    /// A line.
    pub title: String,
    /// The assertion.
    pub text: String,
    /// The examiner's judgement.
    pub severity: Severity,
    /// What it rests on.
    pub references: Vec<Reference>,
    /// ATT&CK id.
    pub technique: Option<String>,
}

impl Workbench {
    /// Tags things.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] if the case does not hold one of them.
    pub fn tag(&self, on: Vec<Reference>, tag: &str) -> Result<(), WorkbenchError> {
        self.require(&on)?;
        self.record(Act::TagSet { on, tag: tag.to_owned() })?;
        self.project_tags()
    }

    /// Takes a tag off.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] if the case does not hold one of the things.
    pub fn untag(&self, on: Vec<Reference>, tag: &str) -> Result<(), WorkbenchError> {
        self.require(&on)?;
        self.record(Act::TagRemoved { on, tag: tag.to_owned() })?;
        self.project_tags()
    }

    /// Writes a note and answers its id.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] if the case does not hold one of the things.
    pub fn note(&self, on: Vec<Reference>, text: &str) -> Result<String, WorkbenchError> {
        self.require(&on)?;
        let mut id = String::new();
        self.record_with(|state| {
            id = format!("n{}", state.notes.len() + 1);
            Act::NoteAdded { id: id.clone(), on, text: text.to_owned() }
        })?;
        Ok(id)
    }

    /// Makes a finding and answers its id.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] if the case does not hold one of the things that it rests on.
    pub fn finding(&self, new: NewFinding) -> Result<String, WorkbenchError> {
        self.require(&new.references)?;
        let mut id = String::new();
        self.record_with(|state| {
            id = format!("f{}", state.findings.len() + 1);
            Act::FindingMade {
                id: id.clone(),
                title: new.title,
                text: new.text,
                severity: new.severity,
                references: new.references,
                technique: new.technique,
            }
        })?;
        Ok(id)
    }

    /// Takes a finding back; it stays on record.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] if there is none of this id.
    pub fn withdraw(&self, id: &str, reason: &str) -> Result<(), WorkbenchError> {
        if !self.state().findings.iter().any(|finding| finding.id == id) {
            return Err(WorkbenchError::not_found(format!("finding {id}")));
        }
        self.record(Act::FindingWithdrawn { id: id.to_owned(), reason: reason.to_owned() })?;
        Ok(())
    }

    /// All findings, withdrawn ones among them.
    pub fn findings(&self) -> Vec<Finding> {
        self.state().findings
    }

    /// All notes.
    pub fn notes(&self) -> Vec<Note> {
        self.state().notes
    }

    fn has_packet(&self, packet: &PacketRef) -> Result<bool, WorkbenchError> {
        self.with_captures(|captures| Ok(captures.find_packet(packet)?.is_some()))
    }

    /// A reference to something that is not there would be an assertion about nothing.
    fn require(&self, references: &[Reference]) -> Result<(), WorkbenchError> {
        if references.is_empty() {
            return Err(WorkbenchError::new(ErrorCode::NotFound, "nothing was named"));
        }
        for reference in references {
            let there = match reference {
                Reference::Record(record) => self.store()?.flow(record)?.is_some(),
                Reference::Packet(packet) => self.has_packet(packet)?,
                Reference::Conversation(conversation) => self.has_packet(&conversation.0)?,
                Reference::Evidence(sha256) => self.knows(*sha256),
            };
            if !there {
                return Err(WorkbenchError::not_found(reference));
            }
        }
        Ok(())
    }
}
