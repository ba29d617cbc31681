import { useRef } from "preact/hooks";
import { Copy } from "../parts/copy.js";
import { Icon } from "../parts/icon.js";
import { lineOf, type Span } from "./locate.js";

/** Something wrong with a policy, and where. */
export interface Problem extends Span {
  message: string;
  /** In the policy, such as `$.delete[0].tags`; `$` is the whole. */
  path: string;
}

/** The policy as text, to be tried out; problems are listed below it and lead to their place. */
export function PolicyEditor({ text, original, problems, onText }: {
  text: string;
  /** The job's own policy. */
  original: string;
  problems: Problem[];
  onText: (text: string) => void;
}) {
  const field = useRef<HTMLTextAreaElement>(null);
  const show = ({ from, to }: Span) => {
    field.current?.focus();
    field.current?.setSelectionRange(from, to);
  };
  return (
    <div class="policy-editor">
      <label class="unseen" for="policy">Policy, as JSON</label>
      <textarea id="policy" ref={field} value={text} spellcheck={false} autocapitalize="none" autocomplete="off" wrap="off"
        rows={Math.min(34, text.split("\n").length + 1)}
        aria-invalid={problems.length > 0} aria-describedby={problems.length > 0 ? "policy-problems" : "policy-note"}
        style={{ "--line": problems[0] === undefined ? 0 : lineOf(text, problems[0].from) - 1 }}
        onInput={(event) => onText(event.currentTarget.value)} />
      <Copy text={text} what="policy" />
      {problems.length === 0 ? null : (
        <ul id="policy-problems" class="problems" role="alert">
          {problems.map((problem) => (
            <li key={`${problem.from} ${problem.message}`}>
              <button type="button" onClick={() => show(problem)}>
                <Icon name="warning" />
                <span>
                  <strong>Line {lineOf(text, problem.from)}</strong> {problem.message}
                  {problem.path === "$" ? null : <code>{problem.path}</code>}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <p id="policy-note" class="aside">
        {text === original
          ? "Edit it to see at once what would change. Nothing is saved or deleted from this page."
          : "A trial: nothing is saved. To make it real, copy it into portreeve.json."}
      </p>
      {text === original ? null : <p class="actions"><button type="button" onClick={() => onText(original)}>Undo my changes</button></p>}
    </div>
  );
}
