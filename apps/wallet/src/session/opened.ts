import type { OpenVault } from "@bitfleet/vault/vault.ts";
import type { ActiveAccount } from "./active-account.ts";
import type { Lane } from "./lane.ts";
import type { FoundFurther, FurtherSearch, NetworkConnection, OpenState } from "./session.ts";
import { type Stored, summariesOf } from "./stored-wallets.ts";

/** What is in memory while the vault is open. */
export interface Opened {
  readonly vault: OpenVault;
  stored: Stored;
  active: ActiveAccount | undefined;
  connection: NetworkConnection;
  /** One after the other: what puts another account on screen, or takes one away. */
  readonly turns: Lane;
  /** Ids of accounts that were found by themselves since it was opened. */
  readonly found: string[];
  /** "<wallet> <key>" of keys that were looked for in a phrase already: what was found stands in the records. */
  readonly strangers: Set<string>;
  /** `before`: what the wallet had when it began. */
  furtherSearch: (FurtherSearch & { readonly before: FoundFurther }) | undefined;
}

/** The same as screens see it. */
export function openStateOf({ stored, active, connection, found, furtherSearch }: Opened): OpenState {
  const { settings, networks, contacts } = stored;
  return {
    kind: "open",
    settings,
    networks,
    wallets: summariesOf(stored),
    contacts,
    account: active?.account,
    connection,
    found: [...found],
    furtherSearch: furtherSearch && withoutBefore(furtherSearch),
  };
}

const withoutBefore = ({ walletId, gapLimit, found, isStopped }: FurtherSearch): FurtherSearch => {
  return { walletId, gapLimit, found, ...(isStopped && { isStopped }) };
};
