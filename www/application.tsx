import { useEffect, useRef, useState } from "preact/hooks";
import { type Address, type View, useAddress, writeAddress } from "./address.js";
import { jobOf, readJobs } from "./jobs.js";
import { Icon, Mark } from "./parts/icon.js";
import { Progress } from "./parts/progress.js";
import { SignIn } from "./parts/sign_in.js";
import { PlanView } from "./plan/view.js";
import { useReading } from "./reading.js";
import { Start } from "./start.js";
import { TagsView } from "./tags/view.js";

export function Application() {
  const [address, go] = useAddress();
  const [token, setToken] = useState<string>();
  const [jobs, again] = useReading((signal) => readJobs(token, signal), [token]);
  const known = jobs.state === "ready" ? jobs.value : [];
  const main = useRef<HTMLElement>(null);
  const { repository, view } = address;
  const job = jobOf(known, repository, address.job);

  const only = known.flatMap((job) => job.repositories);
  useEffect(() => {
    if (repository === "" && only.length === 1) go({ repository: only[0]! }, "filter");
  }, [repository, only.length]);
  useEffect(() => {
    document.title = repository === "" ? "portreeve" : `${repository}, ${TITLES[view].toLowerCase()}, portreeve`;
  }, [repository, view]);

  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>Skip to the content</button>
      <header class="banner">
        <a class="brand" href="#" onClick={(event) => { event.preventDefault(); go({ repository: "", search: "", verdict: "", job: "" }); }}>
          <Mark />
          <span><strong>portreeve</strong><span class="aside">registry proxy and cleanup</span></span>
        </a>
        <Chooser repository={repository} known={only} onChoose={(repository) => go({ repository, job: "", search: "", verdict: "" })} />
        <Account token={token} onToken={setToken} />
      </header>
      <main ref={main} tabIndex={-1}>
        {repository === "" ? <Start jobs={jobs} onAgain={again} onToken={setToken} /> : (
          <>
            <div class="title">
              <h1>{repository}</h1>
              <nav aria-label="Views"><Tab address={address} view="tags" go={go} /><Tab address={address} view="plan" go={go} /></nav>
            </div>
            {view === "tags"
              ? <TagsView key={`${repository} ${token}`} address={address} go={go} token={token} onToken={setToken} />
              : jobs.state === "reading"
                ? <Progress doing="Reading the jobs" />
                : <PlanView key={`${repository} ${job?.name} ${token}`} address={address} go={go} job={job} jobsFailed={jobs.state === "failed"} token={token} onToken={setToken} />}
          </>
        )}
      </main>
    </>
  );
}

const TITLES: Record<View, string> = { tags: "Tags", plan: "Cleanup plan" };

function Tab({ address, view, go }: { address: Address; view: View; go: ReturnType<typeof useAddress>[1] }) {
  const there = { ...address, view, search: "", verdict: "", sort: "" };
  const follow = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(there);
  };
  return <a href={writeAddress(there)} aria-current={address.view === view ? "page" : undefined} onClick={follow}>{TITLES[view]}</a>;
}

/** Who is asking: nobody in particular, or a client by its token. */
function Account({ token, onToken }: { token: string | undefined; onToken: (token: string | undefined) => void }) {
  const [asking, setAsking] = useState(false);
  if (token !== undefined) {
    return <p class="account"><Icon name="key" />Token in use<button type="button" class="quiet" onClick={() => onToken(undefined)}>Sign out</button></p>;
  }
  return (
    <div class="account">
      <button type="button" class="quiet" aria-expanded={asking} onClick={() => setAsking(!asking)}><Icon name="key" />Sign in</button>
      {asking ? <div class="notice"><SignIn onToken={(token) => { setAsking(false); onToken(token); }} /></div> : null}
    </div>
  );
}

/** Goes to any repository by its name; the jobs' own are offered. */
function Chooser({ repository, known, onChoose }: { repository: string; known: string[]; onChoose: (repository: string) => void }) {
  const [typed, setTyped] = useState(repository);
  useEffect(() => setTyped(repository), [repository]);
  const submit = (event: Event) => {
    event.preventDefault();
    const name = typed.trim().replace(/^\/+|\/+$/g, "");
    if (name !== "") onChoose(name);
  };
  return (
    <form class="chooser" role="search" onSubmit={submit}>
      <label>
        <span class="unseen">Repository</span>
        <input list="repositories" value={typed} required placeholder="upstream/repository" spellcheck={false} autocapitalize="none" autocomplete="off"
          onInput={(event) => setTyped(event.currentTarget.value)} />
      </label>
      <datalist id="repositories">{known.map((name) => <option key={name} value={name} />)}</datalist>
      <button type="submit">Open</button>
    </form>
  );
}
