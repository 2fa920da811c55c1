import { amountNumber } from "@bitfleet/api/amount.ts";
import { tryFromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { DecodeError, Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import type { Coin } from "@bitfleet/protocol/consensus/chain-view.ts";
import { type OutPoint, type Transaction, writeTxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash, HASH_SIZE, parseDisplayHash, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { ScriptContext } from "@bitfleet/wallet/descriptors/infer-descriptor.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import { StorageError } from "../../storage/storage-error.ts";
import { outputScriptJson, transactionJson } from "../transaction-json.ts";
import { knownEntry } from "./core-rest-blocks.ts";
import {
  ALL_FORMATS,
  answerIn,
  badRequest,
  formatNotFound,
  hashIn,
  notFound,
  type RestFormat,
  splitFormat,
  unsignedIn,
} from "./core-rest-request.ts";
import type { CoreRestDependencies, RestCall, RestPrefix } from "./core-rest-routes.ts";

/** Outputs that one call may ask for. */
const OUT_POINTS_MAX = 15;
const OUT_POINT_SIZE = HASH_SIZE + 4;
/** Height that a coin of the mempool is given. */
const MEMPOOL_HEIGHT = 0x7fffffff;
/** Where BIP64's answers have the version of a coin's transaction, which nobody keeps any more. */
const COIN_VERSION = 0;

/** Transactions, unspent outputs (BIP64), and what blocks spent. */
export function restCoinRoutes(deps: CoreRestDependencies) {
  const { chain } = deps;
  const scripts: ScriptContext = { prefixes: chain.network.addressPrefixes, secp256k1: deps.secp256k1 };
  const coinJson = ({ output }: Pick<Coin, "output">) => ({
    value: amountNumber(output.value),
    scriptPubKey: outputScriptJson(output.scriptPubKey, scripts),
  });

  return {
    "/rest/tx/": async ({ rest }) => {
      const { path, format } = splitFormat(rest);
      const found = await findTransaction(deps, hashIn<Txid>(path));
      if (found === undefined) throw notFound(`${path} not found`);
      const { tx, entry } = found;
      return answerIn(format, {
        bytes: () => tx.bytes,
        json: () => {
          const { hex, ...members } = transactionJson(tx, scripts, { showHex: true });
          return { ...members, blockhash: entry && displayHash(entry.hash), hex };
        },
      });
    },

    "/rest/spenttxouts/": async ({ rest }) => {
      const { path, format } = splitFormat(rest);
      if (path.includes("/")) throw badRequest("Invalid URI format. Expected /rest/spenttxouts/<hash>.<ext>");
      // The coinbase spends none.
      const spent = [[], ...(await spentBy(deps, knownEntry(deps, path), path))];
      return answerIn(format, {
        bytes: () => encodeSpent(spent),
        json: () => spent.map((coins) => coins.map(coinJson)),
      });
    },

    "/rest/getutxos": async ({ rest, body }) => {
      const { path, format } = splitFormat(rest);
      const question = questionIn(path, body, format);
      const { tip, coins } = await coinsAt(deps, question);
      const found = coins.filter((coin) => coin !== undefined);
      return answerIn(format, {
        bytes: () => encodeCoins(tip, coins),
        json: () => ({
          chainHeight: tip.height,
          chaintipHash: displayHash(tip.hash),
          bitmap: coins.map((coin) => (coin === undefined ? "0" : "1")).join(""),
          utxos: found.map((coin) => ({ height: coin.height, ...coinJson(coin) })),
        }),
      });
    },
  } satisfies Partial<Record<RestPrefix, RestCall>>;
}

async function findTransaction(
  { chain, mempool, indexes }: CoreRestDependencies,
  txid: Txid,
): Promise<{ readonly tx: Transaction; readonly entry: BlockIndexEntry | undefined } | undefined> {
  await indexes.transactions?.waitUntilCurrent();
  const unconfirmed = mempool.get(txid)?.tx;
  if (unconfirmed !== undefined) return { tx: unconfirmed, entry: undefined };
  const found = await indexes.transactions?.find(txid);
  return found && { tx: found.tx, entry: chain.find(found.blockHash) };
}

/** Of each transaction but the coinbase, the coins it spent. Genesis has no other. */
async function spentBy(
  { chain }: CoreRestDependencies,
  entry: BlockIndexEntry,
  hash: string,
): Promise<readonly (readonly Coin[])[]> {
  if (entry.height === 0) return [];
  try {
    if (entry.hasUndo) return (await chain.readUndo(entry)).transactions;
  } catch (error) {
    if (!(error instanceof StorageError || error instanceof DecodeError)) throw error;
  }
  throw notFound(`${hash} undo not available`);
}

function encodeSpent(spent: readonly (readonly Coin[])[]): Uint8Array {
  const writer = new Writer().compactSize(spent.length);
  for (const coins of spent) {
    writer.compactSize(coins.length);
    for (const { output } of coins) writeTxOutput(writer, output);
  }
  return writer.finish();
}

interface Question {
  readonly withMempool: boolean;
  readonly outPoints: readonly OutPoint[];
}

/** What is asked for: in the path, or in the body in the answer's own form. Throws `RestError`. */
function questionIn(path: string, body: Uint8Array, format: RestFormat | undefined): Question {
  const parts = path.length > 1 ? path.slice(1).split("/") : [];
  if (body.length === 0 && parts.length === 0) throw badRequest("Error: empty request");
  const inPath = parts.length > 0 ? questionOfPath(parts) : undefined;
  if (format === undefined) throw formatNotFound(ALL_FORMATS);
  const question = inPath ?? (format === "json" ? undefined : NOTHING_ASKED);
  if (question === undefined) throw badRequest("Error: empty request");
  const bytes = format === "hex" ? hexBody(body) : body;
  const inBody = format === "json" || bytes.length === 0 ? undefined : bytes;
  if (inBody !== undefined && inPath !== undefined) {
    throw badRequest("Combination of URI scheme inputs and raw post data is not allowed");
  }
  const asked = inBody === undefined ? question : questionOfBytes(inBody);
  const { length } = asked.outPoints;
  if (length > OUT_POINTS_MAX) {
    throw badRequest(`Error: max outpoints exceeded (max: ${OUT_POINTS_MAX}, tried: ${length})`);
  }
  return asked;
}

const NOTHING_ASKED: Question = { withMempool: false, outPoints: [] };

/** `[checkmempool/]<txid>-<n>/<txid>-<n>/…` */
function questionOfPath(parts: readonly string[]): Question {
  const withMempool = parts[0] === "checkmempool";
  const outPoints = parts.slice(withMempool ? 1 : 0).map((part): OutPoint => {
    const [txidText = "", indexText = "", ...more] = part.split("-");
    const txid = parseDisplayHash<Txid>(txidText);
    const index = unsignedIn(indexText, 32);
    if (more.length > 0 || txid === undefined || index === undefined) throw badRequest("Parse error");
    return { txid, index: Number(index) };
  });
  if (outPoints.length === 0) throw badRequest("Error: empty request");
  return { withMempool, outPoints };
}

/** A byte that says whether the mempool counts, and a list of outpoints. */
function questionOfBytes(bytes: Uint8Array): Question {
  try {
    const reader = new Reader(bytes);
    const withMempool = reader.uint8() !== 0;
    const count = reader.count(OUT_POINT_SIZE);
    const outPoints = Array.from({ length: count }, (): OutPoint => {
      return { txid: reader.bytes(HASH_SIZE) as Txid, index: reader.uint32() };
    });
    return { withMempool, outPoints };
  } catch (error) {
    if (error instanceof DecodeError) throw badRequest("Parse error");
    throw error;
  }
}

/** The bytes of a body in hex, white space left out; none where it is no hex. */
const hexBody = (body: Uint8Array) =>
  tryFromHex(Buffer.from(body).toString("latin1").replace(/\s+/g, "")) ?? new Uint8Array();

interface CoinsAtTip {
  readonly tip: BlockIndexEntry;
  /** In the order of the question. */
  readonly coins: readonly (Coin | undefined)[];
}

function coinsAt({ chain, mempool }: CoreRestDependencies, { withMempool, outPoints }: Question): Promise<CoinsAtTip> {
  const coinOf = async (outPoint: OutPoint): Promise<Coin | undefined> => {
    if (!withMempool) return chain.coins.get(outPoint);
    if (mempool.spender(outPoint) !== undefined) return undefined;
    const unconfirmed = mempool.get(outPoint.txid)?.tx;
    if (unconfirmed === undefined) return chain.coins.get(outPoint);
    const output = unconfirmed.outputs[outPoint.index];
    return output && { output, height: MEMPOOL_HEIGHT, isCoinbase: false };
  };
  // One state for all of them.
  return chain.atTip(async () => ({ coins: await Promise.all(outPoints.map(coinOf)), tip: chain.tip }));
}

/** Height, tip, a bit for each output that was asked for, the coins (BIP64). */
function encodeCoins(tip: BlockIndexEntry, coins: readonly (Coin | undefined)[]): Uint8Array {
  const bitmap = new Uint8Array(Math.ceil(coins.length / 8));
  for (const [index, coin] of coins.entries()) if (coin !== undefined) bitmap[index >> 3]! |= 1 << (index & 7);
  const found = coins.filter((coin) => coin !== undefined);
  const writer = new Writer().int32(tip.height).bytes(tip.hash).compactBytes(bitmap).compactSize(found.length);
  for (const { height, output } of found) {
    writer.uint32(COIN_VERSION).uint32(height);
    writeTxOutput(writer, output);
  }
  return writer.finish();
}
