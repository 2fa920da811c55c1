import { Amount } from "@bitfleet/ui/amount.tsx";
import { Card, PageHead, StatTile, StatTiles } from "@bitfleet/ui/card.tsx";
import { TimeSeries } from "@bitfleet/ui/charts/time-series.tsx";
import { ConfirmProvider, useConfirm } from "@bitfleet/ui/dialog/confirm.tsx";
import { Dialog } from "@bitfleet/ui/dialog/dialog.tsx";
import { formatBytes, formatFeerate } from "@bitfleet/ui/format.ts";
import { Hash } from "@bitfleet/ui/hash.tsx";
import { JsonViewer } from "@bitfleet/ui/json/json-viewer.tsx";
import { QrCode } from "@bitfleet/ui/qr-code.tsx";
import { Duration, Feerate, Percent, VirtualSize, Weight } from "@bitfleet/ui/quantities.tsx";
import type { Column } from "@bitfleet/ui/table/column.ts";
import { DataTable } from "@bitfleet/ui/table/data-table.tsx";
import { Tabs } from "@bitfleet/ui/tabs.tsx";
import { ThemeProvider, ThemeToggle } from "@bitfleet/ui/theme-provider.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Toasts } from "@bitfleet/ui/toasts/toasts.tsx";
import { UnitProvider } from "@bitfleet/ui/units.tsx";
import { createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { type ReactElement, useState } from "react";
import { createRoot } from "react-dom/client";

/** The kit's pieces on one page, for the tests of them; it is no part of the product. */

const ROW_COUNT = 100_000;

interface Row {
  readonly txid: string;
  readonly fee: bigint;
  readonly vsize: number;
}

function rowOf(index: number): Row {
  const mixed = Math.imul(index + 1, 2_654_435_761) >>> 0;
  return {
    txid: mixed.toString(16).padStart(8, "0").repeat(8),
    fee: BigInt(mixed % 100_000),
    vsize: 110 + (mixed % 900),
  };
}

const COLUMNS: readonly Column<Row>[] = [
  { id: "txid", title: "Transaction", cell: ({ txid }) => <Hash value={txid} label="txid" /> },
  {
    id: "fee",
    title: "Fee",
    align: "end",
    width: 170,
    cell: ({ fee }) => <Amount sats={fee} />,
    sortBy: ({ fee }) => fee,
  },
  {
    id: "vsize",
    title: "Size",
    align: "end",
    width: 120,
    cell: ({ vsize }) => <VirtualSize vbytes={vsize} />,
    sortBy: ({ vsize }) => vsize,
  },
  {
    id: "rate",
    title: "Feerate",
    align: "end",
    width: 150,
    cell: ({ fee, vsize }) => <Feerate satPerVbyte={Number(fee) / vsize} />,
    sortBy: ({ fee, vsize }) => Number(fee) / vsize,
    isHiddenAtFirst: true,
  },
];

const TIMES = Array.from({ length: 200 }, (_, index) => 1_790_000_000 + index * 60);

const JSON_VALUE = {
  txid: "ab".repeat(32),
  fee: 0.0001,
  replaceable: true,
  blockhash: null,
  vout: Array.from({ length: 60_000 }, (_, n) => ({
    n,
    value: n / 1000,
    scriptPubKey: { hex: `0014${"00".repeat(20)}` },
  })),
  memo: "x".repeat(2_000),
};

function Specimens(): ReactElement {
  return (
    <Tabs
      label="Pieces"
      tabs={[
        { id: "table", title: "Table", panel: () => <TableSpecimen /> },
        { id: "charts", title: "Charts", panel: () => <ChartSpecimen /> },
        { id: "json", title: "JSON", panel: () => <JsonViewer value={JSON_VALUE} label="transaction as JSON" /> },
        { id: "small", title: "Small", panel: () => <SmallSpecimens /> },
      ]}
    />
  );
}

function TableSpecimen(): ReactElement {
  const [rows, setRows] = useState(() => Array.from({ length: ROW_COUNT }, (_, index) => rowOf(index)));
  const [opened, setOpened] = useState("");
  return (
    <>
      <DataTable
        label="transactions"
        name="specimen"
        rows={rows}
        columns={COLUMNS}
        rowKey={({ txid }) => txid}
        onOpen={({ txid }) => setOpened(txid)}
        tools={
          <button
            type="button"
            onClick={() => setRows([...[1, 2, 3].map((n) => rowOf(ROW_COUNT + rows.length + n)), ...rows])}
          >
            Three more
          </button>
        }
      />
      <output>{opened}</output>
    </>
  );
}

function ChartSpecimen(): ReactElement {
  const values = TIMES.map((_, index) => 3e6 + 2e6 * Math.sin(index / 15) + (index % 7) * 5e4);
  return (
    <>
      <Card>
        <TimeSeries
          title="Mempool size"
          times={TIMES}
          series={[{ label: "Size", values, isFilled: true }]}
          format={formatBytes}
        />
      </Card>
      <Card title="Two lines">
        <TimeSeries
          title="Feerates"
          times={TIMES.map((_, index) => 100 + index)}
          isHeight
          series={[
            { label: "median", values: values.map((value) => value / 1e6) },
            {
              label: "highest",
              values: values.map((value, index) => (index % 50 === 9 ? null : value / 4e5)),
              isStepped: true,
            },
          ]}
          format={(value) => `${formatFeerate(value)} sat/vB`}
        />
      </Card>
      <Card title="Empty">
        <TimeSeries title="Nothing yet" times={[]} series={[]} format={String} />
      </Card>
    </>
  );
}

function SmallSpecimens(): ReactElement {
  const confirm = useConfirm();
  const [answer, setAnswer] = useState("");
  const ask = async (typed?: string) => {
    const isConfirmed = await confirm({
      title: "Send 0.5 BTC?",
      text: <>It goes to an address of another wallet, and cannot be taken back.</>,
      confirmLabel: "Send",
      isDangerous: typed !== undefined,
      ...(typed !== undefined && { typed }),
    });
    setAnswer(isConfirmed ? "yes" : "no");
    if (isConfirmed) toast.good("Sent", { text: "0.5 BTC on their way" });
    else toast.bad("Not sent");
  };
  return (
    <>
      <StatTiles>
        <StatTile label="Fee" explanation="What the miner gets." detail="in satoshis">
          <Amount sats={12_345n} />
        </StatTile>
        <StatTile label="Feerate" tone="good">
          <Feerate satPerVbyte={12.34} />
        </StatTile>
        <StatTile label="Share" tone="warn">
          <Percent share={0.425} />
        </StatTile>
        <StatTile label="Since" tone="bad">
          <Duration seconds={3_720} />
        </StatTile>
        <StatTile label="Weight">
          <Weight weight={3_992_000} />
        </StatTile>
        <StatTile label="On its way">{undefined}</StatTile>
      </StatTiles>
      <p style={{ width: 300 }}>
        <Hash value={"0123456789abcdef".repeat(4)} label="hash" isFitted />
      </p>
      <QrCode text="bitcoin:bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080?amount=0.5" label="Payment link" />
      <p>
        <button type="button" onClick={() => void ask()}>
          Ask
        </button>{" "}
        <button type="button" onClick={() => void ask("savings")}>
          Ask for a word
        </button>{" "}
        <output>{answer}</output>
      </p>
      <LateDialog />
    </>
  );
}

/** Two dialogs, of which the second comes while the first is open. */
function LateDialog(): ReactElement {
  const [isListOpen, setIsListOpen] = useState(false);
  const [isReady, setIsReady] = useState(false);
  return (
    <>
      <button type="button" onClick={() => setIsListOpen(true)}>
        Open the list
      </button>
      <Dialog isOpen={isListOpen} onClose={() => setIsListOpen(false)} title="The list" size="small">
        <button type="button" onClick={() => setIsReady(true)}>
          Have the preview come
        </button>
        {isReady && <p>It is there.</p>}
      </Dialog>
      <Dialog isOpen={isReady} onClose={() => setIsReady(false)} title="The preview" size="small" isPatient>
        <button type="button" onClick={() => setIsListOpen(true)}>
          Open the list over it
        </button>
      </Dialog>
    </>
  );
}

const rootRoute = createRootRoute({
  component: () => (
    <main style={{ padding: 24, maxWidth: 1100, margin: "0 auto" }}>
      <PageHead title="Kit" actions={<ThemeToggle />}>
        What pages are made of
      </PageHead>
      <Specimens />
      <Toasts />
    </main>
  ),
});

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
createRoot(root).render(
  <ThemeProvider>
    <UnitProvider>
      <ConfirmProvider>
        <RouterProvider router={createRouter({ routeTree: rootRoute }) as never} />
      </ConfirmProvider>
    </UnitProvider>
  </ThemeProvider>,
);
