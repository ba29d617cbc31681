//! A plan that stays in memory together with everything that it borrows.
//!
//! [`Made`] borrows inventories, policy and reports, and JavaScript cannot hold a borrow. A future
//! can: this one owns what a plan is made from and the plan beside it, and answers one question
//! each time it is polled. Nothing ever waits for it.

use std::{
    cell::RefCell,
    rc::Rc,
    task::{Context, Waker},
};

use futures_util::{FutureExt as _, future::LocalBoxFuture, pending};

use super::rules::Rules;
use crate::{
    error::{Code, Error, Result},
    plan::{self, Condemned, History, Made, inventory::Inventory},
    timestamp::Timestamp,
};

/// Everything that a plan is made from.
pub(super) struct Given {
    pub(super) rules: Rules,
    pub(super) inventories: Vec<Inventory>,
    pub(super) condemned: Vec<Condemned>,
    pub(super) history: Vec<History>,
    pub(super) unmanaged: Vec<(String, String)>,
    pub(super) now: Timestamp,
    pub(super) simulated: bool,
}

type Question = Box<dyn FnOnce(&Made<'_>)>;

/// A plan and what it was made from.
pub(super) struct HeldPlan {
    plan: RefCell<LocalBoxFuture<'static, Result<()>>>,
    question: Rc<RefCell<Option<Question>>>,
}

impl HeldPlan {
    /// What will be a plan by the first question.
    pub(super) fn new(given: Given) -> Self {
        let question = Rc::default();
        let plan = answering(given, Rc::clone(&question)).boxed_local();
        Self {
            plan: RefCell::new(plan),
            question,
        }
    }

    /// Looks at the plan.
    ///
    /// # Errors
    ///
    /// Those of [`plan::make`], from the first question and nothing else; `invalid_argument` for a
    /// question that is asked while another one is answered.
    pub(super) fn ask<T: 'static>(&self, look: impl FnOnce(&Made<'_>) -> T + 'static) -> Result<T> {
        let busy = || {
            Error::new(
                Code::InvalidArgument,
                "the plan is being read: ask it afterwards",
            )
        };
        let mut plan = self.plan.try_borrow_mut().map_err(|_| busy())?;
        let answer = Rc::new(RefCell::new(None));
        let place = Rc::clone(&answer);
        let question: Question = Box::new(move |made| {
            place.replace(Some(look(made)));
        });
        self.question.replace(Some(question));
        let polled = plan.poll_unpin(&mut Context::from_waker(Waker::noop()));
        if let std::task::Poll::Ready(ended) = polled {
            ended?;
        }
        let answer = answer.take();
        answer.ok_or_else(|| Error::new(Code::Internal, "a plan gave no answer"))
    }
}

/// Makes a plan, and answers questions about it for ever.
async fn answering(given: Given, questions: Rc<RefCell<Option<Question>>>) -> Result<()> {
    let reports = given.rules.given_reports();
    let made = plan::make(&plan::Input {
        job: &given.rules.job,
        configuration_hash: &given.rules.configuration_hash,
        policy: &given.rules.policy,
        caps: given.rules.caps,
        inventories: &given.inventories,
        reports: &reports,
        condemned: &given.condemned,
        history: &given.history,
        unmanaged: &given.unmanaged,
        now: given.now,
        simulated: given.simulated,
    })?;
    loop {
        let question = questions.take();
        if let Some(question) = question {
            question(&made);
        }
        pending!();
    }
}
