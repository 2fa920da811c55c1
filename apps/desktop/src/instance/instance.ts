import { chmodSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { lockDirectory } from "@bitfleet/node/directory-lock.ts";
import type { DesktopApp } from "../apps.ts";
import type { WindowWish } from "../options.ts";

/** What a second call asks of the process that runs. */
export interface HandedOver {
  readonly app: DesktopApp;
  readonly window: WindowWish;
  readonly uri: string | null;
}

/** What it answers: a sentence for the second call's terminal. */
export interface HandedOverAnswer {
  readonly said: string;
}

export interface Instance {
  close(): Promise<void>;
}

const SOCKET_NAME = "desktop.sock";
/** A name that the system takes for a socket, with its end. */
const SOCKET_PATH_BYTES_MAX = 103;
const MESSAGE_BYTES_MAX = 16 * 1024;
const ANSWER_TIMEOUT_MS = 15_000;
/** The one that is starting has no socket yet. */
const TRIES = 100;
const TRY_EVERY_MS = 50;

/** Where the process of a data folder listens. */
export function socketPath(dataFolder: string): string {
  if (process.platform === "win32")
    return `\\\\.\\pipe\\bitfleet-${Buffer.from(dataFolder).toString("hex").slice(-200)}`;
  const path = join(dataFolder, SOCKET_NAME);
  if (Buffer.byteLength(path) <= SOCKET_PATH_BYTES_MAX) return path;
  throw new Error(
    `The path of the folder ${dataFolder} is too long for a socket in it. Name a shorter one with --data.`,
  );
}

/**
 * Becomes the process of a data folder, or hands `wish` over to the one that is. A process that was killed leaves a socket behind which nobody
 * listens at: it is taken away under a lock that the system drops with its process.
 */
export async function becomeInstance(
  dataFolder: string,
  wish: HandedOver,
  onWish: (wish: HandedOver) => Promise<HandedOverAnswer>,
): Promise<Instance | HandedOverAnswer> {
  const path = socketPath(dataFolder);
  for (let tried = 0; tried < TRIES; tried++) {
    const answer = await handOver(path, wish);
    if (answer !== undefined) return answer;
    const lock = await lockDirectory(dataFolder).catch(() => undefined);
    if (lock === undefined) {
      await new Promise((resume) => setTimeout(resume, TRY_EVERY_MS));
      continue;
    }
    if (process.platform !== "win32") rmSync(path, { force: true });
    const server = await listen(path, onWish);
    return {
      close: async () => {
        await new Promise<void>((resolve) => server.close(() => resolve()));
        await lock.release();
      },
    };
  }
  throw new Error(
    `Bitfleet runs with the folder ${dataFolder} already, and does not answer. End that process, or name another folder with --data.`,
  );
}

/** What the running process answers; `undefined` where there is none. */
function handOver(path: string, wish: HandedOver): Promise<HandedOverAnswer | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.setTimeout(ANSWER_TIMEOUT_MS, () =>
      socket.destroy(new Error("The Bitfleet that runs already does not answer.")),
    );
    socket.once("connect", () => socket.write(`${JSON.stringify(wish)}\n`));
    readLine(socket, (line) => {
      socket.end();
      const answer = JSON.parse(line) as HandedOverAnswer | { readonly error: string };
      if ("error" in answer) reject(new Error(answer.error));
      else resolve(answer);
    });
    socket.once("error", (error: NodeJS.ErrnoException) =>
      error.code === undefined ? reject(error) : resolve(undefined),
    );
    socket.once("close", () => resolve(undefined));
  });
}

async function listen(path: string, onWish: (wish: HandedOver) => Promise<HandedOverAnswer>): Promise<Server> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy());
    readLine(socket, async (line) => {
      try {
        socket.end(`${JSON.stringify(await onWish(JSON.parse(line) as HandedOver))}\n`);
      } catch (error) {
        socket.end(`${JSON.stringify({ error: (error as Error).message })}\n`);
      }
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  // The process makes nothing that others may read; this says it once more.
  if (process.platform !== "win32") chmodSync(path, 0o600);
  return server;
}

function readLine(socket: Socket, onLine: (line: string) => void): void {
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    if (text.includes("\n")) return;
    text += chunk;
    if (text.length > MESSAGE_BYTES_MAX) socket.destroy();
    else if (text.includes("\n")) onLine(text.slice(0, text.indexOf("\n")));
  });
}
