//! A document on its way to JavaScript, which is nowhere whole.

use js_sys::Function;
use wasm_bindgen::JsValue;

/// How much crosses over at once, in bytes: each crossing costs more than copying this much.
const PIECE: usize = 1 << 16;

/// Collects text into pieces worth a call.
pub(super) struct Pieces<'a> {
    take: &'a Function,
    held: String,
    thrown: Option<JsValue>,
}

impl<'a> Pieces<'a> {
    /// Hands them to this function.
    pub(super) fn to(take: &'a Function) -> Self {
        Self {
            take,
            held: String::new(),
            thrown: None,
        }
    }

    /// The next text; dropped once the function has thrown.
    pub(super) fn push(&mut self, text: &str) {
        self.held.push_str(text);
        if self.held.len() >= PIECE {
            self.hand_over();
        }
    }

    /// Hands over what is left.
    ///
    /// # Errors
    ///
    /// What the function threw.
    pub(super) fn finish(mut self) -> Result<(), JsValue> {
        self.hand_over();
        self.thrown.map_or(Ok(()), Err)
    }

    fn hand_over(&mut self) {
        if !self.held.is_empty() && self.thrown.is_none() {
            let piece = JsValue::from_str(&self.held);
            self.thrown = self.take.call1(&JsValue::UNDEFINED, &piece).err();
        }
        self.held.clear();
    }
}
