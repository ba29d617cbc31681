use std::rc::Rc;

use bytes::Bytes;

use super::{
    Arrival, BEGINNINGS, Job, PIECE, Uploaded, lost,
    open::{Answer, Failures, Open, Opened, nothing},
    reading::Reading,
};
use crate::{
    api::upload as api,
    error::{Code, Error, Result},
    io::{InMemory, Io, Outgoing, Source},
    oci::{Algorithm, Digest},
};

/// The longest piece that is held because a registry asks for it, in bytes.
const LONGEST: u64 = 64 << 20;

/// What came of sending pieces.
enum Sent {
    Stored(Digest),
    /// The registry lost the upload: begin anew.
    Lost(Error),
}

impl<I: Io> Job<'_, I> {
    /// Sends one piece after the other, each held in memory. What fits in one is sent whole.
    pub(super) async fn in_pieces(&self, source: Rc<dyn Source>) -> Result<Uploaded> {
        let given = self.upload.digest;
        if let Some(digest) = given
            && let Some(there) = self.already_there(&digest, source.size()).await?
        {
            return Ok(there);
        }
        let algorithm = given.map_or(Algorithm::Sha256, |digest| digest.algorithm());
        let length = self.upload.piece.unwrap_or(PIECE).max(1);
        let mut reading = Reading::of(source, algorithm);
        let first = reading.next(length).await?;
        if reading.ended {
            let (digest, size) = (self.agreed(reading.digest())?, first.len() as u64);
            if given.is_none()
                && let Some(there) = self.already_there(&digest, Some(size)).await?
            {
                return Ok(there);
            }
            return self.whole(Rc::new(InMemory(first)), digest, size).await;
        }
        self.beginning_with(reading, first, length, given).await
    }

    /// The same where all at once was too long.
    pub(super) async fn in_pieces_of(
        &self,
        source: Rc<dyn Source>,
        digest: Digest,
    ) -> Result<Uploaded> {
        let mut reading = Reading::of(source, digest.algorithm());
        let first = reading.next(PIECE).await?;
        self.beginning_with(reading, first, PIECE, Some(digest))
            .await
    }

    async fn beginning_with(
        &self,
        mut reading: Reading,
        mut piece: Bytes,
        length: u64,
        known: Option<Digest>,
    ) -> Result<Uploaded> {
        let mut failures = Failures::default();
        let mut last = None;
        for beginning in 0..BEGINNINGS {
            let open = match self.open(known, beginning == 0).await? {
                Opened::Session(open) => *open,
                Opened::Complete => {
                    let digest = known.unwrap_or_else(|| reading.digest());
                    let found = self.already_there(&digest, None).await?;
                    let size = found.map_or(reading.at, |found| found.size);
                    let arrival = self.without_bytes();
                    return Ok(Uploaded {
                        digest,
                        size,
                        arrival,
                    });
                }
            };
            if beginning > 0 {
                reading.go_to(0, &piece);
                piece = Bytes::new();
            }
            match self
                .patch_all(open, &mut reading, &mut piece, length, &mut failures)
                .await?
            {
                Sent::Stored(digest) => {
                    return Ok(Uploaded {
                        digest,
                        size: reading.at,
                        arrival: Arrival::Sent,
                    });
                }
                Sent::Lost(error) => last = Some(error),
            }
        }
        Err(lost(last))
    }

    /// Sends `piece` and all that comes behind it.
    async fn patch_all(
        &self,
        mut open: Open<I>,
        reading: &mut Reading,
        piece: &mut Bytes,
        length: u64,
        failures: &mut Failures,
    ) -> Result<Sent> {
        loop {
            let length = length.max(open.minimum);
            if length > LONGEST.max(self.upload.piece.unwrap_or_default()) {
                let found = format!("the registry wants pieces of {length} bytes or more");
                return Err(Error::new(Code::Unsupported, found)
                    .next("give the length of the source, so that it can be sent at once"));
            }
            let begun = reading.at - piece.len() as u64;
            if !reading.ended && (piece.len() as u64) < length {
                // the registry wants longer ones, or took a part of this one
                reading.go_to(begun, piece);
                *piece = reading.next(length).await?;
            }
            let end = reading.at;
            let (request, outgoing, digest) = if piece.is_empty() {
                let digest = self.agreed(reading.digest())?;
                (
                    api::finish(&open.location, &digest, end, 0)?,
                    nothing(),
                    Some(digest),
                )
            } else {
                let source = Rc::new(InMemory(piece.clone()));
                let mut outgoing = Outgoing::new(source, 0, piece.len() as u64);
                if let Some(progress) = self.upload.progress.clone() {
                    outgoing.sent = Rc::new(move |left| progress(begun + left));
                }
                (
                    api::piece(&open.location, begun, piece.len() as u64)?,
                    outgoing,
                    None,
                )
            };
            let received = match (self.send(request, outgoing).await?, digest) {
                (Answer::Taken(response), Some(digest)) => {
                    open.finished(&digest, &response)?;
                    return Ok(Sent::Stored(digest));
                }
                (Answer::Taken(response), None) => {
                    // an answer that says nothing else means all of it
                    let received = open.follow(&response)?.unwrap_or(end);
                    if received <= begun {
                        let found = "the registry took a piece and holds no more than before";
                        let error = Error::new(Code::UpstreamError, found);
                        self.pause(failures, None, error).await?;
                    }
                    received
                }
                (Answer::Refused(response), _) => return Err(self.refused(&response)),
                (Answer::Gone(error) | Answer::Unclear(_, error), Some(digest))
                    if self.has(&digest).await.unwrap_or(false) =>
                {
                    drop(error);
                    open.forget();
                    return Ok(Sent::Stored(digest));
                }
                (Answer::Gone(error), _) => {
                    open.forget();
                    self.pause(failures, None, error.clone()).await?;
                    return Ok(Sent::Lost(error));
                }
                (Answer::Unclear(pause, error), _) => {
                    self.pause(failures, pause, error.clone()).await?;
                    let is_out_of_place = error.status() == Some(416);
                    match open.received().await {
                        // `0-0` was said of one byte
                        Ok(Some(0)) if is_out_of_place && begun == 0 => {
                            return Ok(Sent::Lost(error));
                        }
                        Ok(Some(received)) => received,
                        Ok(None) => return Ok(Sent::Lost(error)),
                        // the lost answer is the news, not that nobody could look
                        Err(_) => return Err(error),
                    }
                }
            };
            failures.reached(received);
            self.progress(received);
            if received > end {
                let found = format!("the registry holds {received} bytes of {end} that were sent");
                return Ok(Sent::Lost(Error::new(Code::UpstreamError, found)));
            }
            if received == end && !piece.is_empty() {
                *piece = if reading.ended {
                    Bytes::new()
                } else {
                    reading.next(length).await?
                };
            } else if received != end {
                reading.go_to(received, piece);
                *piece = reading.next(length).await?;
            }
        }
    }
}
