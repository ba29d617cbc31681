declare const PORTREEVE_VERSION: string

/** The package's version; build.mjs puts it in. */
export const version = PORTREEVE_VERSION
