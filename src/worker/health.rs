//! `/healthz`, and what everything else answers while the configuration is broken.

use http::StatusCode;
use serde_json::json;
use worker::Env;

use super::{
    answer::{self, Answer},
    call::Call,
    environment::{Loaded, is_cleanup_off},
};
use crate::{
    configuration::{Problem, problem},
    error::{Code, Error},
    proxy,
};

/// Open to everybody, so it tells how many problems there are, and not which.
pub(super) fn answer(configuration: &Loaded, env: &Env) -> Answer {
    match &**configuration {
        Ok(_) => {
            let cleanup = if is_cleanup_off(env) { "off" } else { "on" };
            answer::json(
                StatusCode::OK,
                &json!({ "status": "healthy", "cleanup": cleanup }),
            )
        }
        Err(problems) => answer::json(
            StatusCode::SERVICE_UNAVAILABLE,
            &json!({
                "status": "unhealthy",
                "code": Code::InvalidConfiguration.as_str(),
                "problems": problems.len(),
            }),
        ),
    }
}

/// Nobody can be recognised without a configuration, so only a client on this machine is shown the
/// problems; to others the Worker's log has them.
pub(super) fn broken(call: &Call, problems: &[Problem]) -> Answer {
    let advice = "correct portreeve.json and deploy again; `portreeve config check` explains it";
    let error = if call.is_local() {
        problem::error(problems).next(advice)
    } else {
        let found = match problems.len() {
            1 => "portreeve.json has 1 problem".to_owned(),
            more => format!("portreeve.json has {more} problems"),
        };
        Error::new(Code::InvalidConfiguration, found)
            .next("read the Worker's log, or run `portreeve config check`")
    };
    if call.is_registry() {
        return answer::registry_problem(proxy::problem::of_client(&error, None));
    }
    if !call.is_local() {
        return answer::failure(&error);
    }
    let status = StatusCode::from_u16(error.code().http_status())
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    answer::json(
        status,
        &json!({
            "code": error.code().as_str(),
            "message": error.to_string(),
            "problems": problems,
        }),
    )
}
