import { BLOCK_HEADER_SIZE, encodeBlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { BRANCH_LENGTH_MAX } from "@bitfleet/protocol/primitives/merkle-branch.ts";
import {
  type BlockHash,
  displayHash,
  type Hash256,
  type MerkleRoot,
  type Txid,
} from "@bitfleet/protocol/primitives/types.ts";
import { type ProofSource, SourceProblem } from "./chain-source.ts";
import type { Asker } from "./esplora-asker.ts";
import { count, fields, hashOf, hexOf, list } from "./said.ts";

/** What shows that transactions are in blocks, as Esplora's interface has it. */

interface EsploraHeader {
  readonly version: number;
  readonly previousblockhash: string;
  readonly merkle_root: string;
  readonly timestamp: number;
  readonly bits: number;
  readonly nonce: number;
}

interface EsploraBranch {
  readonly merkle: readonly string[];
  readonly pos: number;
}

export function esploraProofs(ask: Asker): ProofSource {
  const json = async <Answer>(path: string, signal: AbortSignal): Promise<Answer> => {
    const answer = await ask(path, signal);
    try {
      return JSON.parse(answer) as Answer;
    } catch (cause) {
      throw new SourceProblem("not-a-server", "The server's answer is no JSON.", { cause });
    }
  };

  return {
    header: (hash, signal) =>
      shown(async () => {
        const bytes = hexOf((await ask(`/block/${displayHash(hash)}/header`, signal)).trim());
        return bytes.length === BLOCK_HEADER_SIZE ? bytes : undefined;
      }),

    headersDown: (height, _wanted, signal) =>
      shown(async () => {
        const blocks = list(await json<readonly EsploraHeader[]>(`/blocks/${height}`, signal));
        return blocks.map(headerBytes);
      }),

    branch: (txid, signal) =>
      shown(async () => {
        const { merkle, pos } = fields(await json<EsploraBranch>(`/tx/${displayHash(txid)}/merkle-proof`, signal));
        const branch = list(merkle).slice(0, BRANCH_LENGTH_MAX + 1);
        return { kind: "branch", index: count(pos), branch: branch.map((hash) => hashOf<Hash256>(hash)) };
      }),

    txids: (hash, signal) =>
      shown(async () => {
        const txids = list(await json<readonly string[]>(`/block/${displayHash(hash)}/txids`, signal));
        // More are of no block, and would take the page's time.
        if (txids.length > 2 ** BRANCH_LENGTH_MAX) return undefined;
        return { kind: "txids", txids: txids.map((txid) => hashOf<Txid>(txid)) };
      }),
  };
}

/** What cannot be had of a server shows nothing: only that it is away or busy now is its caller's matter. */
export async function shown<Answer>(ask: () => Promise<Answer | undefined>): Promise<Answer | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof SourceProblem) || error.kind === "offline" || error.kind === "busy") throw error;
    return undefined;
  }
}

/** Put together of the fields that explorers show; the first block has none before it. */
function headerBytes(block: EsploraHeader): Uint8Array {
  const { version, previousblockhash: previous, merkle_root: root, timestamp, bits, nonce } = fields(block);
  if (typeof version !== "number" || !Number.isInteger(version))
    throw new SourceProblem("unexpected", "The server's answer has a version of a block that is none.");
  return encodeBlockHeader({
    version: version | 0,
    previousBlockHash: previous == null ? (new Uint8Array(32) as BlockHash) : hashOf<BlockHash>(previous),
    merkleRoot: hashOf<MerkleRoot>(root),
    time: uint32(timestamp),
    bits: uint32(bits),
    nonce: uint32(nonce),
  });
}

/** What does not fit into a header is of none. */
function uint32(value: unknown): number {
  const number = count(value);
  if (number > 0xffff_ffff)
    throw new SourceProblem("unexpected", "The server's answer has a number that is too large.");
  return number;
}
