import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { decodeAddress, encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { coinViews } from "./account-addresses.ts";
import { type AccountKeeper, txidOf } from "./account-keeper.ts";
import { type LabelLine, labelsFile, readLabels } from "./label-lines.ts";
import { parseOutPoint } from "./stored.ts";

/** An account's labels for other wallets, and theirs for it. */

/** All labels of transactions and addresses, and which coins are frozen. */
export function accountLabels(keeper: AccountKeeper): string {
  const { transactionLabels, addressLabels } = keeper;
  const labels = (kind: "tx" | "addr", of: ReadonlyMap<string, string>): readonly LabelLine[] =>
    [...of].map(([ref, label]) => ({ kind, ref, label, isSpendable: undefined }));
  const frozen = coinViews(keeper)
    .filter(({ isFrozen }) => isFrozen)
    .map(({ outPoint }): LabelLine => ({ kind: "output", ref: outPoint, label: undefined, isSpendable: false }));
  return labelsFile([...labels("tx", transactionLabels), ...labels("addr", addressLabels), ...frozen]);
}

/** How many lines were of the account, and how many of others. */
export interface TakenLabels {
  readonly taken: number;
  readonly passedOver: number;
}

/** Takes what is of the account; the rest is passed over. Throws `Error` with a sentence where the file is none. */
export async function takeAccountLabels(text: string, keeper: AccountKeeper): Promise<TakenLabels> {
  const lines = readLabels(text);
  const { custody } = keeper;
  const labels = lines.flatMap(({ kind, ref, label }) => {
    if (label === undefined || kind === "output") return [];
    const name = kind === "tx" ? ownTxid(ref, keeper) : ownAddress(ref, keeper);
    return name === undefined ? [] : [{ kind: kind === "tx" ? "transaction" : "address", name, label } as const];
  });
  const coins = lines.flatMap(({ kind, ref, isSpendable }) => {
    const outPoint = kind === "output" && isSpendable !== undefined ? parseOutPoint(ref) : undefined;
    const isOwn = outPoint !== undefined && custody.ledger.coin(outPoint) !== undefined;
    return isOwn ? [{ outPoint, isFrozen: isSpendable === false }] : [];
  });
  await keeper.takeLabels(labels);
  for (const { outPoint, isFrozen } of coins) custody.freeze(outPoint, isFrozen);
  await keeper.write();
  const taken = labels.length + coins.length;
  return { taken, passedOver: lines.length - taken };
}

function ownTxid(text: string, { custody }: AccountKeeper): string | undefined {
  const txid = txidOf(text);
  return txid !== undefined && custody.ledger.transaction(txid) !== undefined ? displayHash(txid) : undefined;
}

function ownAddress(text: string, { custody }: AccountKeeper): string | undefined {
  const { context, keychain } = custody;
  const decoded = decodeAddress(text, context.prefixes);
  if ("error" in decoded || keychain.ownerOf(decoded.script) === undefined) return undefined;
  return encodeAddress(decoded.script, context.prefixes);
}
