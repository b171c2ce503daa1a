import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { CompilerInput, CompilerOutput } from "hardhat/types";
import { npmCompiler, runCompiler } from "../../../toolchain/compiler";
import { failureOf } from "../../dsl/failures";

/** More than the compiler package's own `compile` takes. */
const LARGE = 2_000_000;

function inputOf(content: string): CompilerInput {
  return {
    language: "Solidity",
    sources: { "A.sol": { content } },
    settings: { optimizer: {}, outputSelection: { "*": { "*": ["evm.bytecode.object"] } } },
  };
}

/** Hardhat's type leaves out what the compiler complains about. */
interface Output extends CompilerOutput {
  errors?: { severity: "error" | "warning"; errorCode: string; message: string }[];
}

function errorsOf({ errors = [] }: Output): NonNullable<Output["errors"]> {
  return errors.filter(({ severity }) => severity === "error");
}

describe("toolchain/compiler", () => {
  const folder = mkdtempSync(join(tmpdir(), "asterism-compiler-"));
  let soljson: string;

  before(async () => {
    soljson = (await npmCompiler()).compilerPath;
  });

  after(() => rmSync(folder, { recursive: true }));

  const compile = (source: string): Promise<Output> => runCompiler(inputOf(source), soljson);

  /** A compiler that does something else. */
  function broken(body: string): string {
    const path = join(folder, "broken.js");
    const name = "module.exports";
    writeFileSync(path, `${name} = { _solidity_alloc: () => { ${body} } };`);
    return path;
  }

  it("names the compiler as explorers do", async () => {
    const { version, longVersion } = await npmCompiler();
    expect(longVersion).to.match(/^\d+\.\d+\.\d+\+commit\.[0-9a-f]{8}$/);
    expect(longVersion.startsWith(`${version}+`)).to.equal(true);
  });

  it("compiles inputs above the ceiling of the package's own wrapper, whatever their characters", async () => {
    const comment = "// £ and € take two and three bytes\n";
    const filling = comment.repeat(Math.ceil(LARGE / comment.length));
    const output = await compile(`${filling}contract A {}`);
    expect(errorsOf(output)).to.deep.equal([]);
    expect(output.contracts["A.sol"].A.evm.bytecode.object).to.match(/^[0-9a-f]+$/);
  });

  it("leaves errors in the sources to its caller, and imports nothing from the disk", async () => {
    const errors = errorsOf(await compile('import "/etc/hostname"; contract A {}'));
    expect(errors.map(({ errorCode }) => errorCode)).to.deep.equal(["6275"]);
    expect(errors[0].message).to.contain('Source "/etc/hostname" not found');
  });

  it("says how the compiler failed, on how much", async () => {
    const input = inputOf("contract A {}");
    const size = JSON.stringify(input).length;
    const error = await failureOf(runCompiler(input, broken('throw new Error("out of memory")')));
    expect(error).to.contain(`given ${size} characters, ended with code 1:\n`);
    expect(error).to.contain("Error: out of memory");
    const killed = await failureOf(runCompiler(input, broken('process.kill(process.pid, "SIGKILL"); for (;;);')));
    expect(killed).to.contain(`given ${size} characters, was ended by SIGKILL`);
  });
});
