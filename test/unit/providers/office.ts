/** An organisation's office for tests: a register in a real store, the sandbox as LINK and Make, and steps that run in it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { enrol } from '../../../core/journeys/enrol';
import { StepProblem } from '../../../core/ports';
import { registerJourney, registerStep } from '../../../core/journeys/journey';
import { releasePeople } from '../../../core/journeys/release';
import type { Json, Out, Outputs, Step, StepContext } from '../../../core/step';
import type { Store } from '../../../core/store/store';
import { axiosHttp } from '../../../hosts/axiosHttp';
import { type Sandbox, sandboxCredentials, startSandbox } from '../../../sandbox/server';

export interface Member {
	givenName?: string;
	email?: string | null;
	phone?: string | null;
	/** Channels with consent for everything; default e-mail and SMS. */
	consents?: string[];
}

export class Office {
	readonly hints: string[] = [];
	readonly logs: string[] = [];
	/** Overrides for the credentials of the next contexts. */
	credentials: Record<string, Record<string, unknown>>;
	private closers: Array<() => Promise<void>> = [];

	private constructor(
		readonly store: Store,
		readonly box: Sandbox,
	) {
		const { url } = box;
		this.credentials = {
			memberJourneysStoreApi: { timeZone: 'Europe/Oslo', countryCode: '47' },
			linkMyLinkApi: {
				clientId: sandboxCredentials.link.id,
				clientSecret: sandboxCredentials.link.secret,
				tokenUrl: `${url}/link/token`,
				baseUrl: `${url}/link`,
			},
			linkMultichannelApi: {
				authentication: 'oauth2',
				clientId: sandboxCredentials.link.id,
				clientSecret: sandboxCredentials.link.secret,
				tokenUrl: `${url}/link/token`,
				baseUrl: `${url}/linkMultichannel`,
			},
			makeNewsletterApi: {
				userId: sandboxCredentials.make.id,
				apiKey: sandboxCredentials.make.secret,
				subscribersUrl: `${url}/make/subscribers/api/public/v2`,
				newslettersUrl: `${url}/make/newsletters/api/public/v1`,
			},
		};
	}

	static async open(store: Store): Promise<Office> {
		const office = new Office(store, await startSandbox());
		office.box.world.link.profile.reportAfterMs = 5;
		office.box.world.linkCommon.profile.reportAfterMs = 5;
		office.box.world.multichannel.network.profile.reportAfterMs = 5;
		return office;
	}

	/** The organisation has an account on LINK's Common platform as well. */
	joinCommon(): void {
		const { id, secret, platformId, platformPartnerId } = sandboxCredentials.linkCommon;
		this.credentials.linkCommonApi = {
			baseUrl: `${this.box.url}/linkCommon`,
			userName: id,
			password: secret,
			platformId,
			platformPartnerId,
		};
	}

	async close(): Promise<void> {
		for (const close of this.closers) await close();
		await this.box.close();
	}

	get clock() {
		return this.box.world.clock;
	}

	/** Minutes pass until it is so: one that passes while the step is looking is not looked at again. */
	async minutesUntil(holds: () => boolean | Promise<boolean>): Promise<void> {
		for (let minute = 0; !(await holds()); minute += 1) {
			if (minute > 150) throw new Error('it did not come to that');
			this.clock.turnTo(this.clock.offset() + 61_000);
			await new Promise((resolve) => setTimeout(resolve, 50));
		}
	}

	ctx(over: Partial<StepContext> = {}): StepContext {
		return {
			store: async () => this.store,
			credentials: async (name) => {
				const found = this.credentials[name];
				if (!found) throw new StepProblem(`This step has no ${name} credential.`);
				return found;
			},
			clock: this.clock,
			http: axiosHttp,
			place: { host: 'n8n', flow: 'flow-1', flowName: 'Velkommen', step: 'flow-1/step', name: 'Steg' },
			testRun: false,
			continueOnFail: false,
			progress: () => undefined,
			hint: (text) => void this.hints.push(text),
			log: (level, text) => void this.logs.push(`${level}: ${text}`),
			...over,
		};
	}

	async members(...members: Member[]): Promise<Array<Json & { person: { id: number } & Json }>> {
		const now = this.clock.now();
		return this.store.write(async ({ db }) => {
			const items: Array<Json & { person: { id: number } & Json }> = [];
			for (const [index, member] of members.entries()) {
				const name = member.givenName ?? 'Kari';
				const { id } = await db
					.insertInto('person')
					.values({
						member_number: `M${Math.random().toString(36).slice(2)}`,
						given_name: name,
						family_name: `Eksempel ${index + 1}`,
						name_key: `${name} eksempel ${index + 1}`.toLowerCase(),
						birth_date: null,
						gender: null,
						language: null,
						zone: null,
						street: null,
						postal_code: null,
						city: null,
						country: null,
						deceased_on: null,
						created_at: now,
						updated_at: now,
					})
					.returning('id')
					.executeTakeFirstOrThrow();
				const { email = `m${id}@example.org`, phone = `+474000${String(1000 + id)}` } = member;
				for (const [kind, value] of [
					['email', email],
					['phone', phone],
				] as const) {
					if (value === null) continue;
					await db
						.insertInto('contact_point')
						.values({ person_id: id, kind, value, is_primary: 1, invalid_reason: null, created_at: now })
						.execute();
				}
				for (const channel of member.consents ?? ['email', 'sms']) {
					await db
						.insertInto('consent')
						.values({ person_id: id, channel, purpose: '*', granted: 1, source: 'test', at: now })
						.execute();
				}
				items.push({
					person: {
						id,
						givenName: name,
						familyName: `Eksempel ${index + 1}`,
						name: `${name} Eksempel ${index + 1}`,
						email,
						phone,
						memberNumber: `M${id}`,
						labels: [],
						attributes: {},
					},
				});
			}
			return items;
		});
	}

	/** Enrols them; what the journey's start lets go are the travellers. */
	async travellers(personIds: number[]): Promise<Json[]> {
		const settings = { reentry: { kind: 'once' as const }, restart: { kind: 'atOnce' as const } };
		const journey = await registerJourney(this.store, this.clock, {
			key: 'flow-1',
			name: 'Velkommen',
			settings,
		});
		const start = await registerStep(this.store, this.clock, {
			key: 'flow-1/start',
			name: 'Start',
			type: 'journeyStart',
			journeyId: journey.id,
			settings: {},
		});
		await enrol(
			this.store,
			this.clock,
			{ id: journey.id, stepId: start.id, settings },
			personIds.map((personId) => ({ personId })),
		);
		let came: Json[] = [];
		let running = true;
		const stop = await releasePeople(
			{
				store: this.store,
				clock: this.clock,
				stepId: start.id,
				outcomes: ['started'],
				log: () => undefined,
			},
			async (outputs) => {
				came = outputs.flat().map(({ json }) => json);
				while (running) await new Promise((resolve) => setTimeout(resolve, 5));
				return { end: 'unfinished' };
			},
		);
		this.closers.push(async () => {
			running = false;
			await stop();
		});
		await until(() => came.length === personIds.length);
		return came;
	}

	/** Runs a step on items, all with the same parameters. */
	async run<P>(
		step: Step<P>,
		raw: Json,
		items: Json[],
		over: Partial<StepContext> = {},
	): Promise<{ first: Json[]; second: Json[]; outputs: Outputs }> {
		const params = step.parameters.parse(raw);
		if (!step.run) throw new Error('takes no items');
		const outputs = await step.run(
			this.ctx(over),
			params,
			items.map((json, index) => ({ json, params, index })),
		);
		const jsons = (outs: Out[] | undefined) => (outs ?? []).map(({ json }) => json);
		return { first: jsons(outputs[0]), second: jsons(outputs[1]), outputs };
	}

	/**
	 * Lets a step listen; whom it lets go come to its `run` again, as on a host. What each such run gave is collected, after
	 * what is behind its first output (`onward`) has had it.
	 */
	async listenTo<P>(
		step: Step<P>,
		raw: Json,
		onward: (first: Json[]) => Promise<unknown> = async () => undefined,
	): Promise<Array<{ first: Json[]; second: Json[] }>> {
		const params = step.parameters.parse(raw);
		const runs: Array<{ first: Json[]; second: Json[] }> = [];
		const stop = await step.listen!(this.ctx(), params, async (outputs) => {
			const items = outputs.flatMap((outs, released) => outs.map(({ json }) => ({ json, released })));
			const given = items.map((item, index) => ({ ...item, params, index }));
			const [first = [], second = []] = await step.run!(this.ctx(), params, given);
			await onward(first.map(({ json }) => json));
			runs.push({ first: first.map(({ json }) => json), second: second.map(({ json }) => json) });
			return { end: 'done' };
		});
		this.closers.push(stop);
		return runs;
	}

	/** Gives a step a public address on a real server, and tells it. What it emits is collected. */
	async publish<P>(
		step: Step<P>,
		raw: Json = {},
		place = 'flow-1/trigger',
	): Promise<{ url: string; items: Json[]; answers: number[] }> {
		const params = step.parameters.parse(raw);
		const items: Json[] = [];
		const answers: number[] = [];
		const ctx = this.ctx({ place: { ...this.ctx().place, step: place } });
		const atWork = new Set<Promise<void>>();
		const server = createServer((request, response) => {
			const chunks: Buffer[] = [];
			request.on('data', (chunk: Buffer) => chunks.push(chunk));
			request.on('end', () => {
				const work = (async () => {
					const address = new URL(request.url ?? '/', 'http://x');
					const receipt = await step.receive?.(ctx, params, {
						method: request.method ?? '',
						headers: Object.fromEntries(
							Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
						),
						query: Object.fromEntries(address.searchParams),
						raw: Buffer.concat(chunks),
					});
					answers.push(receipt?.status ?? 0);
					response.writeHead(receipt?.status ?? 500, receipt?.headers).end(receipt?.body);
					await receipt?.after?.(async (outputs) => {
						items.push(...outputs.flat().map(({ json }) => json));
						return { end: 'done' };
					});
				})();
				atWork.add(work);
				void work.catch(() => response.writeHead(500).end()).finally(() => atWork.delete(work));
			});
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
		this.closers.push(async () => {
			server.close();
			server.closeAllConnections();
			await Promise.allSettled(atWork);
		});
		await step.registered?.(ctx, params, url);
		return { url, items, answers };
	}

	dispatches() {
		return this.store.db.selectFrom('dispatch').selectAll().orderBy('id').execute();
	}

	responses() {
		return this.store.db.selectFrom('response').selectAll().orderBy('id').execute();
	}

	reservations() {
		return this.store.db.selectFrom('reservation').select(['person_id', 'channel', 'source']).execute();
	}
}

/** Waits in real time until `what` holds. */
export async function until(what: () => boolean | Promise<boolean>, patience = 90_000): Promise<void> {
	const end = Date.now() + patience;
	while (!(await what())) {
		if (Date.now() > end) throw new Error('It did not happen in time.');
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
}
