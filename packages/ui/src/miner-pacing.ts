import type { MinerInfo } from "@bitfleet/api/rest/mining.ts";
import { formatMeanDuration } from "./format.ts";
import { textsOf } from "./texts.ts";

const texts = textsOf({
  en: {
    interval: (time: string) => `every ${time}`,
    withMore: (time: string, others: number) => `every ${time}, with ${others} more`,
    onTransaction: "when transactions come",
    continuous: "all the time",
    off: "off",
  },
});

/** When the miner of a node makes blocks, in words. */
export function pacingText({
  pacing,
  interval_seconds: seconds,
  miners,
}: Pick<MinerInfo, "pacing" | "interval_seconds" | "miners">): string {
  const time = formatMeanDuration(seconds);
  switch (pacing) {
    case "interval":
      return miners > 1 ? texts.withMore(time, miners - 1) : texts.interval(time);
    case "on-transaction":
      return texts.onTransaction;
    case "continuous":
      return texts.continuous;
    case "off":
      return texts.off;
  }
}
