//! SHA-2 over bytes that stay in JavaScript: Node's own where it is there (2,000 MiB/s), else
//! ours (450).

use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

use super::exception;
use crate::{
    error::{Code, Result},
    oci::{Algorithm, Digest, Hasher, Verifier},
};

/// How many bytes come into wasm at once.
const AT_ONCE: u32 = 256 << 10;

#[wasm_bindgen]
extern "C" {
    /// `process.getBuiltinModule`: Node 20.16 and 22.3 on; throws where there is no `process`.
    #[wasm_bindgen(catch, js_namespace = process, js_name = getBuiltinModule)]
    fn builtin_module(name: &str) -> Result<JsValue, JsValue>;

    type NodeCrypto;

    #[wasm_bindgen(method, catch, js_name = createHash)]
    fn create_hash(this: &NodeCrypto, algorithm: &str) -> Result<NodeHash, JsValue>;

    type NodeHash;

    #[wasm_bindgen(method, catch)]
    fn update(this: &NodeHash, piece: &Uint8Array) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn digest(this: &NodeHash, encoding: &str) -> Result<String, JsValue>;
}

/// Hashes pieces.
pub(super) struct Hashing {
    algorithm: Algorithm,
    seen: u64,
    by: By,
}

enum By {
    Node(NodeHash),
    Wasm(Box<Hasher>),
}

impl Hashing {
    pub(super) fn new(algorithm: Algorithm) -> Self {
        let by = match node_hash(algorithm) {
            Some(hash) => By::Node(hash),
            None => By::Wasm(Box::new(Hasher::new(algorithm))),
        };
        Self {
            algorithm,
            seen: 0,
            by,
        }
    }

    /// Whether the platform hashes by itself, so that no byte has to come into wasm.
    pub(super) fn is_native() -> bool {
        node_hash(Algorithm::Sha256).is_some()
    }

    pub(super) fn update(&mut self, piece: &Uint8Array) -> Result<()> {
        self.seen = self.seen.saturating_add(u64::from(piece.length()));
        match &mut self.by {
            By::Node(hash) => {
                hash.update(piece).map_err(broken)?;
            }
            By::Wasm(hasher) => {
                // a large piece is not held twice
                let mut from = 0;
                while from < piece.length() {
                    let to = piece.length().min(from.saturating_add(AT_ONCE));
                    hasher.update(&piece.subarray(from, to).to_vec());
                    from = to;
                }
            }
        }
        Ok(())
    }

    /// The digest, and of how many bytes.
    pub(super) fn finish(self) -> Result<(Digest, u64)> {
        let digest = match self.by {
            By::Node(hash) => {
                let hex = hash.digest("hex").map_err(broken)?;
                format!("{}:{hex}", self.algorithm.as_str()).parse()?
            }
            By::Wasm(hasher) => hasher.finish(),
        };
        Ok((digest, self.seen))
    }
}

fn node_hash(algorithm: Algorithm) -> Option<NodeHash> {
    let crypto = builtin_module("node:crypto")
        .ok()
        .filter(JsValue::is_object)?;
    let crypto: NodeCrypto = crypto.unchecked_into();
    crypto.create_hash(algorithm.as_str()).ok()
}

/// Hashes pieces and compares at the end.
pub(super) struct Hash {
    expected: Digest,
    size: Option<u64>,
    hashing: Hashing,
}

impl Hash {
    pub(super) fn new(expected: Digest, size: Option<u64>) -> Self {
        Self {
            expected,
            size,
            hashing: Hashing::new(expected.algorithm()),
        }
    }

    pub(super) fn update(&mut self, piece: &Uint8Array) -> Result<()> {
        self.hashing.update(piece)
    }

    pub(super) fn finish(self) -> Result<()> {
        let (found, seen) = self.hashing.finish()?;
        Verifier::compare(self.expected, self.size, found, seen)
    }
}

fn broken(exception: JsValue) -> crate::error::Error {
    exception::error(Code::Internal, exception)
}
