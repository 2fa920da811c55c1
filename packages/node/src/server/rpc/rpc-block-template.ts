import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import type { JsonValue, RpcValue } from "@bitfleet/api/json.ts";
import { notOfType } from "@bitfleet/api/rpc/rpc-params.ts";
import { equalBytes, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { MAX_BLOCK_WEIGHT } from "@bitfleet/protocol/consensus/limits.ts";
import { MAX_BLOCK_SIGOPS_COST } from "@bitfleet/protocol/consensus/sigops.ts";
import { versionBitsState } from "@bitfleet/protocol/consensus/version-bits.ts";
import { witnessCommitmentIndex } from "@bitfleet/protocol/consensus/witness-commitment.ts";
import { readBlock } from "@bitfleet/protocol/primitives/block.ts";
import { WITNESS_SCALE_FACTOR } from "@bitfleet/protocol/primitives/transaction.ts";
import { type BlockHash, displayHash, hashKey } from "@bitfleet/protocol/primitives/types.ts";
import { BlockStatus } from "../../chain/block-index-codec.ts";
import type { BlockTemplate } from "../../mining/block-template.ts";
import { type KeptTemplate, TemplateCache } from "../../mining/template-cache.ts";
import { bitsText, parseHashParam, targetText } from "../chain-json.ts";
import { hexOf } from "../hex.ts";
import { decodeHex } from "./decode-hex.ts";
import type { RpcDependencies, RpcHandlers } from "./rpc-dependencies.ts";
import { tipWhen } from "./rpc-waiting.ts";
import { writeInTurns } from "./write-in-turns.ts";

/** Bytes of a block at most, when all of them are witness. */
const MAX_BLOCK_SIZE = 4_000_000;
const HASH_HEX_SIZE = 64;
/** When a long poll looks at the mempool, which changes all the time: a new template now and then is enough. */
const FIRST_LOOK_MS = 60_000;
const NEXT_LOOK_MS = 10_000;
/** Anybody can spend it: only the commitment of the block that it is in is looked at. */
const PLACEHOLDER_SCRIPT = Uint8Array.of(0x51);

type Dependencies = Pick<RpcDependencies, "chain" | "clock" | "generator" | "mempool" | "p2p">;

/** BIP22, 23 and 145: templates for miners, and the test of what they propose. */
export function blockTemplateHandlers(deps: Dependencies) {
  const templates = new TemplateCache(deps);

  return {
    getblocktemplate: async ({ template_request: request }, { signal }) => {
      const mode = request.get("mode") ?? "template";
      if (mode === "proposal") return proposalResult(deps, request.get("data"));
      const known = rulesOf(request.get("rules"));
      if (mode !== "template") throw invalidMode();
      requireNetwork(deps);
      const longPollId = request.get("longpollid");
      if (longPollId !== undefined && longPollId !== null)
        await changed(deps, longPollId, templates.changeCount, signal);
      requireRule(known, deps.chain.network.params.signetChallenge !== undefined, "signet", '["segwit", "signet"]');
      requireRule(known, true, "segwit", '["segwit"]');
      return templateJson(deps, await templates.current());
    },
  } satisfies Partial<RpcHandlers>;
}

/** The rules that the client knows. */
function rulesOf(value: JsonValue | undefined): ReadonlySet<string> {
  const rules = new Set<string>();
  for (const rule of Array.isArray(value) ? (value as readonly JsonValue[]) : []) {
    if (typeof rule !== "string") throw new RpcError(RpcErrorCode.TYPE_ERROR, notOfType(rule, "string"));
    rules.add(rule);
  }
  return rules;
}

const invalidMode = () => new RpcError(RpcErrorCode.INVALID_PARAMETER, "Invalid mode");

function requireRule(known: ReadonlySet<unknown>, isNeeded: boolean, rule: string, example: string): void {
  if (!isNeeded || known.has(rule)) return;
  const message = `getblocktemplate must be called with the ${rule} rule set (call with {"rules": ${example}})`;
  throw new RpcError(RpcErrorCode.INVALID_PARAMETER, message);
}

/** A block made while nobody is there to tell of it, or on an old tip, is work lost; on test networks that is the point. */
function requireNetwork({ chain, p2p }: Dependencies): void {
  if (chain.network.name !== "main") return;
  if ((p2p?.network.peers.size ?? 0) === 0)
    throw new RpcError(RpcErrorCode.CLIENT_NOT_CONNECTED, "Bitfleet is not connected!");
  if (!chain.isInitialBlockDownload) return;
  const message = "Bitfleet is in initial sync and waiting for blocks...";
  throw new RpcError(RpcErrorCode.CLIENT_IN_INITIAL_DOWNLOAD, message);
}

/** Waits until the tip is another than the one of a template, or, after a minute at least, the mempool is. */
async function changed(
  deps: Dependencies,
  longPollId: JsonValue,
  lastChangeCount: number,
  signal: AbortSignal,
): Promise<void> {
  const { chain, mempool } = deps;
  const isText = typeof longPollId === "string";
  const watched = isText ? parseHashParam<BlockHash>(longPollId.slice(0, HASH_HEX_SIZE), "longpollid") : chain.tip.hash;
  const changeCount = isText ? Number.parseInt(longPollId.slice(HASH_HEX_SIZE), 10) || 0 : lastChangeCount;
  const isOther = () => !equalBytes(chain.tip.hash, watched);
  for (let waitMs = FIRST_LOOK_MS; ; waitMs = NEXT_LOOK_MS) {
    await tipWhen(deps, isOther, waitMs, signal);
    if (signal.aborted || isOther() || mempool.changeCount !== changeCount) break;
  }
  if (signal.aborted) throw new RpcError(RpcErrorCode.CLIENT_NOT_CONNECTED, "Shutting down");
}

async function proposalResult({ chain }: Dependencies, data: JsonValue | undefined): Promise<RpcValue> {
  if (typeof data !== "string") throw new RpcError(RpcErrorCode.TYPE_ERROR, "Missing data String key for proposal");
  const block = decodeHex(data, readBlock);
  if (block === undefined) throw new RpcError(RpcErrorCode.DESERIALIZATION_ERROR, "Block decode failed");
  const known = chain.find(block.header.hash);
  if (known !== undefined) {
    if (known.isInvalid) return "duplicate-invalid";
    return known.isValid(BlockStatus.VALID_SCRIPTS) ? "duplicate" : "duplicate-inconclusive";
  }
  const reject = await chain.testBlock(block, { checkPow: false });
  if (reject === undefined) return null;
  return reject.reason === "" ? "rejected" : reject.reason;
}

async function templateJson({ chain, clock, generator }: Dependencies, { template, changeCount }: KeptTemplate) {
  const { previous, commitsToWitnesses: hasWitnesses } = template;
  const { params } = chain.network;
  const { bit } = params.versionBits.testdummy;
  const state = versionBitsState("testdummy", previous, params);
  const scale = hasWitnesses ? 1 : WITNESS_SCALE_FACTOR;
  const isSignet = params.signetChallenge !== undefined;
  return {
    capabilities: ["proposal"],
    // A miner need not know this rule to vote for it, and does from the moment it is locked in, whatever -blockversion says.
    version: state === "locked_in" ? template.version | (1 << bit) : template.version,
    rules: [
      "csv",
      ...(hasWitnesses ? ["!segwit", "taproot"] : []),
      ...(isSignet ? ["!signet"] : []),
      ...(state === "active" ? ["testdummy"] : []),
    ],
    vbavailable: state === "started" || state === "locked_in" ? { testdummy: bit } : {},
    vbrequired: 0,
    previousblockhash: displayHash(previous.header.hash),
    transactions: await transactionsJson(template, clock),
    coinbaseaux: {},
    coinbasevalue: Number(template.coinbaseValue),
    longpollid: `${displayHash(previous.header.hash)}${changeCount}`,
    target: targetText(template.bits),
    mintime: template.timeMin,
    mutable: ["time", "transactions", "prevblock"],
    noncerange: "00000000ffffffff",
    sigoplimit: MAX_BLOCK_SIGOPS_COST / scale,
    sizelimit: MAX_BLOCK_SIZE / scale,
    ...(hasWitnesses && { weightlimit: MAX_BLOCK_WEIGHT }),
    curtime: template.time,
    bits: bitsText(template.bits),
    height: template.height,
    ...(isSignet && { signet_challenge: toHex(params.signetChallenge!) }),
    ...(hasWitnesses && { default_witness_commitment: toHex(commitmentOf(generator, template)) }),
  };
}

/** BIP22, BIP145: the transactions behind the coinbase; `depends` counts positions from the coinbase, which is 0. */
function transactionsJson(
  { transactions, commitsToWitnesses }: BlockTemplate,
  clock: Dependencies["clock"],
): Promise<RpcValue> {
  const positions = new Map(transactions.map(({ tx }, index) => [hashKey(tx.txid), index + 1]));
  const items = transactions.map(({ tx, fee, sigopsCost }, index) => () => ({
    data: hexOf(tx.bytes),
    txid: displayHash(tx.txid),
    hash: displayHash(tx.wtxid),
    depends: tx.inputs.flatMap(({ previousOutput }) => {
      const position = positions.get(hashKey(previousOutput.txid));
      return position !== undefined && position <= index ? [position] : [];
    }),
    fee: Number(fee),
    sigops: commitsToWitnesses ? sigopsCost : sigopsCost / WITNESS_SCALE_FACTOR,
    weight: tx.weight,
  }));
  return writeInTurns(items, clock);
}

/** The output script that commits to the witnesses of the template's transactions: the coinbase's other outputs do not matter to it. */
function commitmentOf(generator: Dependencies["generator"], template: BlockTemplate): Uint8Array {
  const block = generator.blockOf(template, PLACEHOLDER_SCRIPT);
  return block.transactions[0]!.outputs[witnessCommitmentIndex(block)!]!.scriptPubKey;
}
