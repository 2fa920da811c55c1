import { NETWORK_NAMES, networkByName } from "@bitfleet/protocol/consensus/networks.ts";
import { decodeAddress, encodeAddress } from "@bitfleet/protocol/script/address.ts";
import type { ScriptSource } from "@bitfleet/wallet/keychain/script-source.ts";
import { scriptKey } from "@bitfleet/wallet/ledger/change-set.ts";
import { receivedByScript } from "@bitfleet/wallet/ledger/received.ts";
import { isTrusted, spentLookup, type Trusted } from "@bitfleet/wallet/ledger/trust.ts";
import { blocksToMaturity, type DescriptorId } from "@bitfleet/wallet/ledger/wallet-coin.ts";
import { isPending, isSentByWallet } from "@bitfleet/wallet/ledger/wallet-transaction.ts";
import { GAP_LIMIT } from "@bitfleet/wallet/self-custody/account-descriptors.ts";
import type { CustodyAccount } from "@bitfleet/wallet/self-custody/custody-account.ts";
import { holdsPrivateKey } from "@bitfleet/wallet/self-custody/watched-text.ts";
import type { AddressView, CoinView } from "./account.ts";
import { standingOf } from "./account-history.ts";
import type { AccountKeeper } from "./account-keeper.ts";
import type { AddressChoice } from "./records.ts";
import { outPointText } from "./stored.ts";

/** An account's addresses and coins as screens show them. */

/** Addresses of one kind that may be shown in a row without being paid to: one more would not be found again from the phrase alone. */
const UNUSED_MAX = GAP_LIMIT;

/** Every address that was given out, the newest first. */
export function addressViews(keeper: AccountKeeper): readonly AddressView[] {
  const received = receivedOf(keeper.custody);
  return givingSources(keeper.custody).flatMap((source) => {
    const last = lastShown(source, keeper);
    return Array.from({ length: last + 1 }, (_, place) => addressView(source, last - place, keeper, received));
  });
}

/** Every address that change may have gone to, and of each kind that change goes to now the next one; the newest first. Nobody is given them. */
export function changeViews(keeper: AccountKeeper): readonly AddressView[] {
  const { custody } = keeper;
  const received = receivedOf(custody);
  const giving = givingSources(custody);
  const sources = [...custody.keychain.sources].filter((one) => isInternal(one.record) && !giving.includes(one));
  return sources.flatMap((source) => {
    const { isRanged, record, progress } = source;
    const last = !isRanged ? 0 : record.activeFor === undefined ? progress.nextIndex - 1 : progress.nextIndex;
    return Array.from({ length: last + 1 }, (_, place) => addressView(source, last - place, keeper, received));
  });
}

/** The first one that nobody paid to and that has no label. */
export function freshAddress(keeper: AccountKeeper, type: AddressChoice): AddressView {
  const source = sourceFor(keeper.custody, type);
  return addressView(source, freshIndex(source, keeper), keeper, receivedOf(keeper.custody));
}

/** Shows another one, or says why there is none, in a sentence. */
export function showNext(keeper: AccountKeeper, type: AddressChoice): AddressView | { readonly error: string } {
  const { custody } = keeper;
  const source = sourceFor(custody, type);
  if (!source.isRanged) return { error: "This wallet watches one address: there is no other." };
  const next = freshIndex(source, keeper) + 1;
  if (next >= source.progress.nextIndex + UNUSED_MAX)
    return {
      error: `${UNUSED_MAX} addresses in a row were given out and not paid to. Wait for a payment to one of them: a wallet that is restored from its phrase looks no further.`,
    };
  custody.show(source.record.id, next);
  return addressView(source, next, keeper, receivedOf(custody));
}

/** From which payments are received: those that are not for change, or, where there is but one kind of descriptor, all. */
function givingSources({ keychain }: CustodyAccount): readonly ScriptSource[] {
  const all = [...keychain.sources];
  const giving = all.filter(({ record }) => record.activeFor?.isInternal === false);
  const used = all.filter((source) => !giving.includes(source) && isOldExternal(source));
  return giving.length > 0 ? [...giving, ...used] : all.filter(({ record }) => record.activeFor === undefined);
}

/** Of an older kind, to receive by, and used. */
function isOldExternal({ record, progress }: ScriptSource): boolean {
  return record.activeFor === undefined && !isInternal(record) && progress.nextIndex > 0;
}

const isInternal = (record: object): boolean => (record as { readonly isInternal?: boolean }).isInternal === true;

function sourceFor(custody: CustodyAccount, type: AddressChoice): ScriptSource {
  const wanted = custody.keychain.activeSource({ addressType: type, isInternal: false });
  const source = wanted ?? givingSources(custody)[0] ?? [...custody.keychain.sources][0];
  if (source === undefined) throw new Error("an account without descriptors");
  return source;
}

function freshIndex(source: ScriptSource, keeper: AccountKeeper): number {
  if (!source.isRanged) return 0;
  const { id } = source.record;
  const { custody, addressLabels } = keeper;
  let index = custody.shownIndex(id);
  // One with a label was given to somebody.
  const end = source.progress.nextIndex + UNUSED_MAX;
  while (index + 1 < end && addressLabels.has(addressAt(custody, id, index) ?? "")) index++;
  return index;
}

function lastShown(source: ScriptSource, keeper: AccountKeeper): number {
  if (!source.isRanged) return 0;
  return source.record.activeFor === undefined ? source.progress.nextIndex - 1 : freshIndex(source, keeper);
}

function addressAt(custody: CustodyAccount, id: DescriptorId, index: number): string | undefined {
  const script = custody.scriptAt(id, index);
  return script && encodeAddress(script, custody.context.prefixes);
}

type Received = ReturnType<typeof receivedOf>;

const receivedOf = ({ ledger, tipHeight }: CustodyAccount) =>
  receivedByScript(ledger, { tipHeight, minDepth: 0, includesImmature: true });

function addressView(source: ScriptSource, index: number, keeper: AccountKeeper, received: Received): AddressView {
  const script = keeper.custody.scriptAt(source.record.id, index);
  const address = (script && encodeAddress(script, keeper.custody.context.prefixes)) ?? "";
  const got = script && received.get(scriptKey(script));
  return {
    address,
    type: source.addressType ?? "legacy",
    index,
    label: keeper.addressLabels.get(address) ?? "",
    isUsed: got !== undefined,
    received: got?.amount ?? 0n,
  };
}

/** All coins that nobody spends, and that are there: what was dropped or replaced made none, and no payment can have them. */
export function coinViews(keeper: AccountKeeper): readonly CoinView[] {
  const { custody, addressLabels, transactionLabels } = keeper;
  const { ledger, query, context } = custody;
  const spentBy = spentLookup(ledger);
  const trusted: Trusted = new Set();
  const views: (CoinView & { readonly time: number })[] = [];
  for (const coin of ledger.unspentCoins()) {
    const record = ledger.transaction(coin.outPoint.txid)!;
    const isThere = coin.height !== undefined || (record.state.kind !== "conflicted" && isPending(record));
    if (!isThere || standingOf(record) === "dropped" || spentBy(coin) !== undefined) continue;
    const confirmations = coin.height === undefined ? 0 : query.tipHeight - coin.height + 1;
    const obstacle = custody.isDoubted(coin.outPoint.txid)
      ? "its block is not believed"
      : blocksToMaturity(coin, confirmations) > 0
        ? "immature"
        : coin.height !== undefined || isTrusted(ledger, record, query, trusted)
          ? undefined
          : record.state.kind === "in-mempool"
            ? "unconfirmed from others"
            : isSentByWallet(record)
              ? "not sent yet"
              : "in no block now";
    const address = encodeAddress(coin.script, context.prefixes);
    const outPoint = outPointText(coin.outPoint);
    views.push({
      outPoint,
      address,
      value: coin.value,
      label: (address && addressLabels.get(address)) || (transactionLabels.get(outPoint.slice(0, 64)) ?? ""),
      confirmations,
      isFrozen: ledger.isLocked(coin.outPoint),
      obstacle,
      time: coin.time,
    });
  }
  views.sort((a, b) => a.confirmations - b.confirmations || b.time - a.time);
  return views.map(({ time: _, ...view }) => view);
}

/** What people are given to pay to that is no address: BIP352, BOLT11, BOLT12, LNURL. */
const OTHER_WAYS: readonly (readonly [beginning: RegExp, what: string])[] = [
  [/^t?sp1[02-9ac-hj-np-z]{20}/i, "an address for silent payments"],
  [/^ln(bc|tb|tbs|bcrt)\d*[munp]?1[02-9ac-hj-np-z]{20}/i, "a Lightning invoice"],
  [/^(lno1|lnurl1)[02-9ac-hj-np-z]{20}/i, "for Lightning"],
];

/** Why an address cannot be paid on the account's network, in a sentence. */
export function addressProblem(address: string, { context }: CustodyAccount, chain: string): string | undefined {
  const text = address.trim();
  if (text === "") return "Enter an address.";
  const decoded = decodeAddress(text, context.prefixes);
  if (!("error" in decoded)) return undefined;
  if (holdsPrivateKey(text))
    return "This is a private key, which nobody should see: an address is wanted here. What the key has can be swept into this wallet: Receive, Sweep a key.";
  const otherWay = OTHER_WAYS.find(([pattern]) => pattern.test(text))?.[1];
  if (otherWay !== undefined) return `This is ${otherWay}, which this wallet cannot pay: ask for a plain address.`;
  const other = NETWORK_NAMES.find((name) => !("error" in decodeAddress(text, networkByName(name)!.addressPrefixes)));
  if (other !== undefined)
    return `This is an address of ${networkTitle(other)}, and this wallet is on ${networkTitle(chain)}.`;
  return `This is no address of ${networkTitle(chain)}: check that all of it is there and nothing else.`;
}

const TITLES: Readonly<Record<string, string>> = { main: "the main network", test: "testnet3" };

export const networkTitle = (chain: string): string => TITLES[chain] ?? chain;
