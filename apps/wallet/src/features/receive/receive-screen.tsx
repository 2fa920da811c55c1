import { Card, PageHead } from "@bitfleet/ui/card.tsx";
import { Choice } from "@bitfleet/ui/choice.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type ReactElement, useMemo, useState } from "react";
import { EntryLine } from "../../money/entry-line.tsx";
import moneyClasses from "../../money/money.module.css";
import { Reachability } from "../../money/reachability.tsx";
import type { AddressView } from "../../session/account.ts";
import type { AddressChoice } from "../../session/records.ts";
import { useAccount, useOpenState } from "../../session-provider.tsx";
import { AddressTable } from "./address-table.tsx";
import classes from "./receive.module.css";
import { RequestCard } from "./request-card.tsx";
import { texts } from "./texts.ts";

const KINDS = ["bech32m", "bech32"] as const;

/** Gives out addresses, shows what comes to them, and lists those that were given out. */
export function ReceiveScreen(): ReactElement {
  const { id } = useAccount();
  return (
    <>
      <PageHead title={texts.title}>{texts.about}</PageHead>
      <Receiving key={id} />
    </>
  );
}

function Receiving(): ReactElement {
  const account = useAccount();
  const { settings } = useOpenState();
  const [kind, setKind] = useState<AddressChoice>(settings.addressType);
  // The address stays what it is when it is labelled or paid to: only the reader asks for another one.
  const [shown, setShown] = useState<AddressView>(() => account.freshAddress(kind));
  const addresses = useMemo(() => account.addresses(), [account]);
  const view = addresses.find(({ address }) => address === shown.address) ?? shown;
  const next = () => {
    account.nextAddress(kind).then(setShown, (error: unknown) => toast.failure(texts.nextFailed, error));
  };
  const show = (one: AddressView) => {
    setShown(one);
    window.scrollTo({ top: 0 });
  };
  return (
    <div className={moneyClasses.parts}>
      <Reachability />
      <div className={classes.columns}>
        <Card
          title={texts.card}
          aside={
            account.wallet.kind === "phrase" && (
              <Choice
                label={texts.kind}
                options={KINDS.map((value) => ({ value, title: texts.kinds[value] }))}
                value={kind}
                onChoose={(chosen) => {
                  setKind(chosen);
                  setShown(account.freshAddress(chosen));
                }}
              />
            )
          }
        >
          <RequestCard key={view.address} view={view} />
          <div className={formClasses.buttons}>
            <Button variant="default" onClick={next}>
              {texts.next}
            </Button>
            <Button component={Link} to="/sweep" variant="default">
              {texts.sweep}
            </Button>
          </div>
        </Card>
        <Arrivals view={view} />
      </div>
      <AddressTable addresses={addresses} onShow={show} />
    </div>
  );
}

/** What has come to the address, as it comes. */
function Arrivals({ view: { address } }: { readonly view: AddressView }): ReactElement {
  const account = useAccount();
  const { connection } = useOpenState();
  const entries = useMemo(
    () => account.history().filter(({ addresses, direction }) => direction !== "out" && addresses.includes(address)),
    [account, address],
  );
  return (
    <Card
      title={texts.arrived}
      aside={entries.length > 0 && <span className={formClasses.note}>{texts.count(entries.length)}</span>}
    >
      <div role="status" className={classes.arrivals} data-testid="arrivals">
        {entries.length === 0 ? (
          <p className={formClasses.note}>
            {connection.kind === "live" || connection.kind === "scanning" ? texts.waiting : texts.unreachable}
          </p>
        ) : (
          entries.map((entry) => <EntryLine key={entry.txid} entry={entry} />)
        )}
      </div>
    </Card>
  );
}
