/** Writes `docs/errors.md` anew from the list of errors; compile first. A test fails where it is out of date. */
import { writeFileSync } from "node:fs";
import { ERRORS_DOCUMENT, errorsDocument } from "./lib/errorsDocument";

writeFileSync(ERRORS_DOCUMENT, errorsDocument());
console.log(`${ERRORS_DOCUMENT} written`);
