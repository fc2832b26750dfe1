/** Keeping to what an account at a provider allows, together with every other process on the store. */
import { createHash } from 'node:crypto';
import { type Rate, takeTurn } from '../core/dispatch/pace';
import type { Clock, Http } from '../core/ports';
import type { Store } from '../core/store/store';

/** @param account who the provider knows us as; stands in the store only as a hash */
export function accountRate(provider: string, account: string, perSecond: number): Rate | undefined {
	if (perSecond <= 0) return undefined;
	const hash = createHash('sha256').update(account).digest('base64url').slice(0, 16);
	return { key: `${provider} ${hash}`, perSecond };
}

/** Each request waits for its turn. */
export function pacedHttp(http: Http, store: Store, clock: Clock, rate: Rate | undefined): Http {
	if (!rate) return http;
	return async (request) => {
		const wait = await takeTurn(store, clock.now(), rate, 1);
		if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
		return http(request);
	};
}
