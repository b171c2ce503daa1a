import { Contract } from "ethers";
import { breakerAbi } from "../../../sdk/abis";
import { SOON, connect, expect, said } from "../hand";
import type { Journey } from "../journey";

const GUARDIAN = 3;

/** The last of all: nothing is opened any more after it. */
export const BREAKER_JOURNEY: Journey = {
  name: "the breaker is raised while somebody trades",
  async run(visit) {
    const page = await visit.page();
    await connect(page, "Burner 1");
    const { asterism, signer } = await visit.account(GUARDIAN);
    const breaker = new Contract(asterism.connection.contracts.breaker, breakerAbi, signer);
    // An earlier attempt may have raised it.
    if ((await breaker.level()) === 0n) {
      await page
        .getByRole("button", { name: /^Long BTC/ })
        .and(page.locator(":enabled"))
        .waitFor(SOON);
      await ((await breaker.raise(1)) as { wait(): Promise<unknown> }).wait();
    }
    await said(page, /BreakerRaised/);
    expect(await page.getByRole("button", { name: /^Long BTC/ }).isDisabled(), "nothing is opened any more");
    await page.goto(`${visit.url}/#/system`);
    await said(page, /level 1: nothing new is opened/);
  },
};
