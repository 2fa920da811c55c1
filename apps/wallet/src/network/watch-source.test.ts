import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { ScriptRange } from "@bitfleet/wallet/self-custody/script-ranges.ts";
import { describe, expect, test } from "vitest";
import { normalizedUrl } from "./connect.ts";
import { watchSource } from "./watch-source.ts";

interface Asked {
  readonly path: string;
  readonly body: { readonly descriptors: { from: number; to: number; descriptor: string }[]; readonly cursor?: string };
  readonly key: string | null;
}

/** A server that answers as `answer` says, and what it was asked. */
function server(answer: (path: string, body: never) => object | number) {
  const asked: Asked[] = [];
  const send: typeof fetch = async (input, init) => {
    const { pathname: path } = new URL(String(input));
    const body = init?.body === undefined ? {} : JSON.parse(String(init.body));
    asked.push({ path, body, key: new Headers(init?.headers).get("x-api-key") });
    const data = answer(path, body as never);
    if (typeof data === "number")
      return new Response(JSON.stringify({ success: false, error: "no", data: null }), {
        status: data,
        headers: { "retry-after": "0" },
      });
    return new Response(JSON.stringify({ success: true, data, error: null }));
  };
  const deps = { fetch: send, WebSocket: null, random: () => 0, leadTo: async () => {} };
  return { asked, source: watchSource({ baseUrl: "http://here", apiKey: "k" }, deps) };
}

const range = (id: number, from: number, end: number): ScriptRange => ({
  descriptor: { id, text: `d${id}`, normalizedText: undefined, createdAt: 0, activeFor: undefined, isInternal: false },
  isRanged: true,
  from,
  end,
  scripts: [],
});

const item = (byte: string, height: number | null) => ({
  txid: byte.repeat(32),
  block_hash: height === null ? null : `${byte}${"00".repeat(31)}`,
  block_height: height,
  index: height === null ? null : 1,
  time: 5,
  fee: 7,
});

const { signal } = new AbortController();

describe("asking a Bitfleet server", () => {
  test("what many scripts have, in requests of a size that it takes, part by part", async () => {
    const { asked, source } = server((_path, { cursor }: { cursor?: string }) => ({
      items: [item(cursor === undefined ? "aa" : "bb", 3)],
      next_cursor: cursor === undefined ? "next" : null,
    }));
    const ranges = [range(1, 0, 1000), ...Array.from({ length: 30 }, (_, place) => range(place + 2, 5, 6))];
    const { transactions, knownUpTo } = await source.history(ranges, () => false, signal);
    expect(transactions).toHaveLength(2);
    expect(knownUpTo).toBe(-1);
    expect(asked.every(({ key }) => key === "k")).toBe(true);
    const first = asked.filter(({ body }) => body.cursor === undefined).map(({ body }) => body.descriptors);
    for (const descriptors of first) {
      expect(descriptors.length).toBeLessThanOrEqual(20);
      expect(descriptors.reduce((sum, { from, to }) => sum + to + 1 - from, 0)).toBeLessThanOrEqual(400);
    }
    // Each index is asked for once.
    const indexes = first
      .flat()
      .flatMap(({ descriptor, from, to }) =>
        Array.from({ length: to + 1 - from }, (_, at) => `${descriptor}/${from + at}`),
      );
    expect(new Set(indexes).size).toBe(indexes.length);
    expect(indexes).toHaveLength(1030);
  });

  test("no further than to what is known", async () => {
    const { asked, source } = server(() => ({
      items: [item("aa", null), item("bb", 9), item("cc", 8), item("dd", 7)],
      next_cursor: "more",
    }));
    const isKnown = (txid: Uint8Array) => displayHash(txid as never).startsWith("cc");
    const { transactions, knownUpTo } = await source.history([range(1, 0, 20)], isKnown, signal);
    expect(
      transactions.map(({ txid, place, fee }) => [displayHash(txid).slice(0, 2), place?.block.height, fee]),
    ).toEqual([
      ["aa", undefined, 7n],
      ["bb", 9, 7n],
      ["cc", 8, 7n],
    ]);
    expect([knownUpTo, asked.length]).toEqual([8, 1]);
  });

  test("again where it is busy, and not where it wants a key or has no index", async () => {
    let answers = [503, 429, 503];
    const busy = server(() => answers.shift() ?? { items: [], next_cursor: null });
    expect((await busy.source.history([range(1, 0, 20)], () => false, signal)).transactions).toEqual([]);
    expect(busy.asked).toHaveLength(4);
    for (const [status, kind] of [
      [401, "key"],
      [403, "key"],
      [501, "no-index"],
    ] as const) {
      answers = [];
      const refusing = server(() => status);
      await expect(refusing.source.history([range(1, 0, 20)], () => false, signal)).rejects.toMatchObject({ kind });
      expect(refusing.asked).toHaveLength(1);
    }
  });

  test("what it is, by what every node answers: browsers log what one does not", async () => {
    const hash = "ab".repeat(32);
    const answers: Readonly<Record<string, object>> = {
      "/api/v1/blockchain": { chain: "signet", height: 3, last_block_hash: hash, last_block_timestamp: 5 },
      "/api/v1/blockchain/blocks/1": { hash },
      "/api/v1/mining": { has_faucet: true },
    };
    const { asked, source } = server((path) => answers[path] ?? 404);
    const tip = { hash, height: 3, time: 5 };
    expect(await source.facts(signal)).toEqual({
      ...{ chain: "signet", tip, firstBlock: hash, isCatchingUp: false, hasFaucet: true },
    });
    expect(asked.map(({ path }) => path).sort()).toEqual(Object.keys(answers).sort());
  });

  test("to take a payment, whose refusal says why; one that it has is no failure", async () => {
    const bytes = Uint8Array.of(1, 2);
    await server(() => ({ txid: "" })).source.broadcast(bytes, signal);
    await server(() => 409).source.broadcast(bytes, signal);
    await expect(server(() => 422).source.broadcast(bytes, signal)).rejects.toMatchObject({ kind: "refused" });
  });
});

test("addresses of servers are taken as people write them", () => {
  expect(
    ["localhost:8080/", " http://a.b/c// ", "", "example.org/api", "10.0.0.2:80", "server:8080", "https://x"].map(
      normalizedUrl,
    ),
  ).toEqual([
    ...["http://localhost:8080", "http://a.b/c", "", "https://example.org/api"],
    ...["http://10.0.0.2:80", "http://server:8080", "https://x"],
  ]);
});
