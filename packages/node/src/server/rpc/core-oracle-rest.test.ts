import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MemoryLog } from "../../chain/test-kit.ts";
import { SystemClock } from "../../clock.ts";
import { openTestNode, spendingChain, type TestNode } from "../test-kit.ts";
import { CoreRest } from "./core-rest.ts";
import { BITCOIND, Core } from "./core-test-kit.ts";
import { createRpcServer, type RpcServer } from "./rpc-server.ts";

/** Core's REST interface, of Bitcoin Core and of us on the same chain: same status, type and bytes. Set CORE_BITCOIND to run this. */

interface Reply {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly body: string;
}

const tips = spendingChain();
const hashAt = (height: number) => displayHash(tips[height - 1]!.block.hash);
const last = tips.at(-1)!.block;
const spending = last.transactions[1]!;
const txid = displayHash(spending.txid);
const UNKNOWN = "11".repeat(32);

const outPoint = (index = 0) => `${txid}-${index}`;
const spentOutPoint = `${displayHash(spending.inputs[0]!.previousOutput.txid)}-${spending.inputs[0]!.previousOutput.index}`;

/** Paths without their ending: each is asked for with every one, and without. */
const ANY_FORMAT = [
  ...[
    `block/${hashAt(120)}`,
    `block/${hashAt(1)}`,
    `block/notxdetails/${hashAt(120)}`,
    `block/${UNKNOWN}`,
    "block/abc",
  ],
  ...[
    "block/",
    "block",
    "block/notxdetails/",
    `block/${hashAt(120)}/x`,
    "tx/abc",
    `tx/${UNKNOWN}`,
    `tx/${txid}`,
    "tx/",
  ],
  ...[
    `headers/${hashAt(5)}`,
    `headers/3/${hashAt(5)}`,
    `headers/a/b/c`,
    `headers/0/${hashAt(5)}`,
    "headers/",
    "headers",
  ],
  ...[
    `headers/${UNKNOWN}`,
    `headers/2000/${hashAt(118)}`,
    "blockhashbyheight/5",
    "blockhashbyheight/121",
    "blockhashbyheight/",
  ],
  ...[
    "blockhashbyheight/-1",
    "blockhashbyheight/+1",
    "blockhashbyheight/5x",
    "blockhashbyheight/99999999999",
    "blockhashbyheight/007",
  ],
  ...[
    `spenttxouts/${hashAt(120)}`,
    `spenttxouts/${hashAt(1)}`,
    `spenttxouts/${UNKNOWN}`,
    "spenttxouts/x",
    "spenttxouts/a/b",
  ],
  ...[
    "chaininfo",
    "chaininfox",
    "deploymentinfo",
    `deploymentinfo/${hashAt(5)}`,
    `deploymentinfo/${UNKNOWN}`,
    "deploymentinfo/x",
  ],
  ...[
    "mempool/contents",
    "mempool/x",
    "mempool/",
    "mempool",
    "blockfilter/basic/abc",
    "blockfilter/basic",
    "blockfilter/x/y/z",
  ],
  ...[`blockfilter/basic/${hashAt(5)}`, `blockfilter/other/${hashAt(5)}`, `blockfilterheaders/basic/${hashAt(5)}`],
  ...[
    "blockfilterheaders/basic",
    "blockfilterheaders/basic/a/b/c",
    `blockfilterheaders/basic/0/${hashAt(5)}`,
    "nothing/5",
  ],
  ...["getutxos", "getutxos/", `getutxos/${outPoint()}`, `getutxos/${outPoint()}/${outPoint(9)}/${spentOutPoint}`],
  ...["getutxos/checkmempool", `getutxos/checkmempool/${outPoint()}`, `getutxos/${txid}`, `getutxos/${outPoint()}-1`],
  ...[
    `getutxos/${txid}-+1`,
    `getutxos/${txid}--1`,
    `getutxos/${txid}-4294967296`,
    `getutxos/${txid}-4294967295`,
    "getutxos/a-1",
  ],
  ...[
    `getutxosx${outPoint()}`,
    `getutxos/${Array(15).fill(outPoint()).join("/")}`,
    `getutxos/${Array(16).fill(outPoint()).join("/")}`,
  ],
];
const WITH_QUERY = [
  ...["1", "2000", "2001", "0", "-5", "5a", "", "%31", "99999999999999999999999999"].map(
    (n) => `headers/${hashAt(5)}.hex?count=${n}`,
  ),
  ...[
    `headers/${hashAt(5)}.hex?count`,
    `headers/${hashAt(5)}.hex?a=b&count=2&count=3`,
    `headers/${hashAt(5)}.hex?x?count=2`,
  ],
  ...[
    `headers/${hashAt(5)}%`,
    `headers/${hashAt(5)}%.hex`,
    `headers/${hashAt(5)}.hex?%c=1&co%75nt=2`,
    `headers/${hashAt(5)}.hex?count=+2`,
  ],
  ...[
    "offset=0&size=80",
    "offset=5&size=1",
    "offset=0&size=0",
    "offset=0&size=99999999",
    "offset=1",
    "size=1",
    "offset=x&size=1",
  ].flatMap((query) => ["bin", "hex", "json", "x"].map((ending) => `blockpart/${hashAt(120)}.${ending}?${query}`)),
  ...[
    `blockpart/${hashAt(120)}.hex?offset=18446744073709551615&size=18446744073709551615`,
    `blockpart/${UNKNOWN}.hex?offset=0&size=1`,
  ],
  ...[`blockpart/${hashAt(120)}.hex?%XY`, "blockpart/abc.hex?offset=0&size=1", `blockpart/${hashAt(120)}.hex`],
  ...["true", "false", "TRUE", ""].flatMap((a) =>
    ["true", "false", "x"].map((b) => `mempool/contents.json?verbose=${a}&mempool_sequence=${b}`),
  ),
  ...[
    "mempool/contents.json?%",
    "mempool/contents.json?verbose=false",
    "chaininfo.json?x",
    "chaininfo.json.json",
    "chaininfo.",
    "chaininfo?.json",
  ],
];

describe.skipIf(BITCOIND === undefined)("Core's REST interface", () => {
  let folder: string;
  let core: Core;
  let node: TestNode;
  let server: RpcServer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bitfleet-rest-oracle-"));
    core = await Core.start(folder, ["-rest"]);
    for (const { block } of tips) expect(await core.resultText("submitblock", [toHex(block.bytes)])).toBe("null");
    node = await openTestNode(join(folder, "ours"), tips);
    server = createRpcServer(
      { listen: [{ host: "127.0.0.1", port: 0 }], allow: [], credentials: [], hasRest: true },
      { clock: new SystemClock(), log: new MemoryLog() },
    );
    await server.listen();
    const { chain, mempool, indexes, handlers } = node;
    server.ready(handlers, new CoreRest({ chain, mempool, indexes, handlers, secp256k1: portableSecp256k1 }));
  }, 120_000);

  afterAll(async () => {
    await server.close();
    await node.close();
    await core.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const ask = (port: number, path: string, body?: Buffer): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const method = body === undefined ? "GET" : "POST";
      const sent = request({ host: "127.0.0.1", port, path: `/rest/${path}`, method, agent: false }, (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part) => parts.push(part));
        response.on("end", () => {
          const text = Buffer.concat(parts).toString("latin1");
          // Space on the disk is counted by who has it.
          const same = text.replace(/"size_on_disk":\d+/, "").replace(/"warnings":\[.*?\]/, "");
          resolve({ status: response.statusCode, type: response.headers["content-type"], body: same });
        });
      });
      sent.on("error", reject);
      sent.end(body);
    });
  const expectSame = async (path: string, body?: Buffer) => {
    const ours = await ask(server.addresses[0]!.port, path, body);
    const theirs = await ask(core.port, path, body);
    // What is nowhere has a body of Core's server, not of its REST interface.
    if (theirs.status === 404 && ours.body === "") return;
    expect(ours, path).toEqual(theirs);
  };

  test.each(ANY_FORMAT)("%s", async (path) => {
    for (const ending of ["", ".", ".json", ".hex", ".bin", ".JSON", ".xml", ".json?a=b"])
      await expectSame(path + ending);
  });

  test("fields of the query", async () => {
    for (const path of WITH_QUERY) await expectSame(path);
  });

  /** Core puts the length of the body before it and then reads that as its first bytes, so that no list in a body can be read. */
  test("outputs that a body asks for are those of BIP64, which Core misreads", async () => {
    const unspent = last.transactions.at(-1)!.txid;
    const asked = Buffer.concat([Buffer.from([1, 1]), unspent, Buffer.from([0, 0, 0, 0])]);
    const inPath = `getutxos/checkmempool/${displayHash(unspent)}-0.bin`;
    const expected = await ask(core.port, inPath);
    expect(await ask(server.addresses[0]!.port, "getutxos.bin", asked)).toEqual(expected);
    expect(await ask(core.port, "getutxos.bin", asked)).not.toEqual(expected);
  });

  test("bodies that are refused", async () => {
    for (const body of [Buffer.from([]), Buffer.from('{"checkmempool')]) {
      for (const path of ["getutxos.bin", "getutxos.json", "getutxos", `getutxos/${outPoint()}.bin`])
        await expectSame(path, body);
      await expectSame("getutxos.hex", Buffer.from(body.toString("hex")));
    }
    for (const body of ["zz", "0"]) await expectSame("getutxos.hex", Buffer.from(body));
  });
});
