import { contactsPart } from "./contacts-part.ts";
import { furtherSearchPart } from "./further-search.ts";
import { networksPart } from "./networks-part.ts";
import type { Session } from "./session.ts";
import { SessionCore } from "./session-core.ts";
import type { SessionDependencies } from "./session-dependencies.ts";
import { sharedPart } from "./shared-part.ts";
import { vaultPart } from "./vault-part.ts";
import { walletsPart } from "./wallets-part.ts";

/** The session of a page, put together of its parts. It looks at the vault at once, and is `starting` until it has. */
export function createSession(deps: SessionDependencies): Session {
  const core = new SessionCore(deps);
  return {
    get state() {
      return core.state;
    },
    subscribe: (listener) => core.subscribe(listener),
    ...vaultPart(core),
    ...networksPart(core),
    ...walletsPart(core),
    ...sharedPart(core),
    ...furtherSearchPart(core),
    ...contactsPart(core),
  };
}
