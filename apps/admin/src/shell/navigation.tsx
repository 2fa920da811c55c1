import { useNodeUrl } from "@bitfleet/ui/api-provider.tsx";
import { desktopSession } from "@bitfleet/ui/desktop/desktop-session.ts";
import { shortHash } from "@bitfleet/ui/format.ts";
import { CodeIcon, KeyboardIcon, TerminalIcon, WalletIcon } from "@bitfleet/ui/icons.tsx";
import classes from "@bitfleet/ui/navigation.module.css";
import { walletAppUrl } from "@bitfleet/ui/wallet-app.ts";
import { Link, useMatches, useParams } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { type ListedPage, listedPages, pageOfRoute } from "../listed-pages.ts";
import { PAGE_GROUPS } from "../page.ts";
import { useShowJson } from "./show-json.ts";
import { shellTexts } from "./texts.ts";

interface NavigationProps {
  /** After a link was followed. */
  readonly onGo?: () => void;
  readonly onShortcuts: () => void;
}

/** The pages by group, the one at hand marked, and what leads elsewhere. */
export function Navigation({ onGo, onShortcuts }: NavigationProps): ReactElement {
  const page = useCurrentPage();
  const nodeUrl = useNodeUrl();
  const showJson = useShowJson();
  const isDesktop = desktopSession() !== undefined;
  const walletApp = walletAppUrl(nodeUrl);
  return (
    <div className={classes.navigation}>
      <nav aria-label={shellTexts.navigation}>
        {PAGE_GROUPS.map((group) => {
          const pages = listedPages().filter((one) => one.group === group);
          if (pages.length === 0) return null;
          return (
            <div key={group} className={classes.group}>
              {group !== "settings" && <p className={classes.label}>{shellTexts.groups[group]}</p>}
              <ul>
                {pages.map((one) => (
                  <li key={one.route.id}>
                    <NavigationLink page={one} isAbove={page?.under === one.route.fullPath} onGo={onGo} />
                  </li>
                ))}
              </ul>
            </div>
          );
        })}
      </nav>
      <div className={classes.foot}>
        {walletApp !== undefined && (
          <a href={walletApp} className={classes.link}>
            <WalletIcon size={16} />
            {shellTexts.walletApp}
          </a>
        )}
        <a href={`${nodeUrl}/swagger-ui`} className={classes.link} {...(isDesktop && ELSEWHERE)}>
          <TerminalIcon size={16} />
          {shellTexts.apiReference}
        </a>
        <button type="button" className={classes.link} onClick={showJson}>
          <CodeIcon size={16} />
          {shellTexts.json}
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

/** In a window of the desktop, what is not its own opens in the browser. */
const ELSEWHERE = { target: "_blank", rel: "noreferrer" } as const;

/** The row of the page that is shown. */
export function useCurrentPage() {
  return pageOfRoute(useMatches().at(-1)?.routeId);
}

/** Digits of what a page is of, at both ends: so much of it stands in the title of the tab. */
const NAME_EDGE = 6;

/** What the page that is shown is called: of one thing also by the thing, unless its screen knows a better name. */
export function usePageName(): string {
  const page = useCurrentPage();
  const { id, name } = useParams({ strict: false }) as { readonly id?: string; readonly name?: string };
  const thing = name ?? (id === undefined ? undefined : shortHash(id, NAME_EDGE));
  if (page === undefined) return shellTexts.notFound.tab;
  return thing === undefined ? page.title : `${page.title} ${thing}`;
}

function NavigationLink({
  page,
  isAbove,
  onGo,
}: {
  readonly page: ListedPage;
  /** The page at hand belongs to it. */
  readonly isAbove: boolean;
  readonly onGo: (() => void) | undefined;
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
      <PageIcon size={18} />
      {page.title}
    </Link>
  );
}
