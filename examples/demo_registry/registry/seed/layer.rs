//! Small real layers: a tar archive, compressed with gzip.

use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use time::OffsetDateTime;

use super::super::content;

/// A layer in both its forms.
#[derive(Clone)]
pub(super) struct Layer {
    /// The compressed bytes.
    pub(super) bytes: Bytes,
    /// Their digest.
    pub(super) digest: String,
    /// The digest of the archive inside, as an image config lists it.
    pub(super) diff_id: String,
}

/// A layer with these files, all written at `time`.
pub(super) fn layer(files: &[(&str, &str)], time: OffsetDateTime) -> Layer {
    let archive = archive(files, time).expect("an archive in memory takes any file");
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&archive).expect("memory takes any byte");
    let bytes = Bytes::from(encoder.finish().expect("memory takes any byte"));
    Layer {
        digest: content::digest(&bytes),
        diff_id: content::digest(&archive),
        bytes,
    }
}

fn archive(files: &[(&str, &str)], time: OffsetDateTime) -> std::io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(if path.starts_with("usr/bin/") {
            0o755
        } else {
            0o644
        });
        header.set_mtime(u64::try_from(time.unix_timestamp()).unwrap_or_default());
        header.set_uid(0);
        header.set_gid(0);
        archive.append_data(&mut header, path, text.as_bytes())?;
    }
    archive.into_inner()
}
