import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { freePort } from "../../packages/node/src/network/free-port.ts";
import { type ActivationHeights, BlockMaker, type TreeBlock } from "./block-tree.ts";
import { type Answer, DifferentialNode } from "./node-pair.ts";
import { SeededRandom } from "./random.ts";
import { type Step, StepMaker, submitBlock } from "./tree-steps.ts";

/**
 * Grows random trees of blocks, valid and broken, in Bitcoin Core and in our node by the same calls, and compares what both
 * say after each one.
 *
 *     CORE_BITCOIND=/path/to/bitcoind npm run test:differential -- [--seed 1] [--trees 5] [--steps 300] [--no-restarts | --kills]
 *         [--arg -dbcache=4]… [--keep] [--minimise-seconds 120] [--replay steps.json]
 *
 * A difference ends the run; its calls are made fewer as long as the difference stays and are left in a file for --replay.
 */

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    trees: { type: "string", default: "5" },
    steps: { type: "string", default: "300" },
    arg: { type: "string", multiple: true, default: [] },
    kills: { type: "boolean", default: false },
    "no-restarts": { type: "boolean", default: false },
    "minimise-seconds": { type: "string", default: "120" },
    keep: { type: "boolean", default: false },
    replay: { type: "string" },
  },
});

const CORE = process.env.CORE_BITCOIND;
const OURS = process.env.BITFLEET_BITCOIND ?? resolve(import.meta.dirname, "../../packages/node/bin/bitcoind");
/** Steps between two comparisons of all coins. */
const COINS_EVERY = 25;
const VERIFY_BLOCKS = 30;

/** What a tree was grown with, enough to grow it again. */
interface Recording {
  readonly args: readonly string[];
  readonly steps: readonly Step[];
}

class Difference extends Error {}

const stats = {
  steps: 0,
  accepted: 0,
  refused: 0,
  restarts: 0,
  ties: 0,
  reorganisations: 0,
  reasons: new Map<string, number>(),
};

/** Both nodes, what is asked of them after each step, and how their answers compare. */
class Pair {
  readonly core: DifferentialNode;
  readonly ours: DifferentialNode;
  /** After a restart nobody knows which of two equal branches came first. */
  #mayTie = false;
  /** Our node was killed: it may not know any more which blocks are invalid, and answers accordingly. */
  #isLoose = false;
  readonly #submissions: Extract<Step, { method: string }>[] = [];
  readonly random = new SeededRandom(1);
  best = "";

  private constructor(core: DifferentialNode, ours: DifferentialNode) {
    this.core = core;
    this.ours = ours;
  }

  static async start(folder: string, args: readonly string[]): Promise<Pair> {
    const common = ["-checkblocks=8", "-checklevel=4", "-connect=0", ...args];
    const core = new DifferentialNode("core", CORE!, join(folder, "core"), await freePort(), common);
    const ours = new DifferentialNode("bitfleet", OURS, join(folder, "bitfleet"), await freePort(), common);
    const pair = new Pair(core, ours);
    await Promise.all([core.start(), ours.start()]);
    return pair;
  }

  async end(): Promise<void> {
    await Promise.all([this.core.kill(), this.ours.kill()]);
  }

  async #both(method: string, params: readonly unknown[] = []): Promise<[Answer, Answer]> {
    return Promise.all([this.core.call(method, ...params), this.ours.call(method, ...params)]);
  }

  async #same(
    what: string,
    method: string,
    params: readonly unknown[],
    shape: (answer: Answer) => Answer,
  ): Promise<Answer> {
    const [core, ours] = (await this.#both(method, params)).map(shape) as [Answer, Answer];
    if (core !== ours) throw new Difference(`${what}\n  core:     ${core}\n  bitfleet: ${ours}`);
    return core;
  }

  async do(step: Step): Promise<Answer> {
    if ("restart" in step && step.restart === "kill") return this.#killOurs(step);
    if ("restart" in step) {
      const extra = step.restart === "plain" ? [] : [`-${step.restart}`];
      await Promise.all(
        [this.core, this.ours].map(async (node) => {
          await node.stop();
          await node.start(extra);
        }),
      );
      this.#mayTie = true;
      return "restarted";
    }
    this.#submissions.push(step);
    if (this.#isLoose) return (await this.#both(step.method, step.params))[0];
    return this.#same(step.method, step.method, step.params, withoutScriptError);
  }

  /** Kills our node in the middle of its work, starts it, and gives it everything again: what it lost was never promised. */
  async #killOurs(step: Step): Promise<Answer> {
    const { random } = this;
    const again = this.#submissions.slice(-random.below(40));
    const busy = Promise.all(again.map(({ method, params }) => this.ours.call(method, ...params).catch(() => "")));
    await sleep(random.below(60));
    await this.ours.kill();
    await busy;
    await this.ours.start();
    for (const { method, params } of this.#submissions) await this.ours.call(method, ...params);
    this.#mayTie = true;
    this.#isLoose = true;
    return step.label;
  }

  async compare(): Promise<void> {
    let [core, ours] = await this.#both("getbestblockhash");
    if (core !== ours && this.#mayTie && (await this.#isTie(core))) {
      stats.ties++;
      await this.ours.call("preciousblock", JSON.parse(core));
      [core, ours] = await this.#both("getbestblockhash");
    }
    if (core !== ours) throw new Difference(`tip\n  core:     ${core}\n  bitfleet: ${ours}`);
    this.best = JSON.parse(core);
    if (this.#isLoose) return;
    if (this.#mayTie) await this.#settleTriedTies();
    await this.#same("chain tips", "getchaintips", [], tipsText);
    await this.#same("chain info", "getblockchaininfo", [], infoText);
  }

  /** Of two equal branches one node may have tried, or taken for a while, one that the other left alone: both try it now. */
  async #settleTriedTies(): Promise<void> {
    const [core, ours] = (await this.#both("getchaintips")).map(tipsText) as [Answer, Answer];
    if (core === ours) return;
    const ourStatus = new Map(tipsOf(ours).map(({ hash, status }) => [hash, status]));
    for (const { hash, status } of tipsOf(core)) {
      if (status === ourStatus.get(hash)) continue;
      stats.ties++;
      await this.#both("preciousblock", [hash]);
    }
    await this.#both("preciousblock", [this.best]);
  }

  async #isTie(best: Answer): Promise<boolean> {
    const [core, ours] = await this.#both("getblockchaininfo");
    const work = (answer: Answer) => JSON.parse(answer).chainwork;
    const known = await this.ours.call("getblockheader", JSON.parse(best));
    return work(core) === work(ours) && !known.startsWith("error");
  }

  async compareCoins(): Promise<void> {
    for (const type of ["muhash", "hash_serialized_3"]) await this.#same(type, "gettxoutsetinfo", [type], coinsText);
    await this.#same("verifychain", "verifychain", [4, VERIFY_BLOCKS], (answer) => answer);
  }
}

/** Where two scripts of a block fail, chance decides which of them Bitcoin Core's threads report. */
function withoutScriptError(answer: Answer): Answer {
  return answer.replace(/(block-script-verify-flag-failed) \(.*\)/, "$1");
}

interface Tip {
  readonly height: number;
  readonly hash: string;
  readonly status: string;
}

const tipsOf = (answer: Answer) => JSON.parse(answer) as Tip[];

function tipsText(answer: Answer): Answer {
  return JSON.stringify(tipsOf(answer).sort((a, b) => b.height - a.height || (a.hash < b.hash ? -1 : 1)));
}

function infoText(answer: Answer): Answer {
  const { size_on_disk, verificationprogress, warnings, ...info } = JSON.parse(answer);
  const earnest = warnings.filter((warning: string) => !warning.includes("pre-release test build"));
  return JSON.stringify({ ...info, warnings: earnest });
}

function coinsText(answer: Answer): Answer {
  const { disk_size, ...info } = JSON.parse(answer);
  return JSON.stringify(info);
}

function randomArguments(random: SeededRandom): {
  readonly heights: Partial<ActivationHeights>;
  readonly args: string[];
} {
  const heights: Partial<Record<keyof ActivationHeights, number>> = {};
  for (const rule of ["bip34", "dersig", "cltv", "csv", "segwit"] as const)
    if (random.oneIn(2)) heights[rule] = random.oneIn(3) ? random.below(100) : 100 + random.below(40);
  const args = Object.entries(heights).map(([rule, height]) => `-testactivationheight=${rule}@${height}`);
  if (random.oneIn(3)) args.push("-dbcache=4");
  if (random.oneIn(3)) args.push("-fastprune");
  if (random.oneIn(3)) args.push("-maxtipage=9999999999");
  return { heights, args };
}

function count(answer: Answer): void {
  stats.steps++;
  if (answer === "null") stats.accepted++;
  else stats.refused++;
  const reason = answer.replace(/[0-9a-f]{64}/g, "…");
  stats.reasons.set(reason, (stats.reasons.get(reason) ?? 0) + 1);
}

/** Grows one tree; the recording of all that was done, with the difference where there is one. */
async function growTree(seed: number, folder: string): Promise<{ recording: Recording; difference?: Error }> {
  const random = new SeededRandom(seed);
  const { heights, args } = randomArguments(random);
  const allArgs = [...args, ...values.arg];
  process.stdout.write(`tree ${seed}: ${allArgs.join(" ")}\n`);
  const steps: Step[] = [];
  const maker = new BlockMaker(random, heights);
  const chooser = new StepMaker(maker, { restarts: !values["no-restarts"], kills: values.kills });
  const pair = await Pair.start(folder, allArgs);
  const take = async (step: Step) => {
    steps.push(step);
    const before = pair.best;
    const answer = await pair.do(step);
    count(answer);
    if ("restart" in step) stats.restarts++;
    return { before, answer };
  };
  try {
    let tip: TreeBlock = maker.genesis;
    const base = 99 + random.below(6);
    for (let height = 1; height <= base; height++) {
      tip = chooser.remember(maker.block(tip));
      await take(submitBlock(tip));
    }
    await pair.compare();
    for (let made = 0; made < Number(values.steps); made++) {
      for (const step of chooser.next(pair.best || displayHash(tip.header.hash))) {
        await take(step);
        await pair.compare();
      }
      if (made % COINS_EVERY === COINS_EVERY - 1) {
        await pair.compareCoins();
        process.stdout.write(`\r  ${made + 1} of ${values.steps}, ${steps.length} calls`);
      }
    }
    await take(chooser.lastRestart());
    await pair.compare();
    await pair.compareCoins();
    process.stdout.write("\n");
    return { recording: { args: allArgs, steps } };
  } catch (error) {
    return { recording: { args: allArgs, steps }, difference: error as Error };
  } finally {
    await pair.end();
  }
}

/** Runs a recording; the difference it leads to. */
async function replay({ args, steps }: Recording, verbose: boolean): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "bitfleet-tree-"));
  const pair = await Pair.start(folder, args);
  try {
    for (const step of steps) {
      const answer = await pair.do(step);
      if (verbose) process.stdout.write(`  ${step.label} → ${answer}\n`);
      await pair.compare();
    }
    await pair.compareCoins();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    await pair.end();
    await rm(folder, { recursive: true, force: true });
  }
}

const kindOf = (message: string) => message.split("\n")[0]!;

/** Fewer steps that lead to a difference in the same thing. */
async function minimise(recording: Recording, message: string): Promise<Recording> {
  let { steps } = recording;
  const deadline = performance.now() + Number(values["minimise-seconds"]) * 1000;
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let end = steps.length; end > 0 && performance.now() < deadline; end -= size) {
      const fewer = [...steps.slice(0, Math.max(0, end - size)), ...steps.slice(end)];
      const found = await replay({ ...recording, steps: fewer }, false);
      if (found !== undefined && kindOf(found) === kindOf(message)) steps = fewer;
    }
    process.stdout.write(`  minimised to ${steps.length} calls\n`);
  }
  return { ...recording, steps };
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

if (CORE === undefined) {
  process.stdout.write("Skipped: CORE_BITCOIND names no bitcoind.\n");
} else if (values.replay !== undefined) {
  const difference = await replay(JSON.parse(await readFile(values.replay, "utf8")), true);
  process.stdout.write(`${difference ?? "No difference."}\n`);
  if (difference !== undefined) process.exitCode = 1;
} else {
  const first = Number(values.seed);
  for (let seed = first; seed < first + Number(values.trees); seed++) {
    const folder = await mkdtemp(join(tmpdir(), "bitfleet-tree-"));
    const { recording, difference } = await growTree(seed, folder);
    if (difference === undefined) {
      if (values.keep) process.stdout.write(`  kept in ${folder}\n`);
      else await rm(folder, { recursive: true, force: true });
      continue;
    }
    process.exitCode = 1;
    process.stdout.write(
      `\nDIFFERENCE in tree ${seed} after ${recording.steps.at(-1)?.label}: ${difference.message}\n`,
    );
    const file = join(folder, "steps.json");
    await writeFile(file, JSON.stringify(recording));
    process.stdout.write(`All calls and both directories: ${folder}\n`);
    if (difference instanceof Difference) {
      const least = await minimise(recording, difference.message);
      await writeFile(join(folder, "least.json"), JSON.stringify(least));
      for (const step of least.steps) process.stdout.write(`  ${step.label}\n`);
    }
    break;
  }
  const reasons = [...stats.reasons].sort((a, b) => b[1] - a[1]);
  process.stdout.write(`${stats.steps} steps, ${stats.restarts} restarts, ${stats.ties} ties after restarts\n`);
  for (const [reason, times] of reasons) process.stdout.write(`  ${times} × ${reason}\n`);
}
