import { existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Wallet, getAddress, isKeystoreJson } from "ethers";
import type { HDNodeWallet, Provider } from "ethers";
import { InterruptedError, KeyError } from "./errors";
import type { Surroundings } from "./world";

export type Account = Wallet | HDNodeWallet;

const NEXT = "set ASTERISM_PRIVATE_KEY, or name a keystore by --keystore and its password by ASTERISM_PASSWORD";
const KEY = /^(0x)?[0-9a-fA-F]{64}$/;

/**
 * The account that signs: of the keystore, whose password comes from the environment or is asked for, or of the environment's
 * key. Throws {@link KeyError}; neither a key nor a password is ever told.
 */
export async function accountFor(surroundings: Surroundings, provider: Provider): Promise<Account> {
  const { globals, environment } = surroundings;
  const path = globals.keystore ?? environment.ASTERISM_KEYSTORE;
  if (path !== undefined && path !== "") return (await openKeystore(path, environment)).connect(provider);
  const key = environment.ASTERISM_PRIVATE_KEY;
  if (key === undefined || key === "") throw new KeyError("there is no key to sign with", NEXT);
  try {
    if (!KEY.test(key)) throw new Error("not a key");
    return new Wallet(key, provider);
  } catch {
    throw new KeyError("ASTERISM_PRIVATE_KEY is no private key", "64 hexadecimal digits are expected");
  }
}

/** Throws {@link KeyError} for an account that may not do what is asked for. */
export async function requireAccount(account: Account, expected: string, what: string): Promise<void> {
  const address = await account.getAddress();
  if (getAddress(expected) === address) return;
  throw new KeyError(
    `the key is of ${address}; ${what} is for ${getAddress(expected)}`,
    `take the key of ${getAddress(expected)}, or write a file for its wallet by --safe`,
  );
}

export function hasKey({ globals, environment }: Surroundings): boolean {
  return [globals.keystore, environment.ASTERISM_KEYSTORE, environment.ASTERISM_PRIVATE_KEY].some(
    (value) => value !== undefined && value !== "",
  );
}

async function openKeystore(path: string, environment: NodeJS.ProcessEnv): Promise<Account> {
  if (!existsSync(path)) throw new KeyError(`the keystore ${path} does not exist`, NEXT);
  const json = readFileSync(path, "utf8");
  if (!isKeystoreJson(json)) throw new KeyError(`${path} is no keystore`, "an encrypted JSON wallet is expected");
  const password = environment.ASTERISM_PASSWORD ?? (await askPassword(path));
  try {
    return await Wallet.fromEncryptedJson(json, password);
  } catch {
    throw new KeyError(
      `the password does not open ${path}`,
      "set ASTERISM_PASSWORD to the right one, or unset it to be asked",
    );
  }
}

/** Reads a line from the terminal without showing it. */
async function askPassword(path: string): Promise<string> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY) throw new KeyError(`the keystore ${path} has a password`, "set ASTERISM_PASSWORD");
  stderr.write(`password of ${path}: `);
  const silent = createInterface({ input: stdin, terminal: true });
  try {
    return await new Promise<string>((resolve, reject) => {
      silent.once("line", resolve);
      silent.once("SIGINT", () => reject(new InterruptedError()));
      silent.once("close", () => reject(new KeyError("no password was given", "set ASTERISM_PASSWORD")));
    });
  } finally {
    silent.close();
    stderr.write("\n");
  }
}
