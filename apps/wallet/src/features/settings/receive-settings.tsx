import { Card } from "@bitfleet/ui/card.tsx";
import { Choice } from "@bitfleet/ui/choice.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import type { ReactElement } from "react";
import type { AddressChoice } from "../../session/records.ts";
import { useOpenState, useSession } from "../../session-provider.tsx";
import classes from "./settings.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.receive;
const TYPES: readonly AddressChoice[] = ["bech32m", "bech32"];

/** Which kind of address is given first. */
export function ReceiveSettings(): ReactElement {
  const session = useSession();
  const { settings } = useOpenState();
  const choose = (addressType: AddressChoice) =>
    session.changeSettings({ addressType }).catch((error: unknown) => toast.failure(allTexts.lock.failed, error));
  return (
    <Card title={texts.title}>
      <Choice
        label={texts.type}
        hasLabel
        options={TYPES.map((value) => ({ value, title: texts.types[value] }))}
        value={settings.addressType}
        onChoose={(value) => void choose(value)}
      />
      <p className={classes.hint}>{texts.hint}</p>
    </Card>
  );
}
