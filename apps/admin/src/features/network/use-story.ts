import type { NetworkStatus } from "@bitfleet/api/rest/network.ts";
import { onNetworkLeft } from "@bitfleet/ui/network-scope.ts";
import { useEffect, useState } from "react";
import { NOTHING_SEEN, type OwnBlock, type Story, seeBlocks, seeStatus } from "./story.ts";

let kept: Story = NOTHING_SEEN;
onNetworkLeft(() => {
  kept = NOTHING_SEEN;
});

/** What was seen of the network since the page was loaded: also while another page was looked at in between, as far as it was looked at. */
export function useStory(status: NetworkStatus | undefined, blocks: readonly OwnBlock[] | undefined): Story {
  const [story, setStory] = useState(kept);
  useEffect(() => {
    if (status === undefined) return;
    kept = seeStatus(kept, status, nowSeconds());
    setStory(kept);
  }, [status]);
  useEffect(() => {
    if (blocks === undefined) return;
    kept = seeBlocks(kept, blocks, nowSeconds());
    setStory(kept);
  }, [blocks]);
  return story;
}

const nowSeconds = () => Math.floor(Date.now() / 1000);
