import type { NetworkNodeView, NetworkStatus } from "@bitfleet/api/rest/network.ts";
import { Card } from "@bitfleet/ui/card.tsx";
import { useConfirm } from "@bitfleet/ui/dialog/confirm.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { ExternalIcon } from "@bitfleet/ui/icons.tsx";
import type { Column } from "@bitfleet/ui/table/column.ts";
import { DataTable } from "@bitfleet/ui/table/data-table.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import type { ReactElement } from "react";
import classes from "./network.module.css";
import { useNetworkActions } from "./queries.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.nodes;
const HASH_DIGITS = 8;

interface NodesTableProps {
  readonly status: NetworkStatus;
  readonly onLog: (node: string) => void;
}

/** The nodes of the network: where each stands, its log, and starting it again. */
export function NodesTable({ status, onLog }: NodesTableProps): ReactElement {
  const confirm = useConfirm();
  const { restart } = useNetworkActions();
  const onRestart = async (name: string) => {
    const isSelf = name === status.self;
    const question = {
      title: texts.restartTitle(name),
      text: isSelf ? `${texts.restartText} ${texts.restartSelf}` : texts.restartText,
      confirmLabel: texts.restart,
    };
    if (!(await confirm(question))) return;
    restart.mutate(name, {
      onSuccess: () => toast.good(isSelf ? texts.restarting(name) : texts.restarted(name)),
      onError: (error) => toast.failure(texts.notRestarted(name), error),
    });
  };
  const busy = restart.isPending ? restart.variables : undefined;
  return (
    <Card title={texts.title}>
      <DataTable
        label={texts.label}
        name="nodes"
        rows={status.nodes}
        columns={columnsOf(status.self, busy, onLog, (name) => void onRestart(name))}
        rowKey={({ name }) => name}
        rowHeight={46}
      />
    </Card>
  );
}

function columnsOf(
  self: string | null,
  busy: string | undefined,
  onLog: (name: string) => void,
  onRestart: (name: string) => void,
): readonly Column<NetworkNodeView>[] {
  return [
    {
      id: "name",
      title: texts.name,
      cell: ({ name }) => (
        <>
          <strong>{name}</strong>
          {name === self && <span className={classes.self}>{texts.self}</span>}
        </>
      ),
      sortBy: ({ name }) => name,
    },
    { id: "role", title: texts.role, width: 104, cell: ({ role }) => texts.roles[role], isHiddenAtFirst: true },
    {
      id: "state",
      title: texts.state,
      width: 116,
      cell: ({ state }) => (
        <span className={classes.state}>
          <span className={classes.dot} data-state={state} />
          {state}
        </span>
      ),
      sortBy: ({ state }) => state,
    },
    {
      id: "height",
      title: texts.height,
      width: 84,
      align: "end",
      cell: ({ height }) => (height === null ? "–" : formatCount(height)),
      sortBy: ({ height }) => height,
    },
    {
      id: "tip",
      title: texts.tip,
      width: 110,
      cell: ({ hash }) => (
        <span className={classes.mono} title={hash ?? ""}>
          {hash === null ? "–" : `…${hash.slice(-HASH_DIGITS)}`}
        </span>
      ),
    },
    { id: "peers", title: texts.peers, width: 74, align: "end", cell: ({ peers }) => peers ?? "–" },
    {
      id: "links",
      title: texts.links,
      cell: ({ connects_to: links }) => links.join(", ") || "–",
      isHiddenAtFirst: true,
    },
    { id: "port", title: texts.port, width: 84, align: "end", cell: ({ p2p_port: port }) => port ?? "–" },
    {
      id: "page",
      title: texts.page,
      width: 84,
      cell: ({ web_url: url }) =>
        url === null ? (
          "–"
        ) : (
          <a href={url} rel="noreferrer">
            {texts.open} <ExternalIcon size={13} />
          </a>
        ),
    },
    {
      id: "actions",
      title: texts.actions,
      width: 168,
      align: "end",
      cell: ({ name }) => (
        <span className={classes.rowButtons}>
          <Button size="compact-sm" variant="default" aria-label={texts.logOf(name)} onClick={() => onLog(name)}>
            {texts.log}
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            aria-label={texts.restartOf(name)}
            loading={busy === name}
            onClick={() => onRestart(name)}
          >
            {texts.restart}
          </Button>
        </span>
      ),
    },
  ];
}
