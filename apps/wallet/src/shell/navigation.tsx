import { KeyboardIcon, SearchIcon } from "@bitfleet/ui/icons.tsx";
import classes from "@bitfleet/ui/navigation.module.css";
import { Link, useMatches } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { type ListedPage, listedPages, pageOfRoute } from "../listed-pages.ts";
import { PAGE_GROUPS } from "../page.ts";
import { shellTexts } from "./texts.ts";

interface NavigationProps {
  /** After a link was followed. */
  readonly onGo?: () => void;
  readonly onShortcuts: () => void;
  readonly onPalette: () => void;
}

/** The pages by group, the one at hand marked. */
export function Navigation({ onGo, onShortcuts, onPalette }: NavigationProps): ReactElement {
  const page = useCurrentPage();
  return (
    <div className={classes.navigation}>
      <nav aria-label={shellTexts.navigation}>
        {PAGE_GROUPS.map((group) => (
          <div key={group} className={classes.group}>
            {group !== "money" && <p className={classes.label}>{shellTexts.groups[group]}</p>}
            <ul>
              {listedPages()
                .filter((one) => one.group === group)
                .map((one) => (
                  <li key={one.route.id}>
                    <PageLink page={one} isAbove={page?.under === one.route.fullPath} onGo={onGo} size={18} />
                  </li>
                ))}
            </ul>
          </div>
        ))}
      </nav>
      <div className={classes.foot}>
        <button type="button" className={classes.link} aria-keyshortcuts="/ Control+K Meta+K" onClick={onPalette}>
          <SearchIcon />
          {shellTexts.find}
          <kbd>/</kbd>
        </button>
        <button type="button" className={classes.link} onClick={onShortcuts}>
          <KeyboardIcon />
          {shellTexts.shortcuts}
          <kbd>?</kbd>
        </button>
      </div>
    </div>
  );
}

/** The row of the page that is shown. */
export function useCurrentPage() {
  return pageOfRoute(useMatches().at(-1)?.routeId);
}

/** Leads to a page, marked while it is the one at hand or belongs to it. */
export function PageLink({
  page,
  isAbove,
  onGo,
  size,
}: {
  readonly page: ListedPage;
  readonly isAbove: boolean;
  readonly onGo?: (() => void) | undefined;
  readonly size: number;
}): ReactElement {
  const PageIcon = page.icon;
  return (
    <Link
      to={page.route.fullPath as "/"}
      className={classes.link ?? ""}
      activeOptions={{ exact: true, includeSearch: false }}
      {...(isAbove && { "aria-current": "true" })}
      {...(onGo !== undefined && { onClick: onGo })}
    >
      <PageIcon size={size} />
      {page.title}
    </Link>
  );
}
