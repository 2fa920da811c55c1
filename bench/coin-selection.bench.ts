/**
 * Selecting coins for ten payments out of 400 coins, the pool of Bitcoin Core's benchmark CoinSelection, and out of 10,000, and the whole
 * transaction from these. Run: `npx tsx bench/coin-selection.bench.ts`. With `CORE_BENCH=<path of bench_bitcoin>` Core's benchmark takes part.
 * Processor time, the best of some rounds. Ratios carry from one machine to another; times do not.
 */
import { spawnSync } from "node:child_process";
import { isError } from "@bitfleet/wallet/building/build-request.ts";
import { buildTransaction } from "@bitfleet/wallet/building/build-transaction.ts";
import { testWallet } from "@bitfleet/wallet/building/test-kit.ts";
import { type Coin, type CoinType, priceCoin } from "@bitfleet/wallet/selection/coin.ts";
import { selectCoins } from "@bitfleet/wallet/selection/select-coins.ts";
import { isSelected } from "@bitfleet/wallet/selection/selection.ts";
import { coinOf, paramsAt, script, seededRandom } from "@bitfleet/wallet/selection/test-kit.ts";

const ROUNDS = 5;
const PAYMENTS = 10;
const FEERATE = 20_000n;

const random = seededRandom(1);
const between = (low: number, high: number) => low + Math.floor(random.unit() * (high - low));

/** Small amounts are more frequent, as in Core's benchmark. */
function amount(): bigint {
  const kind = random.unit();
  if (kind < 0.5) return BigInt(between(10_000, 100_000));
  if (kind < 0.75) return BigInt(between(100_000, 1_000_000));
  return BigInt(kind < 0.95 ? between(1_000_000, 10_000_000) : between(10_000_000, 100_000_000));
}

function kind(): { readonly type: CoinType; readonly inputVirtualSize: number } {
  const share = random.unit();
  if (share < 0.35) return { type: "legacy", inputVirtualSize: 148 };
  if (share < 0.55) return { type: "p2sh-segwit", inputVirtualSize: 91 };
  return share < 0.9 ? { type: "bech32", inputVirtualSize: 68 } : { type: "bech32m", inputVirtualSize: 58 };
}

const poolOf = (count: number): readonly Coin[] => Array.from({ length: count }, () => coinOf(amount(), kind()));
const targets = Array.from({ length: PAYMENTS }, () => BigInt(between(10_000_000, 100_000_000)));

/** Milliseconds for one payment. */
function bestMs(work: (target: bigint) => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    for (const target of targets) work(target);
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1000 / PAYMENTS);
  }
  return best;
}

function selectionMs(coins: readonly Coin[]): number {
  const params = paramsAt(FEERATE, { sizeWithoutInputs: 72 });
  const available = coins.map((coin) => priceCoin(coin, params));
  return bestMs((target) => {
    if (!isSelected(selectCoins({ available, preselected: [], allowsOthers: true }, target, params)))
      throw new Error("nothing selected");
  });
}

function buildingMs(coins: readonly Coin[]): number {
  const wallet = testWallet({ coins });
  return bestMs((target) => {
    const recipients = [{ scriptPubKey: script(9), amount: target }];
    const outcome = buildTransaction({ recipients, feerateSatPerKvb: FEERATE }, wallet);
    if (isError(outcome)) throw new Error(outcome.error);
  });
}

/** Milliseconds a selection of Core's own benchmark, or `undefined` where its program is not given. */
function coreMs(): number | undefined {
  const program = process.env.CORE_BENCH;
  if (program === undefined) return undefined;
  const { stdout } = spawnSync(program, ["-filter=CoinSelection", "-min-time=3000"], { encoding: "utf8" });
  const nanoseconds = /\|\s*([\d,.]+)\s*\|.*CoinSelection/.exec(stdout)?.[1]?.replaceAll(",", "");
  return nanoseconds === undefined ? undefined : Number(nanoseconds) / 1e6;
}

const [few, many] = [poolOf(400), poolOf(10_000)];
const own = selectionMs(few);
console.log(`a selection from 400 coins: ${own.toFixed(1)} ms`);
console.log(`a selection from 10,000 coins: ${selectionMs(many).toFixed(1)} ms`);
console.log(`a transaction from 10,000 coins: ${buildingMs(many).toFixed(1)} ms`);
const theirs = coreMs();
if (theirs === undefined) console.log("skipped: CORE_BENCH names no bench_bitcoin");
else console.log(`ours / Core's: ${(own / theirs).toFixed(2)}`);
