import { useState } from "preact/hooks";

/** Asks for a client's token. */
export function SignIn({ onToken }: { onToken: (token: string) => void }) {
  const [token, setToken] = useState("");
  const submit = (event: Event) => {
    event.preventDefault();
    onToken(token.trim());
  };
  return (
    <form class="sign-in" onSubmit={submit}>
      <label>
        Token
        <input required type="password" value={token} onInput={(event) => setToken(event.currentTarget.value)} autocomplete="off" spellcheck={false} />
      </label>
      <button type="submit" class="primary">Sign in</button>
      <p class="aside">
        Made by <code>npx portreeve token create</code>. It stays in this page's memory; a reload forgets it.
      </p>
    </form>
  );
}
