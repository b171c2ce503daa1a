/** The chain, the account, and the latest block: what every page is made from. */
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import type { ReactNode } from "react";
import { Asterism, Hermes, chains } from "@asterism/sdk";
import type { ChainFacts } from "@asterism/sdk";
import { Wallet, getAddress } from "ethers";
import type { JsonRpcProvider } from "ethers";
import { plainly } from "../view/plainly";
import type { ConsoleConfig } from "./config";
import { PageProvider } from "./provider";
import { InjectedSigner, checkChain, findWallets } from "./wallets";
import type { FoundWallet } from "./wallets";

export interface BlockInfo {
  readonly number: number;
  /** Unix seconds. */
  readonly time: number;
}

export interface Account {
  readonly address: string;
  readonly name: string;
  /** Everybody knows its key. */
  readonly isBurner: boolean;
}

export interface Session {
  readonly config: ConsoleConfig;
  readonly chain: ChainFacts;
  /** With the account as its signer, if there is one. */
  readonly asterism: Asterism;
  readonly provider: JsonRpcProvider;
  readonly account: Account | null;
  readonly block: BlockInfo;
  /** The node does not answer. */
  readonly isLost: boolean;
  readonly wallets: readonly FoundWallet[];
  readonly connectBurner: (index: number) => Promise<void>;
  readonly connectWallet: (wallet: FoundWallet) => Promise<void>;
  readonly disconnect: () => void;
}

const Context = createContext<Session | null>(null);
const RETRY_MS = 1_000;
/** More questions than a page asks at each block. */
const REMEMBERED = 500;

export function useSession(): Session {
  const session = useContext(Context);
  if (session === null) throw new Error("no session");
  return session;
}

export function SessionProvider({ config, children }: { config: ConsoleConfig; children: ReactNode }) {
  const chain = chains[config.chain];
  const provider = useMemo(() => {
    const options = { staticNetwork: true, cacheTimeout: -1, batchMaxCount: 20 };
    const made = new PageProvider(`${location.origin}/rpc`, chain.chainId, options);
    made.pollingInterval = Math.min(config.pollMs, 500);
    return made;
  }, [chain, config]);
  const options = useMemo(() => {
    const prices = new Hermes({ endpoints: [`${location.origin}/hermes`] });
    return { deployment: config.deployment, prices, remembered: REMEMBERED };
  }, [config]);
  const [connected, setConnected] = useState<{ asterism: Asterism; account: Account | null } | null>(null);
  const { block, isLost, failure, setFailure } = useBlocks(provider, config.pollMs);
  const wallets = useWallets();
  const leave = useRef<() => void>(() => undefined);

  const disconnect = useCallback(() => {
    leave.current();
    void Asterism.connect(provider, options).then(
      (asterism) => setConnected({ asterism, account: null }),
      (error: unknown) => setFailure(error),
    );
  }, [provider, options, setFailure]);

  useEffect(disconnect, [disconnect]);

  const connectBurner = useCallback(
    async (index: number) => {
      const burner = config.practice?.burners[index];
      if (burner === undefined) throw new Error("there is no such burner");
      leave.current();
      const signer = new Wallet(burner.privateKey, provider);
      const account = { address: signer.address, name: burner.name, isBurner: true };
      setConnected({ asterism: await Asterism.connect(signer, options), account });
    },
    [config, provider, options],
  );

  const connectWallet = useCallback(
    async ({ info, provider: wallet }: FoundWallet) => {
      const accounts = (await wallet.request({ method: "eth_requestAccounts" })) as string[];
      await checkChain(wallet, provider, chain.chainId);
      leave.current();
      const address = getAddress(accounts[0]);
      const signer = new InjectedSigner(wallet, address, provider, chain.chainId);
      wallet.on?.("accountsChanged", disconnect);
      leave.current = () => wallet.removeListener?.("accountsChanged", disconnect);
      setConnected({
        asterism: await Asterism.connect(signer, options),
        account: { address, name: info.name, isBurner: false },
      });
    },
    [provider, options, chain, disconnect],
  );

  const session = useMemo<Session | null>(() => {
    if (connected === null || block === null) return null;
    return { config, chain, provider, block, isLost, wallets, ...connected, connectBurner, connectWallet, disconnect };
  }, [config, chain, provider, block, isLost, wallets, connected, connectBurner, connectWallet, disconnect]);

  if (session === null) {
    const words = failure === null ? "Reading the chain…" : `The chain can't be read: ${plainly(failure).words}`;
    return (
      <main className="page">
        <p className="quiet" role={failure === null ? "status" : "alert"}>
          {words}
        </p>
      </main>
    );
  }
  return <Context value={session}>{children}</Context>;
}

function useBlocks(provider: JsonRpcProvider, pollMs: number) {
  const [block, setBlock] = useState<BlockInfo | null>(null);
  const [isLost, setIsLost] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    let isOver = false;
    const look = async () => {
      let pause = pollMs;
      try {
        const found = (await provider.send("eth_getBlockByNumber", ["latest", false])) as {
          number: string;
          timestamp: string;
        };
        const next = { number: Number(found.number), time: Number(found.timestamp) };
        if (isOver) return;
        setBlock((last) => (last?.number === next.number ? last : next));
        setIsLost(false);
      } catch (error) {
        if (isOver) return;
        setIsLost(true);
        setFailure(error);
        pause = RETRY_MS;
      }
      timer = setTimeout(() => void look(), pause);
    };
    void look();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [provider, pollMs]);
  return { block, isLost, failure, setFailure };
}

function useWallets(): readonly FoundWallet[] {
  const [wallets, setWallets] = useState<readonly FoundWallet[]>([]);
  useEffect(
    () =>
      findWallets((found) => {
        setWallets((known) => (known.some(({ info }) => info.uuid === found.info.uuid) ? known : [...known, found]));
      }),
    [],
  );
  return wallets;
}
