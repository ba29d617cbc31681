import type { Verdict } from "portreeve";
import { Icon } from "../parts/icon.js";

/** In the order in which a reviewer wants them: what goes, what would have gone, what is not known, the rest. */
export const VERDICTS = ["delete", "blocked", "unknown", "keep"] as const satisfies readonly Verdict[];

/** What each verdict means to the image, in a few words. */
export const MEANING: Record<Verdict, string> = {
  delete: "selected by a rule, protected by none",
  blocked: "selected, but something forbids it",
  unknown: "a fact is missing, so it stays",
  keep: "protected, or selected by no rule",
};

/** A verdict told by word, icon and colour. */
export function VerdictMark({ verdict }: { verdict: Verdict }) {
  return <span class={`verdict ${verdict}`}><Icon name={verdict} />{verdict}</span>;
}
