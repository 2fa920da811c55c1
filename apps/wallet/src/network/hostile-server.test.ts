import type { IncomingMessage, ServerResponse } from "node:http";
import { bomb, endless, type HostileServer, hostileServer, trickle } from "@bitfleet/api/hostile-server-test-kit.ts";
import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { ScriptRange } from "@bitfleet/wallet/self-custody/script-ranges.ts";
import { describe, expect, test, vi } from "vitest";
import { type ChainSource, SourceProblem, TRANSACTIONS_MAX } from "./chain-source.ts";
import { connect } from "./connect.ts";
import { esploraSource } from "./esplora-source.ts";
import { watchSource } from "./watch-source.ts";

/** Servers of which nothing can be expected: whatever they answer is a sentence, in bounded time and memory, and never a fault of the program. */

const deps = { fetch, WebSocket: null, random: () => 0, leadTo: async () => {} };
const { signal } = new AbortController();
const hash = "ab".repeat(32);
const txid = Uint8Array.from(Buffer.from(hash, "hex")) as Txid;
const place = { block: { hash: txid as never, height: 5 }, blockTime: 5, indexInBlock: 1 };
const range: ScriptRange = {
  descriptor: { id: 1, text: "d", normalizedText: undefined, createdAt: 0, activeFor: undefined, isInternal: false },
  isRanged: true,
  from: 0,
  end: 1,
  scripts: [Uint8Array.of(0x51)],
};

/** All that is asked of a source. */
const QUESTIONS: Readonly<Record<string, (source: ChainSource) => Promise<unknown>>> = {
  facts: (source) => source.facts(signal),
  tip: (source) => source.tip(signal),
  blockHash: (source) => source.blockHash(1, signal),
  history: (source) => source.history([range], undefined, signal),
  transactionBytes: (source) => source.transactionBytes({ txid, place }, signal),
  fees: (source) => source.fees(signal),
  waitingFamily: (source) => source.waitingFamily(txid, signal),
};
/** What a server does not show is no problem of it. */
const PROOFS: Readonly<Record<string, (source: ChainSource) => Promise<unknown>>> = {
  header: ({ proofs }) => proofs.header(place.block.hash, signal),
  headersDown: ({ proofs }) => proofs.headersDown(5, 3, signal),
  branch: ({ proofs }) => proofs.branch(txid, signal),
  txids: ({ proofs }) => proofs.txids(place.block.hash, signal),
};

const SOURCES = {
  watch: ({ url }: HostileServer) => watchSource({ baseUrl: url, apiKey: "secret" }, deps),
  esplora: ({ url }: HostileServer) => esploraSource({ baseUrl: url, apiKey: "secret" }, deps),
} as const;

const json = (response: ServerResponse, value: unknown) => response.end(JSON.stringify(value));
const enveloped = (value: unknown) => ({ success: true, data: value, error: null });

async function problemOf(asked: Promise<unknown>): Promise<SourceProblem> {
  const error = await asked.then(
    () => expect.unreachable("it was answered"),
    (reason: unknown) => reason,
  );
  // Anything else is a fault of the program: a field of nothing, say.
  expect(error).toBeInstanceOf(SourceProblem);
  return error as SourceProblem;
}

describe.each(Object.keys(SOURCES) as (keyof typeof SOURCES)[])("%s", (kind) => {
  const sourceAt = SOURCES[kind];
  const wrap = kind === "watch" ? enveloped : (value: unknown) => value;

  test.each([
    null,
    7,
    "x",
    [],
    [null],
    [[]],
    [{}],
    {},
    { hash: null, hex: 7, items: null, chain: 5, status: null, vin: null, chain_stats: null },
    { hash, hex: "zz", items: [null], next_cursor: null, chain: "main", height: {}, vin: [null], status: {} },
    { hash, hex: "00", items: [{ txid: {} }], next_cursor: {}, chain_stats: {}, mempool_stats: {}, mempool: {} },
    { mempool: { depends_on: [7], modified_fee: 1 }, virtual_size: 1, initial_block_download: true, sync: null },
  ])("answers of %j to everything are an answer or a problem, and no fault", async (value) => {
    const server = await hostileServer((response) => json(response, wrap(value)));
    for (const [name, ask] of Object.entries({ ...QUESTIONS, ...PROOFS })) {
      const error = await ask(sourceAt(server)).catch((reason: unknown) => reason);
      if (error instanceof Error) expect(error, `${name}: ${error.stack}`).toBeInstanceOf(SourceProblem);
    }
  });

  test.each([403, 404, 500, 501])(
    "a server that answers with status %d to whatever shows a block shows none",
    async (status) => {
      const server = await hostileServer((response) => {
        response.writeHead(status);
        json(response, { success: false, data: null, error: "None." });
      });
      for (const ask of Object.values(PROOFS)) expect(await ask(sourceAt(server))).toBeUndefined();
      expect(server.asked).toHaveLength(4);
    },
  );

  test.each([
    ["without an end", (response: ServerResponse) => endless(response)],
    ["that inflate without an end", bomb],
  ])("answers %s are given up", async (_what, answer) => {
    const server = await hostileServer(answer);
    for (const ask of [QUESTIONS.facts!, QUESTIONS.history!]) {
      const problem = await problemOf(ask(sourceAt(server)));
      expect(problem).toMatchObject({
        kind: "unexpected",
        message: expect.stringContaining("longer than 20,000,000 bytes"),
      });
    }
    await expect.poll(server.givenUp).toBe(2);
  });

  test("answers that come byte by byte have the time of any other", async () => {
    const timeout = AbortSignal.timeout.bind(AbortSignal);
    const limits = vi.spyOn(AbortSignal, "timeout").mockImplementation((delayMs) => timeout(delayMs / 100));
    try {
      const server = await hostileServer(trickle);
      // `facts` of Bitfleet's routes are asked once, all else again and again.
      const problem = await problemOf(QUESTIONS.facts!(sourceAt(server)));
      expect(problem).toMatchObject({ kind: "offline", message: "The server did not answer in time." });
      await expect.poll(server.givenUp).toBe(server.asked.length);
    } finally {
      limits.mockRestore();
    }
  });

  test("who sends on to another place is not followed, and that place gets no key", async () => {
    const other = await hostileServer((response) => response.end("{}"));
    const server = await hostileServer((response) => response.writeHead(307, { location: other.url }).end());
    for (const ask of Object.values(QUESTIONS))
      expect((await problemOf(ask(sourceAt(server)))).message).toMatch("sends on to another place");
    expect(server.asked[0]!.headers["x-api-key"]).toBe("secret");
    expect(other.asked).toHaveLength(0);
  });

  test("who wants to be left alone for a year is, for now, and says so", async () => {
    const server = await hostileServer((response) => {
      response.writeHead(429, { "retry-after": String(365 * 86_400) });
      json(response, { success: false, data: null, error: "Come back next year." });
    });
    const problem = await problemOf(QUESTIONS.history!(sourceAt(server)));
    expect(problem).toMatchObject({ kind: "busy", message: expect.stringContaining("Come back next year.") });
    expect(server.asked).toHaveLength(1);
  });

  test("a key that is taken back is a question of the key", async () => {
    const server = await hostileServer((response) => {
      response.writeHead(401);
      json(response, { success: false, data: null, error: "The key is not known." });
    });
    expect(await problemOf(QUESTIONS.history!(sourceAt(server)))).toMatchObject({ kind: "key" });
    expect(server.asked).toHaveLength(1);
  });

  test("a page in place of an answer is that of no server", async () => {
    const server = await hostileServer((response) => {
      response.writeHead(200, { "content-type": "text/html" }).end("<html>Log in to the hotel's network</html>");
    });
    expect(await problemOf(QUESTIONS.facts!(sourceAt(server)))).toMatchObject({ kind: "not-a-server" });
    const found = problemOf(connect({ url: server.url, apiKey: "" }, deps, signal));
    expect((await found).message).toMatch("is neither a Bitfleet web server nor an Esplora server");
  });
});

const item = (number: number) => ({
  txid: number.toString(16).padStart(64, "0"),
  ...{ block_hash: hash, block_height: 5, index: 1, time: 5, fee: 1 },
});
const bodyOf = async (request: IncomingMessage) => {
  let text = "";
  for await (const piece of request) text += String(piece);
  return JSON.parse(text) as { readonly cursor?: string };
};

test("a list of more txids than a block can have is of none, and takes no time to be hashed", async () => {
  let count = 2 ** 15;
  const server = await hostileServer((response) => json(response, new Array(count).fill(hash)));
  expect(await PROOFS.txids!(SOURCES.esplora(server))).toMatchObject({ txids: { length: count } });
  count++;
  expect(await PROOFS.txids!(SOURCES.esplora(server))).toBeUndefined();
});

describe("lists of transactions without an end", () => {
  test("whose parts are the same again and again", async () => {
    const server = await hostileServer((response) =>
      json(response, enveloped({ items: [item(1)], next_cursor: "again" })),
    );
    const problem = await problemOf(QUESTIONS.history!(SOURCES.watch(server)));
    expect(problem).toMatchObject({ kind: "unexpected", message: expect.stringContaining("comes to no end") });
    expect(server.asked.length).toBeLessThan(20);
  });

  test("whose parts are empty", async () => {
    let part = 0;
    const server = await hostileServer((response) =>
      json(response, enveloped({ items: [], next_cursor: String(part++) })),
    );
    expect((await problemOf(QUESTIONS.history!(SOURCES.watch(server)))).message).toMatch("comes to no end");
    expect(server.asked.length).toBeLessThan(20);
  });

  test("whose parts are always others", async () => {
    const server = await hostileServer(async (response, request) => {
      const from = Number((await bodyOf(request)).cursor ?? 0);
      const items = Array.from({ length: 100 }, (_, at) => item(from + at));
      json(response, enveloped({ items, next_cursor: String(from + 100) }));
    });
    const problem = await problemOf(QUESTIONS.history!(SOURCES.watch(server)));
    expect(problem).toMatchObject({ kind: "too-many", message: expect.stringContaining("more than 20,000") });
    expect(server.asked.length).toBe(TRANSACTIONS_MAX / 100 + 1);
  });

  const status = { confirmed: true, block_height: 5, block_hash: hash, block_time: 5 };
  const transaction = (number: number) => ({
    txid: item(number).txid,
    vin: [{ txid: hash }],
    weight: 4,
    fee: 1,
    status,
  });
  const esplora = (count: number, page: (path: string) => unknown) =>
    hostileServer((response, { url = "" }) => {
      const stats = { chain_stats: { tx_count: count }, mempool_stats: { tx_count: 0 } };
      json(response, url.includes("/txs/") ? page(url) : stats);
    });

  test("of an Esplora server, whose pages are the same again and again", async () => {
    const page = Array.from({ length: 25 }, (_, at) => transaction(at));
    const server = await esplora(30, () => page);
    expect((await problemOf(QUESTIONS.history!(SOURCES.esplora(server)))).message).toMatch("comes to no end");
    expect(server.asked.length).toBeLessThan(10);
  });

  test("of an Esplora server that says at once how many there are, and of one that does not", async () => {
    const famous = await esplora(100_000, () => []);
    expect(await problemOf(QUESTIONS.history!(SOURCES.esplora(famous)))).toMatchObject({ kind: "too-many" });
    expect(famous.asked).toHaveLength(1);
    let next = 0;
    const liar = await esplora(1, () => Array.from({ length: 25 }, () => transaction(next++)));
    expect(await problemOf(QUESTIONS.history!(SOURCES.esplora(liar)))).toMatchObject({ kind: "too-many" });
    expect(liar.asked.length).toBe(TRANSACTIONS_MAX / 25 + 2);
  });
});
