import { readCosigner, readCosigners } from "@bitfleet/wallet/self-custody/cosigner-key.ts";
import {
  COSIGNERS_MAX,
  COSIGNERS_MIN,
  type Cosigner,
  cosignerText,
  phraseCosigner,
  sharedDescriptor,
} from "@bitfleet/wallet/self-custody/shared-wallet.ts";
import { watchedFacts, watchWallet } from "./new-wallet.ts";
import type { NewSharedWallet, Session, SharedFacts } from "./session.ts";
import type { SessionCore } from "./session-core.ts";
import { prefixesOf } from "./session-dependencies.ts";
import { sharedSummary } from "./shared-summary.ts";
import { phraseOf } from "./stored-wallets.ts";
import { ACCOUNTS_MAX, networkIn, walletIn, withCosigners, withWallet } from "./wallet-book.ts";

const NAME_LENGTH_MAX = 60;

type SharedPart = Pick<Session, "ownCosigner" | "readCosigner" | "readShared" | "addSharedWallet" | "nameCosigner">;

/** The part of a session that makes wallets which several keys share. */
export function sharedPart(core: SessionCore): SharedPart {
  const { deps } = core;
  const networkOf = (id: string) => networkIn(core.need().stored, id);

  /** What is made of keys, or why nothing is. */
  const made = ({ networkId, required, cosigners }: Wanted): Made | { readonly error: string } => {
    const prefixes = prefixesOf(networkOf(networkId));
    if (cosigners.length < COSIGNERS_MIN || cosigners.length > COSIGNERS_MAX)
      return { error: `A wallet is shared by ${COSIGNERS_MIN} to ${COSIGNERS_MAX} keys.` };
    if (!Number.isSafeInteger(required) || required < 1 || required > cosigners.length)
      return { error: `Of ${cosigners.length} keys 1 to ${cosigners.length} can be asked to sign.` };
    const keys: Cosigner[] = [];
    for (const [index, { text }] of cosigners.entries()) {
      const read = readCosigner(text, prefixes);
      if ("error" in read) return { error: `Key ${index + 1}: ${read.error}` };
      keys.push(read.cosigner);
    }
    const together = readCosigners(keys);
    if ("error" in together) return together;
    return { keys, descriptor: sharedDescriptor(required, keys), warnings: together.warnings };
  };

  return {
    async ownCosigner(walletId, account) {
      const { vault, stored } = core.need();
      if (!Number.isSafeInteger(account) || account < 0 || account >= ACCOUNTS_MAX)
        throw new Error(`The number of an account is one from 0 to ${ACCOUNTS_MAX - 1}.`);
      const { networkId } = walletIn(stored, walletId);
      const phrase = await phraseOf(walletId, vault);
      if (phrase === undefined) throw new Error("This wallet only watches: it has no key to hand out.");
      return cosignerText(phraseCosigner(phrase, account, prefixesOf(networkOf(networkId))));
    },

    readCosigner(text, networkId) {
      const read = readCosigner(text, prefixesOf(networkOf(networkId)));
      if ("error" in read) return { error: read.error, isSecret: read.isSecret === true };
      return { ...read.cosigner, text: cosignerText(read.cosigner), warnings: read.warnings };
    },

    readShared(wanted) {
      const found = made(wanted);
      if ("error" in found) return found;
      const { descriptor, warnings } = found;
      const read = watchedFacts(descriptor, networkOf(wanted.networkId), deps);
      if ("error" in read) return read;
      return { descriptor, firstAddress: read.firstAddress ?? "", warnings } satisfies SharedFacts;
    },

    async addSharedWallet(wallet: NewSharedWallet) {
      const found = made(wallet);
      if ("error" in found) throw new Error(found.error);
      const { name, networkId, gapLimit } = wallet;
      const text = found.descriptor;
      const added = watchWallet({ name, networkId, text, gapLimit }, networkOf(networkId), core.newId(), deps);
      const names = found.keys.map(({ key }, index) => ({
        key,
        name: shortened(wallet.cosigners[index]!.name),
        ownerId: undefined,
      }));
      await core.inTurn(async () => {
        const { account } = await core.change(({ stored }) => withWallet(stored, { ...added, cosigners: names }));
        await core.activate(account.id);
      });
    },

    async nameCosigner(walletId, key, name) {
      await core.change(({ stored }) => {
        const shared = sharedSummary(walletIn(stored, walletId), stored);
        if (!shared?.cosigners.some((one) => one.key === key)) throw new Error("There is no such key.");
        const named = shared.cosigners.map((one) => ({
          key: one.key,
          name: one.key === key ? shortened(name) : one.name,
          ownerId: one.ownerId,
        }));
        return withCosigners(stored, walletId, named);
      });
      core.refreshActive();
    },
  };
}

const shortened = (name: string) => name.trim().slice(0, NAME_LENGTH_MAX);

type Wanted = Pick<NewSharedWallet, "networkId" | "required" | "cosigners">;

interface Made {
  readonly keys: readonly Cosigner[];
  readonly descriptor: string;
  readonly warnings: readonly string[];
}
