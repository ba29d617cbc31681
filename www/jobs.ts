// The configured jobs, as far as this client may see them: `GET /api/v1/jobs`.
import { RegistryError } from "portreeve";
import { headers } from "./access.js";

export interface Job {
  name: string;
  mode: string;
  /** Cron in UTC; without one, the job runs when it is asked to. */
  schedule?: string;
  /** As this host names them, such as `demo/shop/web`. */
  repositories: string[];
  policyName: string;
  /** As written in portreeve.json. */
  policy: object;
  limits: object;
}

/**
 * Reads the jobs.
 *
 * @throws {@link RegistryError} with the Worker's own code, `unauthorized` and `denied` among them.
 */
export async function readJobs(token: string | undefined, signal: AbortSignal): Promise<Job[]> {
  const request = { method: "GET", url: new URL("/api/v1/jobs", location.href).href };
  const answer = await fetch("/api/v1/jobs", { headers: headers(token), credentials: "omit", signal }).catch(
    (cause: unknown) => {
      if (signal.aborted) throw cause;
      throw new RegistryError({ code: "unreachable", message: "the server of this page does not answer", request, cause });
    },
  );
  const body = (await answer.json().catch(() => ({}))) as { jobs?: Job[]; code?: string; message?: string };
  if (answer.ok && body.jobs !== undefined) return body.jobs;
  throw new RegistryError({
    code: (body.code ?? codeOf(answer.status)) as RegistryError["code"],
    message: body.message ?? `the server of this page answered ${answer.status}`,
    status: answer.status,
    request,
  });
}

/** The job that cleans a repository: the one that was asked for by name, else the first. */
export function jobOf(jobs: Job[], repository: string, name: string): Job | undefined {
  const covering = jobs.filter((job) => job.repositories.includes(repository));
  return covering.find((job) => job.name === name) ?? covering[0];
}

function codeOf(status: number): string {
  return { 401: "unauthorized", 403: "denied", 404: "not_found", 429: "throttled" }[status] ?? "upstream_error";
}
