const AGO = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const UNITS = [["year", 31_557_600], ["month", 2_629_800], ["day", 86_400], ["hour", 3_600], ["minute", 60]] as const;

/** A moment: its day in UTC, which lines up and compares, and the distance from now, which a person understands. */
export function When({ at, source }: { at: string; source?: string }) {
  return (
    <time dateTime={at} title={source === undefined ? moment(at) : `${source} ${moment(at)}`}>
      {new Date(at).toISOString().slice(0, 10)}{" "}
      <span class="aside">{source === undefined ? ago(at) : `${source} ${ago(at)}`}</span>
    </time>
  );
}

/** A moment to the minute, in UTC. */
export function moment(at: string): string {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

export function ago(at: string, now: number = Date.now()): string {
  const seconds = (Date.parse(at) - now) / 1000;
  const [unit, length] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ["minute", 60];
  return AGO.format(Math.trunc(seconds / length), unit);
}
