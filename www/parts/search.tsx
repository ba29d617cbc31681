import { Icon } from "./icon.js";

export function Search({ label, value, onSearch }: { label: string; value: string; onSearch: (value: string) => void }) {
  return (
    <label class="search">
      <Icon name="search" />
      <span class="unseen">{label}</span>
      <input type="search" value={value} placeholder={label} spellcheck={false} autocomplete="off"
        onInput={(event) => onSearch(event.currentTarget.value)} />
    </label>
  );
}
