import { isDeepStrictEqual } from "node:util";
import { rpcMethods } from "@bitfleet/api/rpc/rpc-methods.ts";
import { expect } from "vitest";
import { freePort } from "../../packages/node/src/network/free-port.ts";
import { BITCOIND, type Exit, TestNode, temporaryFolder } from "./test-node.ts";

/** Nodes that connect to one another, of either make, and what the tests ask of them. */

/** A bitcoind of either make. */
export interface Program {
  readonly name: string;
  readonly path: string;
}

/** Another bitcoind in place of ours, to prove the tests themselves. */
const REPLACEMENT = process.env.INTEROP_BITCOIND;

export const OURS: Program = { name: "Bitfleet", path: REPLACEMENT ?? BITCOIND };
/** Bitcoin Core; `undefined` where `CORE_BITCOIND` names none. */
export const CORE: Program | undefined =
  process.env.CORE_BITCOIND === undefined ? undefined : { name: "Core", path: process.env.CORE_BITCOIND };

/** Whether our node answers every method of the list yet. */
export function oursAnswers(...methods: readonly string[]): boolean {
  return REPLACEMENT !== undefined || methods.every((name) => Object.hasOwn(rpcMethods, name));
}

const WAIT_TIMEOUT_MS = 60_000;
const POLL_MS = 10;

/** No connection but those that a test makes, no checks that cost a pass over the index for every block. */
const QUIET = ["-listenonion=0", "-discover=0", "-dnsseed=0", "-fixedseeds=0", "-natpmp=0", "-checkblockindex=0"];
/** Transactions go to such peers without the random waits that hide where they come from. */
const TRUSTING = "-whitelist=noban,in,out@127.0.0.1";

export type Transport = "v1" | "v2";

/** What the tests read of `getpeerinfo`. */
export interface PeerInfo {
  readonly id: number;
  readonly addr: string;
  /** Our end of the connection. */
  readonly addrbind: string;
  readonly inbound: boolean;
  readonly subver: string;
  readonly connection_type: string;
  readonly transport_protocol_type: string;
  readonly session_id: string;
  readonly servicesnames: readonly string[];
  readonly relaytxes: boolean;
  readonly addr_relay_enabled: boolean;
  readonly minfeefilter: number;
  readonly synced_headers: number;
  readonly synced_blocks: number;
  readonly bip152_hb_to: boolean;
  readonly bip152_hb_from: boolean;
  readonly bytessent_per_msg: Readonly<Record<string, number>>;
  readonly bytesrecv_per_msg: Readonly<Record<string, number>>;
}

export interface StartOptions {
  readonly args?: readonly string[];
  /** Peers get no permissions: they can be banned, and wait for transactions as strangers do. */
  readonly isStrict?: boolean;
  /** Looks for peers by itself, as a node does that is given no `-connect`. */
  readonly isFree?: boolean;
  /** For the first start only. */
  readonly firstArgs?: readonly string[];
}

/** A node that listens on a port of its own and keeps folder and port when it is started again. */
export class InteropNode {
  readonly program: Program;
  readonly dataDir = temporaryFolder();
  readonly port: number;
  readonly #args: string[];
  #process: TestNode | undefined;

  private constructor(program: Program, port: number, options: StartOptions) {
    const { args = [], isStrict = false, isFree = false } = options;
    this.program = program;
    this.port = port;
    const listening = [`-port=${port}`, `-bind=127.0.0.1:${port}`, "-listen=1"];
    this.#args = [...listening, ...QUIET, ...(isStrict ? [] : [TRUSTING]), ...args];
    if (!isFree && !args.some((arg) => arg.startsWith("-connect="))) this.#args.push("-connect=0");
  }

  static async start(program: Program, options: StartOptions = {}): Promise<InteropNode> {
    const node = new InteropNode(program, await freePort(), options);
    await node.startAgain(options.firstArgs);
    return node;
  }

  /** Starts it after an end. */
  async startAgain(extra: readonly string[] = []): Promise<void> {
    this.#process = await TestNode.start(this.dataDir, [...this.#args, ...extra], this.program.path);
  }

  get process(): TestNode {
    if (this.#process === undefined) throw new Error(`${this.program.name} is not running`);
    return this.#process;
  }

  get endpoint(): string {
    return `127.0.0.1:${this.port}`;
  }

  get networkDir(): string {
    return this.process.networkDir;
  }

  call<Result = unknown>(method: string, ...params: readonly unknown[]): Promise<Result> {
    return this.process.call<Result>(method, ...params);
  }

  height(): Promise<number> {
    return this.call<number>("getblockcount");
  }

  peers(): Promise<PeerInfo[]> {
    return this.call<PeerInfo[]>("getpeerinfo");
  }

  stop(): Promise<Exit> {
    return this.process.stop();
  }

  kill(): Promise<Exit> {
    return this.process.signal("SIGKILL");
  }
}

/** Asks until the answer equals `expected`; fails with the last answer, and with `what` was waited for. */
export async function reaches<Value>(what: string, expected: Value, ask: () => Promise<Value>): Promise<void> {
  const deadline = performance.now() + WAIT_TIMEOUT_MS;
  let answer: unknown;
  do {
    answer = await ask().catch((error: Error) => error.message);
    if (isDeepStrictEqual(answer, expected)) return;
    await new Promise((resume) => setTimeout(resume, POLL_MS));
  } while (performance.now() < deadline);
  expect(answer, `within ${WAIT_TIMEOUT_MS} ms: ${what}`).toEqual(expected);
}

/** Connects `from` to `to` and waits until both sides have greeted, over a transport that both can. */
export async function connect(from: InteropNode, to: InteropNode, transport: Transport): Promise<void> {
  await from.call("addnode", to.endpoint, "onetry", transport === "v2");
  await reaches(`${from.program.name} and ${to.program.name} greet`, true, async () => {
    const outbound = (await greeted(from)).find(({ addr, inbound }) => !inbound && addr === to.endpoint);
    // The other side may still hold a connection from before: this one is known by the port it comes from.
    return outbound !== undefined && (await greeted(to)).some(({ addr }) => addr === outbound.addrbind);
  });
}

async function greeted(node: InteropNode): Promise<PeerInfo[]> {
  return (await node.peers()).filter(({ bytesrecv_per_msg }) => bytesrecv_per_msg.verack !== undefined);
}

/** Ends every connection of `node`, and waits until neither it nor `others` have any. */
export async function disconnectAll(node: InteropNode, ...others: readonly InteropNode[]): Promise<void> {
  for (const { id } of await node.peers()) await node.call("disconnectnode", "", id);
  for (const each of [node, ...others]) {
    await reaches(`${each.program.name} has no peers`, 0, async () => (await each.peers()).length);
  }
}

/** Waits until all nodes stand on the tip of the first. */
export async function agreeOnTip(first: InteropNode, ...others: readonly InteropNode[]): Promise<void> {
  const tip = await first.call<string>("getbestblockhash");
  const height = await first.height();
  for (const other of others) {
    await reaches(`${other.program.name} follows ${first.program.name} to its tip`, [height, tip], async () => {
      return [await other.height(), await other.call<string>("getbestblockhash")];
    });
  }
}

interface Coins {
  readonly height: number;
  readonly bestblock: string;
  readonly txouts: number;
  readonly total_amount: number;
  readonly muhash: string;
}

export async function coinsOf(node: InteropNode): Promise<Coins> {
  const { height, bestblock, txouts, total_amount, muhash } = await node.call<Coins>("gettxoutsetinfo", "muhash");
  return { height, bestblock, txouts, total_amount, muhash };
}

/** Waits for one tip, then compares the whole sets of unspent outputs. */
export async function agreeOnCoins(first: InteropNode, ...others: readonly InteropNode[]): Promise<void> {
  await agreeOnTip(first, ...others);
  const expected = await coinsOf(first);
  for (const other of others) expect(await coinsOf(other), `coins of ${other.program.name}`).toEqual(expected);
}

/** Bytes of every message type that a node exchanged with the peers it has now. */
export interface Traffic {
  readonly sent: Readonly<Record<string, number>>;
  readonly received: Readonly<Record<string, number>>;
}

export async function trafficOf(node: InteropNode): Promise<Traffic> {
  const peers = await node.peers();
  return {
    sent: summed(peers.map(({ bytessent_per_msg }) => bytessent_per_msg)),
    received: summed(peers.map(({ bytesrecv_per_msg }) => bytesrecv_per_msg)),
  };
}

function summed(records: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [type, bytes] of records.flatMap((record) => Object.entries(record))) {
    sums[type] = (sums[type] ?? 0) + bytes;
  }
  return sums;
}

/** Names of the messages that a record of {@link Traffic} has more bytes of than an earlier one. */
export function grown(now: Readonly<Record<string, number>>, before: Readonly<Record<string, number>>): Set<string> {
  return new Set(Object.keys(now).filter((type) => now[type]! > (before[type] ?? 0)));
}
