import { useState } from "react";
import { useSession } from "../chain/session";
import { addressText } from "../view/format";
import { plainly } from "../view/plainly";
import { Dialog } from "./Dialog";

export function WalletMenu() {
  const { account } = useSession();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <button type="button" className={account === null ? "primary" : undefined} onClick={() => setIsOpen(true)}>
        {account === null ? "Connect" : `${account.name} ${addressText(account.address)}`}
      </button>
      {isOpen && <WalletDialog onClose={() => setIsOpen(false)} />}
    </>
  );
}

function WalletDialog({ onClose }: { onClose: () => void }) {
  const { config, chain, wallets, account, connectBurner, connectWallet, disconnect } = useSession();
  const [problem, setProblem] = useState<string | null>(null);
  const choose = (connect: () => Promise<void>) => {
    setProblem(null);
    connect().then(onClose, (error: unknown) => setProblem(plainly(error).words));
  };
  return (
    <Dialog title="Connect" onClose={onClose}>
      {config.practice && (
        <section>
          <h3>Burner accounts of the replica</h3>
          <p className="quiet">
            Funded with tokens that are worth nothing. Everybody knows their keys; they are kept nowhere.
          </p>
          <div className="stack">
            {config.practice.burners.map(({ name }, index) => (
              <button key={name} type="button" onClick={() => choose(() => connectBurner(index))}>
                {name}
              </button>
            ))}
          </div>
        </section>
      )}
      <section>
        <h3>Wallets of this browser</h3>
        {wallets.length === 0 && <p className="quiet">None has announced itself.</p>}
        <div className="stack">
          {wallets.map((wallet) => (
            <button key={wallet.info.uuid} type="button" onClick={() => choose(() => connectWallet(wallet))}>
              {wallet.info.icon.startsWith("data:image/") && (
                <img src={wallet.info.icon} alt="" width={20} height={20} />
              )}
              {wallet.info.name} <span className="quiet">{wallet.info.rdns}</span>
            </button>
          ))}
        </div>
        {config.practice && (
          <p className="quiet">
            A wallet has to look at this replica: chain {chain.chainId}, node {config.practice.rpc}. One that looks at
            the real {chain.name} is refused.
          </p>
        )}
      </section>
      {problem !== null && <p role="alert">{problem}</p>}
      <div className="actions">
        {account !== null && (
          <button
            type="button"
            onClick={() => {
              disconnect();
              onClose();
            }}
          >
            Disconnect
          </button>
        )}
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
