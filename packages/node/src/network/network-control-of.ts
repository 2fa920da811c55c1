import type { NetworkControl } from "../server/network-control.ts";
import { NetworkFault } from "../server/network-control.ts";
import { FolderNetworkControl } from "./folder-control.ts";
import { readNote } from "./running-network.ts";

/** A request waits no longer for nodes that do not agree. */
const AGREEMENT_TIMEOUT_MS = 20_000;

/** What the web server of node `self` can do to the network in `folder`, whose launcher is the node's own. */
export function networkControlOf(folder: string, self: string): NetworkControl {
  const network = () => {
    const note = readNote(folder);
    if (note === undefined) throw new NetworkFault("unavailable", "The network is starting, or it is going.");
    return note;
  };
  return new FolderNetworkControl({ folder, self, network, agreementTimeoutMs: AGREEMENT_TIMEOUT_MS });
}
