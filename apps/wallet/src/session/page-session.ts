import { nobleSecp256k1 } from "@bitfleet/protocol/crypto/noble-secp256k1.ts";
import { createDesktopClient } from "@bitfleet/ui/desktop/desktop-client.ts";
import { desktopFetch, desktopSession } from "@bitfleet/ui/desktop/desktop-session.ts";
import { BrowserVault } from "@bitfleet/vault/browser-vault.ts";
import { claimByLock, lastPageVault } from "@bitfleet/vault/last-page-vault.ts";
import { VaultClient } from "@bitfleet/vault/vault-client.ts";
import { desktopNetwork } from "../network/desktop-network.ts";
import { createSession } from "./create-session.ts";
import { PageTurns } from "./page-turns.ts";
import type { Session } from "./session.ts";

/** The session of this page: with the browser's own vault and network, or in the desktop's window with those of the local process. */
export function pageSession(): Session {
  const common = {
    secp256k1: nobleSecp256k1,
    nowMs: () => Date.now(),
    random: Math.random,
    randomBytes: (size: number) => crypto.getRandomValues(new Uint8Array(size)),
    turns: new PageTurns(),
  };
  if (desktopSession() === undefined) {
    return createSession({
      ...common,
      vault: new BrowserVault(),
      fetch: (input, init) => fetch(input, init),
      WebSocket: undefined,
      leadTo: async () => {},
    });
  }
  const { fetch: send, use } = desktopNetwork(createDesktopClient(), desktopFetch);
  // In the default browser each call of the program opens a page, and a page can be opened twice.
  const vault = lastPageVault(new VaultClient({}, { fetch: desktopFetch }), {
    claim: claimByLock("bitfleet-wallet-page"),
    onLost: () => session.lock(),
  });
  const session = createSession({
    ...common,
    vault,
    fetch: send,
    // A WebSocket cannot carry the header by which the local process knows its window.
    WebSocket: null,
    leadTo: use,
  });
  return session;
}
