"use strict";
/**
 * Runs a bundle of /dist with V8's code cache beside it, so that nothing is compiled anew at every start (Node 20 has no
 * cache of its own). A cache made by another version of Node is refused by V8 and does no harm.
 */
const { readFileSync, writeFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const path = require("node:path");
const vm = require("node:vm");

// Node's own notes (deprecations, experimental features) are not for the operator: stderr holds our errors alone.
process.noDeprecation = true;
process.removeAllListeners("warning");

/** @param {string} name Bundle without its ending. */
module.exports = function run(name) {
  const root = path.join(__dirname, "../../..");
  const file = path.join(root, "dist", `${name}.cjs`);
  const source = tryRead(file);
  if (source === undefined) {
    process.stderr.write(`Error: ${name} is not built yet. Run "npm run build" in ${root} first.\n`);
    process.exit(1);
  }
  const script = new vm.Script(`(function (exports, require, module, __filename, __dirname) { ${source}\n})`, {
    filename: file,
    cachedData: tryRead(`${file}.cache`),
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(file), module, file, path.dirname(file));
  const cacheFile = process.env.BITFLEET_WRITE_CODE_CACHE;
  if (cacheFile) process.on("exit", () => writeFileSync(cacheFile, script.createCachedData()));
};

/** @param {string} file @returns {Buffer | undefined} */
function tryRead(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
