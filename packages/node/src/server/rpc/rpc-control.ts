import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { type Answers, argumentConversions, helpFor, helpIndex } from "@bitfleet/api/rpc/rpc-methods.ts";
import type { NodeControl, RpcDependencies, RpcHandlers } from "./rpc-dependencies.ts";

const MOCK_TIME_MAX = 0xffffffff;
const SCHEDULER_FORWARD_SECONDS_MAX = 3600;

/** Calls about the node itself. `answers`: whether it knows a method, for `help`. */
export function controlHandlers(
  deps: Pick<RpcDependencies, "chain" | "clock" | "control" | "p2p" | "userAgent">,
  answers: Answers,
) {
  const { chain, clock, control, p2p } = deps;

  return {
    uptime: () => control.uptimeSeconds(),

    help: ({ command }) => {
      if (command === "dump_all_command_conversions") return argumentConversions();
      return command === undefined || command === "" ? helpIndex(answers) : helpFor(command, answers);
    },

    stop: async ({ wait }) => {
      control.requestStop();
      if (wait !== undefined && wait > 0) await new Promise<void>((resolve) => clock.after(wait, resolve));
      return "Bitfleet stopping";
    },

    getrpcinfo: (_params, { activeCalls }) => ({
      active_commands: activeCalls().map(({ method, durationUs }) => ({ method, duration: durationUs })),
      logpath: control.debugLogPath,
    }),

    logging: ({ include, exclude }) => {
      switchCategories(control, include ?? [], true);
      switchCategories(control, exclude ?? [], false);
      return sortedByName(control.logging?.categories() ?? {});
    },

    setmocktime: ({ timestamp }) => {
      if (!chain.network.isMockable || control.setMockTime === undefined) {
        throw new RpcError(RpcErrorCode.MISC_ERROR, "setmocktime is for regression testing (-regtest mode) only");
      }
      if (timestamp < 0 || timestamp > MOCK_TIME_MAX) {
        const message = `Mocktime must be in the range [0, ${MOCK_TIME_MAX}], not ${timestamp}.`;
        throw new RpcError(RpcErrorCode.INVALID_PARAMETER, message);
      }
      control.setMockTime(timestamp);
      // What has become due for a peer is sent now, and not in the next round.
      p2p?.network.peers.wake();
      return null;
    },

    mockscheduler: async ({ delta_time: seconds }) => {
      if (!chain.network.isMockable || control.moveSchedulerForward === undefined) {
        throw new RpcError(RpcErrorCode.MISC_ERROR, "mockscheduler is for regression testing (-regtest mode) only");
      }
      if (seconds <= 0 || seconds > SCHEDULER_FORWARD_SECONDS_MAX) {
        throw new RpcError(RpcErrorCode.MISC_ERROR, "delta_time must be between 1 and 3600 seconds (1 hr)");
      }
      control.moveSchedulerForward(seconds);
      await chain.events.drained();
      return null;
    },

    echo: (_params, { positional }) => positional,
    echojson: (_params, { positional }) => positional,

    /** A node without keys locks no memory. */
    getmemoryinfo: ({ mode }) => {
      if (mode === "stats") {
        return { locked: { used: 0, free: 0, total: 0, locked: 0, chunks_used: 0, chunks_free: 0 } };
      }
      const message = mode === "mallocinfo" ? "mallocinfo mode not available" : `unknown mode ${mode}`;
      throw new RpcError(RpcErrorCode.INVALID_PARAMETER, message);
    },
  } satisfies Partial<RpcHandlers>;
}

function switchCategories(control: NodeControl, names: readonly string[], on: boolean): void {
  for (const name of names) {
    const all = name === "all" || name === "1" || name === "";
    const categories = all ? Object.keys(control.logging?.categories() ?? {}) : [name];
    for (const category of categories) {
      if (control.logging?.enable(category, on) !== true) {
        throw new RpcError(RpcErrorCode.INVALID_PARAMETER, `unknown logging category ${name}`);
      }
    }
  }
}

function sortedByName(categories: Readonly<Record<string, boolean>>): Record<string, boolean> {
  return Object.fromEntries(Object.entries(categories).sort(([a], [b]) => (a < b ? -1 : 1)));
}
