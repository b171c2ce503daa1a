import { JsonRpcProvider } from "ethers";
import type { JsonRpcPayload, JsonRpcResult } from "ethers";

/** Has the browser itself read the node's answers: with a thousand orders they are megabytes at each block. */
export class PageProvider extends JsonRpcProvider {
  override async _send(payload: JsonRpcPayload | JsonRpcPayload[]): Promise<JsonRpcResult[]> {
    const { url } = this._getConnection();
    const headers = { "content-type": "application/json" };
    const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(payload) });
    if (!answer.ok) throw new TypeError(`fetch of the node's answer failed (${answer.status})`);
    const result = (await answer.json()) as JsonRpcResult | JsonRpcResult[];
    return Array.isArray(result) ? result : [result];
  }
}
