import { expect } from "chai";
import { ESLint } from "eslint";

const RULE = "asterism/no-started-promises";
/** Stands in the place of this file, so that types are known. */
const BEGINNING = `
import { expect } from "chai";
declare const take: (...values: unknown[]) => Promise<number>;
declare const sum: (...values: unknown[]) => number;
export async function example(): Promise<void> {
`;

const REFUSED = [
  { title: "a list", code: "for (const call of [take(1), take(2)]) await call;", found: ["started", "started"] },
  { title: "a list of cases", code: "for (const { call } of [{ call: take(1) }]) await call;", found: ["started"] },
  { title: "an argument before one that is awaited", code: "sum(take(1), await take(2));", found: ["overtaken"] },
  {
    title: "an expectation before its awaited value",
    code: "await expect(take(1)).to.eventually.equal(await take(2));",
    found: ["overtaken"],
  },
  {
    title: "an expectation before what a list in it awaits",
    code: "await expect(take(1)).to.deep.equal([1, { two: await take(2) }]);",
    found: ["overtaken"],
  },
] as const;

const ALLOWED = [
  { title: "a list that Promise.all takes", code: "await Promise.all([take(1), take(2)]);" },
  { title: "a list of functions", code: "for (const call of [() => take(1), () => take(2)]) await call();" },
  { title: "an argument after what is awaited", code: "sum(await take(1), take(2));" },
  { title: "an argument beside a function that awaits", code: "sum(take(1), async () => await take(2));" },
  { title: "an expectation of a value", code: "expect(await take(1)).to.equal(await take(2));" },
] as const;

describe("the rule against promises that fail unheard", () => {
  const eslint = new ESLint();

  async function messagesOf(code: string): Promise<string[]> {
    const [{ messages }] = await eslint.lintText(`${BEGINNING}  ${code}\n}\n`, { filePath: __filename });
    expect(messages.filter(({ fatal }) => fatal === true)).to.deep.equal([]);
    return messages.filter(({ ruleId }) => ruleId === RULE).map(({ messageId }) => messageId ?? "");
  }

  for (const { code, found, title } of REFUSED) {
    it(`refuses ${title}`, async () => expect(await messagesOf(code)).to.deep.equal(found));
  }

  for (const { code, title } of ALLOWED) {
    it(`allows ${title}`, async () => expect(await messagesOf(code)).to.deep.equal([]));
  }
});
