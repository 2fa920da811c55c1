import { chmodSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { DirectoryLockError, directoryInUse, lockDirectory } from "@bitfleet/node/directory-lock.ts";
import { readRequest, type WindowRequest } from "../window-request.ts";

/** What the process that runs answers a second call: a sentence for its terminal. `undefined` where it is just ending: the call may take its place soon. */
export type HandedOverAnswer = { readonly said: string } | undefined;

export interface Instance {
  close(): Promise<void>;
}

const SOCKET_NAME = "desktop.sock";
/** A name that the system takes for a socket, with its end. */
const SOCKET_PATH_BYTES_MAX = 103;
const MESSAGE_BYTES_MAX = 16 * 1024;
/** Far more calls at once than there are people at a machine. */
const CALLS_MAX = 32;
const ANSWER_TIMEOUT_MS = 15_000;
/** While a window comes, which may take long, a blank says that somebody is there. */
const BEAT_MS = 5_000;
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
  wish: WindowRequest,
  onWish: (wish: WindowRequest) => Promise<HandedOverAnswer>,
): Promise<Instance | NonNullable<HandedOverAnswer>> {
  const path = socketPath(dataFolder);
  for (let tried = 0; tried < TRIES; tried++) {
    const answer = await handOver(path, wish);
    if (answer !== undefined) return answer;
    const lock = await lockDirectory(dataFolder).catch((error: unknown) => {
      // Only that it is in use ends by itself.
      if (error instanceof DirectoryLockError && error.message === directoryInUse(dataFolder)) return undefined;
      throw new Error(`${(error as Error).message} Or name another folder with --data.`);
    });
    if (lock === undefined) {
      await new Promise((resume) => setTimeout(resume, TRY_EVERY_MS));
      continue;
    }
    if (process.platform !== "win32") rmSync(path, { force: true });
    const listening = await listen(path, onWish).catch((error: Error) => {
      throw new Error(`The folder ${dataFolder} takes no socket (${error.message}). Name another with --data.`);
    });
    return {
      close: async () => {
        await listening.close();
        await lock.release();
      },
    };
  }
  throw new Error(
    `Bitfleet runs with the folder ${dataFolder} already, and does not answer. End that process, or name another folder with --data.`,
  );
}

/** What the running process answers; `undefined` where there is none. */
function handOver(path: string, wish: WindowRequest): Promise<HandedOverAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.setTimeout(ANSWER_TIMEOUT_MS, () =>
      socket.destroy(
        new Error(
          "The Bitfleet that runs already does not answer. End that process, or name another folder with --data.",
        ),
      ),
    );
    socket.once("connect", () => socket.write(`${JSON.stringify(wish)}\n`));
    readLine(socket, (line) => {
      socket.end();
      const { said, error } = parsed(line) as Readonly<Record<string, unknown>>;
      if (typeof error === "string") reject(new Error(error));
      else resolve(typeof said === "string" ? { said } : undefined);
    });
    socket.once("error", (error: NodeJS.ErrnoException) =>
      error.code === undefined ? reject(error) : resolve(undefined),
    );
    socket.once("close", () => resolve(undefined));
  });
}

async function listen(path: string, onWish: (wish: WindowRequest) => Promise<HandedOverAnswer>): Promise<Instance> {
  const calls = new Set<Socket>();
  const server = createServer((socket) => {
    calls.add(socket);
    socket.once("close", () => calls.delete(socket));
    socket.on("error", () => {});
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy());
    readLine(socket, (line) => void answer(socket, line, onWish));
  });
  server.maxConnections = CALLS_MAX;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  // What it cannot accept is nobody's who has a window here.
  server.on("error", () => {});
  // The process makes nothing that others may read; this says it once more.
  if (process.platform !== "win32") chmodSync(path, 0o600);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of calls) socket.destroySoon();
      }),
  };
}

async function answer(
  socket: Socket,
  line: string,
  onWish: (wish: WindowRequest) => Promise<HandedOverAnswer>,
): Promise<void> {
  socket.setTimeout(0);
  const beat = setInterval(() => socket.write(" "), BEAT_MS);
  try {
    const said = await onWish(readRequest(parsed(line)));
    socket.end(`${JSON.stringify(said ?? {})}\n`);
  } catch (error) {
    socket.end(`${JSON.stringify({ error: (error as Error).message })}\n`);
  } finally {
    clearInterval(beat);
  }
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

/** What a line of JSON says; nothing where it is none. */
function parsed(line: string): object {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
