import type { SimulationOptions } from "./simulation.ts";

export const SIMULATION_DEFAULTS: Omit<SimulationOptions, "seed"> = {
  nodeCount: 20,
  hostileCount: 4,
  turmoilMs: 2 * 60_000,
};
