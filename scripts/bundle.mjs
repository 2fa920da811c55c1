/**
 * Bundles the executables into /dist, each one CommonJS file (V8's code cache works on those) with the native pieces beside
 * it. Optional packages stay outside and are looked up where they are installed.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "esbuild";
import { giveUp, ROOT } from "./steps.mjs";

const DIST = path.join(ROOT, "dist");
const require = createRequire(import.meta.url);

const ENTRIES = {
  bitfleet: "packages/node/src/cli/bitfleet-entry.ts",
  bitcoind: "packages/node/src/cli/bitcoind-entry.ts",
  "bitcoin-cli": "packages/node/src/cli/bitcoin-cli-entry.ts",
  "script-worker": "packages/node/src/chain/script-worker.ts",
};

export async function buildBundles() {
  rmSync(path.join(DIST, "native"), { recursive: true, force: true });
  mkdirSync(path.join(DIST, "native"), { recursive: true });
  await build({
    absWorkingDir: ROOT,
    entryPoints: ENTRIES,
    outdir: DIST,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node20",
    minify: true,
    keepNames: true,
    sourcemap: false,
    legalComments: "none",
    logLevel: "warning",
    external: ["koffi", "tsx", "tsx/*"],
    define: { "import.meta.url": "__bundleUrl" },
    banner: { js: 'const __bundleUrl = require("node:url").pathToFileURL(__filename).href;' },
    plugins: [nativeLevelDb()],
  });
  copyFileSync(require.resolve("tiny-secp256k1/package.json").replace("package.json", "lib/secp256k1.wasm"), path.join(DIST, "secp256k1.wasm"));
  for (const name of ["bitcoind", "bitfleet", "bitcoin-cli"]) writeCodeCache(name);
}

/** LevelDB's prebuilt binary is copied and required by its name; its package would search for it at every start. */
function nativeLevelDb() {
  const folder = path.dirname(require.resolve("classic-level/package.json"));
  return {
    name: "native-leveldb",
    /** @param {import("esbuild").PluginBuild} build */
    setup(build) {
      const binary = createRequire(path.join(folder, "package.json"))("node-gyp-build").path(folder);
      copyFileSync(binary, path.join(DIST, "native/classic-level.node"));
      build.onResolve({ filter: /^\.\/binding$/ }, (args) =>
        args.resolveDir === folder ? { path: "./native/classic-level.node", external: true } : undefined,
      );
    },
  };
}

/** Runs a bundle once, as it will be used, and keeps what V8 compiled. @param {string} name */
function writeCodeCache(name) {
  const dataDir = mkdtempSync(path.join(tmpdir(), "bitfleet-build-"));
  const cache = path.join(DIST, `${name}.cjs.cache`);
  rmSync(cache, { force: true });
  const node = ["-regtest", `-datadir=${dataDir}`, "-rpcport=1024", "-printtoconsole=0", "-warmup"];
  const args = name === "bitcoind" ? node : name === "bitfleet" ? ["node", ...node] : ["-version"];
  const { status, stderr } = spawnSync(process.execPath, [path.join(ROOT, "packages/node/bin", name), ...args], {
    env: { ...process.env, BITFLEET_WRITE_CODE_CACHE: cache },
    timeout: 60_000,
  });
  rmSync(dataDir, { recursive: true, force: true });
  if (status !== 0 || !existsSync(cache)) giveUp(`the bundle ${name} does not run: ${stderr}`);
}
