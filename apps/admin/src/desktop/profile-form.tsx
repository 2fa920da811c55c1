import { DialogButtons } from "@bitfleet/ui/dialog/dialog.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { formatCount } from "@bitfleet/ui/format.ts";
import type { KeyRole } from "@bitfleet/ui/keys/key-store.ts";
import { PassphraseField } from "@bitfleet/ui/passphrase/passphrase-field.tsx";
import { Button } from "@mantine/core";
import { type FormEvent, type ReactElement, useId, useState } from "react";
import { type NetworkTrial, tryNetwork } from "./ask-network.ts";
import { useDesktop, useOpenNetworks } from "./desktop-context.tsx";
import classes from "./networks.module.css";
import {
  freeColour,
  isKeyText,
  KEY_ROLES,
  NAME_LENGTH_MAX,
  NO_KEYS,
  originOf,
  PROFILE_COLOURS,
  type Profile,
  type ProfileColour,
  type ProfileDraft,
} from "./profile.ts";
import { desktopTexts } from "./texts.ts";

const texts = desktopTexts.form;

interface ProfileFormProps {
  /** The one to change; a new one without it. */
  readonly profile: Profile | undefined;
  /** Filled in for a new one. */
  readonly suggestedUrl?: string | undefined;
  readonly onSaved: (profile: Profile) => void;
  readonly onCancel?: (() => void) | undefined;
}

/** A network's name, address, colour and keys. It is asked what it is before it is saved; what is wrong can be saved all the same. */
export function ProfileForm({ profile, suggestedUrl = "", onSaved, onCancel }: ProfileFormProps): ReactElement {
  const { networks, client } = useDesktop();
  const profiles = useOpenNetworks()?.profiles ?? [];
  const [name, setName] = useState(profile?.name ?? "");
  const [address, setAddress] = useState(profile?.url ?? suggestedUrl);
  const [colour, setColour] = useState(() => profile?.colour ?? freeColour(profiles));
  const [keys, setKeys] = useState(profile?.keys ?? NO_KEYS);
  const [isTried, setIsTried] = useState(false);
  const [busyWith, setBusyWith] = useState<"trial" | "saving">();
  const [trial, setTrial] = useState<NetworkTrial>();
  const [failure, setFailure] = useState<string>();

  const url = originOf(address);
  const nameProblem =
    name.trim() === ""
      ? texts.nameMissing
      : profiles.some((one) => one.name === name.trim() && one.id !== profile?.id)
        ? texts.nameTaken
        : undefined;
  const areKeysRight = KEY_ROLES.every((role) => isKeyText(keys[role]));
  /** What was tried is another thing now. */
  const change = (apply: () => void) => {
    setTrial(undefined);
    setFailure(undefined);
    apply();
  };
  const tryIt = async (): Promise<NetworkTrial | undefined> => {
    if (url === undefined || !areKeysRight) return undefined;
    const found = await tryNetwork(client, { url, keys });
    setTrial(found);
    return found;
  };
  const onlyTry = async () => {
    setIsTried(true);
    setBusyWith("trial");
    await tryIt();
    setBusyWith(undefined);
  };
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setIsTried(true);
    if (nameProblem !== undefined || url === undefined || !areKeysRight || busyWith !== undefined) return;
    setBusyWith("saving");
    try {
      // Who has seen what is wrong, and presses again, wants it so.
      const found = trial ?? (await tryIt());
      if (trial === undefined && found !== undefined && !isGood(found)) return;
      const draft: ProfileDraft = { name: name.trim(), url, colour, keys: withReadingKey(keys, found) };
      onSaved(await networks.save({ ...draft, id: profile?.id }));
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    } finally {
      setBusyWith(undefined);
    }
  };
  const keyField = (role: KeyRole) => (
    <PassphraseField
      label={texts.roles[role]}
      hint={texts.uses[role]}
      autoComplete="off"
      value={keys[role]}
      problem={keyProblem(role, keys[role], trial)}
      onChange={(value) => change(() => setKeys({ ...keys, [role]: value.trim() }))}
    />
  );
  const isDoubtful = trial !== undefined && !isGood(trial);
  return (
    <form className={formClasses.form} aria-label={profile?.name ?? texts.addTitle} onSubmit={save} noValidate>
      <div className={formClasses.pair}>
        <Field
          label={texts.name}
          data-autofocus
          maxLength={NAME_LENGTH_MAX}
          value={name}
          problem={isTried ? nameProblem : undefined}
          onChange={(event) => setName(event.target.value)}
        />
        <Field
          label={texts.address}
          hint={texts.addressHint}
          inputMode="url"
          value={address}
          problem={isTried && url === undefined ? texts.addressInvalid : undefined}
          onChange={(event) => change(() => setAddress(event.target.value))}
        />
      </div>
      <ColourChoice value={colour} onChoose={setColour} />
      <fieldset className={classes.keyFields}>
        <legend>{texts.keys}</legend>
        <p className={formClasses.note}>{texts.keysHint}</p>
        {keyField("admin")}
        <div className={formClasses.pair}>
          {keyField("wallet")}
          {keyField("reading")}
        </div>
      </fieldset>
      <div role="status" className={classes.trial}>
        {trial !== undefined && <TrialResult trial={trial} />}
      </div>
      {failure !== undefined && (
        <p className={formClasses.problem} role="alert">
          {failure}
        </p>
      )}
      <DialogButtons>
        {onCancel !== undefined && (
          <Button variant="default" onClick={onCancel}>
            {texts.cancel}
          </Button>
        )}
        <Button variant="default" loading={busyWith === "trial"} onClick={() => void onlyTry()}>
          {texts.trial}
        </Button>
        <Button type="submit" loading={busyWith === "saving"}>
          {isDoubtful ? texts.anyway : profile === undefined ? texts.add : texts.save}
        </Button>
      </DialogButtons>
    </form>
  );
}

function ColourChoice({
  value,
  onChoose,
}: {
  readonly value: ProfileColour;
  readonly onChoose: (colour: ProfileColour) => void;
}): ReactElement {
  const name = useId();
  return (
    <fieldset className={classes.colours}>
      <legend>{texts.colour}</legend>
      {PROFILE_COLOURS.map((colour) => (
        <label key={colour} data-colour={colour} title={texts.colours[colour]}>
          <input
            type="radio"
            name={name}
            aria-label={texts.colours[colour]}
            checked={colour === value}
            onChange={() => onChoose(colour)}
          />
        </label>
      ))}
    </fieldset>
  );
}

const isGood = ({ standing, refused }: NetworkTrial) => standing.kind === "up" && refused.length === 0;

/** Where the network shows nothing without a key, and one of another role was given, it is read with that. */
function withReadingKey(keys: ProfileDraft["keys"], trial: NetworkTrial | undefined): ProfileDraft["keys"] {
  const readBy = trial?.standing.kind === "up" ? trial.standing.readBy : undefined;
  return readBy === undefined || keys.reading !== "" ? keys : { ...keys, reading: keys[readBy] };
}

function keyProblem(role: KeyRole, key: string, trial: NetworkTrial | undefined): string | undefined {
  if (!isKeyText(key)) return texts.keyInvalid;
  return trial?.refused.includes(role) ? texts.keyRefused : undefined;
}

function TrialResult({ trial: { standing, version, refused } }: { readonly trial: NetworkTrial }): ReactElement {
  if (standing.kind === "down") return <p className={formClasses.problem}>{standing.problem}</p>;
  if (standing.kind === "other") return <p className={formClasses.problem}>{texts.other}</p>;
  if (standing.kind === "key") {
    return <p className={formClasses.problem}>{standing.isRefused ? texts.keyWrong : texts.key}</p>;
  }
  const facts = [
    [texts.facts.chain, standing.chain],
    [texts.facts.height, formatCount(standing.height)],
    [texts.facts.version, version ?? "–"],
    [texts.facts.answered, desktopTexts.standing.milliseconds(standing.latencyMs)],
  ] as const;
  return (
    <div className={classes.found} data-good={refused.length === 0}>
      <strong>{refused.length === 0 ? texts.found : texts.wrongKeys}</strong>
      <dl>
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {standing.isSyncing && <span>{texts.syncing}</span>}
    </div>
  );
}
