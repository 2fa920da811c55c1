import type { NetworkStatus } from "@bitfleet/api/rest/network.ts";
import { useConfirm } from "@bitfleet/ui/dialog/confirm.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import type { ReactElement } from "react";
import classes from "./network.module.css";
import { useNetworkActions } from "./queries.ts";
import { texts } from "./texts.ts";
import { tiedHeight } from "./tied-height.ts";

/** Says that groups which met have the same work, and offers the block that decides; nothing where they agree. */
export function Tie({ status }: { readonly status: NetworkStatus }): ReactElement | null {
  const confirm = useConfirm();
  const { mine } = useNetworkActions();
  const height = tiedHeight(status);
  if (height === undefined) return null;
  const onMine = async () => {
    const { mineTitle, mineText, mineButton, any, mined, tipNow, notMined } = texts.actions;
    if (!(await confirm({ title: mineTitle(1), text: mineText(any), confirmLabel: mineButton }))) return;
    mine.mutate(
      { blocks: 1 },
      {
        onSuccess: ({ node, height: now }) => toast.good(mined(1, node), { text: tipNow(formatCount(now)) }),
        onError: (error) => toast.failure(notMined, error),
      },
    );
  };
  return (
    <div className={classes.tie} role="status">
      <span>{texts.groups.tied(formatCount(height))}</span>
      <Button size="compact-sm" variant="default" loading={mine.isPending} onClick={() => void onMine()}>
        {texts.groups.decide}
      </Button>
    </div>
  );
}
