/** Writes the WebAssembly hash module (packages/protocol/src/crypto/wasm) as base64 to crypto/generated/hash-module.ts. */
import { writeFileSync } from "node:fs";
import { generatedHashModuleSource } from "../packages/protocol/src/crypto/wasm/generated-source.ts";

const target = new URL("../packages/protocol/src/crypto/generated/hash-module.ts", import.meta.url);
writeFileSync(target, generatedHashModuleSource());
