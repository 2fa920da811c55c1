/**
 * Looking for nonces: our ways beside node:crypto in this process, and a node's `generatetoaddress` beside Core's, on a signet that
 * anybody may mine and whose difficulty is too high to find much. Run: `npx tsx bench/mining.bench.ts`; `CORE_BITCOIND` names Core's
 * daemon. Processor time counts, of all threads: what is printed is per core. Ratios are printed; they carry from one machine to another.
 */
import { createHash } from "node:crypto";
import { loadNonceSearch, type NonceSearchKind } from "@bitfleet/protocol/crypto/nonce-search.ts";
import { BenchNode, CORE, OURS, type Program } from "./bench-node.ts";
import { compare } from "./crypto.bench.ts";

const KINDS: readonly NonceSearchKind[] = ["four-lanes", "one-lane", "javascript"];
/** Each candidate tries so many; a top target of 0 is met by one hash in four thousand millions. */
const HASHES = 100_000;
const ROUNDS = 5;
/** So few of five million that most calls find none, and all the hashes were made. */
const TRIES = 1_000_000;
const CALLS = 12;
const ADDRESS = "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx";
/** OP_TRUE: no block needs a signature. */
const SIGNET: readonly [string, ...string[]] = ["-signet", "-signetchallenge=51"];

const header = Uint8Array.from({ length: 80 }, (_, index) => (index * 37) & 0xff);

function nodeCryptoSearch(): void {
  const bytes = Uint8Array.from(header);
  const view = new DataView(bytes.buffer);
  for (let nonce = 0; nonce < HASHES; nonce++) {
    view.setUint32(76, nonce, true);
    createHash("sha256").update(createHash("sha256").update(bytes).digest()).digest();
  }
}

const searches = KINDS.map((kind) => {
  const search = loadNonceSearch([kind]);
  search.begin(header);
  return { name: kind, run: () => search.find(0, HASHES, 0) };
});
const candidates = [...searches, { name: "node:crypto", run: nodeCryptoSearch }];
for (const { job, ours, other, ratio } of compare({ job: "nonces", candidates, ownCount: 3, rounds: ROUNDS })) {
  console.log(`${job}: ${ours} is ${ratio.toFixed(2)} times as fast as ${other}`);
}

const ours = await hashesPerCpuMs(OURS, ["-miningthreads=1"]);
if (CORE === undefined) {
  console.log("generatetoaddress beside Core: left out, CORE_BITCOIND names no daemon");
} else {
  const core = await hashesPerCpuMs(CORE, []);
  console.log(`generatetoaddress: ${(ours / core).toFixed(2)} times Core's hashes per core`);
}

/** Of calls that found no block, so that it is known how many hashes they made. */
async function hashesPerCpuMs(program: Program, args: readonly string[]): Promise<number> {
  const node = await BenchNode.spawn(program, [...args], SIGNET);
  await node.ready();
  await node.call("generatetoaddress", 1, ADDRESS, TRIES);
  let hashCount = 0;
  let spentMs = 0;
  for (let call = 0; call < CALLS; call++) {
    const beforeMs = node.cpuMs();
    const found = await node.call<readonly string[]>("generatetoaddress", 1, ADDRESS, TRIES);
    if (found.length > 0) continue;
    hashCount += TRIES;
    spentMs += node.cpuMs() - beforeMs;
  }
  await node.stop();
  return hashCount / spentMs;
}
