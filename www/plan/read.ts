// A plan in this browser: the inventory is read once, and planned again with each change of the policy.
import { type Inventory, type Plan, plan, RegistryError } from "portreeve";
import type { Job } from "../jobs.js";
import { locate, locateSyntaxError } from "./locate.js";
import type { Problem } from "./policy_editor.js";

/** A plan, or what is wrong with the policy. */
export interface Planned {
  plan?: Plan;
  problems: Problem[];
}

/** Plans what a policy, still a text, of a job would do to an inventory; whatever is wrong with the text is told by its place. */
export async function planWith(text: string, job: Job | undefined, inventory: Inventory): Promise<Planned> {
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
    if (!(error instanceof RegistryError) || !["invalid_policy", "invalid_configuration", "unsupported"].includes(error.code)) throw error;
    const details = Array.isArray(error.details) ? (error.details as { path: string; message: string }[]) : [];
    const problems = details.length > 0 ? details : [{ path: "$", message: error.message }];
    return { problems: problems.map(({ path, message }) => ({ message, path, ...locate(text, path) })) };
  }
}

/** A policy to begin with where no job covers a repository. */
export const FIRST_POLICY = {
  minimumAge: { created: "48h" },
  keep: [{ name: "releases", tags: { semver: ">=0.0.0" }, optional: true }],
  delete: [{ name: "old builds", tags: { glob: "*" }, beyondNewest: { count: 10, by: "created" }, olderThan: { created: "30d" } }],
};
