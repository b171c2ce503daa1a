/** The npm compiler ships no types: what is asked of it here. */
declare module "solc" {
  export function version(): string;
  /** Standard JSON in and out; what a source imports is asked for by its path. */
  export function compile(input: string, options?: { import(path: string): { contents: string } }): string;
}
