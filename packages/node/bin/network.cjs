"use strict";
/** What `import { startNetwork } from "bitfleet"` finds: the bundle of /dist, loaded with the first call. */
const { existsSync } = require("node:fs");
const path = require("node:path");

const root = path.join(__dirname, "../../..");

exports.startNetwork = async function startNetwork(options) {
  const bundle = path.join(root, "dist/network.cjs");
  if (!existsSync(bundle)) throw new Error(`bitfleet is not built yet. Run "npm run build" in ${root} first.`);
  return require(bundle).startNetwork(options);
};
