/** The documented codes in words; one that is newer than this page is shown as it is. */
const REASONS: Record<string, string> = {
  keep_rule: "kept",
  not_selected: "no rule selects it",
  reachable: "something that stays needs it",
  kind: "not of a kind that the policy names",
  delete_rule: "selected",
  member: "only what goes leads to it",
  locked: "locked by the registry",
  in_use: "in use",
  grace: "not condemned for long enough",
  report: "a report is missing or not to be relied on",
  too_young: "younger than the minimum age",
  cap: "too much would go at once",
  not_planned: "not in the approved plan",
  pushed: "push time not known",
  created: "creation time not known",
  pulled: "pull time not known",
  first_seen: "first sight not known",
  version: "a tag is no version",
  platform: "platform not known",
  annotation: "annotation not known",
  label: "label not known",
  report_missing: "a report is missing",
  missing_child: "a part of it is missing",
  missing_subject: "what it refers to is missing",
  unreadable: "not readable",
  unreadable_elsewhere: "something not readable may need it",
  unrooted: "no root leads to it",
  incomplete_listing: "the list of tags is not whole",
};

/** Why, in a few words, with the rule that decided. */
export function Reason({ reason, rule }: { reason: string; rule: string | null | undefined }) {
  const words = REASONS[reason] ?? reason.replaceAll("_", " ");
  if (rule === null || rule === undefined) return <>{words}</>;
  return reason === "keep_rule" || reason === "delete_rule" ? <>{words} by rule <q>{rule}</q></> : <>{words}, rule <q>{rule}</q></>;
}
