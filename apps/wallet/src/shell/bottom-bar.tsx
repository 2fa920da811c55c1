import { DotsIcon } from "@bitfleet/ui/icons.tsx";
import type { ReactElement } from "react";
import { listedPages } from "../listed-pages.ts";
import classes from "./bottom-bar.module.css";
import { PageLink, useCurrentPage } from "./navigation.tsx";
import { shellTexts } from "./texts.ts";

/** On phones: the pages that are used most, within reach of the thumb, and a way to the others. */
export function BottomBar({ onMore }: { readonly onMore: () => void }): ReactElement {
  const page = useCurrentPage();
  return (
    <nav className={classes.bar} aria-label={shellTexts.bar}>
      {listedPages()
        .filter(({ isInBar }) => isInBar)
        .map((one) => (
          <PageLink key={one.route.id} page={one} isAbove={page?.under === one.route.fullPath} size={22} />
        ))}
      <button type="button" aria-haspopup="dialog" onClick={onMore}>
        <DotsIcon size={22} />
        {shellTexts.more}
      </button>
    </nav>
  );
}
