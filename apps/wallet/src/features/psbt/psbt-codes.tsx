import { Choice } from "@bitfleet/ui/choice.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { formatCount } from "@bitfleet/ui/format.ts";
import { QrCode } from "@bitfleet/ui/qr-code.tsx";
import { Button } from "@mantine/core";
import { type ReactElement, useMemo, useState } from "react";
import { psbtParts, type ShownParts } from "../../parts/shown-parts.ts";
import classes from "./psbt.module.css";
import { bytesOfPsbt } from "./psbt-text.ts";
import { texts as allTexts } from "./texts.ts";
import { usePartNumber } from "./use-part-number.ts";

const texts = allTexts.codes;

/** Characters of the PSBT that a code of a size which cameras read from a screen has room for. */
const TEXT_LENGTH_MAX = 1_500;
const QR_SIZE = 300;

type Form = keyof typeof texts.forms;
type Size = keyof typeof texts.sizes;
type Speed = keyof typeof texts.speeds;

/** Characters of a part: codes of 45, 61 and 89 squares a side. */
const LENGTHS: Readonly<Record<Size, number>> = { small: 220, medium: 440, large: 1_000 };
/** Each part is shown for. Coldcard is made for 250. */
const INTERVALS_MS: Readonly<Record<Speed, number>> = { slow: 700, usual: 300, fast: 150 };

const optionsOf = <Value extends string>(titles: Readonly<Record<Value, string>>, values: readonly Value[]) =>
  values.map((value) => ({ value, title: titles[value] }));

/** A PSBT as QR codes: in one where it fits, or in parts, in the form that the device reads. */
export function PsbtCodes({ psbt }: { readonly psbt: string }): ReactElement {
  const fits = psbt.length <= TEXT_LENGTH_MAX;
  const [form, setForm] = useState<Form>(fits ? "text" : "ur");
  const forms: readonly Form[] = fits ? ["text", "ur", "bbqr"] : ["ur", "bbqr"];
  return (
    <div className={classes.codes}>
      <Choice label={texts.form} hasLabel options={optionsOf(texts.forms, forms)} value={form} onChoose={setForm} />
      <p className={formClasses.note}>{texts.devices[form]}</p>
      {form === "text" ? (
        <Code text={psbt} label={texts.one} ecc="M" />
      ) : (
        <PartsOfPsbt key={form} form={form} psbt={psbt} />
      )}
    </div>
  );
}

function PartsOfPsbt({ form, psbt }: { readonly form: "ur" | "bbqr"; readonly psbt: string }): ReactElement {
  const [size, setSize] = useState<Size>("medium");
  const [speed, setSpeed] = useState<Speed>("usual");
  const parts = useMemo(() => psbtParts(form, bytesOfPsbt(psbt), LENGTHS[size]), [form, psbt, size]);
  return (
    <>
      {parts === undefined ? (
        <p className={formClasses.problem} role="status">
          {texts.tooMany}
        </p>
      ) : (
        <PartsShow key={size} parts={parts} intervalMs={INTERVALS_MS[speed]} />
      )}
      <div className={classes.codeChoices}>
        <Choice
          label={texts.size}
          hasLabel
          options={optionsOf<Size>(texts.sizes, ["small", "medium", "large"])}
          value={size}
          onChoose={setSize}
        />
        {parts !== undefined && parts.count > 1 && (
          <Choice
            label={texts.speed}
            hasLabel
            options={optionsOf<Speed>(texts.speeds, ["slow", "usual", "fast"])}
            value={speed}
            onChoose={setSpeed}
          />
        )}
      </div>
    </>
  );
}

function PartsShow({ parts, intervalMs }: { readonly parts: ShownParts; readonly intervalMs: number }): ReactElement {
  const { number, isPlaying, play, step } = usePartNumber(parts.lastNumber, intervalMs);
  const [longest] = useState(() => parts.part(parts.lastNumber));
  const [shown, count] = [formatCount(number), formatCount(parts.count)];
  if (parts.count === 1) return <Code text={parts.part(1)} label={texts.one} />;
  return (
    <>
      <Code text={parts.part(number)} label={texts.several} asLargeAs={longest} />
      <p className={classes.partNumber} data-testid="part" {...(isPlaying ? {} : { role: "status" })}>
        {number > parts.count ? texts.mixed(shown, count) : texts.part(shown, count)}
      </p>
      <div className={`${formClasses.buttons} ${classes.codeButtons}`}>
        <Button onClick={() => play(!isPlaying)}>{isPlaying ? texts.pause : texts.go}</Button>
        <Button variant="default" onClick={() => step(-1)}>
          {texts.back}
        </Button>
        <Button variant="default" onClick={() => step(1)}>
          {texts.next}
        </Button>
      </div>
      <p className={formClasses.note}>
        {texts.round(count, formatCount(Math.ceil((parts.count * intervalMs) / 1_000)))}
      </p>
    </>
  );
}

interface CodeProps {
  readonly text: string;
  readonly label: string;
  readonly ecc?: "L" | "M";
  readonly asLargeAs?: string;
}

function Code({ ecc = "L", ...code }: CodeProps): ReactElement {
  return (
    <div className={classes.code}>
      <QrCode size={QR_SIZE} ecc={ecc} {...code} />
    </div>
  );
}
