/** Writes the WebAssembly modules (packages/protocol/src/crypto/wasm) as base64 to crypto/generated. */
import { writeFileSync } from "node:fs";
import {
  generatedHashModuleSource,
  generatedMiningModuleSource,
} from "../packages/protocol/src/crypto/wasm/generated-source.ts";

const folder = new URL("../packages/protocol/src/crypto/generated/", import.meta.url);
writeFileSync(new URL("hash-module.ts", folder), generatedHashModuleSource());
writeFileSync(new URL("mining-module.ts", folder), generatedMiningModuleSource());
