import { useEffect, useState } from "react";
import { askNetwork, type NetworkStanding } from "./ask-network.ts";
import { useDesktop } from "./desktop-context.tsx";
import type { Profile } from "./profile.ts";

const ASK_AGAIN_MS = 5_000;

/** How each network is, asked every few seconds for as long as the answer is on screen. Absent until it has answered. */
export function useStandings(profiles: readonly Profile[]): ReadonlyMap<string, NetworkStanding> {
  const { client } = useDesktop();
  const [standings, setStandings] = useState<ReadonlyMap<string, NetworkStanding>>(new Map());
  useEffect(() => {
    const ending = new AbortController();
    const { signal } = ending;
    const follow = async (profile: Profile) => {
      for (;;) {
        const standing = await askNetwork(client, profile, signal);
        setStandings((before) => new Map(before).set(profile.id, standing));
        await pause(signal);
      }
    };
    for (const profile of profiles) follow(profile).catch(() => undefined);
    return () => ending.abort();
  }, [client, profiles]);
  return standings;
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ASK_AGAIN_MS);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
