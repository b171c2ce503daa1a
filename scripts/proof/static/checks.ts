/** Every static check; what is not written here is not checked. */
import * as arithmetic from "./detectors/arithmetic";
import * as calls from "./detectors/calls";
import { natspec } from "./detectors/documentation";
import * as language from "./detectors/language";
import { unguarded } from "./detectors/permissions";
import type { Table } from "./detectors/permissions";
import type { Check } from "./context";

export function checksWith(table: Table): Check[] {
  return [...Object.values(arithmetic), ...Object.values(calls), ...Object.values(language), natspec, unguarded(table)];
}
