import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import react from "@vitejs/plugin-react";
import type { Plugin, UserConfig } from "vite";

const COMPRESSIBLE = /\.(js|css|html|svg|json|webmanifest|wasm)$/;
/** Smaller files fit into one packet as they are. */
const COMPRESSED_BYTES_MIN = 1024;

/** What makes the module of hashes, the only one in what the pages share with the node. */
const HASH_KERNEL = "/packages/protocol/src/crypto/wasm/kernel.ts";

interface PageOptions {
  /** The path that servers have the app at, with a slash at both ends. */
  readonly base: string;
  /** Of a script as it is before compression; beyond it the build warns. What a first load may weigh is tested in test/browser. */
  readonly scriptKilobytesMax: number;
  /** Whether its pages may run WebAssembly, by the policy that servers send with them. Default: they may. */
  readonly runsWebAssembly?: boolean;
}

/** How the web apps are built. */
export function pageBuild({ base, scriptKilobytesMax, runsWebAssembly = true }: PageOptions): UserConfig {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  const target = process.env.BITFLEET_URL ?? "http://localhost:8080";
  return {
    base,
    define: { BITFLEET_VERSION: JSON.stringify(version) },
    plugins: [react(), serviceWorker(base), precompress(), ...(runsWebAssembly ? [] : [withoutHashModule()])],
    worker: { plugins: () => (runsWebAssembly ? [] : [withoutHashModule()]) },
    build: {
      outDir: "dist",
      emptyOutDir: true,
      target: "es2022",
      // Nothing becomes a data: address, so that the page's policy can forbid them.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: scriptKilobytesMax,
    },
    server: { proxy: { "/api": { target }, "/health": { target }, "/esplora": { target } } },
  };
}

/** Leaves out the module of hashes, which falls back by itself: a page that only tries to make one has an error in Firefox's console each time. */
function withoutHashModule(): Plugin {
  return {
    name: "without-hash-module",
    enforce: "pre",
    load: (id) => (id.endsWith(HASH_KERNEL) ? "export const loadHashKernel = () => undefined;" : undefined),
  };
}

/** Puts a .br and a .gz beside each larger file of text, for the node to send to whoever takes them. */
function precompress(): Plugin {
  let folder = "";
  return {
    name: "precompress",
    apply: "build",
    configResolved: (config) => {
      folder = join(config.root, config.build.outDir);
    },
    closeBundle: async () => {
      // A build that failed closes too, and has an error of its own to tell.
      if (!existsSync(folder)) return;
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile() && COMPRESSIBLE.test(entry.name));
      await Promise.all(files.map((file) => compress(join(file.parentPath, file.name))));
    },
  };
}

async function compress(path: string): Promise<void> {
  const bytes = await readFile(path);
  if (bytes.length < COMPRESSED_BYTES_MIN) return;
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
  await writeFile(`${path}.br`, await promisify(brotliCompress)(bytes, quality));
  await writeFile(`${path}.gz`, await promisify(gzip)(bytes, { level: constants.Z_BEST_COMPRESSION }));
}

/** Puts the service worker at the app's root, which lists all files of this build and is another one for each. */
function serviceWorker(base: string): Plugin {
  let root = "";
  return {
    name: "service-worker",
    apply: "build",
    configResolved: (config) => {
      root = config.root;
    },
    async generateBundle(_options, bundle) {
      const kept = await readdir(join(root, "public"), { recursive: true, withFileTypes: true });
      const files = kept.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
      const hash = createHash("sha256");
      for (const name of Object.keys(bundle).sort()) hash.update(`${name}\0`);
      for (const file of [...files.sort(), join(root, "index.html")]) hash.update(await readFile(file));
      const source = await readFile(fileURLToPath(new URL("service-worker.js", import.meta.url)), "utf8");
      hash.update(source);
      const assets = Object.keys(bundle).filter((name) => name.startsWith("assets/"));
      const names = ["", ...assets, ...files.map((file) => file.slice(join(root, "public").length + 1))];
      const filled = source
        .replace("__BUILD__", hash.digest("hex").slice(0, 16))
        .replace("__BASE__", base)
        .replace("__FILES__", JSON.stringify(names.map((name) => `${base}${name}`)));
      this.emitFile({ type: "asset", fileName: "sw.js", source: filled });
    },
  };
}
