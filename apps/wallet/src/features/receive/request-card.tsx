import { copyText } from "@bitfleet/ui/copy-text.ts";
import { Field } from "@bitfleet/ui/field.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { Hash } from "@bitfleet/ui/hash.tsx";
import { CopyIcon, ShareIcon } from "@bitfleet/ui/icons.tsx";
import { readAmount } from "@bitfleet/ui/payment/entries.ts";
import { QrCode } from "@bitfleet/ui/qr-code.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { useUnit } from "@bitfleet/ui/units.tsx";
import { Button } from "@mantine/core";
import { type ReactElement, useState } from "react";
import { useEntryInUnit } from "../../money/use-entry-in-unit.ts";
import type { AddressView } from "../../session/account.ts";
import { LABEL_LENGTH_MAX } from "../../session/label-lines.ts";
import { useAccount } from "../../session-provider.tsx";
import classes from "./receive.module.css";
import { requestUri } from "./request-uri.ts";
import { texts } from "./texts.ts";

const QR_SIZE = 208;

/** An address as others take it: as digits, as a link, as a QR code; with an amount and what it is for, where that is wanted. */
export function RequestCard({ view }: { readonly view: AddressView }): ReactElement {
  const account = useAccount();
  const unit = useUnit();
  const { address, isUsed } = view;
  const [amount, setAmount] = useEntryInUnit("");
  const [label, setLabel] = useState(view.label);
  const read = amount.trim() === "" ? undefined : readAmount(amount.trim(), unit);
  const asked = { address, label: label.trim(), sats: read !== undefined && "sats" in read ? read.sats : undefined };
  const link = requestUri(asked);
  const saveLabel = () => {
    if (label.trim() === view.label) return;
    account.labelAddress(address, label.trim()).catch((error: unknown) => toast.failure(texts.labelFailed, error));
  };
  const copyLink = async () => {
    if (await copyText(link)) toast.good(texts.linkCopied);
    else toast.bad(texts.notCopied, { text: texts.select });
  };
  return (
    <>
      <div className={classes.request}>
        <div className={classes.code}>
          <QrCode text={requestUri(asked, true)} label={texts.qr(address)} size={QR_SIZE} />
        </div>
        <div className={classes.address} data-testid="address">
          <Hash value={address} label={texts.copyAddress} isWhole />
        </div>
        <div className={formClasses.buttons}>
          <Button variant="default" size="xs" leftSection={<CopyIcon />} onClick={() => void copyLink()}>
            {texts.copyLink}
          </Button>
          {canShare() && (
            <Button
              variant="default"
              size="xs"
              leftSection={<ShareIcon size={14} />}
              // That the reader thought better of it is no failure.
              onClick={() => void navigator.share({ title: texts.shareTitle, text: link }).catch(() => undefined)}
            >
              {texts.share}
            </Button>
          )}
        </div>
      </div>
      {isUsed && <p className={classes.used}>{texts.isUsed}</p>}
      <div className={formClasses.pair}>
        <Field
          label={texts.amount(unit)}
          hint={texts.amountHint}
          inputMode="decimal"
          value={amount}
          problem={read !== undefined && "problem" in read ? read.problem : undefined}
          onChange={(event) => setAmount(event.target.value)}
        />
        <Field
          label={texts.label}
          hint={texts.labelHint}
          maxLength={LABEL_LENGTH_MAX}
          value={label}
          onBlur={saveLabel}
          onKeyDown={(event) => event.key === "Enter" && saveLabel()}
          onChange={(event) => setLabel(event.target.value)}
        />
      </div>
    </>
  );
}

function canShare(): boolean {
  return typeof navigator.share === "function";
}
