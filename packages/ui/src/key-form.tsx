import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type ReactElement, useEffect, useId, useState } from "react";
import { useApi, useBeginAnew } from "./api-provider.tsx";
import classes from "./key-form.module.css";
import { rememberedKey, rememberKey, whereKeysAreKept } from "./keys/remembered-keys.ts";
import { keyTexts } from "./keys/texts.ts";

/** Asks for the key of a node that shows nothing without one, tries it, and begins anew with it. It is kept until the tab closes, or with the network where the reader wants that. */
export function KeyForm(): ReactElement {
  const api = useApi();
  const beginAnew = useBeginAnew();
  const id = useId();
  const [key, setKey] = useState("");
  const [isKept, setIsKept] = useState(false);
  const trial = useMutation({
    mutationFn: (apiKey: string) => api.blockchain({}, { apiKey }),
    networkMode: "always",
    onSuccess: (_info, apiKey) => {
      rememberKey("reading", apiKey, isKept);
      beginAnew();
    },
  });
  // The one that was sent opens nothing any more: it is asked for anew, and not sent on and on meanwhile.
  useEffect(() => {
    if (rememberedKey("reading") === "") return;
    rememberKey("reading", "");
    beginAnew();
  }, [beginAnew]);
  return (
    <form
      className={classes.form}
      aria-label="Key of the node"
      onSubmit={(event) => {
        event.preventDefault();
        trial.mutate(key);
      }}
    >
      <label className={classes.field} htmlFor={`${id}-key`}>
        <span>API key, of any role</span>
        <input
          id={`${id}-key`}
          type="password"
          autoComplete="off"
          value={key}
          onChange={(event) => setKey(event.target.value.trim())}
        />
      </label>
      {whereKeysAreKept() === "profile" && (
        <label className={classes.keep}>
          <input type="checkbox" checked={isKept} onChange={(event) => setIsKept(event.target.checked)} />
          {keyTexts.remember.profile}
        </label>
      )}
      <Button type="submit" loading={trial.isPending} disabled={key === ""}>
        Show the chain
      </Button>
      {trial.error !== null && (
        <p className={classes.problem} role="alert">
          {trial.error.message}
        </p>
      )}
    </form>
  );
}
