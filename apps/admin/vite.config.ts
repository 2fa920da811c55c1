import { defineConfig } from "vite";
import { pageBuild } from "../../scripts/vite/page-build.ts";

export default defineConfig(pageBuild({ base: "/", scriptKilobytesMax: 700 }));
