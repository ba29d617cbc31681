//! What the platform hands in: variables, secrets, and `portreeve.json`.

use std::{cell::RefCell, rc::Rc};

use worker::Env;

use crate::configuration::{Configuration, Problem};

/// `portreeve.json` as it was read, once per instance.
pub(super) type Loaded = Rc<Result<Configuration, Vec<Problem>>>;

thread_local! {
    static CONFIGURATION: RefCell<Option<Loaded>> = const { RefCell::new(None) };
}

/// The configuration that was deployed with this Worker. Every problem of it goes to the log.
pub(super) fn configuration(env: &Env) -> Loaded {
    CONFIGURATION.with_borrow_mut(|held| {
        let loaded = held.get_or_insert_with(|| {
            let text = variable(env, "PORTREEVE_JSON").unwrap_or_default();
            let loaded = Configuration::parse(&text);
            for problem in loaded.as_ref().err().into_iter().flatten() {
                worker::console_error!("portreeve.json: {problem}");
            }
            Rc::new(loaded)
        });
        Rc::clone(loaded)
    })
}

/// A variable or secret, where it is set and not empty.
pub(super) fn variable(env: &Env, name: &str) -> Option<String> {
    let text = env.secret(name).ok()?.to_string();
    (!text.is_empty()).then_some(text)
}

/// Whether `CLEANUP=off` stops every deletion and every plan by schedule.
pub(super) fn is_cleanup_off(env: &Env) -> bool {
    variable(env, "CLEANUP").is_some_and(|text| text.eq_ignore_ascii_case("off"))
}
