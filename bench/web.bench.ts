/**
 * Reads over HTTP, ours and Bitcoin Core's: the same facts by our REST API, by Core's REST interface and by JSON-RPC on both, over 16
 * kept connections, turn by turn on the same chain; and how long a small answer takes beside connections that ask for large ones. Run:
 * `npm run build && CORE_BITCOIND=<path of bitcoind> npx tsx bench/web.bench.ts`. Ratios say how many of Core's requests a second are
 * ours (more is better) and how many times Core's wait is ours (less is better); they carry from one machine to another, times do not.
 */
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { freePort } from "../packages/node/src/network/free-port.ts";
import { BenchNode, CORE, OURS } from "./bench-node.ts";
import { chainWithLargeBlock, PAYMENTS } from "./large-block.ts";
import { type Load, load } from "./load-client.ts";
import { trivialServer } from "./trivial-server.ts";

const ROUNDS = 5;
const ROUND_MS = 1000;
const CONNECTIONS = 16;
/** Of those that ask for large answers beside. */
const LARGE_CONNECTIONS = 2;

/** A server and what it is asked. */
interface Side {
  readonly port: number;
  readonly request: string;
}

interface Row {
  readonly label: string;
  readonly ours: Side;
  readonly theirs: Side | undefined;
  /** Asked for beside, by connections that are not counted. */
  readonly beside?: { readonly ours: Side; readonly theirs: Side | undefined };
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;

const get = (port: number, path: string): Side => ({
  port,
  request: `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept: application/json\r\n\r\n`,
});

function call(node: BenchNode, method: string, ...params: readonly unknown[]): Side {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const head = `POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${node.authorization()}\r\n`;
  return {
    port: node.rpcPort,
    request: `${head}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  };
}

async function measure(side: Side, beside: Side | undefined): Promise<Load> {
  const small = load({ ...side, connections: CONNECTIONS, durationMs: ROUND_MS });
  if (beside === undefined) return small;
  const [result] = await Promise.all([
    small,
    load({ ...beside, connections: LARGE_CONNECTIONS, durationMs: ROUND_MS }),
  ]);
  return result;
}

/** The median round of each side, the first round only warming up. */
async function compare({ ours, theirs, beside }: Row): Promise<readonly [Load, Load | undefined]> {
  const rounds: [Load[], Load[]] = [[], []];
  for (let round = -1; round < ROUNDS; round++) {
    for (const [index, side] of [ours, theirs].entries()) {
      if (side === undefined) continue;
      const measured = await measure(side, index === 0 ? beside?.ours : beside?.theirs);
      if (round >= 0) rounds[index]!.push(measured);
    }
  }
  const medianOf = (loads: readonly Load[]): Load => ({
    perSecond: median(loads.map(({ perSecond }) => perSecond)),
    p50Ms: median(loads.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(loads.map(({ p99Ms }) => p99Ms)),
    longestMs: median(loads.map(({ longestMs }) => longestMs)),
  });
  return [medianOf(rounds[0]), theirs && medianOf(rounds[1])];
}

function printRow(label: string, ours: Load, theirs: Load | undefined): void {
  const pair = (own: number, other: number | undefined, digits: number) => [
    own.toFixed(digits),
    other?.toFixed(digits) ?? "",
    other === undefined ? "" : (own / other).toFixed(2),
  ];
  const cells = [
    ...pair(ours.perSecond, theirs?.perSecond, 0),
    ...pair(ours.p50Ms, theirs?.p50Ms, 2),
    ...pair(ours.p99Ms, theirs?.p99Ms, 2),
  ];
  console.log(`| ${label} | ${cells.join(" | ")} |`);
}

const tips = chainWithLargeBlock();
const hash = displayHash(tips[50]!.block.hash);
const large = displayHash(tips.at(-1)!.block.hash);
const webPort = await freePort();
const own = await BenchNode.spawn(OURS, [`-webport=${webPort}`, "-rest"]);
const core = CORE && (await BenchNode.spawn(CORE, ["-rest"]));
try {
  for (const node of [own, ...(core ? [core] : [])]) {
    await node.ready();
    for (const { block } of tips) {
      const refusal = await node.call("submitblock", toHex(block.bytes));
      if (refusal !== null) throw new Error(`a block was refused: ${refusal}`);
    }
  }
  const api = (path: string) => get(webPort, `/api/v1/blockchain${path}`);
  const rest = (path: string) => core && get(core.rpcPort, `/rest/${path}`);
  const both = (label: string, path: string): Row => {
    return { label, ours: get(own.rpcPort, `/rest/${path}`), theirs: rest(path) };
  };
  const rpc = (label: string, method: string, ...params: readonly unknown[]): Row => {
    return { label, ours: call(own, method, ...params), theirs: core && call(core, method, ...params) };
  };
  const info: Row = { label: "chain info: our API, Core's REST", ours: api(""), theirs: rest("chaininfo.json") };
  const header: Row = {
    label: "a header: our API, Core's REST",
    ours: api(`/headers/${hash}`),
    theirs: rest(`headers/${hash}.json?count=1`),
  };
  const largeAnswers = {
    ours: api(`/blocks/${large}/transactions?limit=100`),
    theirs: rest(`block/${large}.json`),
  };
  const rows: readonly Row[] = [
    info,
    header,
    {
      label: "a block's facts: our API, Core's REST",
      ours: api("/blocks/50"),
      theirs: rest(`block/notxdetails/${hash}.json`),
    },
    both("chain info: REST on both", "chaininfo.json"),
    both("a header: REST on both", `headers/${hash}.json?count=1`),
    rpc("getblockchaininfo", "getblockchaininfo"),
    rpc("getblockheader", "getblockheader", hash),
    { ...info, label: "chain info, beside large answers", beside: largeAnswers },
    { ...header, label: "a header, beside large answers", beside: largeAnswers },
    {
      ...rpc("getblockchaininfo, beside getblock 2", "getblockchaininfo"),
      beside: { ours: call(own, "getblock", large, 2), theirs: core && call(core, "getblock", large, 2) },
    },
  ];
  const trivial = await trivialServer();
  const limit = await load({ ...get(trivial.port, "/"), connections: CONNECTIONS, durationMs: ROUND_MS });
  trivial.stop();
  console.log(`the load itself: ${limit.perSecond.toFixed(0)} requests/s of a server that does nothing else\n`);
  console.log(`median of ${ROUNDS} rounds; large answers: a block of ${PAYMENTS} payments\n`);
  console.log("| | requests/s | Core | ratio | p50 ms | Core | ratio | p99 ms | Core | ratio |");
  console.log("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
  for (const row of rows) printRow(row.label, ...(await compare(row)));
} finally {
  await Promise.all([own.stop(), core?.stop()]);
}
