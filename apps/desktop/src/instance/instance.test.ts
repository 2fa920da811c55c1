import { chmodSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { WindowRequest } from "../window-request.ts";
import { becomeInstance, type HandedOverAnswer, type Instance, socketPath } from "./instance.ts";

const WISH: WindowRequest = { app: "wallet", window: "auto", uri: null, url: null, hasDevtools: false };
const MESSAGE_BYTES = 1024 * 1024;

describe.skipIf(process.platform === "win32")("the process of a data folder", () => {
  let folder: string;
  let asked: WindowRequest[];
  let answer: () => Promise<HandedOverAnswer>;
  const instances: Instance[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "bitfleet-instance-"));
    asked = [];
    answer = async () => ({ said: "shown" });
  });
  afterEach(async () => {
    for (const one of instances.splice(0)) await one.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const become = async (wish = WISH) => {
    const become = await becomeInstance(folder, wish, (other) => {
      asked.push(other);
      return answer();
    });
    if (!("said" in become)) instances.push(become);
    return become;
  };
  const open = () => {
    const socket = connect(socketPath(folder));
    socket.on("error", () => {});
    return socket;
  };
  const endOf = (socket: Socket) => new Promise<void>((resolve) => socket.once("close", () => resolve()));
  /** Everything that comes back for some text. */
  const told = async (text: string) => {
    const socket = open();
    let back = "";
    socket.on("data", (chunk) => (back += chunk));
    socket.write(text);
    await endOf(socket);
    return back;
  };

  test("is one, and is told what a second call wants", async () => {
    expect(await become()).not.toHaveProperty("said");
    const wish = { ...WISH, url: "http://a.example", uri: "bitcoin:x" };
    expect(await become(wish)).toEqual({ said: "shown" });
    expect(asked).toEqual([wish]);
    expect(statSync(socketPath(folder)).mode & 0o777).toBe(0o600);
  });

  test("is one of twenty that start at the same moment", async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => become()));
    expect(all.filter((one) => !("said" in one))).toHaveLength(1);
    expect(asked).toHaveLength(19);
  });

  test("says why not, and whoever is told nothing takes its place once it has ended", async () => {
    await become();
    answer = () => Promise.reject(new Error("There is no room."));
    await expect(become()).rejects.toThrow("There is no room.");
    answer = async () => {
      // It is just ending.
      void instances.pop()?.close();
      return undefined;
    };
    expect(await become()).not.toHaveProperty("said");
    expect(instances).toHaveLength(1);
  });

  test("answers nonsense with a sentence, and takes no message without an end", async () => {
    await become();
    for (const text of ["\n", "null\n", "[]\n", "{\n", '{"app":"wallet"}\n', "\0\xff\n"]) {
      expect(JSON.parse(await told(text))).toEqual({ error: expect.stringContaining("of another version") });
    }
    expect(await told("x".repeat(MESSAGE_BYTES))).toBe("");
    expect(asked).toEqual([]);
    expect(await become()).toEqual({ said: "shown" });
  });

  test("has a limit of calls at once, hears the next, and does not wait at its end for those that say nothing", async () => {
    const instance = (await become()) as Instance;
    const silent = Array.from({ length: 500 }, open);
    const ends = silent.map(endOf);
    const left = () => silent.filter(({ closed }) => !closed);
    await expect.poll(() => left().length).toBeLessThan(100);
    left()[0]!.destroy();
    await expect.poll(() => become()).toEqual({ said: "shown" });
    expect(left().length).toBeGreaterThan(0);
    instances.length = 0;
    await instance.close();
    await Promise.all(ends);
  });

  test("answers a call whose other end is gone, or that stops in the middle, without harm", async () => {
    await become();
    const half = open();
    half.write('{"app":');
    const gone = open();
    gone.write(`${JSON.stringify(WISH)}\n`);
    await expect.poll(() => asked.length).toBe(1);
    gone.destroy();
    expect(await become()).toEqual({ said: "shown" });
    half.destroy();
  });

  test.skipIf(process.getuid?.() === 0)("says where the folder cannot be written to", async () => {
    chmodSync(folder, 0o500);
    await expect(become()).rejects.toThrow("check permissions");
    chmodSync(folder, 0o700);
  });
});
