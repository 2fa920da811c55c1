import { runBitcoind } from "../main.ts";
import { bundledPrograms, leave } from "./process-end.ts";

leave(runBitcoind(process.argv.slice(2), bundledPrograms(import.meta.url)));
