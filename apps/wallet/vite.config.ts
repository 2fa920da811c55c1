import { defineConfig } from "vite";
import { pageBuild } from "../../scripts/vite/page-build.ts";

// Curves, scrypt, words and the engine of the wallet are in its first script: nothing works without them.
export default defineConfig(pageBuild({ base: "/wallet-app/", scriptKilobytesMax: 1000, runsWebAssembly: false }));
