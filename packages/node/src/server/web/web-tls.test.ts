import { execFileSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MemoryLog } from "../../chain/test-kit.ts";
import { SystemClock } from "../../clock.ts";
import type { Clock } from "../../ports.ts";
import { followTlsFiles, readTlsFiles } from "./tls-files.ts";
import { createWebServer } from "./web-server.ts";

/** Certificates are made by openssl: Node itself makes none. */
const hasOpenssl = (() => {
  try {
    execFileSync("openssl", ["version"]);
    return true;
  } catch {
    console.warn("SKIPPED: the tests of HTTPS need openssl to make certificates");
    return false;
  }
})();

let folder: string;
const file = (name: string) => join(folder, name);
const filesOf = (cert: string, key: string) => ({ certPath: file(cert), keyPath: file(key) });

function makeCertificate(name: string, subject: string): void {
  const output = ["-keyout", file(`${name}.key`), "-out", file(`${name}.crt`)];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  execFileSync("openssl", ["req", "-x509", ...kind, "-subj", `/CN=${subject}`, ...output], { stdio: "ignore" });
}

describe.skipIf(!hasOpenssl)("HTTPS", () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bitfleet-tls-"));
    makeCertificate("one", "one.example");
    makeCertificate("two", "two.example");
    await writeFile(file("nonsense.pem"), "nonsense");
    await writeFile(file("broken.crt"), "-----BEGIN CERTIFICATE-----\nbm9uc2Vuc2U=\n-----END CERTIFICATE-----\n");
    const locked = ["-in", file("one.key"), "-out", file("locked.key"), "-aes256", "-passout", "pass:secret"];
    execFileSync("openssl", ["ec", ...locked], { stdio: "ignore" });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("files that cannot be used are named, with what is wrong with them", () => {
    expect(readTlsFiles(filesOf("one.crt", "one.key"))).toMatchObject({ minVersion: "TLSv1.2" });
    const read = (cert: string, key: string) => () => readTlsFiles(filesOf(cert, key));
    expect(read("none.crt", "one.key")).toThrow(
      `Cannot read the file of -webtlscert, ${file("none.crt")}: it does not exist.`,
    );
    expect(read("one.crt", "none.key")).toThrow(`Cannot read the file of -webtlskey, ${file("none.key")}`);
    expect(read("nonsense.pem", "one.key")).toThrow(`${file("nonsense.pem")} holds no certificate in PEM form.`);
    expect(read("broken.crt", "one.key")).toThrow(`${file("broken.crt")} holds no certificate in PEM form.`);
    expect(read("one.key", "one.key")).toThrow(`${file("one.key")} holds no certificate in PEM form.`);
    expect(read("one.crt", "nonsense.pem")).toThrow(`${file("nonsense.pem")} holds no private key in PEM form.`);
    expect(read("one.crt", "locked.key")).toThrow(`${file("locked.key")} holds a key that needs a passphrase`);
    expect(read("one.crt", "two.key")).toThrow(
      `The key in ${file("two.key")} is not that of the certificate in ${file("one.crt")}.`,
    );
  });

  test("a server speaks it from TLS 1.2 on, tells browsers to stay with it, and takes new certificates", async () => {
    copyFileSync(file("one.crt"), file("current.crt"));
    copyFileSync(file("one.key"), file("current.key"));
    const log = new MemoryLog();
    const { clock, pass } = clockByHand();
    const server = createWebServer(
      {
        version: "1.2.3",
        listen: { host: "127.0.0.1", port: 0 },
        tlsFiles: filesOf("current.crt", "current.key"),
      },
      { clock, log },
    );
    await server.listen();
    const { port } = server.address;
    const first = await ask(port);
    expect(first).toMatchObject({ status: 200, subject: "one.example" });
    expect(first.headers["strict-transport-security"]).toBe("max-age=15552000");
    await expect(handshake(port, "TLSv1.1")).rejects.toThrow();
    await expect(handshake(port, "TLSv1.2")).resolves.toBe("TLSv1.2");
    await expect(handshake(port, "TLSv1.3")).resolves.toBe("TLSv1.3");

    copyFileSync(file("two.crt"), file("current.crt"));
    pass();
    // The key is still the old one: what was there before goes on.
    expect(log.lines.at(-1)).toContain("The new certificate is of no use; the old one stays");
    expect(await ask(port)).toMatchObject({ status: 200, subject: "one.example" });
    copyFileSync(file("two.key"), file("current.key"));
    pass();
    expect(log.lines.at(-1)).toBe("New certificate");
    expect(await ask(port)).toMatchObject({ status: 200, subject: "two.example" });
    await expect(handshake(port, "TLSv1.1")).rejects.toThrow();
    await server.close();
  });

  test("a server whose files are of no use does not start", async () => {
    const server = createWebServer(
      { version: "1", listen: { host: "127.0.0.1", port: 0 }, tlsFiles: filesOf("one.crt", "two.key") },
      { clock: new SystemClock(), log: new MemoryLog() },
    );
    await expect(server.listen()).rejects.toThrow("is not that of the certificate");
    await server.close();
  });

  test("files that do not change are not read again", () => {
    const { clock, pass } = clockByHand();
    const used: unknown[] = [];
    const server = { setSecureContext: (context: unknown) => void used.push(context) };
    const end = followTlsFiles(filesOf("one.crt", "one.key"), server, { clock, log: new MemoryLog() });
    pass();
    pass();
    end();
    expect(used).toEqual([]);
  });
});

/** A clock whose timers are all called when the test says so. */
function clockByHand(): { readonly clock: Clock; pass(): void } {
  const real = new SystemClock();
  let timers: (() => void)[] = [];
  const clock: Clock = {
    nowMs: () => real.nowMs(),
    monotonicMs: () => real.monotonicMs(),
    after: (_delay, callback) => {
      timers.push(callback);
      return () => {
        timers = timers.filter((other) => other !== callback);
      };
    },
  };
  const pass = () => {
    const due = timers;
    timers = [];
    for (const callback of due) callback();
  };
  return { clock, pass };
}

function ask(port: number) {
  type Answer = { status: number; subject: string; headers: Record<string, unknown> };
  return new Promise<Answer>((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path: "/health/live", rejectUnauthorized: false, agent: false as const };
    const sent = request(options, (response) => {
      const { subject } = (response.socket as TLSSocket).getPeerCertificate();
      resolve({ status: response.statusCode!, subject: String(subject.CN), headers: response.headers });
      response.resume();
    });
    sent.on("error", reject);
    sent.end();
  });
}

/** The version that a connection agrees on. */
function handshake(port: number, version: "TLSv1.1" | "TLSv1.2" | "TLSv1.3"): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const range = { minVersion: version, maxVersion: version } as const;
    // Level 0: what is old is offered at all.
    const options = { port, host: "127.0.0.1", rejectUnauthorized: false, ciphers: "DEFAULT@SECLEVEL=0", ...range };
    const socket = connect(options, () => {
      resolve(socket.getProtocol());
      socket.end();
    });
    socket.on("error", reject);
  });
}
