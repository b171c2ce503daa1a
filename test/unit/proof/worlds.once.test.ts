import { expect } from "chai";
import { remember } from "../../worlds/memory";
import { SequenceError, walk } from "../../worlds/tree";
import type { Restorable } from "../../worlds/tree";

/** A world without a chain: a list of what was done. */
class Deeds {
  readonly done: string[] = [];
  readonly counts = new Map<string, number>();
  readonly sets = new Set<string>();
  last?: { name: string };

  act(name: string): void {
    this.done.push(name);
    this.sets.add(name);
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    this.last = { name };
  }

  asWorld(): Restorable {
    return {
      save: () => {
        const put = remember(this, []);
        return Promise.resolve(() => Promise.resolve(put()));
      },
      seen: () => this.counts.keys(),
    };
  }
}

const actsOf = (deeds: Deeds, names: string, failing?: string) =>
  [...names].map((name) => ({
    name,
    run: () => {
      deeds.act(name);
      const isFault = deeds.done.join("") === failing;
      return isFault ? Promise.reject(new Error("not as predicted")) : Promise.resolve();
    },
  }));

describe("small worlds", () => {
  it("walks every sequence once, each from where the one before it was", async () => {
    const deeds = new Deeds();
    const found: string[] = [];
    const acts = actsOf(deeds, "abc").map(({ name, run }) => ({
      name,
      run: async () => {
        await run();
        found.push(deeds.done.join(""));
      },
    }));
    const walked = await walk(deeds.asWorld(), acts, 3);
    expect({ ...walked, seen: [...walked.seen] }).to.deep.equal({ worlds: 27, acts: 39, seen: ["a", "b", "c"] });
    expect(new Set(found).size).to.equal(39);
    expect(found.filter((one) => one.length === 3)).to.have.lengthOf(27);
  });

  it("puts lists, maps, sets and what is missing back", async () => {
    const deeds = new Deeds();
    await walk(deeds.asWorld(), actsOf(deeds, "ab"), 2);
    expect(deeds).to.deep.equal(new Deeds());
  });

  it("tells the very sequence in which something was not as predicted", async () => {
    const deeds = new Deeds();
    const error = await walk(deeds.asWorld(), actsOf(deeds, "ab", "bab"), 4).catch((caught: unknown) => caught);
    expect(error).to.be.instanceOf(SequenceError);
    expect((error as SequenceError).sequence).to.deep.equal(["b", "a", "b"]);
    expect((error as SequenceError).message).to.equal("b, a, b: not as predicted");
  });
});

describe("what a small world remembers", () => {
  it("leaves what is skipped, and changes objects in place", () => {
    const skipped = { count: 1 };
    const inner = { count: 1 };
    const root = { inner, skipped };
    const put = remember(root, [skipped]);
    [skipped.count, inner.count] = [2, 2];
    put();
    expect([skipped.count, inner.count]).to.deep.equal([2, 1]);
    expect(root.inner).to.equal(inner);
  });
});
