import { Dialog } from "@bitfleet/ui/dialog/dialog.tsx";
import { Hash } from "@bitfleet/ui/hash.tsx";
import { QrCode } from "@bitfleet/ui/qr-code.tsx";
import { Button } from "@mantine/core";
import { type ReactElement, useState } from "react";
import { useOpenState } from "../../session-provider.tsx";
import classes from "./accounts.module.css";
import { publicKeyIn, watchDescriptors } from "./public-keys.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.publicKeys;
/** More characters make modules that cameras do not tell apart on a phone's screen. */
const QR_LENGTH_MAX = 700;

/** What another program needs to watch the account on screen. */
export function KeysDialog({ name, onClose }: { readonly name: string; readonly onClose: () => void }): ReactElement {
  const descriptors = watchDescriptors(useOpenState().account?.descriptors() ?? []);
  return (
    <Dialog isOpen onClose={onClose} title={allTexts.detailsOf(name)}>
      <p className={classes.text}>{texts.text}</p>
      <div className={classes.descriptors}>
        {descriptors.map((descriptor, index) => (
          <DescriptorPart
            key={descriptor}
            title={texts.descriptor(index + 1, descriptors.length)}
            descriptor={descriptor}
          />
        ))}
      </div>
    </Dialog>
  );
}

function DescriptorPart({ title, descriptor }: { readonly title: string; readonly descriptor: string }): ReactElement {
  const [hasQr, setHasQr] = useState(false);
  const publicKey = publicKeyIn(descriptor);
  return (
    <section className={classes.descriptor} aria-label={title}>
      <h3>{title}</h3>
      <div className={classes.code}>
        <Hash value={descriptor} label="descriptor" isWhole />
      </div>
      {publicKey !== undefined && (
        <>
          <h3>{texts.xpub}</h3>
          <div className={classes.code}>
            <Hash value={publicKey} label="extended public key" isWhole />
          </div>
        </>
      )}
      <div className={classes.buttons}>
        {descriptor.length > QR_LENGTH_MAX ? (
          <p className={classes.text}>{texts.tooLong}</p>
        ) : (
          <Button size="xs" variant="default" aria-expanded={hasQr} onClick={() => setHasQr(!hasQr)}>
            {hasQr ? texts.hideQr : texts.qr}
          </Button>
        )}
      </div>
      {hasQr && (
        <div className={classes.qr}>
          <QrCode text={descriptor} label={texts.qrLabel} size={320} />
        </div>
      )}
    </section>
  );
}
