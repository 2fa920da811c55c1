import { machineEnvironment } from "../machine.ts";
import { runBitcoinCli } from "./bitcoin-cli.ts";
import { leave } from "./process-end.ts";

leave(runBitcoinCli(process.argv.slice(2), machineEnvironment(), process.env));
