import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import fc from "fast-check";
import { OPERATIONS } from "../../packages/node/src/server/rest/answer-test-kit.ts";
import { ADMIN_KEY, openRestTestNode, type RestTestNode } from "../../packages/node/src/server/rest/rest-test-kit.ts";
import { spendingChain } from "../../packages/node/src/server/test-kit.ts";
import { type KnownValues, type MadeRequest, requestTo } from "./request-maker.ts";

/** Sends made-up requests to a live node, and says of the first answer that may not be what it was. */

/** Streams without an end. Their tests are with the events. */
const LEFT_OUT: ReadonlySet<string> = new Set(["GET /api/v1/events"]);
const ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

const TIPS = spendingChain();
/** Of these blocks only the transactions are sent. */
const WAITING = TIPS.slice(-2);

export interface RunOptions {
  readonly runs: number;
  /** Of the run to be had again. */
  readonly seed?: number;
  readonly path?: string;
  /** What the document does not allow of the answers since the last call. */
  readonly takeComplaints: () => readonly string[];
}

/** Counts of answers by status. Rejects, with the seed and the least request found, where an answer may not be. */
export async function runRequests(options: RunOptions): Promise<ReadonlyMap<number, number>> {
  const counts = new Map<number, number>();
  await using rest = await openRestTestNode({ tips: TIPS.slice(0, -WAITING.length) });
  const operations = [...OPERATIONS].filter(([where]) => !LEFT_OUT.has(where));
  const known = knownValues(rest);
  const anyRequest = fc.oneof(...operations.map(([where, operation]) => requestTo(where, operation, known)));
  options.takeComplaints();
  const property = fc.asyncProperty(anyRequest, async (request) => {
    const status = await send(rest, request);
    counts.set(status, (counts.get(status) ?? 0) + 1);
    const complaints = options.takeComplaints();
    if (status === 500 || complaints.length > 0) throw new Error(`status ${status}. ${complaints.join("; ")}`);
  });
  await fc.assert(property, {
    numRuns: options.runs,
    ...(options.seed !== undefined && { seed: options.seed }),
    ...(options.path !== undefined && { path: options.path }),
  });
  await requireLife(rest);
  return counts;
}

async function send({ app }: RestTestNode, { method, url, headers, payload }: MadeRequest): Promise<number> {
  const response = await app.inject({
    method: method as "GET",
    url,
    headers,
    ...(payload !== undefined && { payload }),
  });
  return response.statusCode;
}

/** The node does what it did before. */
async function requireLife({ node, data }: RestTestNode): Promise<void> {
  const { last_block_hash: hash } = await data("blockchain", "/api/v1/blockchain");
  if (hash !== displayHash(node.chain.tip.hash)) throw new Error("the node tells of another tip than it has");
  const height = (await node.call("getblockcount")).result;
  if (height !== node.chain.tip.height || height < TIPS.length - WAITING.length)
    throw new Error("the node is not well");
}

function knownValues({ node }: RestTestNode): KnownValues {
  const { chain } = node;
  const hashes = [0, 1, 117, 118].map((height) => displayHash(chain.blockAt(height)!.hash));
  return {
    texts: [
      ...hashes,
      "0",
      "118",
      "119",
      ADDRESS,
      "127.0.0.1:1",
      "192.0.2.0/24",
      "2001:db8::/32",
      ...transactionTexts(),
    ],
    keys: [ADMIN_KEY, ADMIN_KEY, ADMIN_KEY, ADMIN_KEY.slice(1), "wallet-secret"],
  };
}

/** Transactions that the mempool takes, and of each what is left when its last byte is lost. */
function transactionTexts(): readonly string[] {
  return WAITING.flatMap(({ block }) => block.transactions).flatMap((tx) => {
    const txid = displayHash(tx.txid);
    const hex = toHex(tx.bytes);
    return [txid, `${txid}:0`, hex, hex.slice(0, -2)];
  });
}
