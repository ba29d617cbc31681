//! A store of the caller's own: an object of JavaScript with the five methods of
//! [`Store`](cleanup::Store).

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

use crate::{
    cleanup,
    error::{Code, Error, Result},
    web::exception,
};

#[wasm_bindgen]
extern "C" {
    /// `Store` of the package's types.
    #[wasm_bindgen(typescript_type = "object")]
    #[derive(Clone, Debug)]
    pub type JsStore;
}

impl JsStore {
    async fn call(&self, method: &str, arguments: &[JsValue]) -> Result<JsValue> {
        let failed = |exception| exception::error(Code::StorageFailed, exception);
        let function: Function = Reflect::get(self, &method.into())
            .map_err(failed)?
            .dyn_into()
            .map_err(|_| {
                Error::new(
                    Code::InvalidArgument,
                    format!("the store has no method `{method}`"),
                )
            })?;
        let arguments: Array = arguments.iter().collect();
        let answer = Reflect::apply(&function, self, &arguments).map_err(failed)?;
        JsFuture::from(Promise::resolve(&answer))
            .await
            .map_err(failed)
    }
}

fn text(value: &JsValue) -> Result<Option<String>> {
    if value.is_undefined() || value.is_null() {
        return Ok(None);
    }
    let text = value.as_string();
    text.map(Some).ok_or_else(|| {
        Error::new(
            Code::StorageFailed,
            "the store answered something else than a text",
        )
    })
}

impl cleanup::Store for JsStore {
    async fn read(&self, path: &str) -> Result<Option<String>> {
        text(&self.call("read", &[path.into()]).await?)
    }

    async fn write(&self, path: &str, new: &str) -> Result<()> {
        self.call("write", &[path.into(), new.into()]).await?;
        Ok(())
    }

    async fn append(&self, path: &str, line: &str) -> Result<()> {
        self.call("append", &[path.into(), line.into()]).await?;
        Ok(())
    }

    async fn list(&self, folder: &str) -> Result<Vec<String>> {
        let names = self.call("list", &[folder.into()]).await?;
        let names: Array = names.dyn_into().map_err(|_| {
            Error::new(
                Code::StorageFailed,
                "the store listed something else than names",
            )
        })?;
        Ok(names.iter().filter_map(|name| name.as_string()).collect())
    }

    async fn swap(&self, path: &str, expected: Option<&str>, new: &str) -> Result<bool> {
        let expected = expected.map_or(JsValue::UNDEFINED, Into::into);
        let swapped = self
            .call("swap", &[path.into(), expected, new.into()])
            .await?;
        Ok(swapped.is_truthy())
    }
}
