import type { PeerView } from "@bitfleet/api/rest/peers.ts";
import { Choice } from "@bitfleet/ui/choice.tsx";
import { formatBytes, formatCount, formatDuration } from "@bitfleet/ui/format.ts";
import { CloseIcon, CutIcon, LockIcon, PlusIcon } from "@bitfleet/ui/icons.tsx";
import { ErrorMessage, Message } from "@bitfleet/ui/states.tsx";
import type { Column } from "@bitfleet/ui/table/column.ts";
import { DataTable } from "@bitfleet/ui/table/data-table.tsx";
import { Button, Skeleton } from "@mantine/core";
import { type ReactElement, useMemo, useState } from "react";
import { BanDialog } from "./ban-dialog.tsx";
import { ConnectDialog } from "./connect-dialog.tsx";
import { DisconnectDialog } from "./disconnect-dialog.tsx";
import { portOf } from "./peer-address.ts";
import { PeerDetails } from "./peer-details.tsx";
import { PeerGraph } from "./peer-graph.tsx";
import classes from "./peers.module.css";
import { usePeers } from "./queries.ts";
import { texts } from "./texts.ts";

/** What of the list is shown, as the address of the page has it. */
export interface PeersView {
  readonly direction?: "inbound" | "outbound" | undefined;
  readonly filter?: string | undefined;
  /** The peer whose details are open. */
  readonly peer?: number | undefined;
}

interface PeersPanelProps {
  readonly view: PeersView;
  readonly onView: (view: PeersView) => void;
  /** Nodes of this machine's network, by the port that they listen at. */
  readonly nodeNames: ReadonlyMap<number, string>;
}

type Asked = { readonly what: "connect" } | { readonly what: "disconnect" | "ban"; readonly peer: PeerView };

/** Whom this node is connected to, as a picture and as a table, and what can be done about it. */
export function PeersPanel({ view, onView, nodeNames }: PeersPanelProps): ReactElement {
  const peers = usePeers();
  const [asked, setAsked] = useState<Asked>();
  const nameOf = useMemo(() => namedBy(nodeNames), [nodeNames]);
  const columns = useMemo(() => columnsOf(nameOf, (what, peer) => setAsked({ what, peer })), [nameOf]);
  const connect = (
    <Button leftSection={<PlusIcon />} onClick={() => setAsked({ what: "connect" })}>
      {texts.connect.action}
    </Button>
  );
  const rows = useMemo(() => peers.data?.filter((peer) => isShown(peer, view, nameOf)), [peers.data, view, nameOf]);
  if (peers.data === undefined && peers.error !== null)
    return <ErrorMessage error={peers.error} onRetry={() => void peers.refetch()} />;
  return (
    <div className={classes.panel}>
      {peers.data === undefined ? (
        <Skeleton className={classes.graphSkeleton ?? ""} radius="md" />
      ) : peers.data.length === 0 ? (
        <div className={classes.none}>
          <Message title={texts.none} action={connect}>
            {texts.noneHint}
          </Message>
        </div>
      ) : (
        <PeerGraph peers={peers.data} nameOf={nameOf} openId={view.peer} onOpen={(peer) => onView({ ...view, peer })} />
      )}
      {peers.data?.length !== 0 && (
        <DataTable
          label={texts.table}
          name="peers"
          rows={rows}
          columns={columns}
          rowKey={({ id }) => String(id)}
          rowHeight={46}
          onOpen={({ id }) => onView({ ...view, peer: id })}
          card={(peer) => <PeerCard peer={peer} name={nameOf(peer)} />}
          empty={texts.noneFiltered}
          tools={
            <div className={classes.tools}>
              <Choice
                label={texts.which}
                options={[
                  { value: "all", title: texts.all },
                  { value: "inbound", title: texts.inbound },
                  { value: "outbound", title: texts.outbound },
                ]}
                value={view.direction ?? "all"}
                onChoose={(value) => onView({ ...view, direction: value === "all" ? undefined : value })}
              />
              <input
                className={classes.filter}
                type="search"
                aria-label={texts.filter}
                placeholder={texts.filterHint}
                value={view.filter ?? ""}
                onChange={({ target: { value } }) => onView({ ...view, filter: value === "" ? undefined : value })}
              />
              {connect}
            </div>
          }
        />
      )}
      <PeerDetails
        id={view.peer}
        peers={peers.data}
        nameOf={nameOf}
        onClose={() => onView({ ...view, peer: undefined })}
        onDisconnect={(peer) => setAsked({ what: "disconnect", peer })}
        onBan={(peer) => setAsked({ what: "ban", peer })}
      />
      <ConnectDialog isOpen={asked?.what === "connect"} onClose={() => setAsked(undefined)} />
      <DisconnectDialog
        peer={asked?.what === "disconnect" ? asked.peer : undefined}
        nameOf={nameOf}
        onClose={() => setAsked(undefined)}
      />
      <BanDialog
        isOpen={asked?.what === "ban"}
        peer={asked?.what === "ban" ? asked.peer : undefined}
        onClose={() => setAsked(undefined)}
      />
    </div>
  );
}

/** A node of the machine's own network by its name, another by its address, and without the key by its number. */
function namedBy(nodeNames: ReadonlyMap<number, string>): (peer: PeerView) => string {
  return ({ id, address }) =>
    address === null ? texts.unknownAddress(id) : (nodeNames.get(portOf(address) ?? 0) ?? address);
}

function isShown(peer: PeerView, { direction, filter }: PeersView, nameOf: (peer: PeerView) => string): boolean {
  if (direction !== undefined && peer.direction !== direction) return false;
  if (filter === undefined || filter === "") return true;
  const words = [nameOf(peer), peer.address ?? "", peer.user_agent, peer.connection_type, peer.transport, peer.network];
  return [...words, ...peer.services].join("\n").toLowerCase().includes(filter.trim().toLowerCase());
}

function columnsOf(
  nameOf: (peer: PeerView) => string,
  ask: (what: "disconnect" | "ban", peer: PeerView) => void,
): readonly Column<PeerView>[] {
  const { columns } = texts;
  return [
    { id: "who", title: columns.who, cell: (peer) => <Who peer={peer} name={nameOf(peer)} />, sortBy: nameOf },
    {
      id: "type",
      title: columns.type,
      width: 142,
      cell: (peer) => (
        <span className={classes.type}>
          <Direction peer={peer} />
          <span title={peer.connection_type}>{peer.connection_type}</span>
        </span>
      ),
      sortBy: ({ direction, connection_type: type }) => `${direction} ${type}`,
    },
    {
      id: "transport",
      title: columns.transport,
      width: 100,
      cell: (peer) => <Transport peer={peer} />,
      sortBy: ({ transport }) => transport,
    },
    {
      id: "agent",
      title: columns.agent,
      cell: ({ user_agent: agent }) => <span title={agent}>{agent || texts.notYet}</span>,
      sortBy: ({ user_agent: agent }) => agent,
    },
    {
      id: "services",
      title: columns.services,
      isHiddenAtFirst: true,
      cell: ({ services }) => <span title={services.join(", ")}>{services.join(", ")}</span>,
    },
    {
      id: "traffic",
      title: columns.traffic,
      width: 162,
      align: "end",
      cell: ({ bytes_sent: sent, bytes_received: received }) => `${formatBytes(sent)} / ${formatBytes(received)}`,
      sortBy: ({ bytes_sent: sent, bytes_received: received }) => sent + received,
    },
    {
      id: "ping",
      title: columns.ping,
      width: 92,
      align: "end",
      cell: ({ ping_ms: ping }) => pingText(ping),
      sortBy: ({ ping_ms: ping }) => ping,
    },
    {
      id: "height",
      title: columns.height,
      width: 84,
      align: "end",
      cell: ({ synced_blocks: height }) => heightText(height),
      sortBy: ({ synced_blocks: height }) => height,
    },
    {
      id: "since",
      title: columns.since,
      width: 106,
      isHiddenAtFirst: true,
      align: "end",
      cell: ({ connected_seconds: seconds }) => formatDuration(seconds),
      sortBy: ({ connected_seconds: seconds }) => seconds,
    },
    {
      id: "actions",
      title: columns.actions,
      width: 102,
      align: "end",
      cell: (peer) => (
        <span className={classes.actions}>
          <IconButton label={texts.disconnect.of(nameOf(peer))} onPress={() => ask("disconnect", peer)}>
            <CutIcon />
          </IconButton>
          <IconButton label={texts.ban.of(nameOf(peer))} onPress={() => ask("ban", peer)}>
            <CloseIcon />
          </IconButton>
        </span>
      ),
    },
  ];
}

function IconButton(props: {
  readonly label: string;
  readonly onPress: () => void;
  readonly children: ReactElement;
}): ReactElement {
  return (
    <button type="button" className={classes.icon} aria-label={props.label} title={props.label} onClick={props.onPress}>
      {props.children}
    </button>
  );
}

function Who({ peer, name }: { readonly peer: PeerView; readonly name: string }): ReactElement {
  const detail = peer.address === null ? undefined : peer.address === name ? undefined : peer.address;
  return (
    <span className={classes.who}>
      <strong>{name}</strong>
      {detail !== undefined && <small>{detail}</small>}
    </span>
  );
}

function Direction({ peer: { direction } }: { readonly peer: PeerView }): ReactElement {
  return (
    <span className={classes.pill} data-direction={direction} title={texts.directionLong[direction]}>
      {texts.directions[direction]}
    </span>
  );
}

function Transport({ peer: { transport } }: { readonly peer: PeerView }): ReactElement {
  const title = transport === "v2" ? texts.details.v2 : transport === "v1" ? texts.details.v1 : texts.details.detecting;
  return (
    <span className={classes.transport} data-transport={transport} title={title}>
      {transport === "v2" && <LockIcon size={13} />}
      {transport}
    </span>
  );
}

/** A peer on a phone. */
function PeerCard({ peer, name }: { readonly peer: PeerView; readonly name: string }): ReactElement {
  return (
    <div className={classes.card}>
      <div>
        <Who peer={peer} name={name} />
        <span className={classes.marks}>
          <Direction peer={peer} />
          <Transport peer={peer} />
        </span>
      </div>
      <div className={classes.cardLine}>
        <span>{peer.user_agent || texts.notYet}</span>
        <span>{peer.connection_type}</span>
      </div>
      <div className={classes.cardLine}>
        <span>
          {formatBytes(peer.bytes_sent)} / {formatBytes(peer.bytes_received)}
        </span>
        <span>{pingText(peer.ping_ms)}</span>
        <span>
          {texts.columns.height} {heightText(peer.synced_blocks)}
        </span>
      </div>
    </div>
  );
}

const pingText = (ms: number | null) => (ms === null ? "–" : `${ms < 10 ? ms.toFixed(1) : formatCount(ms)} ms`);
const heightText = (height: number) => (height < 0 ? "–" : formatCount(height));
