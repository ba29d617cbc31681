use std::rc::Rc;

use super::{
    Arrival, BEGINNINGS, Job, PIECE, Uploaded, lost,
    open::{Answer, Failures, Open, Opened},
};
use crate::{
    api::upload as api,
    error::{Code, Error, Result},
    io::{Io, Outgoing, Source},
    oci::Digest,
};

/// What came of sending all bytes at once.
enum Sent {
    Stored,
    /// The registry lost the upload: begin anew.
    Lost(Error),
    /// Something on the way takes less at once.
    TooLong,
}

impl<I: Io> Job<'_, I> {
    /// Sends all bytes in one request, and after a failure those that did not arrive.
    pub(super) async fn whole(
        &self,
        source: Rc<dyn Source>,
        digest: Digest,
        size: u64,
    ) -> Result<Uploaded> {
        let uploaded = |arrival| Uploaded {
            digest,
            size,
            arrival,
        };
        let mut failures = Failures::default();
        let mut last = None;
        for beginning in 0..BEGINNINGS {
            let open = match self.open(Some(digest), beginning == 0).await? {
                Opened::Complete => return Ok(uploaded(self.without_bytes())),
                Opened::Session(open) => *open,
            };
            match self
                .put_all(open, &source, &digest, size, &mut failures)
                .await?
            {
                Sent::Stored => return Ok(uploaded(Arrival::Sent)),
                Sent::TooLong => return self.in_pieces_of(source, digest).await,
                Sent::Lost(error) => last = Some(error),
            }
        }
        Err(lost(last))
    }

    async fn put_all(
        &self,
        mut open: Open<I>,
        source: &Rc<dyn Source>,
        digest: &Digest,
        size: u64,
        failures: &mut Failures,
    ) -> Result<Sent> {
        let mut from = 0;
        let mut is_first = true;
        loop {
            let mut outgoing = Outgoing::new(Rc::clone(source), from, size - from);
            // what was hashed just now is not hashed again
            outgoing.expected = self.upload.digest;
            if let Some(progress) = self.upload.progress.clone() {
                outgoing.sent = Rc::new(move |left| progress(from + left));
            }
            let request = api::finish(&open.location, digest, from, size - from)?;
            let (pause, error) = match self.send(request, outgoing).await? {
                Answer::Taken(response) => {
                    open.finished(digest, &response)?;
                    self.progress(size);
                    return Ok(Sent::Stored);
                }
                Answer::Refused(response) if response.status() == 413 && size > PIECE => {
                    return Ok(Sent::TooLong);
                }
                Answer::Refused(response) => {
                    let error = self.refused(&response);
                    // what was put together from two attempts is not what it should be
                    if !is_first && error.code() == Code::DigestMismatch {
                        open.forget();
                        return Ok(Sent::Lost(error));
                    }
                    return Err(error);
                }
                Answer::Gone(error) if self.has(digest).await.unwrap_or(false) => {
                    drop(error);
                    open.forget();
                    return Ok(Sent::Stored);
                }
                Answer::Gone(error) => {
                    open.forget();
                    self.pause(failures, None, error.clone()).await?;
                    return Ok(Sent::Lost(error));
                }
                Answer::Unclear(pause, error) => (pause, error),
            };
            is_first = false;
            self.pause(failures, pause, error.clone()).await?;
            if self.has(digest).await.unwrap_or(false) {
                open.forget();
                return Ok(Sent::Stored);
            }
            match open.received().await {
                Ok(Some(received)) if received < size || received == 0 => {
                    failures.reached(received);
                    from = received;
                }
                // all of it is there and was not put together, or more than there is
                Ok(_) => return Ok(Sent::Lost(error)),
                // the lost answer is the news, not that nobody could look
                Err(_) => return Err(error),
            }
        }
    }
}
