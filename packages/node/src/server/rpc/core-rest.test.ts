import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MemoryLog } from "../../chain/test-kit.ts";
import { SystemClock } from "../../clock.ts";
import { StorageError } from "../../storage/storage-error.ts";
import { CREDENTIALS, openTestNode, spendingChain, type TestNode } from "../test-kit.ts";
import { CoreRest } from "./core-rest.ts";
import { queryField, splitFormat, unsignedIn } from "./core-rest-request.ts";
import { createRpcServer } from "./rpc-server.ts";

const tips = spendingChain();
const last = tips.at(-1)!.block;
const hash = displayHash(last.hash);
let folder: string;
let node: TestNode;
let rest: CoreRest;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bitfleet-rest-"));
  node = await openTestNode(join(folder, "data"), tips);
  const { chain, mempool, indexes, handlers } = node;
  rest = new CoreRest({ chain, mempool, indexes, handlers, secp256k1: portableSecp256k1 });
}, 60_000);

afterAll(async () => {
  await node.close();
  await rm(folder, { recursive: true, force: true });
});

const ask = async (path: string, body: Uint8Array = new Uint8Array()) => {
  const answer = await rest.answer(`/rest/${path}`, body);
  return answer && { ...answer, body: Buffer.from(answer.body) };
};
const json = async (path: string) => JSON.parse((await ask(`${path}.json`))!.body.toString());

describe("a path and its query", () => {
  test("end in the format", () => {
    expect(splitFormat("ab.hex?x=1.json")).toEqual({ path: "ab", format: "hex" });
    expect(splitFormat("a.b.bin")).toEqual({ path: "a.b", format: "bin" });
    expect(splitFormat("ab.xml")).toEqual({ path: "ab.xml", format: undefined });
    expect(splitFormat("ab.")).toEqual({ path: "ab", format: undefined });
  });

  test("have fields with escapes", () => {
    expect(queryField("/a?b=1&%63=%32%&d", "c")).toBe("2%");
    expect(queryField("/a?b=1&d", "d")).toBe("");
    expect(queryField("/a?b=1#c=2", "c")).toBeUndefined();
    expect(queryField("/a", "b")).toBeUndefined();
  });

  test("have numbers without a sign, as large as they may be", () => {
    expect(unsignedIn("4294967295", 32)).toBe(4294967295n);
    for (const text of ["4294967296", "-1", "+1", "", "1.0", " 1"]) expect(unsignedIn(text, 32), text).toBeUndefined();
  });
});

describe("the calls", () => {
  test("show a block, whole and in part, in every format", async () => {
    expect((await ask(`block/${hash}.bin`))!.body.equals(Buffer.from(last.bytes))).toBe(true);
    expect((await ask(`block/${hash}.hex`))!.body.toString()).toBe(`${toHex(last.bytes)}\n`);
    expect((await json(`block/${hash}`)).tx[1].vin[0].prevout).toMatchObject({ generated: true });
    expect((await json(`block/notxdetails/${hash}`)).tx).toEqual(last.transactions.map((tx) => displayHash(tx.txid)));
    const part = await ask(`blockpart/${hash}.bin?offset=5&size=10`);
    expect(part!.body.equals(Buffer.from(last.bytes.subarray(5, 15)))).toBe(true);
    const behind = await ask(`blockpart/${hash}.bin?offset=${last.size}&size=1`);
    expect([behind!.status, behind!.body.toString()]).toEqual([
      400,
      `Bad block part offset/size ${last.size}/1 for ${hash}\r\n`,
    ]);
  });

  test("show headers, hashes and what was spent", async () => {
    const headers = await json(`headers/${displayHash(tips[117]!.block.hash)}`);
    expect(headers.map(({ height }: { height: number }) => height)).toEqual([118, 119, 120]);
    expect(await json("blockhashbyheight/120")).toEqual({ blockhash: hash });
    const spent = await json(`spenttxouts/${hash}`);
    expect(spent).toHaveLength(last.transactions.length);
    expect(spent[0]).toEqual([]);
    expect(spent[1][0].value).toBe(50);
  });

  test("show unspent outputs, asked for in path or body", async () => {
    const { txid } = last.transactions.at(-1)!;
    const found = await json(`getutxos/checkmempool/${displayHash(txid)}-0/${displayHash(txid)}-7`);
    expect(found).toMatchObject({ chainHeight: 120, chaintipHash: hash, bitmap: "10", utxos: [{ height: 120 }] });
    const asked = Buffer.concat([Buffer.from([0, 1]), txid, Buffer.alloc(4)]);
    const inPath = await ask(`getutxos/${displayHash(txid)}-0.bin`);
    expect(await ask("getutxos.bin", asked)).toEqual(inPath);
    expect((await ask("getutxos.hex", Buffer.from(toHex(asked))))!.body.toString()).toBe(`${toHex(inPath!.body)}\n`);
    expect((await ask("getutxos.bin", asked.subarray(0, 20)))!.body.toString()).toBe("Parse error\r\n");
  });

  test("say why not", async () => {
    const said = async (path: string) => {
      const answer = await ask(path);
      return [answer?.status, answer?.body.toString()];
    };
    expect(await said("block/abc.json")).toEqual([400, "Invalid hash: abc\r\n"]);
    expect(await said(`block/${"11".repeat(32)}.json`)).toEqual([404, `${"11".repeat(32)} not found\r\n`]);
    expect(await said(`block/${hash}.xml`)).toEqual([400, `Invalid hash: ${hash}.xml\r\n`]);
    expect(await said(`block/${hash}`)).toEqual([404, "output format not found (available: .bin, .hex, .json)\r\n"]);
    expect(await said("chaininfo.hex")).toEqual([404, "output format not found (available: json)\r\n"]);
    expect(await said("nothing.json")).toEqual([undefined, undefined]);
  });
});

test("a failure of the disk tells the log where, and no caller", async () => {
  const { mempool, indexes, handlers } = node;
  const readBlockBytes = () => Promise.reject(new StorageError("io", "/secret/blk0", "Cannot read /secret/blk0."));
  const chain = Object.assign(Object.create(node.chain), { readBlockBytes, readBlock: readBlockBytes });
  const log = new MemoryLog();
  const broken = new CoreRest({ chain, mempool, indexes, handlers, secp256k1: portableSecp256k1, log });
  const answer = (await broken.answer(`/rest/block/${hash}.bin`, new Uint8Array()))!;
  expect([answer.status, Buffer.from(answer.body).toString()]).toEqual([
    500,
    "Something is wrong in the node; its log has more.\r\n",
  ]);
  expect(log.lines).toHaveLength(1);
});

describe("the port of JSON-RPC", () => {
  const open = async (hasRest: boolean) => {
    const server = createRpcServer(
      { listen: [{ host: "127.0.0.1", port: 0 }], allow: [], credentials: CREDENTIALS, hasRest },
      { clock: new SystemClock(), log: new MemoryLog() },
    );
    await server.listen();
    const read = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${server.addresses[0]!.port}${path}`);
      return [response.status, response.headers.get("content-type"), await response.text()] as const;
    };
    return { server, read };
  };

  test("answers them without a password where it is to, and says that the node starts", async () => {
    const { server, read } = await open(true);
    server.warmUp("Loading block index…");
    expect(await read("/rest/chaininfo.json")).toEqual([
      503,
      "text/plain",
      "Service temporarily unavailable: Loading block index…\r\n",
    ]);
    expect((await read("/rest/nothing"))[0]).toBe(404);
    server.ready(node.handlers, rest);
    const [status, type, text] = await read("/rest/chaininfo.json");
    expect([status, type, JSON.parse(text).bestblockhash]).toEqual([200, "application/json", hash]);
    expect(await read("/rest/blockhashbyheight/5.hex")).toEqual([
      200,
      "text/plain",
      expect.stringMatching(/^[0-9a-f]{64}\n$/),
    ]);
    expect((await read("/rest/nothing"))[0]).toBe(404);
    expect((await read("/"))[0]).toBe(405);
    await server.close();
  });

  test("knows nothing of them otherwise", async () => {
    const { server, read } = await open(false);
    server.ready(node.handlers);
    expect((await read("/rest/chaininfo.json"))[0]).toBe(404);
    await server.close();
  });
});
