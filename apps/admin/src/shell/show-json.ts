import { createContext, use } from "react";

const ShowJsonContext = createContext<() => void>(() => {});

export const ShowJsonProvider = ShowJsonContext.Provider;

/** Shows what the page at hand is made of, as JSON. */
export const useShowJson = (): (() => void) => use(ShowJsonContext);
