/** A wallet as extensions announce themselves: it answers from a node, and does with transactions what a test wants. */
export interface FakeWallet {
  readonly name: string;
  readonly account: string;
  readonly chainId: number;
  /** Asked for everything else; undefined for a chain that has other blocks. */
  readonly rpc: string | undefined;
}

/** To be run in the page before anything of its own. */
export function walletScript(wallet: FakeWallet): string {
  return `(() => {
    const wallet = ${JSON.stringify(wallet)};
    const provider = {
      async request({ method, params = [] }) {
        if (method === "eth_requestAccounts" || method === "eth_accounts") return [wallet.account];
        if (method === "eth_chainId") return "0x" + wallet.chainId.toString(16);
        if (method === "eth_sendTransaction") throw Object.assign(new Error("User rejected the request."), { code: 4001 });
        if (wallet.rpc === undefined) return { hash: "0x" + "11".repeat(32) };
        const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
        const answer = await fetch("/rpc", { method: "POST", headers: { "content-type": "application/json" }, body });
        return (await answer.json()).result;
      },
    };
    const info = { uuid: "8a7b0c1e-0000-4000-8000-00000000e2e0", name: wallet.name, icon: "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E", rdns: "test.wallet" };
    const announce = () => window.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail: Object.freeze({ info, provider }) }));
    window.addEventListener("eip6963:requestProvider", announce);
    announce();
  })();`;
}
