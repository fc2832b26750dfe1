import { PDFDocument } from '@cantoo/pdf-lib';
import { batchesToHandOver } from '../../../core/handoffs/batch';
import { itemEvents } from '../../../core/handoffs/events';
import { AnswerLost, type Http } from '../../../core/ports';
import { axiosHttp } from '../../../hosts/axiosHttp';
import { storeMark } from '../../../providers/callback';
import { pingenClient } from '../../../providers/pingen/client';
import { lookForEvents } from '../../../providers/pingen/events';
import { readPingenSettings } from '../../../providers/pingen/settings';
import { pingenTransfer } from '../../../providers/pingen/transfer';
import { sandboxCredentials } from '../../../sandbox/server';
import { Letters, ZONE } from '../handoffs/letters';
import { sizeOf, until } from '../journeys/story';
import { type Running, ask, running } from '../sandbox/running';
import { onBothDatabases } from '../stores';

const DAY = 86_400_000;
const { pingen } = sandboxCredentials;

onBothDatabases('a batch that goes to Pingen', (current) => {
	let letters: Letters;
	let box: Running;
	let pdf: Uint8Array;
	beforeAll(async () => {
		const made = await PDFDocument.create();
		made.addPage([595, 842]).drawText('Kjære leser');
		pdf = await made.save();
	});
	beforeEach(async () => {
		letters = await Letters.begin(current().store);
		box = await running({ clockStart: letters.clock.now() });
	});
	afterEach(async () => {
		await letters.end();
		await box.close();
	});
	const client = (http: Http = axiosHttp) =>
		pingenClient(
			http,
			letters.clock,
			readPingenSettings({
				clientId: pingen.id,
				clientSecret: pingen.secret,
				organisationId: pingen.organisationId,
				baseUrl: `${box.url}/pingen/api`,
				tokenUrl: `${box.url}/pingen/auth/access-tokens`,
			}),
		);
	const transfer = async (http?: Http) =>
		pingenTransfer({
			client: client(http),
			clock: letters.clock,
			mark: await storeMark(letters.store),
			options: { product: 'cheap', duplex: true, colour: false, windowSide: 'left' },
			render: async () => ({ pdf, pages: 1 }),
		});
	const forward = async (ms: number) => {
		await letters.clock.advance(ms);
		await ask('POST', `${box.url}/clock`, { forwardMs: ms });
	};
	const made = () => [...box.world.pingen.letters.values()];

	test('is there once, whatever broke off on the way; word of each letter moves its dispatch and its person', async () => {
		const { store, clock } = letters;
		const people = await letters.readers(4);
		const letterOf = await letters.sendTo(people);
		const gone = await letters.letGo();
		const { handoffId } = await letters.batch({ profile: 'pingen' });

		// The third letter is taken, and its answer is lost; then nobody is there.
		let asked = 0;
		const breaking: Http = async (request) => {
			const answer = await axiosHttp(request);
			if (request.method !== 'POST' || !request.url.endsWith('/deliveries/letters')) return answer;
			asked += 1;
			if (asked === 3) throw new AnswerLost('The connection was cut.');
			return answer;
		};
		await expect(letters.handOver(handoffId, await transfer(breaking))).rejects.toThrow(AnswerLost);
		expect(made()).toHaveLength(3);
		expect(sizeOf(gone, 2)).toBe(0);
		expect(await batchesToHandOver(store, letters.stepId)).toEqual([handoffId]);

		await forward(60_000);
		expect(await letters.handOver(handoffId, await transfer())).toEqual({
			kind: 'handedOver',
			items: 4,
			leftOut: [],
		});
		expect(made()).toHaveLength(4);
		expect(new Set(made().map(({ fileName }) => fileName)).size).toBe(4);
		await until(() => sizeOf(gone, 2) === 4);

		// Posted on the next weekday; one comes back with a new address.
		await forward(120_000);
		await until(() => made().every(({ status }) => status === 'submitted'));
		await forward(3 * DAY);
		await until(() => made().every(({ status }) => status === 'sent'));
		const person = people[0]!;
		const ours = made().find(({ fileName }) => fileName.endsWith(`-${letterOf.get(person)}.pdf`));
		await ask('POST', `${box.url}/letters/${ours!.letter!.id}/move`);
		const hear = async () =>
			itemEvents(
				store,
				clock,
				{ source: 'print', zone: ZONE },
				await lookForEvents(client(), await storeMark(store), clock.now() - 10 * DAY),
			);
		expect(await hear()).toMatchObject({ stored: 5, repeated: 0, unknown: [], addressesChanged: 1 });
		expect(await hear()).toMatchObject({ stored: 0, repeated: 5 });
		const states = (await letters.items()).map(({ dispatch_id: id, state }) => [id, state]);
		expect(states.filter(([, state]) => state === 'posted')).toHaveLength(3);
		expect(states.find(([id]) => id === letterOf.get(person))?.[1]).toBe('returned');
		expect(
			await store.db
				.selectFrom('person')
				.where('id', '=', person)
				.select(['street', 'postal_code', 'city'])
				.executeTakeFirst(),
		).toEqual({ street: 'Nyveien 1', postal_code: '0150', city: 'OSLO' });
	});
});
