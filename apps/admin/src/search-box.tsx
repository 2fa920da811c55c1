import { SearchIcon } from "@bitfleet/ui/icons.tsx";
import { useNavigate } from "@tanstack/react-router";
import { type ReactElement, useEffect, useRef, useState } from "react";
import classes from "./search-box.module.css";

const BLOCK_ID = /^([0-9]{1,9}|[0-9a-f]{64})$/i;

/** Leads to a block by its height or hash. The slash key puts the cursor here. */
export function SearchBox(): ReactElement {
  const navigate = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  const [isRefused, setIsRefused] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLElement && event.target.closest("input, textarea, select") !== null;
      if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  return (
    <search className={classes.place}>
      <form
        className={classes.form}
        data-refused={isRefused}
        onSubmit={(event) => {
          event.preventDefault();
          const text = input.current?.value.replaceAll(/[\s,]/g, "") ?? "";
          if (text === "") return;
          if (!BLOCK_ID.test(text)) {
            setIsRefused(true);
            return;
          }
          if (input.current !== null) {
            input.current.value = "";
            input.current.blur();
          }
          void navigate({ to: "/block/$id", params: { id: text.toLowerCase() } });
        }}
      >
        <SearchIcon />
        <input
          ref={input}
          type="text"
          placeholder="Height or hash"
          aria-label="Find a block by height or hash"
          aria-invalid={isRefused}
          aria-describedby={isRefused ? "search-refusal" : undefined}
          autoComplete="off"
          spellCheck={false}
          onChange={() => setIsRefused(false)}
          onBlur={() => setIsRefused(false)}
        />
        <span className={classes.key} aria-hidden="true">
          /
        </span>
      </form>
      {isRefused && (
        <p id="search-refusal" className={classes.refusal} role="alert">
          Enter a height (digits) or a block hash (64 hex digits).
        </p>
      )}
    </search>
  );
}
