import { amountNumber } from "@bitfleet/api/amount.ts";
import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import type { RpcValue } from "@bitfleet/api/json.ts";
import { adviseFeerate } from "../../mempool/fee-advice.ts";
import type { FeeEstimator, FeeMode, RawEstimate } from "../../mempool/fee-estimator.ts";
import { FEE_HORIZONS } from "../../mempool/fee-horizon.ts";
import type { FeerateRange } from "../../mempool/fee-median.ts";
import type { RpcDependencies, RpcHandlers } from "./rpc-dependencies.ts";

const THRESHOLD_DEFAULT = 0.95;

/** What `estimate_mode` may be, in any case, and what it means. */
const MODES: Readonly<Record<string, FeeMode>> = {
  unset: "economical",
  economical: "economical",
  conservative: "conservative",
};

/** Where there is no range Core shows this one. */
const NO_RANGE: FeerateRange = {
  start: -1,
  end: -1,
  withinTarget: 0,
  totalConfirmed: 0,
  inMempool: 0,
  leftMempool: 0,
};

/** Calls that estimate fees. They answer what was seen or that it was too little, never `-fallbackfee`. */
export function feeHandlers({ fees }: Pick<RpcDependencies, "fees">) {
  const running = (): FeeEstimator => {
    if (fees.estimator !== undefined) return fees.estimator;
    throw new RpcError(RpcErrorCode.INTERNAL_ERROR, "Fee estimation disabled");
  };

  return {
    estimatesmartfee: ({ conf_target: target, estimate_mode: modeName }) => {
      const estimator = running();
      checkTarget(target, estimator);
      const mode = modeOf(modeName);
      const advice = adviseFeerate(target, mode, { ...fees, estimator, fallbackFeerateSatPerKvb: 0n });
      return advice.feerateSatPerKvb === undefined
        ? { errors: ["Insufficient data or no feerate found"], blocks: advice.blocks }
        : { feerate: amountNumber(advice.feerateSatPerKvb), blocks: advice.blocks };
    },

    estimaterawfee: ({ conf_target: target, threshold = THRESHOLD_DEFAULT }) => {
      const estimator = running();
      checkTarget(target, estimator);
      if (threshold < 0 || threshold > 1) throw new RpcError(RpcErrorCode.INVALID_PARAMETER, "Invalid threshold");
      const reaching = FEE_HORIZONS.filter((horizon) => target <= estimator.targetMax(horizon));
      return Object.fromEntries(
        reaching.map((horizon) => [horizon, rawJson(estimator.estimateRaw(target, threshold, horizon))]),
      );
    },
  } satisfies Partial<RpcHandlers>;
}

function checkTarget(target: number, estimator: FeeEstimator): void {
  const most = estimator.targetMax("long");
  if (target >= 1 && target <= most) return;
  throw new RpcError(RpcErrorCode.INVALID_PARAMETER, `Invalid conf_target, must be between 1 and ${most}`);
}

function modeOf(name: string): FeeMode {
  const mode = Object.entries(MODES).find(([known]) => known === name.toLowerCase())?.[1];
  if (mode !== undefined) return mode;
  const known = Object.keys(MODES).map((each) => `"${each}"`);
  throw new RpcError(
    RpcErrorCode.INVALID_PARAMETER,
    `Invalid estimate_mode parameter, must be one of: ${known.join(", ")}`,
  );
}

function rawJson({ feerateSatPerKvb, decay, scale, pass, fail }: RawEstimate): RpcValue {
  if (feerateSatPerKvb === undefined) {
    const errors = ["Insufficient data or no feerate found which meets threshold"];
    return { decay, scale, fail: rangeJson(fail ?? NO_RANGE), errors };
  }
  return {
    feerate: amountNumber(feerateSatPerKvb),
    decay,
    scale,
    pass: rangeJson(pass ?? NO_RANGE),
    fail: fail && rangeJson(fail),
  };
}

function rangeJson(range: FeerateRange): RpcValue {
  return {
    startrange: wholeOf(range.start),
    endrange: wholeOf(range.end),
    withintarget: hundredthsOf(range.withinTarget),
    totalconfirmed: hundredthsOf(range.totalConfirmed),
    inmempool: hundredthsOf(range.inMempool),
    leftmempool: hundredthsOf(range.leftMempool),
  };
}

/** The nearest whole number; a half goes away from zero, which only the -1 of no range has below it. */
const wholeOf = (value: number) => Math.round(value);
const hundredthsOf = (value: number) => Math.round(value * 100) / 100;
