import { bundledPrograms } from "../bundled-programs.ts";
import { runBitcoind } from "../main.ts";
import { leave } from "./process-end.ts";

leave(runBitcoind(process.argv.slice(2), bundledPrograms(import.meta.url)));
