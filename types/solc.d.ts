/** The npm compiler ships no types; the build only asks it for its version. */
declare module "solc" {
  export function version(): string;
}
