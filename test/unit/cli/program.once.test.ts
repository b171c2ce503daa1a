import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { completionFor, wordsOf } from "../../../cli/src/commands/completion";
import { EXIT } from "../../../cli/src/lib/exit";
import { Output } from "../../../cli/src/lib/output";
import { buildProgram } from "../../../cli/src/main";
import { runBare } from "../../dsl/commandLine";

const COMMANDS = [
  ...["quote", "open", "close", "positions", "orders", "market", "amend", "margin", "pro", "alp", "bet", "claim"],
  ...["broker", "treasury", "watch", "keeper", "deploy", "doctor", "audit", "propose", "guardian", "completion"],
];

describe("the program asterism", () => {
  it("has its commands, each with a description and help", async () => {
    const program = await buildProgram(() => Promise.resolve());
    expect(program.commands.map((command) => command.name())).to.deep.equal(COMMANDS);
    for (const command of program.commands) expect(command.description(), command.name()).not.to.equal("");
    const { code, out } = await runBare(["propose", "--help"]);
    expect([code, out.includes("Usage: asterism propose [options] [command] [calls...]")]).to.deep.equal([0, true]);
  });

  it("completes every command and option in shells that take the script", async () => {
    const words = wordsOf(await buildProgram(() => Promise.resolve()));
    expect(words.paths.get("")).to.include.members(COMMANDS);
    expect(words.paths.get("propose")).to.include.members(["calls", "list", "execute", "cancel", "--safe"]);
    const script = completionFor("bash", words);
    execFileSync("bash", ["-n"], { input: script });
    const completed = (...typed: string[]) => {
      const line = `COMP_WORDS=(asterism ${typed.join(" ")}); COMP_CWORD=${typed.length}`;
      const asked = `${script}\n${line}; _asterism; echo "\${COMPREPLY[*]}"`;
      return execFileSync("bash", { input: asked, encoding: "utf8" }).trim();
    };
    expect(completed("guardian", "r")).to.equal("raise restore");
    // Behind values of options and behind arguments, the options that all commands share too.
    expect(completed("--chain", "bnb", "guardian", "r")).to.equal("raise restore");
    expect(completed("close", "17", "--s")).to.equal("--size");
    expect(completed("amend", "17", "--st")).to.equal("--stop-loss");
    expect(completed("broker", "")).to.match(/^collect receiver transfer sweep --/);
    expect(completed("bet", "r")).to.equal("return");
    expect(completed("pro", "b")).to.equal("book broker");
    expect(completed("treasury", "c")).to.equal("collect");
    expect(completed("open", "--b")).to.equal("--broker");
    expect(completed("quote", "--broker", "1", "--b")).to.equal("--broker");
    expect(completed("bet", "up", "--m")).to.equal("--min-payout");
    expect(completed("open", "long", "--js")).to.equal("--json");
    expect(completed("audit", "--parameters", "pro")).to.equal("");
    const fish = completionFor("fish", words).split("\n");
    expect(fish).to.include.members([
      "complete -c asterism -f -n '__fish_use_subcommand' -a audit",
      "complete -c asterism -l json",
      "complete -c asterism -l deployment -r",
    ]);
    expect((await runBare(["completion", "tcsh"])).code).to.equal(EXIT.usage);
  });

  it("hands a keeper's options to the keeper, and its end to whoever started it", async () => {
    const help = await runBare(["keeper", "--config", "/no/such/file.json"]);
    expect(help.code).to.equal(EXIT.usage);
    expect((await runBare(["--json", "keeper"])).code).to.equal(EXIT.usage);
  });

  it("ends as its README says", () => {
    const readme = readFileSync("cli/README.md", "utf8");
    const documented = [...readme.matchAll(/^\| (\d+) +\|/gm)].map(([, code]) => Number(code));
    expect(documented).to.deep.equal(Object.values(EXIT));
  });

  it("shows progress in tenths where there is no terminal, and in one line where there is", () => {
    const written: string[] = [];
    const err = { write: (text: string) => written.push(text) };
    const output = new Output({ out: err, err }, false);
    const told = output.progress();
    for (let done = 0; done <= 100; done++) told("blocks", done, 100);
    expect(written).to.have.lengthOf(11);
    expect(written.at(-1)).to.equal("blocks: 100 of 100\n");
    written.length = 0;
    const terminal = new Output({ out: err, err: { ...err, isTTY: true } }, false).progress();
    terminal("blocks", 1, 2);
    expect(written).to.deep.equal(["\r\u001b[Kblocks: 1 of 2"]);
  });
});
