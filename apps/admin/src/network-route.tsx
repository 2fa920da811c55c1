import { PageHead } from "@bitfleet/ui/card.tsx";
import { useNetwork } from "@bitfleet/ui/node-queries.ts";
import { LoadingRows } from "@bitfleet/ui/states.tsx";
import { Tabs } from "@bitfleet/ui/tabs.tsx";
import { getRouteApi } from "@tanstack/react-router";
import { type ReactElement, useMemo } from "react";
import { FaucetPanel } from "./features/faucet/faucet-panel.tsx";
import { LocalPanel, NoNetwork } from "./features/network/local-panel.tsx";
import { BansPanel } from "./features/peers/bans-panel.tsx";
import { PeersPanel, type PeersView } from "./features/peers/peers-panel.tsx";
import { texts } from "./network-texts.ts";

const route = getRouteApi("/network");

/** The page of the network: three features side by side, which know nothing of each other. */
export function NetworkRoute(): ReactElement {
  const { direction, filter, peer, log } = route.useSearch();
  const navigate = route.useNavigate();
  const change = (view: PeersView | { readonly log: string | undefined }, isReplaced: boolean) =>
    void navigate({ search: (old) => ({ ...old, ...view }) as never, replace: isReplaced, resetScroll: false });
  return (
    <>
      <PageHead title={texts.title}>{texts.about}</PageHead>
      <Tabs
        label={texts.title}
        tabs={[
          {
            id: "peers",
            title: texts.tabs.peers,
            panel: () => (
              <NamedPeers view={{ direction, filter, peer }} onView={(view) => change(view, view.peer === peer)} />
            ),
          },
          {
            id: "local",
            title: texts.tabs.local,
            panel: () => <LocalPanel log={log} onLog={(node) => change({ log: node }, node !== undefined)} />,
          },
          { id: "faucet", title: texts.tabs.faucet, panel: () => <NetworkFaucet /> },
          { id: "bans", title: texts.tabs.bans, panel: () => <BansPanel /> },
        ]}
      />
    </>
  );
}

/** Peers, with nodes of this machine's network by their names. */
function NamedPeers(props: { readonly view: PeersView; readonly onView: (view: PeersView) => void }): ReactElement {
  const { data } = useNetwork();
  const nodes = data?.nodes;
  const names = useMemo(
    () => new Map(nodes?.flatMap(({ name, p2p_port: port }) => (port === null ? [] : [[port, name] as const]))),
    [nodes],
  );
  return <PeersPanel {...props} nodeNames={names} />;
}

function NetworkFaucet(): ReactElement {
  const { data } = useNetwork();
  if (data === null) return <NoNetwork />;
  if (data === undefined) return <LoadingRows count={1} height={260} label={texts.tabs.faucet} />;
  return <FaucetPanel chain={data.chain} />;
}
