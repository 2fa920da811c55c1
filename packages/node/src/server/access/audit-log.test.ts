import { mkdtempSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MemoryLog } from "../../chain/test-kit.ts";
import { namesInSchema, shownBody, shownError } from "./audit-fields.ts";
import { type AuditEntry, AuditLog } from "./audit-log.ts";

let folder: string;
let file: string;
let nowMs: number;
let log: MemoryLog;
let audit: AuditLog;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bitfleet-audit-"));
  file = join(folder, "audit.log");
  nowMs = 0;
  log = new MemoryLog();
  audit = new AuditLog(file, { clock: { monotonicMs: () => nowMs }, log });
  audit.open();
});
afterEach(() => {
  audit.close();
  rmSync(folder, { recursive: true, force: true });
});

const ACCEPTED: AuditEntry = {
  key: "root",
  role: "admin",
  address: "192.0.2.1",
  method: "PUT",
  path: "/api/admin/x",
  status: 200,
  requestId: "r-1",
};
const REFUSED: AuditEntry = { ...ACCEPTED, key: undefined, role: undefined, status: 401 };
const linesOf = (path = file) => readFileSync(path, "utf8").split("\n").filter(Boolean);

describe("the audit log", () => {
  test("has a line of JSON for each call, for its owner alone", () => {
    audit.write({ ...ACCEPTED, body: { count: 1 } });
    audit.write({ ...ACCEPTED, status: 503, error: "The node is starting." });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(linesOf().map((line) => JSON.parse(line))).toMatchObject([
      { key: "root", status: 200, result: "ok", body: { count: 1 } },
      { key: "root", status: 503, result: "failed", error: "The node is starting." },
    ]);
  });

  test("has no private key that somebody took for an address, in its path or in what the answer says of it", () => {
    const key = "cTpB4YiyKiBcPxnefsDpbnDxFDffjqJob8wGCEDXxgQ7zQoMXJdH";
    const address = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
    for (const name of [key, address]) {
      audit.write({
        ...ACCEPTED,
        path: `/api/wallet/wallet/${name}/balance`,
        status: 400,
        error: `Not known: ${name}.`,
      });
    }
    const [ofKey, ofAddress] = linesOf().map((line) => JSON.parse(line));
    expect(ofKey).toMatchObject({ path: "/api/wallet/wallet/(hidden)/balance", error: "Not known: (hidden)." });
    expect(ofAddress).toMatchObject({ path: `/api/wallet/wallet/${address}/balance`, error: `Not known: ${address}.` });
  });

  test("a flood of refused calls leaves a hundred lines, then six a minute, and how many were left out", () => {
    for (let call = 0; call < 1000; call++) audit.write(REFUSED);
    expect(linesOf().length).toBe(100);
    for (const status of [401, 403, 404, 405, 429]) audit.write({ ...REFUSED, status });
    audit.write({ ...ACCEPTED, status: 403 });
    expect(linesOf().length).toBe(100);
    nowMs = 60_000;
    for (let call = 0; call < 100; call++) audit.write(REFUSED);
    expect(linesOf().length).toBe(106);
    expect(JSON.parse(linesOf()[100]!)).toMatchObject({ status: 401, left_out: 906 });
    // What a key of the right role does is always written.
    for (let call = 0; call < 10; call++) audit.write({ ...ACCEPTED, status: call % 2 === 0 ? 200 : 400 });
    expect(linesOf().length).toBe(116);
    expect(JSON.parse(linesOf()[106]!)).toMatchObject({ status: 200, left_out: 94 });
    expect(JSON.parse(linesOf()[107]!).left_out).toBeUndefined();
  });

  test("a line is bounded, whatever it is given", () => {
    const long = "x".repeat(100_000);
    audit.write({
      ...ACCEPTED,
      path: long,
      status: 400,
      error: long,
      body: shownBody({ [long]: long, list: Array(10_000).fill(long) }),
    });
    audit.write({ ...ACCEPTED, body: Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`field${i}`, long])) });
    expect(linesOf().every((line) => line.length < 4_000)).toBe(true);
  });

  test("no text can make a line of its own, or steer a terminal", () => {
    const text = 'a\n{"key":"forged"}\r\u001b[2J\u009b2J\u2028';
    audit.write({ ...ACCEPTED, path: text, body: { text } });
    expect(linesOf().length).toBe(1);
    expect(/[^\x20-\x7e]/.test(linesOf()[0]!)).toBe(false);
    expect(JSON.parse(linesOf()[0]!).path).toBe(text);
  });

  test("goes on in a new file when the old one was moved away", () => {
    audit.write(ACCEPTED);
    renameSync(file, `${file}.1`);
    audit.write(ACCEPTED);
    audit.reopen();
    audit.write(ACCEPTED);
    expect([linesOf(`${file}.1`).length, linesOf().length]).toEqual([2, 1]);
  });

  test("that cannot be opened anew goes on in the old file, and says so", () => {
    renameSync(folder, `${folder}-moved`);
    try {
      audit.reopen();
      audit.write(ACCEPTED);
      expect(linesOf(join(`${folder}-moved`, "audit.log")).length).toBe(1);
      expect(log.lines.filter((line) => line.includes("audit log cannot be written")).length).toBe(1);
    } finally {
      renameSync(`${folder}-moved`, folder);
    }
  });

  test("that is full keeps nobody from anything: the call goes on, and the log says so once a minute", () => {
    const full = new AuditLog("/dev/full", { clock: { monotonicMs: () => nowMs }, log });
    full.open();
    for (let call = 0; call < 3; call++) full.write(ACCEPTED);
    expect(log.lines.filter((line) => line.includes("cannot be written")).length).toBe(1);
    nowMs += 60_000;
    full.write(ACCEPTED);
    expect(log.lines.filter((line) => line.includes("cannot be written")).length).toBe(2);
    full.close();
  });
});

test.each([
  ["passphrase", "x"],
  ["wallet_password", "x"],
  ["privkey", "x"],
  ["private_keys", ["x"]],
  ["mnemonic", "x"],
  ["Seed", "x"],
  ["wif", "x"],
  ["api_key", "x"],
  ["keys", [{ a: 1 }]],
  ["descriptor", "wpkh(x)"],
  ["marked", 7],
])("the field %s is not shown", (name, value) => {
  expect(shownBody({ [name]: value, other: 1 }, { secret: ["marked"] })).toEqual({ [name]: "(hidden)", other: 1 });
  expect(shownBody([{ inner: { [name]: value } }], { secret: ["marked"] })).toEqual([
    { inner: { [name]: "(hidden)" } },
  ]);
});

test.each([
  "L1aW4aubDFB7yfras2S1mN3bqg9nwySY8nkoLmJebSLD5BWv3ENZ",
  "5KYZdUEo39z3FPrtuX2QbbwGnNP5zTd7yyr2SC1j299sBCnWjss",
  "cVpF924EspNh8KjYsfhgY96mmxvT6DgdWiTYMtMjuM74hJaU5psW",
  "wpkh(tprv8ZgxMBicQKsPd7Uf69XL1XwhmjHopUGep8GuEiJDZmbQz6o58LninorQAfcKZWARbtRtfnLcJ5MQ2AtHcQJCCRUcMRvmDUjyEmNUWwx8UbK/0/*)",
  "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about",
])("the value %s is not shown, whatever it is called", (value) => {
  expect(shownBody({ note: value, list: [value] })).toEqual({ note: "(hidden)", list: ["(hidden)"] });
});

test("what is no secret is shown", () => {
  const body = {
    address: "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080",
    count: 7,
    pacing: "off",
    ok: true,
    none: null,
  };
  expect(shownBody(body)).toEqual(body);
  expect(shownBody({ hex: "ab".repeat(200) })).toEqual({ hex: `${"ab".repeat(60)}… (400 characters)` });
});

describe("a name of a field that nobody knows", () => {
  const known = namesInSchema({
    type: "object",
    properties: { amount: { type: "integer" }, list: { type: "array", items: { properties: { inner: {} } } } },
  });
  const phrase = "correct horse";
  const address = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

  test("is not shown, nor what it holds: it may be a passphrase in the wrong place", () => {
    expect([...known].sort()).toEqual(["amount", "inner", "list"]);
    expect(shownBody({ [phrase]: true, horse: "staple", amount: 1 }, { known })).toEqual({
      "(unknown field)": "(hidden)",
      amount: 1,
    });
    expect(shownBody({ list: [{ inner: 1, [phrase]: 2 }] }, { known })).toEqual({
      list: [{ inner: 1, "(unknown field)": "(hidden)" }],
    });
  });

  test("is shown where it is an address", () => {
    expect(shownBody({ list: { [address]: 5 } }, { known })).toEqual({ list: { [address]: 5 } });
  });

  test("is taken out of the error that tells of it", () => {
    const error = `The body has a field "${phrase}" that is not known; known are amount, list.`;
    expect(shownError(error, { [phrase]: 1, amount: 2 }, known, { amount: 2 })).toBe(
      'The body has a field "(hidden)" that is not known; known are amount, list.',
    );
    const long = "x".repeat(80);
    expect(shownError(`a field "${long.slice(0, 50)}"`, { [long]: 1 }, known, {})).toBe('a field "(hidden)"');
  });
});

test("an error tells no word of a body that is not shown of it", () => {
  const key = "0c28fca386c7a227600b2fe50b7cae11ec86d3bf1fbe471be89827e19d72aa1d";
  const body = { descriptor: `wpkh(${key})`, wallet: "savings" };
  const error = `wpkh(): key '${key}' is not valid in the wallet "savings".`;
  expect(shownError(error, body, undefined, shownBody(body))).toBe(
    `(hidden)(): key '(hidden)' is not valid in the wallet "savings".`,
  );
  expect(shownError(error, undefined, undefined, undefined)).toBe(error);
});
