import type { RouteFields } from "@bitfleet/api/rest-client.ts";
import { Card } from "@bitfleet/ui/card.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { Hash } from "@bitfleet/ui/hash.tsx";
import { QrCode } from "@bitfleet/ui/qr-code.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { type FormEvent, type ReactElement, useState } from "react";
import { AddressList } from "./address-list.tsx";
import { useNewAddress } from "./queries.ts";
import classes from "./receive-panel.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.receive;

type Kind = keyof typeof texts.kinds;
const KINDS = Object.keys(texts.kinds) as Kind[];

/** Gives out addresses, and lists those that were. */
export function ReceivePanel({ name }: { readonly name: string }): ReactElement {
  const [shown, setShown] = useState<string>();
  return (
    <div className={formClasses.parts}>
      <div className={formClasses.columns}>
        <Card title={texts.title}>
          <NewAddressForm name={name} onMade={setShown} />
        </Card>
        {shown !== undefined && <AddressCard address={shown} />}
      </div>
      <AddressList name={name} onShow={setShown} />
    </div>
  );
}

function NewAddressForm({
  name: wallet,
  onMade,
}: {
  readonly name: string;
  readonly onMade: (address: string) => void;
}): ReactElement {
  const [label, setLabel] = useState("");
  const [kind, setKind] = useState<Kind>("default");
  const make = useNewAddress();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (make.isPending) return;
    const fields: RouteFields<"newWalletAddress"> = {
      wallet,
      ...(label.trim() !== "" && { label: label.trim() }),
      ...(kind !== "default" && { address_type: kind }),
    };
    make.mutate(fields, {
      onSuccess: ({ address }) => {
        setLabel("");
        onMade(address);
      },
      onError: (error) => toast.failure(texts.failed, error),
    });
  };
  return (
    <form className={formClasses.form} onSubmit={submit}>
      <Field
        label={texts.label}
        hint={texts.labelHint}
        maxLength={200}
        value={label}
        onChange={(event) => setLabel(event.target.value)}
      />
      <label className={formClasses.select}>
        {texts.kind}
        <select value={kind} onChange={(event) => setKind(event.target.value as Kind)}>
          {KINDS.map((one) => (
            <option key={one} value={one}>
              {texts.kinds[one]}
            </option>
          ))}
        </select>
      </label>
      <div className={formClasses.buttons}>
        <Button type="submit" loading={make.isPending}>
          {texts.go}
        </Button>
      </div>
    </form>
  );
}

function AddressCard({ address }: { readonly address: string }): ReactElement {
  return (
    <Card className={classes.shown}>
      <QrCode text={`bitcoin:${address}`} label={texts.qr(address)} />
      <div role="status">
        <Hash value={address} label="address" isWhole />
      </div>
      <p className={formClasses.note}>{texts.share}</p>
    </Card>
  );
}
