import { useApi } from "@bitfleet/ui/api-provider.tsx";
import { Card } from "@bitfleet/ui/card.tsx";
import type { KeyRole } from "@bitfleet/ui/keys/key-store.ts";
import { useAdminKey, useWalletKey } from "@bitfleet/ui/keys/keys-provider.tsx";
import { isKeyKept, ownKey, rememberKey, watchKeys, whereKeysAreKept } from "@bitfleet/ui/keys/remembered-keys.ts";
import { tryKey } from "@bitfleet/ui/keys/try-key.ts";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { type ReactElement, useSyncExternalStore } from "react";
import classes from "./settings.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.keys;

/** The keys that this page has, and for how long. */
export function KeySettings(): ReactElement {
  const api = useApi();
  const adminKey = useAdminKey();
  const walletKey = useWalletKey();
  const enter = async (role: "admin" | "wallet") => {
    try {
      await (role === "admin" ? adminKey : walletKey).run((apiKey) => tryKey(api, role, apiKey));
      toast.good(texts.accepted(texts.roles[role]));
    } catch (error) {
      toast.failure(texts.failed(texts.roles[role]), error);
    }
  };
  return (
    <Card title={texts.title}>
      <ul className={classes.keys}>
        <KeyRow forRole="admin" onEnter={() => void enter("admin")} />
        <KeyRow forRole="wallet" onEnter={() => void enter("wallet")} />
        <KeyRow forRole="reading" />
      </ul>
    </Card>
  );
}

function KeyRow({
  forRole: role,
  onEnter,
}: {
  readonly forRole: KeyRole;
  readonly onEnter?: () => void;
}): ReactElement | null {
  const key = useSyncExternalStore(watchKeys, () => ownKey(role));
  const isKept = useSyncExternalStore(watchKeys, () => isKeyKept(role));
  const isKnown = key !== "";
  const place = whereKeysAreKept();
  if (!isKnown && onEnter === undefined) return null;
  return (
    <li aria-label={texts.roles[role]}>
      <div>
        <strong>{texts.roles[role]}</strong>{" "}
        <span className={classes.state} data-known={isKnown}>
          {isKnown ? (isKept ? texts.kept[place] : texts.tab[place]) : texts.none}
        </span>
        <p>{texts.uses[role]}</p>
      </div>
      <div className={classes.buttons}>
        {isKnown && place !== "nothing" && (
          <label className={classes.check}>
            <input type="checkbox" checked={isKept} onChange={() => rememberKey(role, key, !isKept)} />
            {texts.remember[place]}
          </label>
        )}
        {isKnown && (
          <Button size="xs" variant="default" onClick={() => rememberKey(role, "")}>
            {texts.forget}
          </Button>
        )}
        {!isKnown && onEnter !== undefined && (
          <Button size="xs" variant="default" onClick={onEnter}>
            {texts.enter}
          </Button>
        )}
      </div>
    </li>
  );
}
