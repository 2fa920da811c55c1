/**
 * The arrows of ARCHITECTURE.md, tested: ranks, cycles, browser-safety and file length. A failure names the import that
 * breaks the rule; the remedy is to move code down or to return a value, not to add an exception here.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, normalize, resolve } from "node:path";
import { describe, expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "..");
const FILE_LINES_MAX = 450;

/** Where a file stands. The first prefix that fits decides. Equal rank: only the file's own folder. */
const RANKS: readonly (readonly [prefix: string, rank: number])[] = [
  ["packages/protocol/src/bytes/", 0],
  ["packages/protocol/src/crypto/", 1],
  ["packages/protocol/src/primitives/", 2],
  ["packages/protocol/src/script/", 3],
  ["packages/protocol/src/wire/", 3],
  ["packages/protocol/src/filters/", 4],
  ["packages/protocol/src/consensus/", 4],
  ["packages/protocol/src/policy/", 5],
  ["packages/wallet/src/", 6],
  ["packages/api/src/", 6],
  ["packages/vault/src/", 6],
  ["packages/node/src/ports.ts", 7],
  ["packages/node/src/turns.ts", 7],
  ["packages/node/src/worker-thread.ts", 7],
  ["packages/node/src/sort-in-turns.ts", 8],
  ["packages/node/src/crypto/", 8],
  ["packages/node/src/storage/", 8],
  ["packages/node/src/chain/", 9],
  ["packages/node/src/mempool/", 10],
  ["packages/node/src/mining/", 11],
  ["packages/node/src/indexes/", 11],
  ["packages/node/src/wallets/", 11],
  ["packages/node/src/p2p/", 12],
  ["packages/node/src/server/", 13],
  ["packages/node/src/network/", 15],
  ["packages/node/src/cli/", 16],
  ["packages/node/src/", 14],
  ["packages/ui/src/", 7],
  // The desktop's programs run in Node, beside the command that starts them.
  ["apps/desktop/", 17],
  ["apps/", 8],
];

/** Must run in a browser: no `node:` module, and nothing from packages/node. */
const BROWSER_SAFE = [
  "packages/protocol/",
  "packages/wallet/",
  "packages/api/",
  "packages/vault/",
  "packages/ui/",
  "apps/admin/",
  "apps/wallet/",
];

interface Import {
  readonly from: string;
  readonly specifier: string;
  /** Path from the root where the import is of this project, else undefined. */
  readonly target: string | undefined;
}

function listedFiles(): string[] {
  const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "packages", "apps"], { cwd: ROOT });
  return listed.toString().split("\n");
}

function sourceFiles(): string[] {
  return listedFiles().filter((path) => /\.tsx?$/.test(path) && !/\.d\.ts$|^apps\/[^/]+\/vite\.config\.ts$/.test(path));
}

const isTest = (path: string) => /\.test\.tsx?$|test-kit/.test(path);

function importsOf(path: string): Import[] {
  const text = readFileSync(join(ROOT, path), "utf8").replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  const specifiers = [...text.matchAll(/(?:\bfrom\s+|\bimport\s+|\bimport\(\s*)"([^"]+)"/g)].map((match) => match[1]!);
  return specifiers.map((specifier) => ({ from: path, specifier, target: targetOf(path, specifier) }));
}

function targetOf(from: string, specifier: string): string | undefined {
  if (specifier.startsWith(".")) return normalize(join(dirname(from), specifier));
  const own = /^@bitfleet\/([a-z]+)\/(.+)$/.exec(specifier);
  return own ? `packages/${own[1]}/src/${own[2]}` : undefined;
}

function rankOf(path: string): number | undefined {
  return RANKS.find(([prefix]) => path.startsWith(prefix))?.[1];
}

/** The folder within which files of equal rank may import one another: the prefix that gave the rank. */
function folderOf(path: string): string | undefined {
  const prefix = RANKS.find(([start]) => path.startsWith(start))?.[0];
  return prefix === "apps/" ? path.split("/").slice(0, 2).join("/") : prefix;
}

/** Why the import breaks the ranks, or undefined. */
function rankViolation(one: Import): string | undefined {
  if (one.target === undefined) return undefined;
  const fromRank = rankOf(one.from);
  const targetRank = rankOf(one.target);
  if (fromRank === undefined || targetRank === undefined) return `${one.from} → ${one.target}: no rank`;
  if (one.from.startsWith("packages/ui/") && !/^packages\/(ui|api|protocol)\//.test(one.target)) {
    return `${one.from} → ${one.target}: ui may import ui, api and protocol only`;
  }
  if (/^apps\/(?!desktop\/)/.test(one.from) && one.target.startsWith("packages/node/")) {
    return `${one.from} → ${one.target}: apps that run in a browser never import the node`;
  }
  if (targetRank < fromRank || folderOf(one.from) === folderOf(one.target)) return undefined;
  return `${one.from} (rank ${fromRank}) → ${one.target} (rank ${targetRank})`;
}

/** One feature of an app never imports another (AGENTS.md, "Add a page"). */
function featureViolation(one: Import): string | undefined {
  const featureOf = (path: string | undefined) => /^(apps\/[^/]+\/src\/features\/[^/]+)\//.exec(path ?? "")?.[1];
  const from = featureOf(one.from);
  const target = featureOf(one.target);
  return from && target && from !== target ? `${one.from} → ${one.target}` : undefined;
}

/** Cycles among files, each as the path that closes it. */
function cyclesOf(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const state = new Map<string, "open" | "done">();
  const path: string[] = [];
  const cycles: string[] = [];
  const visit = (file: string): void => {
    if (state.get(file) === "done") return;
    if (state.get(file) === "open") {
      cycles.push([...path.slice(path.indexOf(file)), file].join(" → "));
      return;
    }
    state.set(file, "open");
    path.push(file);
    for (const next of edges.get(file) ?? []) visit(next);
    path.pop();
    state.set(file, "done");
  };
  for (const file of edges.keys()) visit(file);
  return cycles;
}

const files = sourceFiles();
const sources = files.filter((path) => !isTest(path));
const imports = files.flatMap(importsOf);
const sourceImports = imports.filter((one) => !isTest(one.from));

describe("architecture", () => {
  test("there is something to check", () => {
    expect(sources.length).toBeGreaterThan(20);
    expect(sourceImports.length).toBeGreaterThan(20);
  });

  test("every import points to a lower rank or stays in its folder", () => {
    expect(sourceImports.map(rankViolation).filter(Boolean)).toEqual([]);
  });

  test("the checks themselves can fail", () => {
    const upward = {
      from: "packages/protocol/src/script/a.ts",
      specifier: "",
      target: "packages/protocol/src/consensus/b.ts",
    };
    expect(rankViolation(upward)).toBeDefined();
    const sideways = { from: "packages/node/src/mining/a.ts", specifier: "", target: "packages/node/src/indexes/b.ts" };
    expect(rankViolation(sideways)).toBeDefined();
    expect(
      cyclesOf(
        new Map([
          ["a", ["b"]],
          ["b", ["a"]],
        ]),
      ),
    ).toEqual(["a → b → a"]);
  });

  test("no import cycle", () => {
    const edges = new Map(sources.map((path) => [path, importsOf(path).flatMap((one) => one.target ?? [])]));
    expect(cyclesOf(edges)).toEqual([]);
  });

  test("imported files exist", () => {
    const known = new Set(files);
    const missing = imports.filter((one) => one.target && /\.tsx?$/.test(one.target) && !known.has(one.target));
    expect(missing.map((one) => `${one.from} → ${one.target}`)).toEqual([]);
  });

  test("what runs in a browser imports nothing of Node", () => {
    const offending = sourceImports.filter(
      (one) =>
        BROWSER_SAFE.some((folder) => one.from.startsWith(folder)) &&
        !one.from.endsWith("vite.config.ts") &&
        one.specifier.startsWith("node:"),
    );
    expect(offending.map((one) => `${one.from} → ${one.specifier}`)).toEqual([]);
  });

  test("features of an app do not know each other", () => {
    expect(sourceImports.map(featureViolation).filter(Boolean)).toEqual([]);
  });

  test(`no file is longer than ${FILE_LINES_MAX} lines`, () => {
    const lengthOf = (path: string) => readFileSync(join(ROOT, path), "utf8").split("\n").length - 1;
    const long = sources.filter((path) => !path.includes("/generated/") && lengthOf(path) > FILE_LINES_MAX);
    expect(long.map((path) => `${path}: ${lengthOf(path)} lines`)).toEqual([]);
  });

  test("no animation is without an end: where there is no graphics card, it would keep a processor busy for as long as a page is open", () => {
    const styles = listedFiles().filter((path) => path.endsWith(".css"));
    expect(styles.length).toBeGreaterThan(20);
    const endless = (path: string) => /animation[^;]*\binfinite\b/.test(readFileSync(join(ROOT, path), "utf8"));
    expect(styles.filter(endless)).toEqual([]);
  });
});
