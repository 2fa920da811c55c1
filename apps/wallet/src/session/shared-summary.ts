import type { RecordValue } from "@bitfleet/vault/vault.ts";
import {
  cosignerText,
  handedOutDescriptor,
  isUsualShared,
  sharedFactsOf,
} from "@bitfleet/wallet/self-custody/shared-wallet.ts";
import type { CosignerSummary, SharedSummary, WalletSummary } from "./records.ts";

/** Wallets that several keys share: who they are is told by the descriptor, what they are called and which are of this device by the wallet's record. */

/** What a wallet's record says of one of its keys. */
export interface StoredCosigner {
  /** `xpub…` */
  readonly key: string;
  readonly name: string;
  /** The wallet of this device that has its phrase. */
  readonly ownerId: string | undefined;
}

interface Wallet {
  readonly id: string;
  readonly kind: WalletSummary["kind"];
  readonly cosigners: readonly StoredCosigner[];
}

interface Book {
  readonly wallets: readonly { readonly id: string; readonly name: string }[];
  readonly accounts: readonly { readonly walletId: string; readonly state: RecordValue }[];
}

/** What is shared of a wallet; `undefined` of one that one key signs for. */
export function sharedSummary(
  { id: walletId, kind, cosigners }: Wallet,
  { wallets, accounts }: Book,
): SharedSummary | undefined {
  if (kind !== "watch") return undefined;
  const account = accounts.find((one) => one.walletId === walletId);
  const texts = descriptorsIn(account?.state);
  const facts = sharedFactsOf(texts);
  const descriptor = handedOutDescriptor(texts);
  return (
    facts && {
      required: facts.required,
      descriptor,
      isUsual: isUsualShared(descriptor, facts),
      cosigners: facts.cosigners.map((one): CosignerSummary => {
        const known = cosigners.find(({ key }) => key === one.key);
        // The wallet with its words may have been removed.
        const owner = wallets.find(({ id }) => id === known?.ownerId);
        return { ...one, text: cosignerText(one), name: known?.name ?? "", owner: owner?.name, ownerId: owner?.id };
      }),
    }
  );
}

/** Of a whole state nothing else is looked at: this is asked for with everything that screens are told. */
function descriptorsIn(state: RecordValue | undefined): readonly string[] {
  const { descriptors } = (state ?? {}) as { readonly descriptors?: readonly { readonly text?: unknown }[] };
  return (descriptors ?? []).map(({ text }) => (typeof text === "string" ? text : ""));
}

/** How many signatures this device can make for a wallet. */
const ownSignatures = ({ cosigners }: SharedSummary): number =>
  cosigners.filter(({ ownerId }) => ownerId !== undefined).length;

/** Whether the phrases of this device suffice. */
export const signsAlone = (shared: SharedSummary | undefined): boolean =>
  shared !== undefined && ownSignatures(shared) >= shared.required;

/** Whether they are some of those that are needed. */
export const signsInPart = (shared: SharedSummary | undefined): boolean =>
  shared !== undefined && ownSignatures(shared) > 0 && !signsAlone(shared);
