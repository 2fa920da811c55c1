import { ApiError } from "@bitfleet/api/errors.ts";
import type { SearchHit } from "@bitfleet/api/rest/search.ts";
import { type BlockHash, displayHash, parseDisplayHash, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { decodeAddress } from "@bitfleet/protocol/script/address.ts";
import type { FastifyInstance } from "fastify";
import { type RunningWebNode, runningNode } from "../web/web-state.ts";
import { findTransaction } from "./find-transaction.ts";
import { type RouteDependencies, route } from "./rest-route.ts";

/** What people type into one box. */
export function searchRoutes(app: FastifyInstance, deps: RouteDependencies): void {
  route(app, deps, "search", async (_params, { q }) => hitsOf(runningNode(deps.state), q.trim()));
}

async function hitsOf(node: RunningWebNode, text: string): Promise<SearchHit[]> {
  if (/^\d{1,9}$/.test(text)) return blockHits(node, Number(text));
  const output = /^([0-9a-fA-F]{64}):(\d{1,5})$/.exec(text);
  if (output !== null) return outputHits(node, output[1]!, Number(output[2]));
  if (parseDisplayHash(text) !== undefined) return hashHits(node, text);
  const decoded = decodeAddress(text, node.chain.network.addressPrefixes);
  return "script" in decoded ? [{ kind: "address", id: text, height: null, block_hash: null }] : [];
}

function blockHits({ chain }: RunningWebNode, height: number): SearchHit[] {
  const entry = chain.blockAt(height);
  if (entry === undefined) return [];
  const hash = displayHash(entry.hash);
  return [{ kind: "block", id: hash, height, block_hash: hash }];
}

/** Hashes of blocks have many zeros at their head, but on regtest one may be anything. */
async function hashHits(node: RunningWebNode, text: string): Promise<SearchHit[]> {
  const entry = node.chain.find(parseDisplayHash<BlockHash>(text)!);
  if (entry !== undefined) {
    const hash = displayHash(entry.hash);
    return [{ kind: "block", id: hash, height: entry.height, block_hash: hash }];
  }
  const found = await transactionOf(node, text);
  if (found !== undefined) return [hitOf("transaction", displayHash(found.tx.txid), found)];
  const txid = parseDisplayHash<Txid>(text)!;
  const isRemembered = node.departures.around(txid, 1).length > 0;
  return isRemembered ? [{ kind: "gone-transaction", id: displayHash(txid), height: null, block_hash: null }] : [];
}

async function outputHits(node: RunningWebNode, txid: string, index: number): Promise<SearchHit[]> {
  const found = await transactionOf(node, txid);
  if (found === undefined || index >= found.tx.outputs.length) return [];
  return [hitOf("output", `${displayHash(found.tx.txid)}:${index}`, found)];
}

type Found = Awaited<ReturnType<typeof findTransaction>>;

/** `undefined` where there is none: nothing found is no failure here. */
async function transactionOf(node: RunningWebNode, text: string): Promise<Found | undefined> {
  try {
    return await findTransaction(node, parseDisplayHash<Txid>(text)!);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

function hitOf(kind: "transaction" | "output", id: string, found: Found): SearchHit {
  if (found.kind === "waiting") return { kind, id, height: null, block_hash: null };
  return { kind, id, height: found.block.height, block_hash: displayHash(found.block.hash) };
}
