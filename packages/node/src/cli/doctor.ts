import { accessSync, constants, existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { chooseSecp256k1 } from "../crypto/choose-backend.ts";
import { readRunningNetwork } from "../network/running-network.ts";
import { openLevelStore } from "../storage/level-store.ts";
import { VERSION } from "../version.ts";

const PORTS = [
  { port: 8080, use: "web page", flag: "--port" },
  { port: 18443, use: "JSON-RPC", flag: "--rpc-port" },
] as const;

/** `ok`: as it should be; `note`: works, could be better; `bad`: will not work. */
interface Finding {
  readonly state: "ok" | "note" | "bad";
  readonly what: string;
  readonly detail: string;
}

/** `bitfleet doctor`: exit code 0 unless something will not work. */
export async function runDoctor(folder: string): Promise<number> {
  const findings = [
    nodeFinding(),
    ...signatureFindings(),
    await levelFinding(),
    folderFinding(resolve(folder)),
    ...(await portFindings(folder)),
  ];
  for (const { state, what, detail } of findings) process.stdout.write(`${MARKS[state]} ${what.padEnd(12)}${detail}\n`);
  return findings.some(({ state }) => state === "bad") ? 1 : 0;
}

const MARKS = { ok: "ok  ", note: "note", bad: "BAD " } as const;

function nodeFinding(): Finding {
  const major = Number(process.versions.node.split(".")[0]);
  const detail = `Node.js ${process.version}, ${process.platform} ${process.arch}; Bitfleet ${VERSION}`;
  return {
    state: major >= 20 ? "ok" : "bad",
    what: "Node.js",
    detail: major >= 20 ? detail : `${detail}: 20 is needed`,
  };
}

function signatureFindings(): readonly Finding[] {
  const { description, hint } = chooseSecp256k1("auto");
  const active: Finding = { state: "ok", what: "Signatures", detail: description };
  return hint === undefined ? [active] : [active, { state: "note", what: "", detail: hint }];
}

async function levelFinding(): Promise<Finding> {
  const folder = mkdtempSync(join(tmpdir(), "bitfleet-doctor-"));
  try {
    const store = await openLevelStore(join(folder, "db"), { cacheBytes: 1 << 20, obfuscate: false, repairOption: "" });
    await store.close();
    return { state: "ok", what: "LevelDB", detail: "opens, writes and closes" };
  } catch (error) {
    return { state: "bad", what: "LevelDB", detail: (error as Error).message };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function folderFinding(folder: string): Finding {
  let existing = folder;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  try {
    accessSync(existing, constants.W_OK);
    return { state: "ok", what: "Data", detail: `${folder} ${existing === folder ? "exists" : "can be made"}` };
  } catch {
    return {
      state: "bad",
      what: "Data",
      detail: `${existing} cannot be written to; choose another folder with --data`,
    };
  }
}

async function portFindings(folder: string): Promise<readonly Finding[]> {
  const running = readRunningNetwork(folder);
  if (running)
    return [{ state: "ok", what: "Ports", detail: `in use by the network that runs here: ${running.webUrl}` }];
  return Promise.all(
    PORTS.map(async ({ port, use, flag }): Promise<Finding> => {
      const free = await isFree(port);
      const detail = free
        ? `port ${port} (${use}) is free`
        : `port ${port} (${use}) is taken: bitfleet up needs ${flag}`;
      return { state: free ? "ok" : "note", what: "Ports", detail };
    }),
  );
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once("error", () => done(false));
    server.listen(port, "127.0.0.1", () => server.close(() => done(true)));
  });
}
