//! The Cloudflare Worker: events in, decisions elsewhere, answers out.
//!
//! ```text
//! entry.js ─▶ fetch ─▶ /v2/        registry ─▶ upstream     (blobs pass as stream handles)
//!          │        ├▶ /api/v1/    api ─────▶ CleanupRepository ─▶ upstream
//!          │        ├▶ /healthz
//!          │        └▶ else        the page (binding ASSETS)
//!          └▶ scheduled ─▶ cron ─────────────▶ CleanupRepository
//! ```
//!
//! Nothing here outlives one event but plain data: a future, lock or client that two requests
//! shared would end both. `entry.js` survives a panic; see [`abort`].

pub mod abort;
mod answer;
mod api;
mod call;
mod cron;
mod environment;
#[cfg(debug_assertions)]
mod fault;
mod health;
mod place;
mod registry;
mod repository;
mod upstream;

use worker::{Context, Env, Request, ScheduleContext, ScheduledEvent, event};

use crate::error::{Code, Error, Result};
use answer::Answer;
use call::Call;

/// Answers a request. It never fails: whatever goes wrong is answered as JSON.
#[event(fetch)]
async fn fetch(
    request: Request,
    env: Env,
    _context: Context,
) -> Result<worker::Response, worker::Error> {
    let answered = match Call::read(&request, &env) {
        Ok(call) if call.is_page() => return page(request, &env).await,
        Ok(call) => {
            let answer = answer(&call, request, &env).await;
            answer::respond(&call.method, answer)
        }
        Err(error) => Err(error),
    };
    match answered {
        Ok(response) => Ok(response),
        Err(error) => answer::respond(&http::Method::GET, answer::failure(&error))
            .map_err(|error| worker::Error::RustError(error.to_string())),
    }
}

/// Plans and applies what is due.
#[event(scheduled)]
async fn scheduled(event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    cron::tick(&event, &env).await;
}

async fn answer(call: &Call, request: Request, env: &Env) -> Answer {
    #[cfg(debug_assertions)]
    fault::perhaps(call);
    let configuration = environment::configuration(env);
    if call.url.path() == "/healthz" {
        return health::answer(&configuration, env);
    }
    let configuration = match &*configuration {
        Ok(configuration) => configuration,
        Err(problems) => return health::broken(call, problems),
    };
    if call.is_registry() {
        registry::answer(call, env, configuration).await
    } else {
        api::answer(call, request, env, configuration).await
    }
}

/// The page and its files.
async fn page(request: Request, env: &Env) -> Result<worker::Response, worker::Error> {
    if let Ok(assets) = env.assets("ASSETS") {
        return assets.fetch_request(request).await;
    }
    let error = Error::new(Code::NotFound, "no page is deployed with this Worker")
        .next("ask below /v2/ or /api/v1/");
    answer::respond(&http::Method::GET, answer::failure(&error))
        .map_err(|error| worker::Error::RustError(error.to_string()))
}
