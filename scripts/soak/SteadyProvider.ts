import { JsonRpcProvider } from "ethers";
import type { JsonRpcPayload, JsonRpcResult } from "ethers";

const TRIES = 4;
const PAUSE_MS = 250;

/** Asks again where a connection breaks: a replica that is pressed closes those that it kept, and what goes wrong here is no part of a soak. */
export class SteadyProvider extends JsonRpcProvider {
  constructor(url: string, chainId: number) {
    super(url, chainId, { staticNetwork: true, cacheTimeout: -1 });
  }

  override async _send(payload: JsonRpcPayload | JsonRpcPayload[]): Promise<JsonRpcResult[]> {
    for (let tries = 1; ; tries++) {
      try {
        return await super._send(payload);
      } catch (error) {
        if (tries === TRIES) throw error;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * tries));
      }
    }
  }
}
