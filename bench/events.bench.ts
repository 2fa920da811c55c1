/**
 * Live events to 1,000 WebSocket clients with a block every second for a minute, and one client that takes nothing. Every client must
 * get every event in order, the paused one must be dropped, and the node's memory must stay as it is. Run:
 * `npm run build && npx tsx bench/events.bench.ts`; `EVENT_CLIENTS` and `EVENT_SECONDS` change the numbers. Exit code 1 where an
 * event is missing or out of order, the paused client stays, or memory grows by more than {@link GROWTH_MB_MAX}.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { LiveEvent } from "@bitfleet/api/events.ts";
import { WebSocket } from "ws";
import { freePort } from "../packages/node/src/network/free-port.ts";
import { BenchNode, OURS } from "./bench-node.ts";

const CLIENTS = Number(process.env.EVENT_CLIENTS ?? 1000);
const SECONDS = Number(process.env.EVENT_SECONDS ?? 60);
/** Between the first block of the minute, when all is warm, and the last. */
const GROWTH_MB_MAX = 48;
const ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const PAUSED_TOPICS = "blocks,transactions,mempool";

/** A client that checks the order of what it gets and forgets it. */
class Follower {
  readonly socket: WebSocket;
  readonly opened: Promise<void>;
  height = -1;
  count = 0;
  fault: string | undefined;
  /** When the last block came. */
  lastMs = 0;

  constructor(url: string) {
    this.socket = new WebSocket(url);
    this.opened = new Promise((resolve, reject) => {
      this.socket.once("message", () => resolve());
      this.socket.once("error", reject);
    });
    this.socket.on("message", (data) => this.#take(JSON.parse(String(data)) as LiveEvent));
    this.socket.on("close", (code) => {
      this.fault ??= `closed with ${code}`;
    });
  }

  #take(event: LiveEvent): void {
    this.count++;
    if (event.type === "hello") this.height = event.height;
    else if (event.type === "block-connected") {
      if (event.height !== this.height + 1) this.fault ??= `block ${event.height} behind ${this.height}`;
      this.height = event.height;
      this.lastMs = performance.now();
    } else if (event.type === "tip-changed") {
      if (event.height !== this.height) this.fault ??= `tip ${event.height} at ${this.height}`;
    } else this.fault ??= `an event ${event.type}`;
  }
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

const port = await freePort();
const node = await BenchNode.spawn(OURS, [`-webport=${port}`, "-webeventclients=4096"]);
let failures = 0;
const check = (isRight: boolean, text: string) => {
  if (!isRight) failures++;
  console.log(`${isRight ? "ok    " : "FAILED"} ${text}`);
};
try {
  await node.ready();
  await node.call("generatetoaddress", 101, ADDRESS);
  const url = `ws://127.0.0.1:${port}/api/v1/events?topics=`;
  const followers: Follower[] = [];
  for (let opened = 0; opened < CLIENTS; opened += 50) {
    const some = Array.from({ length: Math.min(50, CLIENTS - opened) }, () => new Follower(`${url}blocks`));
    await Promise.all(some.map((follower) => follower.opened));
    followers.push(...some);
  }
  const paused = new WebSocket(`${url}${PAUSED_TOPICS}`);
  await new Promise((resolve) => paused.once("message", resolve));
  paused.pause();
  const start = followers[0]!.height;
  const memory: number[] = [];
  const delays: number[] = [];
  const cpuStartMs = node.cpuMs();
  for (let second = 0; second < SECONDS; second++) {
    const sentMs = performance.now();
    await node.call("generatetoaddress", 1, ADDRESS);
    const wantedHeight = start + second + 1;
    while (followers.some(({ height, fault }) => height < wantedHeight && fault === undefined)) await pause(2);
    delays.push(Math.max(...followers.map(({ lastMs }) => lastMs)) - sentMs);
    memory.push(node.memoryMb());
    await pause(Math.max(0, 1000 - (performance.now() - sentMs)));
  }
  const faults = followers.flatMap(({ fault }) => fault ?? []);
  check(
    faults.length === 0,
    `${CLIENTS} clients, ${SECONDS} blocks: all events in order${faults[0] ? `: ${faults[0]}` : ""}`,
  );
  const counts = new Set(followers.map(({ count }) => count));
  check(counts.size === 1 && counts.has(1 + 2 * SECONDS), `each got ${[...counts].join(" or ")} events`);
  const tenth = Math.max(1, Math.floor(memory.length / 6));
  const growth = median(memory.slice(-tenth)) - median(memory.slice(tenth, 2 * tenth));
  check(
    growth < GROWTH_MB_MAX,
    `memory ${memory[0]!.toFixed(0)} MB at first, ${memory.at(-1)!.toFixed(0)} MB at last, growth ${growth.toFixed(1)} MB`,
  );
  console.log(
    `       from the call for a block to the last client's event: median ${median(delays).toFixed(0)} ms, most ${Math.max(...delays).toFixed(0)} ms`,
  );
  console.log(`       processor: ${((node.cpuMs() - cpuStartMs) / SECONDS).toFixed(0)} ms a second`);
  const ending = new Promise<number>((resolve) => paused.once("close", resolve));
  paused.resume();
  check([4008, 1006].includes(await Promise.race([ending, pause(5000, 0)])), "the paused client was dropped");
  for (const { socket } of followers) socket.terminate();
} finally {
  await node.stop();
}
process.exit(failures === 0 ? 0 : 1);
