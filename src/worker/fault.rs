//! A panic to order, for the tests of what follows one. Only in debug builds: a deployed Worker,
//! which is a release build, has no such path.

use super::call::Call;

pub(super) fn perhaps(call: &Call) {
    #[expect(clippy::panic, reason = "the panic is what is asked for")]
    if call.is_local() && call.url.path() == "/api/panic" {
        panic!("a panic was asked for");
    }
}
