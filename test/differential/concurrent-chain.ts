import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { freePort } from "../../packages/node/src/network/free-port.ts";
import { type EndState, runConcurrently } from "./concurrent-run.ts";
import { DifferentialNode } from "./node-pair.ts";
import type { Step } from "./tree-steps.ts";

/**
 * Gives random trees of blocks to a chain many at once, and compares it with one that gets them one by one; where CORE_BITCOIND
 * names a bitcoind, with that too.
 *
 *     [CORE_BITCOIND=/path/to/bitcoind] npm run test:concurrent -- [--seed 1] [--seeds 20] [--bursts 20]
 */

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "20" },
    bursts: { type: "string", default: "20" },
  },
});

const CORE = process.env.CORE_BITCOIND;
/** A month after regtest's genesis, as the chains under test have it. */
const MOCK_TIME = 1_296_688_602 + 30 * 24 * 60 * 60;

/** Bitcoin Core, which gets the same calls one by one. */
class CoreWitness {
  readonly #folder: string;
  readonly #node: DifferentialNode;

  private constructor(folder: string, node: DifferentialNode) {
    this.#folder = folder;
    this.#node = node;
  }

  static async start(args: readonly string[]): Promise<CoreWitness> {
    const folder = await mkdtemp(join(tmpdir(), "bitfleet-core-"));
    const all = [...args, "-connect=0", `-mocktime=${MOCK_TIME}`];
    const witness = new CoreWitness(folder, new DifferentialNode("core", CORE!, folder, await freePort(), all));
    await witness.#node.start();
    return witness;
  }

  async confirm(steps: readonly Step[], { tip, coins }: EndState): Promise<void> {
    for (const step of steps) if (!("restart" in step)) await this.#node.call(step.method, ...step.params);
    const best = JSON.parse(await this.#node.call("getbestblockhash"));
    if (best !== tip) throw new Error(`tip ${tip}, Bitcoin Core has ${best}`);
    const { muhash } = JSON.parse(await this.#node.call("gettxoutsetinfo", "muhash"));
    // Core shows the hash as a number.
    if (muhash !== Buffer.from(coins, "hex").reverse().toString("hex"))
      throw new Error(`coins ${coins}, Bitcoin Core has ${muhash}`);
  }

  async end(): Promise<void> {
    await this.#node.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function runSeed(seed: number): Promise<string> {
  let core: CoreWitness | undefined;
  try {
    const summary = await runConcurrently(seed, {
      bursts: Number(values.bursts),
      ...(CORE !== undefined && {
        onStart: async (args) => {
          core = await CoreWitness.start(args);
        },
        onBurst: (steps, state) => core!.confirm(steps, state),
      }),
    });
    return JSON.stringify(summary);
  } finally {
    await core?.end();
  }
}

const first = Number(values.seed);
for (let seed = first; seed < first + Number(values.seeds); seed++) {
  try {
    process.stdout.write(`seed ${seed}: ${await runSeed(seed)}\n`);
  } catch (error) {
    process.stdout.write(`seed ${seed}: DIFFERENCE ${(error as Error).stack}\n`);
    process.exitCode = 1;
  }
}
