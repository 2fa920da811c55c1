import { GAP_LIMIT, phraseDescriptors } from "@bitfleet/wallet/self-custody/account-descriptors.ts";
import { withGapLimit, withLowerGapLimit, withSearched } from "./search-book.ts";
import type { Session } from "./session.ts";
import type { SessionCore } from "./session-core.ts";
import { prefixesOf } from "./session-dependencies.ts";
import { phraseOf } from "./stored-wallets.ts";
import { type BookChange, networkIn, nextAccount, walletIn } from "./wallet-book.ts";
import { noteSearched, walletContents } from "./wallet-contents.ts";

/** How a search behind longer gaps begins and is stopped. The looking itself is done as ever: `follower.ts`, `account-search.ts`; what it comes to is told by `wallet-contents.ts`. */

type SearchPart = Pick<Session, "searchFurther" | "stopSearch" | "lowerGapLimit">;

export function furtherSearchPart(core: SessionCore): SearchPart {
  /** Changes a wallet while none of its accounts is followed. `id`: of the account that is on screen then. */
  const changeUnfollowed = async (id: string | undefined, decide: Parameters<typeof core.change>[0]) => {
    const opened = core.need();
    const shown = opened.active?.keeper.stored.id;
    await core.stopActive();
    try {
      await core.change(decide);
    } catch (error) {
      if (core.opened === opened) await core.activate(shown);
      throw error;
    }
    return () => core.activate(id ?? shown);
  };

  /** Ends what is looked for, takes in what was found, and has the wallet look less far. */
  const lower = (walletId: string, decide: () => BookChange, onLowered: () => Promise<void> = async () => {}) =>
    core.whileSearchEnded(async () => {
      // Refused before anything is stopped.
      decide();
      const { active } = core.need();
      if (active?.keeper.stored.walletId === walletId) await active.endSearch();
      await core.inTurn(async () => {
        const show = await changeUnfollowed(undefined, decide);
        await onLowered();
        await show();
      });
    });

  return {
    searchFurther: (walletId, gapLimit, { takesRemoved = false } = {}) =>
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
        const before = await walletContents(opened, walletId);
        const wish = { gapLimit, before, takesRemoved };
        // Refused before anything is stopped.
        withGapLimit(opened.stored, walletId, wish, descriptors);
        const shown = opened.active?.keeper.stored;
        const next = shown?.walletId === walletId ? shown : nextAccount(opened.stored, `${walletId}:0`);
        const show = await changeUnfollowed(next?.id, ({ stored }) =>
          withGapLimit(stored, walletId, wish, descriptors),
        );
        opened.furtherSearch = { walletId, gapLimit, before, found: undefined };
        await show();
      }),

    stopSearch: (walletId) => {
      const decide = () => {
        const { stored } = core.need();
        const { gapLimit, search } = walletIn(stored, walletId);
        const lowest = search?.gapLimitBefore ?? GAP_LIMIT;
        const lowered = lowest < gapLimit ? withLowerGapLimit(stored, walletId, lowest) : { stored, changes: [] };
        const searched = withSearched(lowered.stored, walletId);
        return { stored: searched.stored, changes: [...lowered.changes, ...searched.changes] };
      };
      return lower(walletId, decide, () => noteSearched(core, walletId, true));
    },

    lowerGapLimit: (walletId, gapLimit) =>
      lower(walletId, () => withLowerGapLimit(core.need().stored, walletId, gapLimit)),
  };
}
