import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MemoryLog } from "../../chain/test-kit.ts";
import { SystemClock } from "../../clock.ts";
import { AUTHORIZATION, CREDENTIALS, openTestNode, type TestNode } from "../test-kit.ts";
import { BITCOIND, Core } from "./core-test-kit.ts";
import { createRpcServer, type RpcServer } from "./rpc-server.ts";

/** Requests as bytes on a socket, to Bitcoin Core and to us: same status, same body. Set CORE_BITCOIND to run this. */

interface Target {
  readonly port: number;
  readonly authorization: string;
}

interface Reply {
  readonly status: string;
  readonly body: string;
}

/** Sends text and reads until the other side closes, or is silent. */
function exchange({ port }: Target, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let received = "";
    const done = () => {
      socket.destroy();
      resolve(received);
    };
    let silence = setTimeout(done, 1500);
    socket.setEncoding("utf8");
    socket.on("data", (part: string) => {
      received += part;
      clearTimeout(silence);
      silence = setTimeout(done, 150);
    });
    socket.on("error", done);
    socket.on("end", done);
    socket.write(text);
  });
}

function repliesOf(text: string): Reply[] {
  const replies: Reply[] = [];
  let rest = text;
  while (rest !== "") {
    const end = rest.indexOf("\r\n\r\n");
    if (end < 0) return [...replies, { status: "broken", body: rest }];
    const head = rest.slice(0, end);
    const size = Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    const bytes = Buffer.from(rest.slice(end + 4));
    replies.push({ status: head.split(" ")[1]!, body: bytes.subarray(0, size).toString() });
    rest = bytes.subarray(size).toString();
  }
  return replies;
}

const post =
  (body: string, headers = "") =>
  (target: Target) =>
    `POST / HTTP/1.1\r\nHost: x\r\nAuthorization: ${target.authorization}\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

const call = (members: string) => `{"id":1,"method":"echo",${members}}`;
const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;

/** Bodies of a call; each is sent in a request of its own. */
const BODIES: readonly string[] = [
  ...[
    "",
    " ",
    "nonsense",
    "{",
    "}",
    "[",
    "]",
    "{}",
    "[]",
    "[[]]",
    "[{}]",
    "[1]",
    "[null,1,{}]",
    "null",
    "1",
    '"x"',
    "true",
  ],
  ...['{"id":1}', '{"method":1}', '{"method":null}', '{"method":"echo"}', '{"method":"echo","id":null}'],
  ...['{"method":"nosuch","id":1}', '{"method":"","id":1}', '{"method":"echo","id":1,}', "{'method':'echo'}"],
  // Ids of every type come back as they were.
  ...["null", "true", "1", "-1", "0", "-0", "1.0", "1e2", "1E+2", "0.10", "123456789012345678901234567890", '"a"'].map(
    (id) => `{"method":"echo","id":${id}}`,
  ),
  ...['{"a":[1,2.50]}', '["x",null]', '"\\u0000"', '"\\ud83d\\ude00"', '"é"', '"\\/"', "[]", "{}"].map(
    (id) => `{"method":"echo","id":${id}}`,
  ),
  // Versions.
  ...['"1.0"', '"1.1"', '"2.0"', '"2.1"', "2", "2.0", "null", "true", '""'].map((v) => call(`"jsonrpc":${v}`)),
  '{"jsonrpc":"2.0","method":"echo"}',
  '{"jsonrpc":"2.0","method":"echo","id":null}',
  '{"jsonrpc":"2.0","method":"nosuch"}',
  '{"jsonrpc":"2.0","method":"nosuch","id":3}',
  '{"jsonrpc":"2.0","id":3}',
  '{"jsonrpc":"2.0","method":5,"id":3}',
  '[{"jsonrpc":"2.0","method":"echo"}]',
  '[{"jsonrpc":"2.0","method":"echo","id":1},{"jsonrpc":"2.0","method":"echo"},{"method":"echo","id":2}]',
  '[{"jsonrpc":"2.0","method":"nosuch","id":1},{"jsonrpc":"2.0"}]',
  // Parameters.
  ...["null", "1", '"x"', "true", "[]", "{}", "[null]", "[1,2,3,4,5,6,7,8,9,10,11]"].map((p) => call(`"params":${p}`)),
  ...["[1.0]", "[1e2]", "[-0]", "[1E400]", "[0.1e-7]", "[9007199254740993]", "[18446744073709551616]"].map((p) =>
    call(`"params":${p}`),
  ),
  ...["[01]", "[+1]", "[.5]", "[1.]", "[1e]", "[-]", "[0x10]", "[NaN]", "[Infinity]", "[tru]", "[nul]"].map((p) =>
    call(`"params":${p}`),
  ),
  ...['["\\u0041"]', '["\\ud800"]', '["\\udc00\\ud800"]', '["\\x"]', '["\\u12"]', '["a\tb"]', '["a\nb"]', '["'].map(
    (p) => call(`"params":${p}`),
  ),
  ...[
    '["\\u0000\\u001f\\u007f"]',
    '["\u007f"]',
    '["😀 é \u2028"]',
    '["</script>"]',
    '["\\"\\\\\\/\\b\\f\\n\\r\\t"]',
  ].map((p) => call(`"params":${p}`)),
  ...['{"arg0":1,"arg0":2}', '{"arg0":1,"x":2}', '{"args":[1],"arg0":2}', '{"args":[1],"arg1":2}', '{"args":1}'].map(
    (p) => call(`"params":${p}`),
  ),
  ...['{"args":[1],"args":[2]}', '{"arg9":9}', '{"":1}'].map((p) => call(`"params":${p}`)),
  call('"params":[{"a":1,"a":2}]'),
  call('"params":[],"params":[1]'),
  '{"method":"echo","method":"nosuch","id":1,"id":2}',
  ...[10, 500, 508, 509, 510, 511, 512, 513, 600, 100_000].map((depth) => call(`"params":${nested(depth)}`)),
  `${call('"params":[]')} `,
  ` \t\r\n${call('"params":[]')}\n\n`,
  `${call('"params":[]')}x`,
  `${call('"params":[]')}${call('"params":[]')}`,
  `\ufeff${call('"params":[]')}`,
  call('"params":["\u0000"]'),
  `${call('"params":[]')}\u0000`,
  `/* */${call('"params":[]')}`,
];

/** Whole requests. */
const REQUESTS: Readonly<Record<string, (target: Target) => string>> = {
  "another content type": post(call('"params":[]'), "Content-Type: text/html\r\n"),
  "no authorization": () => "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
  "an empty authorization": () => "POST / HTTP/1.1\r\nAuthorization: \r\nContent-Length: 2\r\n\r\n{}",
  "another scheme": () => "POST / HTTP/1.1\r\nAuthorization: Bearer x\r\nContent-Length: 2\r\n\r\n{}",
  "no Base64": () => "POST / HTTP/1.1\r\nAuthorization: Basic !!!\r\nContent-Length: 2\r\n\r\n{}",
  "no colon": () => "POST / HTTP/1.1\r\nAuthorization: Basic YWJj\r\nContent-Length: 2\r\n\r\n{}",
  "a wrong password": () => "POST / HTTP/1.1\r\nAuthorization: Basic YTpi\r\nContent-Length: 2\r\n\r\n{}",
  "names in other letters": (target) =>
    `POST / HTTP/1.1\r\nhOST: x\r\naUTHORIZATION: ${target.authorization}\r\ncONTENT-lENGTH: 2\r\n\r\n{}`,
  GET: (target) => `GET / HTTP/1.1\r\nAuthorization: ${target.authorization}\r\n\r\n`,
  PUT: (target) => `PUT / HTTP/1.1\r\nAuthorization: ${target.authorization}\r\nContent-Length: 0\r\n\r\n`,
  "another path": post("{}") && ((target) => post("{}")(target).replace("POST / ", "POST /x ")),
  "a query": (target) => post(call('"params":[]'))(target).replace("POST / ", "POST /?a=b "),
  "in pieces": (target) =>
    `POST / HTTP/1.1\r\nAuthorization: ${target.authorization}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"id"\r\n19\r\n:1,"method":"getblockcount\r\n2\r\n"}\r\n0\r\n\r\n`,
  "one behind the other": (target) =>
    post('{"id":1,"method":"echo"}')(target) + post('{"id":2,"method":"nosuch"}')(target),
  "version 1.0": (target) =>
    post('{"id":1,"method":"echo"}')(target)
      .replace("HTTP/1.1", "HTTP/1.0")
      .replace("Host", "Connection: keep-alive\r\nHost"),
  "no length": (target) => `POST / HTTP/1.1\r\nAuthorization: ${target.authorization}\r\n\r\n`,
  "a negative length": (target) =>
    `POST / HTTP/1.1\r\nAuthorization: ${target.authorization}\r\nContent-Length: -1\r\n\r\n{}`,
  "a length that is no number": (target) =>
    `POST / HTTP/1.1\r\nAuthorization: ${target.authorization}\r\nContent-Length: x\r\n\r\n{}`,
  "two lengths": (target) =>
    `POST / HTTP/1.1\r\nAuthorization: ${target.authorization}\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}`,
  "nothing like a request": () => "nonsense\r\n\r\n",
  "a header without colon": (target) => `POST / HTTP/1.1\r\nAuthorization: ${target.authorization}\r\nbroken\r\n\r\n`,
  "a long header": (target) =>
    `POST / HTTP/1.1\r\nAuthorization: ${target.authorization}\r\nX: ${"x".repeat(9000)}\r\n\r\n`,
  "a long path": (target) => post("{}")(target).replace("POST / ", `POST /${"x".repeat(9000)} `),
};

describe.skipIf(BITCOIND === undefined)("Bitcoin Core and we answer the same on the socket", () => {
  let core: Core;
  let node: TestNode;
  let server: RpcServer;
  let ours: Target;
  let theirs: Target;
  let folders: readonly string[] = [];

  beforeAll(async () => {
    folders = await Promise.all(["ours", "theirs"].map((name) => mkdtemp(join(tmpdir(), `bitfleet-http-${name}-`))));
    node = await openTestNode(folders[0]!);
    server = createRpcServer(
      { listen: [{ host: "127.0.0.1", port: 0 }], allow: [], credentials: CREDENTIALS },
      { clock: new SystemClock(), log: new MemoryLog() },
    );
    await server.listen();
    server.ready(node.handlers);
    core = await Core.start(folders[1]!);
    ours = { port: server.addresses[0]!.port, authorization: AUTHORIZATION };
    theirs = { port: core.port, authorization: `Basic ${Buffer.from(core.cookie.trim()).toString("base64")}` };
  }, 60_000);

  afterAll(async () => {
    await server?.close();
    await node?.close();
    await core?.stop();
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });

  /** Both replies; help texts are worded differently. */
  const both = async (request: (target: Target) => string) => {
    const [own, other] = await Promise.all([exchange(ours, request(ours)), exchange(theirs, request(theirs))]);
    const plain = (replies: readonly Reply[]) =>
      replies.map(({ status, body }) => ({ status, body: body.replace(/"message":"echo [^}]*/, '"message":"help') }));
    return { own: plain(repliesOf(own)), other: plain(repliesOf(other)) };
  };

  test.each(BODIES.map((body) => [body.length > 100 ? `${body.slice(0, 60)}… of ${body.length}` : body, body]))(
    "body %j",
    async (_name, body) => {
      const { own, other } = await both(post(body!));
      expect(own).toEqual(other);
    },
  );

  test.each(Object.entries(REQUESTS))("%s", async (_name, request) => {
    const { own, other } = await both(request);
    expect(own.map(({ status }) => status)).toEqual(other.map(({ status }) => status));
    if (own[0]?.status === "200") expect(own).toEqual(other);
  });
});
