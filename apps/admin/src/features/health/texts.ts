import { textsOf } from "@bitfleet/ui/texts.ts";

export const texts = textsOf({
  en: {
    title: "Health",
    about: "How this node is, what it would tell an orchestrator, and its metrics at a glance.",
    figures: {
      status: "State",
      live: "Liveness",
      liveHelp: "Whether the process answers: an orchestrator starts it anew where it does not.",
      ready: "Readiness",
      readyHelp: "Whether traffic should come to this node.",
      version: "Version",
      uptime: "Runs for",
      memory: "Memory",
      height: "Height",
      peers: "Peers",
      no: "no",
    },
    checks: { title: "Checks", since: "so for", states: { pass: "good", warn: "look at it", fail: "bad" } },
    metrics: {
      title: "Metrics",
      search: "Find a metric",
      searchHint: "Words of names, labels and descriptions",
      count: (count: number) => `${count} ${count === 1 ? "metric" : "metrics"}`,
      none: "No metric has all these words.",
      mean: (mean: string, count: string) => `mean ${mean}, of ${count}`,
      trend: "since this page was opened",
    },
  },
});
