import { desktopSession } from "@bitfleet/ui/desktop/desktop-session.ts";
import iconButton from "@bitfleet/ui/icon-button.module.css";
import { ExternalIcon } from "@bitfleet/ui/icons.tsx";
import { type ReactElement, useMemo } from "react";
import { useOpenState } from "../session-provider.tsx";
import classes from "./explorer-link.module.css";
import { texts } from "./texts.ts";

/** The pages in which the network's server shows its chain to people. */
export interface ExplorerPages {
  /** "" for the server that this page came from. */
  readonly url: string;
  /** How it is called. */
  readonly name: string;
}

/** Those of the server that is followed; `undefined` while none is, and where it is not known to have any. */
export function useExplorerPages(): ExplorerPages | undefined {
  const { connection } = useOpenState();
  const url = connection.kind === "live" ? connection.facts.pagesUrl : undefined;
  return useMemo(() => {
    // In a window the page came from a process that shows no chain.
    if (url === undefined || (url === "" && desktopSession() !== undefined)) return undefined;
    return { url, name: url === "" ? location.host : new URL(url).host };
  }, [url]);
}

interface ExplorerLinkProps {
  readonly pages: ExplorerPages | undefined;
  readonly kind: "tx" | "address" | "block";
  readonly id: string;
}

/** Leads to what the server shows of a transaction, address or block, in a page of its own; nothing where it shows none. */
export function ExplorerLink({ pages, kind, id }: ExplorerLinkProps): ReactElement | null {
  if (pages === undefined) return null;
  const label = texts.open[kind](pages.name);
  return (
    <a
      className={`${iconButton.button} ${classes.link}`}
      href={`${pages.url}/${kind}/${id}`}
      target="_blank"
      rel="noreferrer"
      aria-label={label}
      title={label}
    >
      <ExternalIcon />
    </a>
  );
}
