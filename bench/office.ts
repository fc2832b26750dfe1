/** A step's world for a benchmark: a store, and the sandbox in a process of its own as the providers. */
import { systemClock } from '../core/journeys/clock';
import { StepProblem } from '../core/ports';
import type { StepContext } from '../core/step';
import type { Store } from '../core/store/store';
import { axiosHttp } from '../hosts/axiosHttp';
import { sandboxCredentials } from '../sandbox/world';
import { type Child, startChild } from './child';

export interface Provider {
	url: string;
	child: Child<Told>;
	end(): Promise<void>;
}

export type Told = { url: string } | { sms: number; mails: number };

/** The sandbox in a process of its own: what it costs is not counted as ours. */
export async function startProvider(): Promise<Provider> {
	const child = startChild<Told>('provider.ts', {});
	const told = await child.next((message) => 'url' in message, 60_000);
	return { url: 'url' in told ? told.url : '', child, end: () => child.end() };
}

export function contextOf(store: Store, provider: string, more: Partial<StepContext> = {}): StepContext {
	const credentials: Record<string, unknown> = {
		memberJourneysStoreApi: { timeZone: 'Europe/Oslo', countryCode: '47' },
		linkMyLinkApi: {
			clientId: sandboxCredentials.link.id,
			clientSecret: sandboxCredentials.link.secret,
			tokenUrl: `${provider}/link/token`,
			baseUrl: `${provider}/link`,
		},
		makeNewsletterApi: {
			userId: sandboxCredentials.make.id,
			apiKey: sandboxCredentials.make.secret,
			subscribersUrl: `${provider}/make/subscribers/api/public/v2`,
			newslettersUrl: `${provider}/make/newsletters/api/public/v1`,
		},
	};
	return {
		store: () => Promise.resolve(store),
		credentials: (name) =>
			name in credentials
				? Promise.resolve(credentials[name])
				: Promise.reject(new StepProblem(`There is no credential ${name}.`)),
		clock: systemClock,
		http: axiosHttp,
		place: { host: 'n8n', flow: 'bench', flowName: 'Bench', step: 'bench/step', name: 'Step' },
		testRun: false,
		continueOnFail: false,
		progress: () => undefined,
		hint: () => undefined,
		log: () => undefined,
		...more,
	};
}
