/**
 * Bundles the executables into /dist, each one CommonJS file (V8's code cache works on those) with the native pieces beside
 * it. Optional packages stay outside and are looked up where they are installed.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "esbuild";
import { writeCodeCache } from "./code-cache.mjs";
import { giveUp, ROOT, say } from "./steps.mjs";

const DIST = path.join(ROOT, "dist");
const require = createRequire(import.meta.url);

const ENTRIES = {
  bitfleet: "packages/node/src/cli/bitfleet-entry.ts",
  "bitfleet-health": "packages/node/src/cli/health-entry.ts",
  network: "packages/node/src/network/start-network.ts",
  bitcoind: "packages/node/src/cli/bitcoind-entry.ts",
  "bitcoin-cli": "packages/node/src/cli/bitcoin-cli-entry.ts",
  "script-worker": "packages/node/src/chain/script-worker.ts",
  "hash-worker": "packages/node/src/mining/hash-worker.ts",
  "bitfleet-desktop": "apps/desktop/src/desktop-entry.ts",
  "bitfleet-window": "apps/desktop/src/window/webkit/host-entry.ts",
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
    // Names stay as they are: shorter ones with the old ones kept beside them cost a call for each function that is made.
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: false,
    legalComments: "none",
    logLevel: "warning",
    external: ["koffi", "tsx", "tsx/*", "zeromq"],
    define: { "import.meta.url": "__bundleUrl" },
    banner: { js: 'const __bundleUrl = require("node:url").pathToFileURL(__filename).href;' },
    plugins: [nativeLevelDb(), nativeLibsql()],
  });
  copyReference();
  copyFileSync(path.join(ROOT, "node_modules/tiny-secp256k1/lib/secp256k1.wasm"), path.join(DIST, "secp256k1.wasm"));
  writeDeclarations();
  for (const name of ["bitcoind", "bitcoin-cli", "bitfleet"]) await writeCodeCache(name);
}

/** The types of the package's entry, for those who install it. Both files stand by themselves, so that nothing else needs to be read. */
function writeDeclarations() {
  const sources = ["start-network.ts", "network-api.ts"].map((name) => `packages/node/src/network/${name}`);
  const options =
    "--ignoreConfig --declaration --emitDeclarationOnly --noResolve --noCheck --allowImportingTsExtensions";
  const target = ["--target", "ES2023", "--module", "NodeNext", "--outDir", path.join(DIST, "types")];
  const tsc = path.join(ROOT, "node_modules/typescript/bin/tsc");
  const args = [tsc, ...sources, ...options.split(" "), ...target];
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" });
  if (status !== 0) giveUp(`the declarations of the package cannot be written: ${stdout}`);
}

/** The files of the interactive API reference, each with what it is compressed beside it. */
function copyReference() {
  const from = path.dirname(require.resolve("swagger-ui-dist/package.json"));
  const to = path.join(DIST, "swagger-ui");
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  for (const name of ["swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png", "LICENSE", "NOTICE"]) {
    const bytes = readFileSync(path.join(from, name));
    writeFileSync(path.join(to, name), bytes);
    if (!/\.(js|css)$/.test(name)) continue;
    writeFileSync(path.join(to, `${name}.br`), brotliCompressSync(bytes));
    writeFileSync(path.join(to, `${name}.gz`), gzipSync(bytes, { level: 9 }));
  }
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

/**
 * The wallets' database likewise. It is loaded with the first wallet: a node without one neither reads nor needs it. Where there is no binary for
 * this machine everything else is built all the same, and says so when a wallet is wanted.
 */
function nativeLibsql() {
  const { entry, binary } = libsqlHere();
  return {
    name: "native-libsql",
    /** @param {import("esbuild").PluginBuild} build */
    setup(build) {
      if (binary === undefined) {
        build.onResolve({ filter: /^libsql$/ }, () => ({ path: "libsql", external: true }));
        return;
      }
      copyFileSync(binary, path.join(DIST, "native/libsql.node"));
      const search = /const \{ load, currentTarget \}[\s\S]*?function requireNative\(\) \{[\s\S]*?\n\}\n/;
      build.onLoad({ filter: /[\\/]libsql[\\/]index\.js$/ }, ({ path: file }) => {
        if (file !== entry) return undefined;
        const source = readFileSync(file, "utf8");
        if (!search.test(source)) giveUp("libsql looks for its binary in another way than scripts/bundle.mjs knows");
        return { contents: source.replace(search, 'const requireNative = () => require("./native/libsql.node");\n') };
      });
      build.onResolve({ filter: /^\.\/native\/libsql\.node$/ }, () => ({
        path: "./native/libsql.node",
        external: true,
      }));
    },
  };
}

/** The package, and its binary for this machine; nothing where there is none. */
function libsqlHere() {
  try {
    const entry = require.resolve("libsql");
    const requireFrom = createRequire(entry);
    const { currentTarget } = requireFrom("@neon-rs/load");
    const { familySync, GLIBC } = requireFrom("detect-libc");
    const target = familySync() === GLIBC ? currentTarget().replace(/-musl$/, "-gnu") : currentTarget();
    return { entry, binary: requireFrom.resolve(`@libsql/${target}`) };
  } catch (error) {
    say(`wallets are left out, as libsql is not there for this machine (${firstLine(error)})`);
    return {};
  }
}

/** @param {unknown} error */
const firstLine = (error) => String(error).split("\n", 1)[0];
