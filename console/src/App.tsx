import { useEffect, useState } from "react";
import type { ConsoleConfig } from "./chain/config";
import { SessionProvider, useSession } from "./chain/session";
import { TransactionsProvider } from "./chain/transactions";
import { EarnPage } from "./pages/Earn";
import { PortfolioPage } from "./pages/Portfolio";
import { ProPage } from "./pages/Pro";
import { SystemPage } from "./pages/System";
import { TradePage } from "./pages/Trade";
import { Notices } from "./parts/Notices";
import { Practice } from "./parts/Practice";
import { WalletMenu } from "./parts/WalletMenu";
import { PAGES, readRoute, routeText } from "./view/route";
import type { Page, Route } from "./view/route";

const NAMES: Readonly<Record<Page, string>> = {
  trade: "Trade",
  pro: "Pro",
  earn: "Earn",
  portfolio: "Portfolio",
  system: "System",
};

export function App({ config }: { config: ConsoleConfig }) {
  return (
    <SessionProvider config={config}>
      <TransactionsProvider>
        <Shell />
      </TransactionsProvider>
    </SessionProvider>
  );
}

function Shell() {
  const { config, chain, block, isLost } = useSession();
  const route = useRoute();
  return (
    <>
      <a
        href="#main"
        className="skip"
        onClick={(event) => (event.preventDefault(), document.getElementById("main")?.focus())}
      >
        To the content
      </a>
      <header className="bar">
        <strong className="brand">Asterism</strong>
        <nav aria-label="Pages">
          {PAGES.map((page) => (
            <a
              key={page}
              href={routeText({ page, market: undefined })}
              aria-current={page === route.page ? "page" : undefined}
            >
              {NAMES[page]}
            </a>
          ))}
        </nav>
        <span className="chain quiet">
          {chain.name}
          {config.practice && " replica"} <span className="number">#{block.number}</span>
        </span>
        <ThemeButton />
        <WalletMenu />
      </header>
      {isLost && (
        <p className="banner" role="alert">
          The node does not answer. What you see is of block {block.number}; it is asked again each second.
        </p>
      )}
      {config.practice && <Practice />}
      <main id="main" className="page" tabIndex={-1}>
        <h1 className="unseen">{NAMES[route.page]}</h1>
        <PageOf route={route} />
      </main>
      <Notices />
      <footer className="quiet">
        Charts by TradingView Lightweight Charts. Every number comes from the contracts or from the specification's
        arithmetic.
      </footer>
    </>
  );
}

function PageOf({ route: { page, market } }: { route: Route }) {
  switch (page) {
    case "trade":
      return <TradePage market={market} />;
    case "pro":
      return <ProPage market={market} />;
    case "earn":
      return <EarnPage />;
    case "portfolio":
      return <PortfolioPage />;
    case "system":
      return <SystemPage />;
  }
}

function useRoute(): Route {
  const [route, setRoute] = useState(() => readRoute(location.hash));
  useEffect(() => {
    const follow = () => setRoute(readRoute(location.hash));
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, []);
  return route;
}

/** As the browser has it, until it is changed here; for this visit. */
function ThemeButton() {
  const [theme, setTheme] = useState(() => (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark"));
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  const other = theme === "dark" ? "light" : "dark";
  return (
    <button type="button" onClick={() => setTheme(other)} aria-label={`Show it ${other}`}>
      {theme === "dark" ? "☀" : "☾"}
    </button>
  );
}
