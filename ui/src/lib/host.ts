/**
 * The program around the page. The page reaches it through this interface only, so that it also runs,
 * and can be tested, in a plain browser. This is the one file that may import `@tauri-apps/*`.
 */
export interface Host {
  /** Version of the program, as in Cargo.toml. */
  readonly version: string;
}

/** The host that this page was built for. It is asked nothing yet: the window has no commands. */
export const host: Host = { version: __VERSION__ };
