//! A panic to order, for the tests of what follows one. Only in debug builds: a deployed Worker,
//! which is a release build, has no such path.

use super::call::Call;

pub(super) fn perhaps(call: &Call) {
    let asked_for = call.is_local() && call.url.path() == "/api/panic";
    assert!(!asked_for, "a panic was asked for");
}
