import { COSIGNERS_MAX, COSIGNERS_MIN } from "@bitfleet/wallet/self-custody/shared-wallet.ts";

/** What is entered of a wallet that several are to share; in the page's memory alone, and no secret. */

/** One of its keys. */
export interface SlotDraft {
  readonly id: number;
  /** The wallet of this device whose words it comes from; `undefined` for somebody else's. */
  readonly walletId: string | undefined;
  /** Of those words, as it was entered. */
  readonly account: string;
  /** What was derived of them. */
  readonly ownText: string | undefined;
  /** What somebody else has given. */
  readonly text: string;
  readonly name: string;
}

export interface ShareDraft {
  readonly required: number;
  readonly slots: readonly SlotDraft[];
}

const COUNT_FIRST = 3;
const REQUIRED_FIRST = 2;

const blank = (id: number, own?: OwnSource): SlotDraft => {
  const account = String(own?.account ?? 0);
  return { id, walletId: own?.walletId, account, ownText: undefined, text: "", name: "" };
};

/** Words of this device, and the number of the account that is offered first. */
export interface OwnSource {
  readonly walletId: string;
  readonly account: number;
}

/** Two of three, the first of them of a phrase that is here. */
export function newShareDraft(own: OwnSource | undefined): ShareDraft {
  const slots = Array.from({ length: COUNT_FIRST }, (_, id) => blank(id, id === 0 ? own : undefined));
  return { required: REQUIRED_FIRST, slots };
}

/** With so many keys; those that are taken away are the last. */
export function withCount(draft: ShareDraft, count: number): ShareDraft {
  const wanted = Math.min(COSIGNERS_MAX, Math.max(COSIGNERS_MIN, count));
  const slots = Array.from({ length: wanted }, (_, id) => draft.slots[id] ?? blank(id));
  return { required: Math.min(draft.required, wanted), slots };
}

export function withSlot(draft: ShareDraft, id: number, change: Partial<SlotDraft>): ShareDraft {
  return { ...draft, slots: draft.slots.map((slot) => (slot.id === id ? { ...slot, ...change } : slot)) };
}

/** Without keys of other wallets' words than those. */
export function withOwners(draft: ShareDraft, walletIds: readonly string[]): ShareDraft {
  const isThere = ({ walletId }: SlotDraft) => walletId === undefined || walletIds.includes(walletId);
  const slots = draft.slots.map((slot) =>
    isThere(slot) ? slot : { ...slot, walletId: undefined, ownText: undefined },
  );
  return { ...draft, slots };
}

/** The key of a slot as it stands; "" while there is none. */
export const textOfSlot = ({ walletId, ownText, text }: SlotDraft): string =>
  walletId === undefined ? text.trim() : (ownText ?? "");

/** What the session makes a wallet of. */
export const cosignersOf = ({ slots }: ShareDraft) =>
  slots.map((slot) => ({ text: textOfSlot(slot), name: slot.name.trim() }));
