// Something read from the registry: on its way, there, or failed.
import { useEffect, useState } from "preact/hooks";

export type Reading<Value> =
  | { state: "reading"; progress: Progress | undefined }
  | { state: "ready"; value: Value }
  | { state: "failed"; error: unknown };

export interface Progress {
  doing: string;
  done: number;
  total: number;
}

/**
 * Reads anew whenever one of `inputs` changes, and drops what is on its way then.
 *
 * @returns the reading, and a function that repeats it.
 */
export function useReading<Value>(
  read: (signal: AbortSignal, onProgress: (progress: Progress) => void) => Promise<Value>,
  inputs: readonly unknown[],
): [Reading<Value>, () => void] {
  const [reading, setReading] = useState<Reading<Value>>({ state: "reading", progress: undefined });
  const [round, setRound] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    const settle = (next: Reading<Value>) => {
      if (!stop.signal.aborted) setReading(next);
    };
    settle({ state: "reading", progress: undefined });
    read(stop.signal, (progress) => settle({ state: "reading", progress })).then(
      (value) => settle({ state: "ready", value }),
      (error: unknown) => settle({ state: "failed", error }),
    );
    return () => stop.abort();
  }, [...inputs, round]);
  return [reading, () => setRound(round + 1)];
}
