// A plan in this browser: the inventory is read once, and planned again with each change of the policy.
import { useEffect, useState } from "preact/hooks";
import { type Inventory, type Plan, plan, RegistryError } from "portreeve";
import type { Job } from "../jobs.js";
import { locate, locateSyntaxError } from "./locate.js";
import type { Problem } from "./policy_editor.js";

/** How long typing must rest before the policy is planned, in milliseconds. */
const REST = 200;

/** A plan, or what is wrong with the policy. */
export interface Planned {
  plan?: Plan;
  problems: Problem[];
}

/** Plans what a policy, still a text, of a job would do to an inventory; whatever is wrong with the text is told by its place. */
async function planWith(text: string, job: Job | undefined, inventory: Inventory): Promise<Planned> {
  let policy: object;
  try {
    policy = JSON.parse(text) as object;
  } catch (error) {
    const problem = error as SyntaxError;
    return { problems: [{ message: `This is no JSON: ${problem.message}`, path: "$", ...locateSyntaxError(text, problem) }] };
  }
  try {
    return { plan: await plan({ policy, inventories: [inventory], ...(job === undefined ? {} : { limits: job.limits }) }), problems: [] };
  } catch (error) {
    if (!(error instanceof RegistryError) || !["invalid_policy", "unsupported", "refused"].includes(error.code)) throw error;
    const details = Array.isArray(error.details) ? (error.details as { path: string; message: string }[]) : [];
    const problems = details.length > 0 ? details : [{ path: "$", message: error.message }];
    return { problems: problems.map(({ path, message }) => ({ message, path, ...locate(text, path) })) };
  }
}

/** The plan by a policy in an editor; while its text is wrong, `plan` stays that of the last right one. */
export function usePlan(text: string, job: Job | undefined, inventory: Inventory | undefined): Planned & { failure: unknown } {
  const [planned, setPlanned] = useState<Planned & { failure: unknown }>({ problems: [], failure: undefined });
  useEffect(() => {
    if (inventory === undefined) return;
    let current = true;
    const settle = (next: Partial<typeof planned>) => {
      if (current) setPlanned((last) => ({ ...last, problems: [], failure: undefined, ...next }));
    };
    const rest = setTimeout(
      () => planWith(text, job, inventory).then(settle, (failure: unknown) => settle({ failure })),
      planned.plan === undefined ? 0 : REST,
    );
    return () => {
      current = false;
      clearTimeout(rest);
    };
  }, [text, inventory]);
  return planned;
}
