/// <reference types="svelte" />
/// <reference types="vite/client" />

/** Set by vite.config.ts from package.json. */
declare const __VERSION__: string;
