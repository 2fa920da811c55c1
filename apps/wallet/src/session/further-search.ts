import { phraseDescriptors } from "@bitfleet/wallet/self-custody/account-descriptors.ts";
import type { Session } from "./session.ts";
import type { SessionCore } from "./session-core.ts";
import { prefixesOf } from "./session-dependencies.ts";
import { phraseOf } from "./stored-wallets.ts";
import { networkIn, nextAccount, walletIn, withGapLimit } from "./wallet-book.ts";
import { walletContents } from "./wallet-contents.ts";

/** How a search behind longer gaps begins. The looking itself is done as ever: `follower.ts`, `account-search.ts`; what it comes to is told by `wallet-contents.ts`. */

export function furtherSearchPart(core: SessionCore): Pick<Session, "searchFurther"> {
  return {
    searchFurther: (walletId, gapLimit) =>
      core.inTurn(async () => {
        const opened = core.need();
        const wallet = walletIn(opened.stored, walletId);
        const phrase = await phraseOf(walletId, opened.vault);
        const prefixes = prefixesOf(networkIn(opened.stored, wallet.networkId));
        const descriptors = new Map<string, ReturnType<typeof phraseDescriptors>>();
        for (const { id, index } of opened.stored.accounts.filter((one) => one.walletId === walletId)) {
          if (phrase !== undefined) descriptors.set(id, phraseDescriptors(phrase, index ?? 0, prefixes));
          await core.deps.turns.give();
        }
        // Refused before anything is stopped.
        withGapLimit(opened.stored, walletId, gapLimit, descriptors);
        const before = await walletContents(opened, walletId);
        const shown = opened.active?.keeper.stored;
        const next = shown?.walletId === walletId ? shown : nextAccount(opened.stored, `${walletId}:0`);
        await core.stopActive();
        try {
          await core.change(({ stored }) => withGapLimit(stored, walletId, gapLimit, descriptors));
        } catch (error) {
          if (core.opened === opened) await core.activate(shown?.id);
          throw error;
        }
        opened.furtherSearch = { walletId, gapLimit, before, found: undefined };
        await core.activate(next?.id);
      }),
  };
}
