import { SearchIcon } from "@bitfleet/ui/icons.tsx";
import type { ReactElement } from "react";
import classes from "./search-button.module.css";
import { shellTexts } from "./texts.ts";

/** Looks like the search box that it opens, where the palette takes over. */
export function SearchButton({ onOpen }: { readonly onOpen: () => void }): ReactElement {
  return (
    <search className={classes.place}>
      <button type="button" className={classes.button} aria-keyshortcuts="/ Control+K Meta+K" onClick={onOpen}>
        <SearchIcon />
        <span className={classes.text}>{shellTexts.search}</span>
        <kbd className={classes.key}>/</kbd>
      </button>
    </search>
  );
}
