import { PDFDocument } from '@cantoo/pdf-lib';
import { createHmac } from 'node:crypto';
import type { Batch, BatchItem, FileOfBatch, Sending } from '../../../core/handoffs/transfer';
import { AnswerLost, type Http, NotSent, StepProblem } from '../../../core/ports';
import { axiosHttp } from '../../../hosts/axiosHttp';
import { pingenClient } from '../../../providers/pingen/client';
import { lookForEvents, ownEvent, readWebhook, registerWebhooks } from '../../../providers/pingen/events';
import { readPingenSettings } from '../../../providers/pingen/settings';
import { pingenCheck } from '../../../providers/pingen/test';
import { type Rendered, fileNameOf, pingenTransfer } from '../../../providers/pingen/transfer';
import { sandboxCredentials } from '../../../sandbox/server';
import { type Running, ask, running, until } from '../sandbox/running';

const MINUTE = 60_000;
const DAY = 86_400_000;
/** A Tuesday, noon in Oslo. */
const TUESDAY = Date.parse('2026-03-10T11:00:00Z');
const MARK = 'ab12';
const { pingen } = sandboxCredentials;

async function pdf(format: [number, number] = [595, 842]): Promise<Uint8Array> {
	const made = await PDFDocument.create();
	made.addPage(format).drawText('Kjære Kari');
	return made.save();
}

/** What the store keeps of a hand-over, as {@link Sending} tells it. */
function kept(): Sending & { known: jest.Mock; letterIds: Map<number, string> } {
	const files = new Map<string, FileOfBatch & { state: 'sending' | 'there' }>();
	const letterIds = new Map<number, string>();
	return {
		files,
		letterIds,
		begin: async (begun) => begun.forEach((file) => files.set(file.name, { ...file, state: 'sending' })),
		there: async (names) => names.forEach((name) => files.set(name, { ...files.get(name)!, state: 'there' })),
		gone: async (names) => names.forEach((name) => files.delete(name)),
		known: jest.fn(async (refs: ReadonlyMap<number, string>) =>
			refs.forEach((id, key) => letterIds.set(key, id)),
		),
		...{ placing: async () => undefined },
		still: async () => undefined,
		progress: () => undefined,
	};
}

describe('Pingen', () => {
	let box: Running;
	let raw: Record<string, unknown>;
	let letter: Uint8Array;
	beforeAll(async () => {
		letter = await pdf();
	});
	beforeEach(async () => {
		box = await running({ clockStart: TUESDAY });
		raw = {
			environment: 'staging',
			clientId: pingen.id,
			clientSecret: pingen.secret,
			organisationId: pingen.organisationId,
			signingKey: pingen.signingKey,
			baseUrl: `${box.url}/pingen/api`,
			tokenUrl: `${box.url}/pingen/auth/access-tokens`,
		};
	});
	afterEach(() => box.close());
	const forward = (ms: number) => ask('POST', `${box.url}/clock`, { forwardMs: ms });
	const fault = (kind: string, more: Record<string, unknown> = {}) =>
		ask('POST', `${box.url}/faults`, { provider: 'pingen', kind, ...more });
	const client = (http: Http = axiosHttp) => pingenClient(http, box.world.clock, readPingenSettings(raw));
	const made = () => [...box.world.pingen.letters.values()];
	const batch = (items: number): Batch => ({
		id: 1,
		stepId: 1,
		kind: 'letter',
		name: 'brev-20260310-1',
		settings: {},
		openedAt: box.world.clock.now(),
		items,
	});
	const itemsOf = (count: number) =>
		async function* (): AsyncIterable<BatchItem> {
			for (let n = 1; n <= count; n += 1)
				yield { dispatchId: n, ref: String(n), personId: n, content: { name: `Person ${n}` } };
		};
	const transfer = (
		render: (item: BatchItem) => Promise<Rendered> = async () => ({ pdf: letter, pages: 1 }),
		http?: Http,
	) =>
		pingenTransfer({
			client: client(http),
			clock: box.world.clock,
			mark: MARK,
			options: { product: 'cheap', duplex: true, colour: false, windowSide: 'left' },
			render,
		});

	test('the credential is tried against the organisation; each field is named', async () => {
		await pingenCheck({ http: axiosHttp }, raw);
		const field = (settings: Record<string, unknown>) =>
			pingenCheck({ http: axiosHttp }, settings).then(
				() => 'no complaint',
				(error: StepProblem) => error.details.field,
			);
		expect(await field({ ...raw, clientSecret: 'feil' })).toBe('Client Secret');
		expect(await field({ ...raw, organisationId: 'ukjent' })).toBe('Organisation ID');
		expect(await field({ ...raw, organisationId: '' })).toBe('Organisation ID');
		expect(await field({ ...raw, signingKey: 'x'.repeat(33) })).toBe('Webhook Signing Key');
		expect(await field({ ...raw, baseUrl: `${box.url}/people` })).toBe('Base URL');
		expect(await field({ ...raw, tokenUrl: 'http://127.0.0.1:9/token' })).toBe('Environment');
		const own = readPingenSettings({ ...raw, baseUrl: '', tokenUrl: '' });
		expect([own.apiUrl, own.tokenUrl]).toEqual([
			'https://api-staging.pingen.com',
			'https://identity-staging.pingen.com/auth/access-tokens',
		]);
	});

	test('hands a batch over: each letter uploaded without our token, made, sent, and its id kept', async () => {
		const told: Array<[string, string | undefined]> = [];
		const http: Http = (request) => {
			told.push([`${request.method} ${new URL(request.url).pathname}`, request.headers?.authorization]);
			return axiosHttp(request);
		};
		const sending = kept();
		expect(await transfer(undefined, http)(batch(2), itemsOf(2), sending)).toEqual({ pages: 2, leftOut: [] });
		expect(made().map(({ fileName, attributes }) => [fileName, attributes.print_mode])).toEqual([
			['mj-ab12-1.pdf', 'duplex'],
			['mj-ab12-2.pdf', 'duplex'],
		]);
		expect([...sending.letterIds]).toEqual(made().map(({ id }, index) => [index + 1, id]));
		expect(told.filter(([what]) => what.startsWith('PUT')).map(([, token]) => token)).toEqual([
			undefined,
			undefined,
		]);
		// Once more: all of it is there.
		await transfer()(batch(2), itemsOf(2), sending);
		expect(made()).toHaveLength(2);
		await forward(2 * MINUTE);
		await until(() => made().every(({ status }) => status === 'submitted'));
	});

	test.each(['reset-after', 'no-answer', '502'])(
		'an answer that is lost (%s) is looked for and never made twice',
		async (kind) => {
			await fault(kind, { path: '/deliveries/letters' });
			const short: Http = (request) => axiosHttp({ ...request, timeoutMs: 1_500 });
			const sending = kept();
			await expect(transfer(undefined, short)(batch(3), itemsOf(3), sending)).rejects.toThrow(AnswerLost);
			expect([...sending.files.values()].map(({ state }) => state)).toEqual(['sending']);
			expect((await transfer()(batch(3), itemsOf(3), sending)).leftOut).toEqual([]);
			expect(
				made()
					.map(({ fileName }) => fileName)
					.sort(),
			).toEqual([1, 2, 3].map((n) => fileNameOf(MARK, String(n))));
			expect(sending.letterIds.size).toBe(3);
		},
	);

	test('a letter that the list does not show yet is not made twice either: its key is the same', async () => {
		await fault('reset-after', { path: '/deliveries/letters' });
		const sending = kept();
		await expect(transfer()(batch(1), itemsOf(1), sending)).rejects.toThrow(AnswerLost);
		const blind: Http = async (request) => {
			const answer = await axiosHttp(request);
			return request.query?.sort ? { ...answer, body: { data: [], links: { next: null } } } : answer;
		};
		await expect(transfer(undefined, blind)(batch(1), itemsOf(1), sending)).rejects.toThrow(AnswerLost);
		expect(made()).toHaveLength(1);
		await transfer()(batch(1), itemsOf(1), sending);
		expect(made()).toHaveLength(1);
	});

	test('who cannot be made a letter of is left out with the reason; the others are sent', async () => {
		const render = async ({ ref }: BatchItem): Promise<Rendered> => {
			if (ref === '2') throw new StepProblem('The address does not fit.');
			return { pdf: letter, pages: 1 };
		};
		await fault('400', { path: '/deliveries/letters' });
		const sending = kept();
		const { leftOut } = await transfer(render)(batch(3), itemsOf(3), sending);
		expect(leftOut).toEqual([
			{ dispatchId: 1, reason: 'Pingen refused it (400): Status 400' },
			{ dispatchId: 2, reason: 'The address does not fit.' },
		]);
		expect(made()).toHaveLength(1);
	});

	test('asked to wait it waits; when the upload fails nothing has been made and it comes again', async () => {
		await fault('429', { path: '/deliveries/letters', retryAfter: 1 });
		await transfer()(batch(1), itemsOf(1), kept());
		expect(made()).toHaveLength(1);
		await fault('no-answer', { path: '/storage/' });
		const short: Http = (request) => axiosHttp({ ...request, timeoutMs: 1_000 });
		await expect(transfer(undefined, short)(batch(2), itemsOf(2), kept())).rejects.toThrow(NotSent);
		await fault('503', { path: '/file-upload', retryAfter: 3_600 });
		await expect(transfer()(batch(2), itemsOf(2), kept())).rejects.toThrow(NotSent);
		expect(made()).toHaveLength(1);
	});

	test('registered mail names its recipient, within its limits', async () => {
		const registered = (recipient?: Rendered['recipient']) =>
			pingenTransfer({
				client: client(),
				clock: box.world.clock,
				mark: MARK,
				options: { product: 'registered', duplex: false, colour: true, windowSide: 'right' },
				render: async () => ({ pdf: letter, pages: 1, ...(recipient ? { recipient } : {}) }),
			})(batch(1), itemsOf(1), kept());
		const kari = {
			name: 'Kari Eksempelsen',
			street: 'Storgata',
			number: '1',
			zip: '0161',
			city: 'OSLO',
			country: 'NO',
		};
		expect((await registered()).leftOut).toHaveLength(1);
		expect((await registered({ ...kari, name: 'K'.repeat(46) })).leftOut?.[0]?.reason).toMatch(
			/45 characters/,
		);
		expect((await registered(kari)).leftOut).toEqual([]);
		expect(made()[0]?.attributes).toMatchObject({
			address_position: 'right',
			print_spectrum: 'color',
			meta_data: { recipient: kari },
		});
	});

	test('webhooks are registered once, and told with a signature that holds', async () => {
		const url = `${box.hears.url}/pingen`;
		expect(await registerWebhooks(client(), url, pingen.signingKey)).toEqual({ added: 4, refused: [] });
		expect((await registerWebhooks(client(), url, pingen.signingKey)).added).toBe(0);
		await transfer()(batch(2), itemsOf(2), kept());
		await forward(2 * MINUTE);
		await until(() => made().every(({ status }) => status === 'submitted'));
		box.hears.answers.splice(0, 1, 500, 200);
		await forward(DAY);
		await until(() => made().every(({ status }) => status === 'sent') && box.hears.heard.length === 2);
		await forward(2 * MINUTE);
		await until(() => box.hears.heard.length === 3);
		await ask('POST', `${box.url}/letters/${made()[0]!.letter!.id}/move`);
		await until(() => box.hears.heard.length === 4);
		const read = box.hears.heard.map(({ body, headers }) =>
			readWebhook(Buffer.from(body), headers as Record<string, string>, pingen.signingKey, TUESDAY),
		);
		const own = await Promise.all(
			read.flatMap((one) => (one.genuine && one.event ? [ownEvent(client(), MARK, one.event)] : [])),
		);
		expect(own.map((event) => [event?.ref, event?.state])).toEqual(
			expect.arrayContaining([
				['1', 'posted'],
				['2', 'posted'],
				['1', 'returned'],
			]),
		);
		expect(own.at(-1)).toMatchObject({
			reason: 'moved',
			newAddress: { street: 'Nyveien 1', postalCode: '0150', city: 'OSLO' },
		});
		// Told again, it is the same event; and asking finds the same ones.
		expect(new Set(own.map((event) => event?.eventId)).size).toBe(3);
		const looked = await lookForEvents(client(), MARK, TUESDAY);
		expect(looked.map(({ eventId }) => eventId).sort()).toEqual(
			[...new Set(own.map((event) => event!.eventId))].sort(),
		);
		expect(looked.at(-1)?.newAddress).toEqual(own.at(-1)?.newAddress);
		expect(await lookForEvents(client(), 'ffff', TUESDAY)).toEqual([]);
	});

	test('the letter is in the letterbox of whoever stands in its window', async () => {
		box.world.people.know({ name: 'Kari Eksempelsen', phone: '+4740000012', place: 'Storgata 1, 0161 OSLO' });
		const addressed = await PDFDocument.create();
		const page = addressed.addPage([595.28, 841.89]);
		const lines = ['Retur: Foreningen, Postboks 1, 0101 Oslo', 'Kari Eksempelsen', 'Storgata 1', '0161 OSLO'];
		lines.forEach((line, index) => page.drawText(line, { x: 57, y: 700 - 14 * index, size: 11 }));
		page.drawText('Kjære Kari', { x: 57, y: 560, size: 11 });
		const bytes = await addressed.save();
		await transfer(async () => ({ pdf: bytes, pages: 1 }))(batch(1), itemsOf(1), kept());
		await until(() => made()[0]?.address !== undefined);
		await forward(2 * MINUTE);
		await until(() => made()[0]?.letter !== undefined);
		const person = box.world.people.know({ phone: '+4740000012' })!;
		expect(box.world.letterbox.of(person.id)).toMatchObject([
			{
				from: 'pingen',
				address: { name: 'Kari Eksempelsen', lines: ['Storgata 1'], postalCode: '0161', city: 'OSLO' },
			},
		]);
	});

	test('a page that is not A4 comes back as rejected, with the reason', async () => {
		const small = await pdf([420, 595]);
		await transfer(async () => ({ pdf: small, pages: 1 }))(batch(1), itemsOf(1), kept());
		await new Promise((resolve) => setTimeout(resolve, 100));
		await forward(2 * MINUTE);
		await until(() => made()[0]?.status === 'invalid');
		expect(await lookForEvents(client(), MARK, TUESDAY)).toMatchObject([
			{ ref: '1', state: 'rejected', reason: 'File is not in A4 portrait' },
		]);
	});

	test('a letter is taken back as long as it has not left', async () => {
		const sending = kept();
		await transfer()(batch(1), itemsOf(1), sending);
		expect(await client().cancel(sending.letterIds.get(1)!)).toMatchObject({ kind: 'accepted' });
		expect(made()[0]?.status).toBe('cancelled');
	});
});

describe("Pingen's webhooks", () => {
	const key = 'webhook_test_secret';
	const sign = (bytes: Buffer, by = key) => createHmac('sha256', by).update(bytes).digest('hex');
	/** Word for word from Pingen's documentation, as its own node's tests have it. */
	const documented = Buffer.from(
		JSON.stringify({
			data: {
				id: 'ff222222-1111-2222-3333-444444444444',
				type: 'webhook_undeliverable',
				attributes: {
					reason: 'Recipient could not be determined at the specified address.',
					corrected_address: {
						name: 'Alex Meier',
						street: 'Example street',
						number: '50A',
						zip: '8051',
						city: 'Zürich',
					},
					url: 'https://your.webhook/url',
					created_at: '2020-11-19T09:42:48+0100',
				},
				relationships: {
					organisation: { links: { related: 'string' }, data: { id: 'b', type: 'organisations' } },
					letter: { links: { related: 'string' }, data: { id: 'c', type: 'letters' } },
					event: { links: { related: 'string' }, data: { id: 'd', type: 'letters_events' } },
				},
				links: { self: 'string' },
			},
			included: [{}],
		}),
	);

	test('are read as documented', () => {
		expect(readWebhook(documented, { signature: sign(documented) }, key, 0)).toEqual({
			genuine: true,
			event: {
				letterId: 'c',
				fileName: '',
				event: {
					state: 'returned',
					at: Date.parse('2020-11-19T08:42:48Z'),
					eventId: 'd',
					reason: 'Recipient could not be determined at the specified address.',
					newAddress: { street: 'Example street 50A', postalCode: '8051', city: 'Zürich' },
				},
			},
		});
	});

	test('are refused without a signature, with another key, with changed bytes, and when we have no key', () => {
		const genuine = (headers: Record<string, string>, bytes = documented, by = key) =>
			readWebhook(bytes, headers, by, 0).genuine;
		expect(genuine({})).toBe(false);
		expect(genuine({ signature: sign(documented, 'another') })).toBe(false);
		expect(genuine({ signature: sign(documented).slice(2) })).toBe(false);
		expect(genuine({ signature: sign(documented) }, Buffer.concat([documented, Buffer.from(' ')]))).toBe(
			false,
		);
		expect(genuine({ signature: sign(documented, '') }, documented, '')).toBe(false);
		expect(genuine({ signature: sign(documented).toUpperCase() })).toBe(true);
	});

	test('that are no such message are genuine and say nothing', () => {
		for (const text of ['', 'x', '{}', '{"data":{"type":"webhook_paid"}}']) {
			const bytes = Buffer.from(text);
			expect(readWebhook(bytes, { signature: sign(bytes) }, key, 0)).toEqual({
				genuine: true,
				event: undefined,
			});
		}
	});
});
