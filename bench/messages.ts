/**
 * Messages per second that the steps send: LINK SMS in batches, Make newsletters in bulk; the provider is the sandbox in a
 * process of its own, on the wire. Beside it what one would build without: n8n's HTTP Request node, one call per person.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { z } from 'zod/v4';
import { systemClock } from '../core/journeys/clock';
import type { Json, Step, StepContext } from '../core/step';
import type { Store } from '../core/store/store';
import { installN8n } from '../hosts/runtime/installN8n';
import { startN8n } from '../hosts/runtime/n8nProcess';
import { linkSms } from '../nodes/LinkSms/linkSms';
import { makeNewsletter } from '../nodes/MakeNewsletter/makeNewsletter';
import { sandboxCredentials } from '../sandbox/world';
import { type Bench, type Reporting, median, rounded } from './figure';
import { type Provider, contextOf, startProvider } from './office';
import { type OwnNode, publishInARow } from './ownNodes';
import { addPeople, analyze } from './people';
import { kinds, withPlace, withStore } from './stores';

const PEOPLE = 10_000;
/** One item per call to n8n's own node: it is waited for no longer than this many take. */
const ONE_BY_ONE = 2_000;
const ROUNDS = 3;
/** As many people as a run of a journey carries. */
const CHUNK = 1_000;

export const messages: Bench = async (reporting) => {
	const people = reporting.size(PEOPLE);
	const best = { link: NaN, make: NaN };
	for (const kind of kinds) {
		const provider = await startProvider();
		try {
			await withStore(kind, async (store) => {
				await addPeople(store, people, systemClock.now());
				await analyze(store);
				const figure = (what: string, value: number) =>
					reporting.figure({ figure: `${kind}: ${what}`, value: rounded(value, 0), unit: '1/s', n: people });
				reporting.doing(`${kind}: ${ROUNDS} rounds of ${people} SMS`);
				best.link = await rate(store, provider, people, linkSms, {
					sender: 'Eksempel',
					text: 'Hei {{ person.givenName }}',
					purpose: '',
				});
				figure('SMS sent per second through LINK batches', best.link);
				reporting.doing(`${kind}: ${ROUNDS} rounds of ${people} newsletters`);
				best.make = await rate(store, provider, people, makeNewsletter, {
					newsletterId: '5',
					purpose: '',
					options: { waitForListSeconds: 0 },
				});
				figure('newsletters sent per second through Make, in bulk', best.make);
			});
		} finally {
			await provider.end();
		}
	}
	await oneByOne(reporting, best.link);
};

/** The median of some rounds: people in runs of {@link CHUNK}, one run after another, until all have left by Sent. */
async function rate<P>(
	store: Store,
	provider: Provider,
	people: number,
	step: Step<P>,
	form: object,
): Promise<number> {
	const parameters: z.ZodType<P> = step.parameters;
	const params = parameters.parse(form);
	const rates: number[] = [];
	for (let round = 0; round < ROUNDS; round += 1) {
		const started = performance.now();
		let sent = 0;
		for (let from = 1; from <= people; from += CHUNK) {
			const items = Array.from({ length: Math.min(CHUNK, people - from + 1) }, (_, index) => ({
				json: itemOf(from + index),
				params,
				index,
			}));
			sent += await sentBy(step, contextOf(store, provider.url), params, items);
		}
		if (sent !== people) throw new Error(`${sent} of ${people} were sent.`);
		rates.push(people / ((performance.now() - started) / 1000));
	}
	return median(rates);
}

async function sentBy<P>(
	step: Step<P>,
	context: StepContext,
	params: P,
	items: Array<{ json: Json; params: P; index: number }>,
): Promise<number> {
	return (await step.run?.(context, params, items))?.[0]?.length ?? 0;
}

function itemOf(id: number): Json {
	return {
		person: {
			id,
			givenName: 'Kari',
			familyName: `Eksempel ${id}`,
			phone: `+4740${String(id).padStart(6, '0')}`,
			email: `person${id}@example.org`,
		},
	};
}

/** A real n8n: Webhook → Code (the people) → HTTP Request, one call each as that node does it → out. */
async function oneByOne(reporting: Reporting, ours: number): Promise<void> {
	const people = reporting.size(ONE_BY_ONE);
	const folder = await mkdtemp(join(tmpdir(), 'member-journeys-bench-'));
	const provider = await startProvider();
	try {
		await withPlace('postgres', async (databaseUrl) => {
			const n8n = await startN8n({
				n8n: await installN8n((line) => reporting.doing(line)),
				databaseUrl,
				userFolder: folder,
			});
			try {
				const row = oneCallEach(provider.url, await tokenOf(provider.url), people);
				await publishInARow(n8n, 'One call per person', row);
				await pause(5_000);
				reporting.doing(`n8n: ${people} calls of its HTTP Request node`);
				const started = performance.now();
				const answer = await fetch(`${n8n.url}/webhook/bench-messages`, { method: 'POST' });
				if (!answer.ok) throw new Error(`n8n answered ${answer.status}.`);
				await answer.text();
				const seconds = (performance.now() - started) / 1000;
				provider.child.send({});
				const told = await provider.child.next((message) => 'sms' in message, 60_000);
				const sent = 'sms' in told ? told.sms : 0;
				if (sent !== people) throw new Error(`${sent} of ${people} SMS have come from n8n.`);
				reporting.figure({
					figure: "n8n's own HTTP Request node: SMS sent per second, one call per person",
					value: rounded(people / seconds, 0),
					unit: '1/s',
					n: people,
				});
				reporting.figure({
					figure: 'postgres: SMS sent per second through LINK batches',
					value: rounded(ours, 0),
					unit: '1/s',
					n: people,
					peer: "n8n's own HTTP Request node",
					ratio: rounded(ours / (people / seconds)),
				});
			} finally {
				await n8n.stop();
			}
		});
	} finally {
		await provider.end();
		await rm(folder, { recursive: true, force: true });
	}
}

async function tokenOf(provider: string): Promise<string> {
	const answer = await fetch(`${provider}/link/token`, {
		method: 'POST',
		body: new URLSearchParams({
			grant_type: 'client_credentials',
			client_id: sandboxCredentials.link.id,
			client_secret: sandboxCredentials.link.secret,
		}),
	});
	return ((await answer.json()) as { access_token: string }).access_token;
}

const oneCallEach = (provider: string, token: string, people: number): OwnNode[] => [
	{
		name: 'In',
		type: 'webhook',
		version: 2,
		parameters: { httpMethod: 'POST', path: 'bench-messages', responseMode: 'lastNode', options: {} },
		webhookId: 'bench-messages',
	},
	{
		name: 'People',
		type: 'code',
		version: 2,
		parameters: {
			jsCode: `return Array.from({ length: ${people} }, (_, i) => ({ json: { phone: '+4740' + String(i + 1).padStart(6, '0') } }));`,
		},
	},
	{
		name: 'Send',
		type: 'httpRequest',
		version: 4.2,
		parameters: {
			method: 'POST',
			url: `${provider}/link/sms/v1/messages`,
			sendHeaders: true,
			headerParameters: { parameters: [{ name: 'authorization', value: `Bearer ${token}` }] },
			sendBody: true,
			specifyBody: 'json',
			jsonBody:
				'={{ JSON.stringify([{ recipient: $json.phone, content: { text: "Hei Kari", options: { "sms.sender": "Eksempel" } } }]) }}',
			options: {},
		},
	},
	{ name: 'Out', type: 'limit', version: 1 },
];
