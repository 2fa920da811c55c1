import { Badge } from "@bitfleet/ui/badge.tsx";
import { Card } from "@bitfleet/ui/card.tsx";
import { useConfirm } from "@bitfleet/ui/dialog/confirm.tsx";
import { Dialog } from "@bitfleet/ui/dialog/dialog.tsx";
import { PlusIcon } from "@bitfleet/ui/icons.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { type ReactElement, useState } from "react";
import { PlaceForm } from "../../networks/place-form.tsx";
import { RefusedActions } from "../../networks/refused-actions.tsx";
import { chainName, networkTexts } from "../../networks/texts.ts";
import { lookAnewTexts, useLookAnew } from "../../networks/use-look-anew.ts";
import { Notice } from "../../notice.tsx";
import type { SavedNetwork } from "../../session/records.ts";
import { useOpenState, useSession } from "../../session-provider.tsx";
import classes from "./settings.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.networks;

/** The networks that this device knows; each is tried before it is saved. */
export function NetworkSettings(): ReactElement {
  const { networks, connection } = useOpenState();
  const [opened, setOpened] = useState<SavedNetwork | "new">();
  const close = () => setOpened(undefined);
  return (
    <div id="networks" className={classes.anchor}>
      <Card
        title={texts.title}
        aside={
          <Button size="xs" variant="default" leftSection={<PlusIcon />} onClick={() => setOpened("new")}>
            {texts.add}
          </Button>
        }
      >
        {connection.kind === "refused" && (
          <Notice tone="bad" title={connection.network.name} role="status" actions={<RefusedActions isInSettings />}>
            {connection.problem}
          </Notice>
        )}
        <ul className={classes.networks} aria-label={texts.title}>
          {networks.map((network) => (
            <NetworkRow key={network.id} network={network} onChange={() => setOpened(network)} />
          ))}
        </ul>
      </Card>
      <Dialog
        isOpen={opened !== undefined}
        onClose={close}
        title={opened === undefined || opened === "new" ? texts.addTitle : texts.changeTitle(opened.name)}
      >
        <NetworkForm before={opened === "new" ? undefined : opened} onDone={close} />
      </Dialog>
    </div>
  );
}

function NetworkForm({
  before,
  onDone,
}: {
  readonly before: SavedNetwork | undefined;
  readonly onDone: () => void;
}): ReactElement {
  const session = useSession();
  return (
    <>
      {before !== undefined && <p className={classes.hint}>{texts.changeHint}</p>}
      <PlaceForm
        before={before}
        useLabel={before === undefined ? networkTexts.use : networkTexts.save}
        isFirst
        onUse={async (place) => {
          await session.saveNetwork(before === undefined ? place : { ...place, id: before.id });
          toast.good(texts.saved);
          onDone();
        }}
      />
    </>
  );
}

function NetworkRow({
  network,
  onChange,
}: {
  readonly network: SavedNetwork;
  readonly onChange: () => void;
}): ReactElement {
  const session = useSession();
  const confirm = useConfirm();
  const lookAnew = useLookAnew();
  const { wallets, account, connection } = useOpenState();
  const walletCount = wallets.filter(({ networkId }) => networkId === network.id).length;
  const isActive = account?.wallet.networkId === network.id;
  // Of a server that is refused nothing would be found: what can be done there is said above.
  const canLookAnew = isActive && (connection.kind === "live" || connection.kind === "offline");
  const remove = async () => {
    const isMeant = await confirm({
      title: texts.removeAsk(network.name),
      text: texts.removeText,
      confirmLabel: texts.removeGo,
      isDangerous: true,
    });
    if (isMeant)
      await session.removeNetwork(network.id).catch((error: unknown) => toast.failure(texts.removeFailed, error));
  };
  return (
    <li>
      <div>
        <span className={classes.name}>
          {network.name}
          {isActive && <Badge tone="good">{texts.active}</Badge>}
          {network.apiKey !== "" && <Badge>{texts.hasKey}</Badge>}
        </span>
        <p className={classes.detail}>
          {chainName(network.chain)} · {network.url === "" ? texts.own(location.host) : network.url} ·{" "}
          {walletCount === 0 ? texts.unused : texts.wallets(walletCount)}
        </p>
      </div>
      <div className={classes.buttons}>
        {canLookAnew && (
          <Button
            size="xs"
            variant="default"
            aria-label={lookAnewTexts.labelOf(network.name)}
            onClick={() => void lookAnew(network)}
          >
            {lookAnewTexts.label}
          </Button>
        )}
        <Button size="xs" variant="default" aria-label={texts.changeOf(network.name)} onClick={onChange}>
          {texts.change}
        </Button>
        {walletCount === 0 && (
          <Button
            size="xs"
            variant="default"
            className={classes.danger ?? ""}
            aria-label={texts.removeOf(network.name)}
            onClick={() => void remove()}
          >
            {texts.remove}
          </Button>
        )}
      </div>
    </li>
  );
}
