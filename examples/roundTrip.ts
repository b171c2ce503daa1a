import { readFileSync } from "node:fs";
import { Asterism, Hermes, formatPrice } from "@asterism/sdk";
import { JsonRpcProvider, Wallet } from "ethers";

const { RPC_URL, HERMES_URL = "https://hermes.pyth.network", PRIVATE_KEY = "", DEPLOYMENT = "" } = process.env;
const trader = new Wallet(PRIVATE_KEY, new JsonRpcProvider(RPC_URL));
const deployment: unknown = JSON.parse(readFileSync(DEPLOYMENT, "utf8"));
const prices = new Hermes({ endpoints: [HERMES_URL] });
const asterism = await Asterism.connect(trader, { deployment, prices });

const input = { market: "BTC", mode: "standard", side: "long", leverage: 50, token: "USDT", amount: "100" } as const;
const order = await (await asterism.trade.market(input)).send({ approve: true });
console.log("opening:", (await asterism.keeper.fill(order)).outcome);

const { position, liquidationPrice } = await asterism.trade.position(order.id);
console.log(`entry ${formatPrice(position.entry)}, liquidated at ${formatPrice(liquidationPrice)}`);

const close = await (await asterism.trade.close(order.id)).send();
console.log("closing:", (await asterism.keeper.fill(close)).outcome);
