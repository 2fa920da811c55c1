import type { Ban } from "@bitfleet/api/rest/peers.ts";
import { Age } from "@bitfleet/ui/age.tsx";
import { useNowSeconds } from "@bitfleet/ui/clock.ts";
import { useConfirm } from "@bitfleet/ui/dialog/confirm.tsx";
import { formatDateTime, formatDuration } from "@bitfleet/ui/format.ts";
import { PlusIcon } from "@bitfleet/ui/icons.tsx";
import { KeyGate } from "@bitfleet/ui/keys/key-gate.tsx";
import { ErrorMessage } from "@bitfleet/ui/states.tsx";
import type { Column } from "@bitfleet/ui/table/column.ts";
import { DataTable } from "@bitfleet/ui/table/data-table.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { type ReactElement, useState } from "react";
import { BanDialog } from "./ban-dialog.tsx";
import classes from "./peers.module.css";
import { useBans, usePeerActions } from "./queries.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.bans;

/** Address ranges that are kept out. For who has the admin key. */
export function BansPanel(): ReactElement {
  return (
    <KeyGate forRole="admin">
      <BanList />
    </KeyGate>
  );
}

function BanList(): ReactElement {
  const bans = useBans();
  const confirm = useConfirm();
  const { lift } = usePeerActions();
  const [isAsked, setIsAsked] = useState(false);
  const onLift = async (subnet: string) => {
    const question = { title: texts.liftTitle(subnet), text: texts.liftText, confirmLabel: texts.lift };
    if (!(await confirm(question))) return;
    lift.mutate(
      { subnet },
      {
        onSuccess: () => toast.good(texts.lifted(subnet)),
        onError: (error) => toast.failure(texts.notLifted(subnet), error),
      },
    );
  };
  const columns: readonly Column<Ban>[] = [
    {
      id: "range",
      title: texts.range,
      cell: ({ subnet }) => <span className={classes.range}>{subnet}</span>,
      sortBy: ({ subnet }) => subnet,
    },
    {
      id: "created",
      title: texts.created,
      cell: ({ created }) => <Age unixSeconds={created} />,
      sortBy: ({ created }) => created,
    },
    { id: "until", title: texts.until, cell: ({ until }) => <Ends until={until} />, sortBy: ({ until }) => until },
    {
      id: "actions",
      title: allTexts.columns.actions,
      width: 140,
      align: "end",
      cell: ({ subnet }) => (
        <Button
          size="compact-sm"
          variant="default"
          aria-label={texts.liftOf(subnet)}
          onClick={() => void onLift(subnet)}
        >
          {texts.lift}
        </Button>
      ),
    },
  ];
  if (bans.data === undefined && bans.error !== null)
    return <ErrorMessage error={bans.error} onRetry={() => void bans.refetch()} />;
  return (
    <>
      <div className={classes.bansHead}>
        <span>{texts.about}</span>
        <Button leftSection={<PlusIcon />} onClick={() => setIsAsked(true)}>
          {allTexts.ban.title}
        </Button>
      </div>
      <DataTable
        label={texts.table}
        rows={bans.data}
        columns={columns}
        rowKey={({ subnet }) => subnet}
        rowHeight={46}
        empty={texts.none}
      />
      <BanDialog isOpen={isAsked} onClose={() => setIsAsked(false)} />
    </>
  );
}

function Ends({ until }: { readonly until: number }): ReactElement {
  const now = useNowSeconds();
  return <span title={formatDateTime(until)}>{texts.left(formatDuration(until - now))}</span>;
}
