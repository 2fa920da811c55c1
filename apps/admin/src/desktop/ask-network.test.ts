import type { TrialAnswer, TrialRequest } from "@bitfleet/ui/desktop/desktop-client.ts";
import { describe, expect, test } from "vitest";
import { askNetwork, tryNetwork } from "./ask-network.ts";
import { NO_KEYS } from "./profile.ts";

const URL = "http://10.0.0.5:8080";
const CHAIN = { chain: "regtest", height: 12, initial_block_download: false };

const answer = (status: number, data: unknown, error?: string): TrialAnswer => ({
  status,
  headers: {},
  body: JSON.stringify({ success: status < 400, data, error: error ?? null }),
});

/** A web server that knows these keys; with `isClosed` it shows nothing without one. */
function server({ isClosed = false, admin = "adm1n", wallet = "w4llet", reading = "r3ad" } = {}) {
  const asked: string[] = [];
  const tryAt = async ({ path, headers }: TrialRequest): Promise<TrialAnswer> => {
    const key = headers?.["x-api-key"] ?? "";
    asked.push(`${path} ${key}`.trim());
    if (path === "/health") return answer(200, { version: "0.1.0" });
    const known = [admin, wallet, reading].includes(key);
    const isTaken =
      path === "/api/v1/blockchain"
        ? known || (key === "" && !isClosed)
        : key === admin || (path === "/api/wallet/wallets" && key === wallet);
    return isTaken ? answer(200, CHAIN) : answer(401, null, "The key is not known here.");
  };
  return { asked, tryAt };
}

describe("a network that is asked", () => {
  test("tells chain and height, and gets no key that it does not want", async () => {
    const { asked, tryAt } = server();
    const keys = { ...NO_KEYS, admin: "adm1n" };
    expect(await askNetwork({ tryAt }, { url: URL, keys })).toMatchObject({
      kind: "up",
      chain: "regtest",
      height: 12,
      isSyncing: false,
      readBy: undefined,
    });
    expect(asked).toEqual(["/api/v1/blockchain"]);
  });

  test.each([
    ["its reading key", { ...NO_KEYS, reading: "r3ad", admin: "adm1n" }, "reading"],
    ["another, where that is all there is", { ...NO_KEYS, admin: "adm1n" }, "admin"],
  ])("is read with %s where it shows nothing without one", async (_name, keys, readBy) => {
    const closed = server({ isClosed: true });
    expect(await askNetwork(closed, { url: URL, keys })).toMatchObject({ kind: "up", readBy });
  });

  test("says that it wants a key, or another one", async () => {
    const closed = server({ isClosed: true });
    expect(await askNetwork(closed, { url: URL, keys: NO_KEYS })).toEqual({ kind: "key", isRefused: false });
    const keys = { ...NO_KEYS, reading: "guess" };
    expect(await askNetwork(closed, { url: URL, keys })).toEqual({ kind: "key", isRefused: true });
  });

  test.each([
    ["a page", { status: 200, headers: {}, body: "<h1>It works</h1>" }],
    ["another API", { status: 200, headers: {}, body: '{"success":true,"data":{"chain":5}}' }],
    ["no such path", { status: 404, headers: {}, body: "not found" }],
    ["a gateway's page", { status: 502, headers: {}, body: "<h1>Bad gateway</h1>" }],
  ])("is none where there is %s", async (_name, other) => {
    expect(await askNetwork({ tryAt: async () => other }, { url: URL, keys: NO_KEYS })).toEqual({ kind: "other" });
  });

  test("is down where nothing answers, or a node that says so", async () => {
    const silent = async () => Promise.reject(new Error(`${URL} cannot be reached: nothing listens there.`));
    expect(await askNetwork({ tryAt: silent }, { url: URL, keys: NO_KEYS })).toEqual({
      kind: "down",
      problem: `${URL} cannot be reached: nothing listens there.`,
    });
    const starting = async () => answer(503, null, "The node is starting.");
    expect(await askNetwork({ tryAt: starting }, { url: URL, keys: NO_KEYS })).toEqual({
      kind: "down",
      problem: "The node is starting.",
    });
  });

  test("ends where nobody wants to know any more", async () => {
    const ending = new AbortController();
    const tryAt = async () => {
      ending.abort(new Error("enough"));
      throw new Error("broken off");
    };
    await expect(askNetwork({ tryAt }, { url: URL, keys: NO_KEYS }, ending.signal)).rejects.toThrow("enough");
  });
});

describe("a trial", () => {
  test("tells the version, and that all keys are taken", async () => {
    const keys = { admin: "adm1n", wallet: "w4llet", reading: "r3ad" };
    expect(await tryNetwork(server(), { url: URL, keys })).toMatchObject({
      standing: { kind: "up" },
      version: "0.1.0",
      refused: [],
    });
  });

  test("names each key that is not taken for its role", async () => {
    const keys = { admin: "w4llet", wallet: "guess", reading: "" };
    expect(await tryNetwork(server(), { url: URL, keys })).toMatchObject({ refused: ["admin", "wallet"] });
    const closed = server({ isClosed: true });
    expect(await tryNetwork(closed, { url: URL, keys: { ...NO_KEYS, reading: "guess" } })).toMatchObject({
      standing: { kind: "key" },
      refused: ["reading"],
    });
  });

  test("takes the admin's key for a wallet's", async () => {
    const keys = { ...NO_KEYS, wallet: "adm1n" };
    expect(await tryNetwork(server(), { url: URL, keys })).toMatchObject({ refused: [] });
  });
});
