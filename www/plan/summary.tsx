import type { Plan, Verdict } from "portreeve";
import { Icon } from "../parts/icon.js";
import { type Cause, causes, type Group } from "./groups.js";
import { Reason } from "./reason.js";
import { MEANING, VERDICTS, VerdictMark } from "./verdict.js";

/** What is wrong or doubtful with the plan; before everything else. */
export function Warnings({ warnings }: { warnings: string[] }) {
  if (warnings.length === 0) return null;
  return (
    <ul class="warnings" aria-label="Warnings">
      {warnings.map((warning) => <li key={warning} class="notice warning"><Icon name="warning" />{warning}</li>)}
    </ul>
  );
}

/** How many images have which verdict; each count shows only its own when pressed. */
export function Counts({ summary, chosen, onChoose }: {
  summary: Plan["summary"];
  chosen: string;
  onChoose: (verdict: string) => void;
}) {
  const total = VERDICTS.reduce((sum, verdict) => sum + summary[verdict].groups, 0);
  return (
    <section class="counts" aria-label="Images by verdict">
      <div class="share" aria-hidden="true">
        {VERDICTS.filter((verdict) => summary[verdict].groups > 0)
          .map((verdict) => <span key={verdict} class={verdict} style={{ flexGrow: summary[verdict].groups }} />)}
      </div>
      <ul>
        {VERDICTS.map((verdict) => <li key={verdict}><Count verdict={verdict} count={summary[verdict]} total={total} chosen={chosen} onChoose={onChoose} /></li>)}
      </ul>
    </section>
  );
}

function Count({ verdict, count, total, chosen, onChoose }: {
  verdict: Verdict;
  count: { groups: number; manifests: number };
  total: number;
  chosen: string;
  onChoose: (verdict: string) => void;
}) {
  const pressed = chosen === verdict;
  return (
    <button type="button" class={`count-card ${verdict}`} aria-pressed={pressed} onClick={() => onChoose(pressed ? "" : verdict)} title={MEANING[verdict]}>
      <VerdictMark verdict={verdict} />
      <span class="number">{count.groups}</span>
      <span class="aside">
        {total === 0 ? null : <span>{Math.round((100 * count.groups) / total)}% of images, </span>}
        <span>{count.manifests} {count.manifests === 1 ? "manifest" : "manifests"}</span>
      </span>
    </button>
  );
}

/** Which rules and reasons stand behind the verdicts. */
export function Causes({ groups, onSearch }: { groups: Group[]; onSearch: (verdict: string, search: string) => void }) {
  const all = causes(groups);
  const part = (title: string, some: Cause[]) => some.length === 0 ? null : (
    <section>
      <h3>{title}</h3>
      <ul>
        {some.map((cause) => (
          <li key={`${cause.verdict} ${cause.reason} ${cause.rule}`}>
            <button type="button" onClick={() => onSearch(cause.verdict, cause.rule ?? cause.reason)}>
              <span class={`dot ${cause.verdict}`} aria-hidden="true" />
              <span class="cause"><Reason {...cause} /></span>
              <span class="number">{cause.groups}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
  return (
    <div class="causes">
      {part("What is selected", all.filter(({ verdict }) => verdict === "delete"))}
      {part("What protects the rest", all.filter(({ verdict }) => verdict !== "delete"))}
    </div>
  );
}
