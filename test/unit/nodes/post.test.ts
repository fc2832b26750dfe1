/** 21grams Post in an office: letters are looked over, collected, taken back, released and left out. */
import { contactRules, saveContactRules } from '../../../core/dispatch/contactRules';
import { batchesOf } from '../../../core/handoffs/batch';
import { isKid } from '../../../core/letters/kid';
import { exitPeople } from '../../../core/journeys/exit';
import { enterGate } from '../../../core/journeys/gate';
import { type GateSettings, registerStep } from '../../../core/journeys/journey';
import { readTraveller } from '../../../core/journeys/traveller';
import { personViews } from '../../../core/register/person';
import type { Json } from '../../../core/step';
import { sandboxCredentials } from '../../../sandbox/server';
import { Office, until } from '../providers/office';
import { onBothDatabases } from '../stores';
import { letterContent } from '../../../nodes/Post/content';
import { post } from '../../../nodes/Post/post';
import { uploaded } from '../letters/forms';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A Thursday, 12:00 in Oslo. */
const THURSDAY = Date.parse('2026-11-26T11:00:00Z');

const letter = {
	text: 'Hei {{ person.givenName }}!\n\nTakk for at du er med.',
	senderName: 'Eksempelforeningen',
	returnAddress: 'Postboks 1, 0101 Oslo',
	cutOffTime: '15:00',
	release: 'byHand',
};

const gateSettings: GateSettings = {
	goal: { any: [{ kind: 'returned' }] },
	wait: { kind: 'duration', amount: 60, unit: 'days' },
	since: 'previousDispatch',
	holdReached: false,
	timeZone: 'Europe/Oslo',
};

onBothDatabases('21grams Post', (current) => {
	let office: Office;
	beforeEach(async () => {
		office = await Office.open(current().store);
		at(THURSDAY);
		const { pingen } = sandboxCredentials;
		office.credentials.pingenApi = {
			environment: 'staging',
			clientId: pingen.id,
			clientSecret: pingen.secret,
			organisationId: pingen.organisationId,
			signingKey: pingen.signingKey,
			baseUrl: `${office.box.url}/pingen/api`,
			tokenUrl: `${office.box.url}/pingen/auth/access-tokens`,
		};
	});
	afterEach(async () => {
		await office.close();
	});

	/** Turns the clock of the office and of all around it. */
	const at = (moment: number) => office.clock.turnTo(moment - Date.now());
	const later = (ms: number) => office.clock.turnTo(office.clock.offset() + ms);
	/** Hours pass until it is so. */
	const inTime = async (what: () => boolean | Promise<boolean>) => {
		for (let hours = 0; !(await what()); hours += 6) {
			if (hours > 60 * 24) throw new Error('It did not happen within sixty days.');
			later(6 * HOUR);
			await new Promise((resolve) => setTimeout(resolve, 40));
		}
	};
	const streets = ['Storgata 15 A', 'Vikane', 'Kirkeveien 3'];

	const members = async (count: number, more: (place: number) => Json = () => ({})) => {
		const items = await office.members(...Array.from({ length: count }, () => ({})));
		for (const [place, { person }] of items.entries()) {
			const address = { street: streets[place % 3]!, postal_code: '0161', city: 'Oslo', ...more(place) };
			await office.store.db.updateTable('person').set(address).where('id', '=', person.id).execute();
			Object.assign(person, { street: address.street, postalCode: address.postal_code, city: address.city });
		}
		return items;
	};
	const travellers = async (count: number, more?: (place: number) => Json) => {
		const items = await members(count, more);
		return office.travellers(items.map(({ person }) => person.id));
	};
	const personsAsItems = async () => {
		const ids = await office.store.db.selectFrom('person').select('id').orderBy('id').execute();
		const views = await personViews(
			office.store,
			ids.map(({ id }) => id),
			office.clock.now(),
		);
		return [...views.values()].map((person): Json => ({ person }));
	};
	const listen = (raw: Json) => office.listenTo(post, raw);
	const batches = async () => {
		const step = await office.store.db
			.selectFrom('step')
			.select('id')
			.where('key', '=', 'flow-1/step')
			.executeTakeFirstOrThrow();
		return batchesOf(office.store, step.id);
	};
	const items = () => office.store.db.selectFrom('handoff_item').selectAll().orderBy('dispatch_id').execute();
	const where = () =>
		office.store.db.selectFrom('traveller').select(['person_id', 'step_id', 'state']).execute();

	test('three letters, one bad address: it is left out with its reason, the others are collected and wait', async () => {
		const people = await travellers(3, (place) => (place === 1 ? { postal_code: null } : {}));
		const { first, second } = await office.run(post, letter, people);
		expect(first).toEqual([]);
		expect(second).toEqual([
			expect.objectContaining({
				letter: {
					state: 'skipped',
					reason: 'The postal code is missing.',
					code: 'addressIncomplete',
					dispatch: expect.any(Number) as number,
				},
			}),
		]);
		expect((await items()).map(({ state }) => state)).toEqual(['collected', 'collected']);
		expect((await office.dispatches()).map(({ state, address }) => [state, address])).toEqual([
			['accepted', 'Storgata 15 A 0161'],
			['skipped', 'Vikane'],
			['accepted', 'Kirkeveien 3 0161'],
		]);
		expect(office.hints.join(' ')).toContain('2 letters collected');
		// The same run once more writes no second letter.
		await office.run(post, letter, people);
		expect(await items()).toHaveLength(2);
	});

	test('one whose own KID or amount is wrong is left out, the others are not held up by it', async () => {
		const people = await travellers(3);
		const kids = ['1234567897', '1234567890', '1234567897'];
		const amounts = ['250', '250', 'to hundre'];
		const { second } = await office.run(
			post,
			{
				...letter,
				giro: true,
				account: '12345678903',
				kidFrom: 'text',
				kid: '{{ fee.kid }}',
				amount: '{{ fee.amount }}',
			},
			people.map((json, place) => ({ ...json, fee: { kid: kids[place], amount: amounts[place] } })),
		);
		expect(second.map(({ letter: left }) => left)).toMatchObject([
			{ code: 'paymentInvalid', reason: "'KID' is not valid." },
			{ code: 'paymentInvalid', reason: "'Amount' is no amount in kroner." },
		]);
		expect((await items()).map(({ state }) => state)).toEqual(['collected']);
	});

	test('who needs no consent gets one, who has said no does not; a plain item goes on at once', async () => {
		const [kari, ola] = await members(2);
		await office.store.db
			.insertInto('reservation')
			.values({ person_id: ola!.person.id, channel: 'letter', source: 'test', at: office.clock.now() })
			.execute();
		const { first, second } = await office.run(post, letter, [kari!, ola!]);
		expect(first).toMatchObject([{ letter: { state: 'collected', dispatch: expect.any(Number) as number } }]);
		expect(second).toMatchObject([{ letter: { state: 'skipped', code: 'reserved' } }]);
		const consent = await office.run(post, { ...letter, options: { onlyWithConsent: true } }, [kari!]);
		expect(consent.second).toMatchObject([{ letter: { code: 'noConsent' } }]);
	});

	test('at the cut-off a batch is made, on weekdays only; whoever has left the journey gets no letter', async () => {
		at(THURSDAY + DAY + 5 * HOUR);
		const people = await travellers(3);
		const runs = await listen(letter);
		await office.run(post, letter, people);
		// Friday 17:00: not before Monday 15:00.
		later(2 * DAY);
		await new Promise((resolve) => setTimeout(resolve, 50));
		expect(await batches()).toEqual([]);
		const [gone] = await where();
		await office.store.write(async (writing) => {
			const row = await writing.db
				.selectFrom('traveller')
				.select('enrolment_id')
				.where('person_id', '=', gone!.person_id)
				.executeTakeFirstOrThrow();
			await exitPeople(writing, office.store, office.clock.now(), [row.enrolment_id], 'goal');
		});
		later(DAY - 3 * HOUR);
		await new Promise((resolve) => setTimeout(resolve, 50));
		expect(await batches()).toEqual([]);
		later(HOUR);
		await until(async () => (await batches()).length === 1);
		expect(await batches()).toMatchObject([{ state: 'ready', items: 2, states: { batched: 2 } }]);
		expect((await items()).map(({ state }) => state).sort()).toEqual(['batched', 'batched', 'withdrawn']);
		expect((await office.dispatches()).filter(({ state }) => state === 'cancelled')).toMatchObject([
			{ reason: 'left the journey before it was handed over' },
		]);
		expect(runs).toEqual([]);
	});

	test('in quiet hours nothing is collected; they come again when those are over', async () => {
		const quiet = { from: '11:00', to: '13:00', weekends: false, holidays: false };
		await saveContactRules(
			office.store,
			contactRules.parse({ channels: { letter: { quiet } }, spreadMinutes: 0 }),
		);
		const people = await travellers(2);
		await listen(letter);
		const { first, second } = await office.run(post, letter, people);
		expect([first, second]).toEqual([[], []]);
		expect(await items()).toEqual([]);
		later(HOUR + 60_000);
		await until(async () => (await items()).length === 2);
		later(3 * HOUR);
		await until(async () => (await batches())[0]?.items === 2);
	});

	test('as soon as there are so many, whatever the time', async () => {
		const people = await travellers(3);
		await listen({ ...letter, cutOffLetters: 3 });
		await office.run(post, letter, people.slice(0, 2));
		await new Promise((resolve) => setTimeout(resolve, 50));
		expect(await batches()).toEqual([]);
		await office.run(post, letter, people.slice(2));
		await until(async () => (await batches())[0]?.items === 3);
	});

	test('collected before a restart, and the cut-off passed meanwhile: the batch is made at the next start', async () => {
		const people = await travellers(2);
		await office.run(post, letter, people);
		later(4 * HOUR);
		await listen(letter);
		await until(async () => (await batches())[0]?.items === 2);
		// A second process at the same time makes no second one.
		await Promise.all([listen(letter), listen(letter)]);
		later(2 * 60_000);
		await new Promise((resolve) => setTimeout(resolve, 50));
		expect(await batches()).toHaveLength(1);
	});

	test('a batch that nobody releases: after so many days its people go on by Left Out, without a letter', async () => {
		const raw = { ...letter, options: { giveUpDays: 3 } };
		const people = await travellers(2);
		const runs = await listen(raw);
		await office.run(post, raw, people);
		later(4 * HOUR);
		await until(async () => (await batches()).length === 1);
		later(3 * DAY);
		await until(() => runs.length > 0 && runs.flatMap(({ second }) => second).length === 2);
		expect(runs.flatMap(({ second }) => second)).toMatchObject([
			{ letter: { state: 'leftOut', reason: 'had waited 3 days without being handed over', code: 'time' } },
			{ letter: { state: 'leftOut' } },
		]);
		expect((await items()).map(({ state, content }) => [state, content])).toEqual([
			['leftOut', null],
			['leftOut', null],
		]);
	});

	describe('handed over to a printing house by files', () => {
		const raw = { ...letter, release: 'automatic', lookEvery: 15 };
		beforeEach(() => {
			const { userName, password } = sandboxCredentials.sftp;
			office.credentials.sftpApi = {
				host: '127.0.0.1',
				port: office.box.sftpPort,
				userName,
				password,
				hostKey: office.box.world.sftp.fingerprint,
			};
		});

		test.each([
			['one zip with one PDF and an XML list', {}],
			['a PDF each, side by side, with a CSV list', { manifest: 'csv', pdfs: 'each', packing: 'files' }],
		])('%s', async (_what, how) => {
			const people = await travellers(3);
			const runs = await listen({ ...raw, ...how });
			const giro = { giro: true, account: '12345678903', kidFrom: 'series', kidPrefix: '77', kidDigits: 8 };
			await office.run(post, { ...raw, ...how, ...giro }, people);
			later(3 * HOUR);
			await until(() => runs.flatMap(({ first }) => first).length === 3);
			const { print, letterbox } = office.box.world;
			await print.settled();
			expect(print.batches).toMatchObject([{ letters: 3, rejected: 0 }]);
			await inTime(() => letterbox.letters.size === 3);
			const inBox = [...letterbox.letters.values()];
			expect(inBox.map(({ address }) => address.lines)).toEqual([[streets[0]], [streets[1]], [streets[2]]]);
			expect(inBox.every(({ kid }) => isKid(kid ?? '', 'mod10') && kid?.startsWith('77'))).toBe(true);
			expect(await batches()).toMatchObject([
				{ state: 'handedOver', items: 3, pages: expect.any(Number) as number },
			]);
		});

		test('with KIDs of a series: on the slip, in the item, and each of them known to be the person’s', async () => {
			const people = await travellers(2);
			const runs = await listen(raw);
			const giro = {
				giro: true,
				account: '12345678903',
				amount: '250',
				kidFrom: 'kidSeries',
				kidSeries: 'Julegave',
				kidPrefix: '77',
				kidLength: 9,
				giftCampaign: 'Jul 2026',
			};
			await office.run(post, { ...raw, ...giro }, people);
			later(3 * HOUR);
			await until(() => runs.flatMap(({ first }) => first).length === 2);
			await office.box.world.print.settled();
			const { letterbox } = office.box.world;
			await inTime(() => letterbox.letters.size === 2);
			const printed = [...letterbox.letters.values()].map(({ kid }) => kid).sort();
			expect(printed).toEqual(['770000016', '770000024']);
			const told = runs.flatMap(({ first }) => first).map(({ letter }) => (letter as Json).kid);
			expect(told.sort()).toEqual(printed);
			const keys = await office.store.db.selectFrom('giver_key').selectAll().orderBy('value').execute();
			expect(keys).toMatchObject(
				printed.map((value) => ({ kind: 'kid', value, campaign: 'Jul 2026', amount_ore: 25_000 })),
			);
			expect(new Set(keys.map(({ person_id: id }) => id)).size).toBe(2);
			// A run by hand takes no number.
			const anew = await personsAsItems();
			const easter = { ...raw, ...giro, giftCampaign: 'Påske' };
			const tried = await office.run(post, easter, anew, { testRun: true });
			expect(tried.first).toHaveLength(2);
			expect(await office.store.db.selectFrom('giver_key').selectAll().execute()).toHaveLength(2);
			// Nobody of the register, nobody's KID: that letter is left out.
			const stranger = {
				recipient: 'fields',
				recipientName: 'Per Eksempel',
				street: 'Eksempelveien 1',
				postalCode: '0150',
				city: 'Oslo',
			};
			const { second } = await office.run(post, { ...raw, ...giro, ...stranger }, [
				{ person: { givenName: 'Per' } },
			]);
			expect(second).toMatchObject([
				{ letter: { reason: 'can have no KID: is not in the register', code: 'paymentInvalid' } },
			]);
			await expect(
				office.run(post, { ...raw, ...giro, kidSeries: '' }, anew, { testRun: true }),
			).rejects.toThrow("'KID Series' is empty.");
		});

		test('its status files tell of each letter: posted, and one that comes back with a new address', async () => {
			const people = await travellers(2);
			const runs = await listen(raw);
			await office.run(post, raw, people);
			later(3 * HOUR);
			await until(() => runs.flatMap(({ first }) => first).length === 2);
			const { letterbox } = office.box.world;
			await inTime(() => letterbox.letters.size === 2);
			const [moved] = [...letterbox.letters.values()];
			const home = { name: 'Kari Eksempel', street: 'Nyveien 1', postalCode: '0150', city: 'Oslo' };
			letterbox.carrierOf(moved!).giveBack(moved!, 'moved', home);
			await inTime(async () => {
				const states = (await items()).map(({ state }) => state);
				return states[0] === 'returned' && states[1] === 'posted';
			});
			const told = await office.responses();
			expect(told.filter(({ kind }) => kind === 'posted')).toHaveLength(2);
			expect(told.every(({ source }) => source === 'print')).toBe(true);
			expect((await personsAsItems())[0]?.person).toMatchObject({ street: 'Nyveien 1', postalCode: '0150' });
			const count = told.length;
			later(DAY);
			await new Promise((resolve) => setTimeout(resolve, 100));
			expect(await office.responses()).toHaveLength(count);
		});
	});

	describe('handed over to Pingen', () => {
		const raw = { ...letter, profile: 'pingen', release: 'automatic', lookEvery: 15 };
		test('their people go on when it is; word of it comes, once, and wakes who waits for it', async () => {
			const people = await travellers(2);
			const runs = await listen(raw);
			await office.run(post, raw, people);
			later(3 * HOUR);
			await until(() => runs.flatMap(({ first }) => first).length === 2);
			expect(runs.flatMap(({ first }) => first)).toMatchObject([
				{ letter: { state: 'handedOver', batch: expect.stringMatching(/^steg-20261126-\d+$/) as string } },
				{ letter: { state: 'handedOver' } },
			]);
			expect((await items()).map(({ state, content }) => [state, content])).toEqual([
				['handedOver', null],
				['handedOver', null],
			]);
			expect(office.box.world.pingen.letters.size).toBe(2);
			// Printed and posted on the days that follow; Pingen is asked every quarter of an hour.
			await inTime(async () => (await items()).every(({ state }) => state === 'posted'));
			const posted = (await office.responses()).filter(({ kind }) => kind === 'posted');
			expect(new Set(posted.map((row) => row.dispatch_id)).size).toBe(2);
		});

		test('two processes listen: each letter is handed over once', async () => {
			const people = await travellers(6);
			const runs = await listen(raw);
			const others = await listen(raw);
			await office.run(post, raw, people);
			later(3 * HOUR);
			const over = () => [...runs, ...others].flatMap(({ first }) => first).length;
			await until(() => over() === 6);
			expect(office.box.world.pingen.letters.size).toBe(6);
			expect(await batches()).toMatchObject([{ items: 6, state: 'handedOver' }]);
		});

		test('one that comes back: the register learns, who waits for it goes on, the next letter is left out', async () => {
			const gate = await registerStep(office.store, office.clock, {
				key: 'flow-1/gate',
				name: 'Kom det i retur?',
				type: 'waitForGoal',
				settings: gateSettings,
			});
			const people = await travellers(2);
			let arrived = 0;
			await office.listenTo(post, raw, async (first) => {
				const on = first.flatMap((json) => readTraveller(json) ?? []);
				const at = { stepId: gate.id, settings: gateSettings };
				arrived += (await enterGate(office.store, office.clock, at, on)).parked;
			});
			await office.run(post, raw, people);
			later(3 * HOUR);
			await until(() => arrived === 2);
			const { letterbox } = office.box.world;
			const inBox = () => [...letterbox.letters.values()];
			await inTime(() => inBox().length === 2 && inBox().every(({ state }) => state === 'posted'));
			const [moved, gone] = inBox();
			letterbox.carrierOf(moved!).giveBack(moved!, 'moved', {
				name: 'Kari Eksempel',
				street: 'Nyveien 1',
				postalCode: '0150',
				city: 'Oslo',
			});
			letterbox.carrierOf(gone!).giveBack(gone!, 'unknown');
			await inTime(async () => (await items()).every(({ state }) => state === 'returned'));
			const persons = await office.store.db
				.selectFrom('person')
				.select(['street', 'postal_code', 'address_invalid_reason'])
				.orderBy('id')
				.execute();
			expect(persons).toEqual([
				{ street: 'Nyveien 1', postal_code: '0150', address_invalid_reason: null },
				{ street: 'Vikane', postal_code: '0161', address_invalid_reason: expect.any(String) as string },
			]);
			const waiting = await office.store.db.selectFrom('traveller').select(['step_id', 'output']).execute();
			expect(waiting.filter((row) => row.step_id === gate.id)).toEqual([
				{ step_id: gate.id, output: 0 },
				{ step_id: gate.id, output: 0 },
			]);
			const [, second] = await personsAsItems();
			const next = await office.run(post, raw, [second!]);
			expect(next.second).toMatchObject([{ letter: { state: 'skipped', code: 'brokenAddress' } }]);
		});
	});

	describe('the page', () => {
		const LOGIN = { userName: 'kari', password: 'fire vanlige ord her' };
		const authorization = `Basic ${Buffer.from(`${LOGIN.userName}:${LOGIN.password}`).toString('base64')}`;
		const raw = { ...letter, profile: 'pingen' };
		beforeEach(() => {
			office.credentials.memberJourneysPageApi = LOGIN;
		});
		const call = async (
			address: string,
			form?: Array<[string, string]>,
			headers: Record<string, string> = { authorization },
		) => {
			const receipt = await post.receive!(office.ctx(), post.parameters.parse(raw), {
				method: form ? 'POST' : 'GET',
				headers: { 'sec-fetch-site': 'same-origin', ...headers },
				query: Object.fromEntries(new URLSearchParams(address)),
				raw: Buffer.from(new URLSearchParams(form).toString()),
			});
			return { ...receipt, text: String(receipt.body ?? '') };
		};
		const ticket = (page: string, what: string) =>
			new RegExp(`value="${what}"[^>]*>\\s*<input[^>]*value="([^"]+)"`).exec(page)?.[1] ?? '';
		const press = async (from: string, what: string, more: Array<[string, string]> = []) => {
			const { text } = await call(from);
			const answer = await call('', [['do', what], ['ticket', ticket(text, what)], ...more]);
			const to = answer.headers?.location;
			return to ? await call(to) : answer;
		};
		const link = (page: string, text: string) =>
			new RegExp(`href="([^"]+)"[^>]*>\\s*${text}`).exec(page)?.[1]?.replaceAll('&amp;', '&') ?? '';
		/** Two letters in a batch that waits to be released. */
		const waiting = async () => {
			const people = await travellers(2);
			const runs = await listen(raw);
			await office.run(post, raw, people);
			later(4 * HOUR);
			await until(async () => (await batches()).length === 1);
			const [batch] = await batches();
			return { runs, batch: batch!, address: `?show=batch&batch=${batch!.id}` };
		};

		test('only who knows the password sees it; it shows what is collected and each letter as a picture', async () => {
			expect((await call('', undefined, {})).status).toBe(401);
			const { batch, address } = await waiting();
			const { text, headers } = await call('', undefined, { authorization, 'accept-language': 'nb' });
			expect(text).toContain(batch.name);
			expect(text).toContain('venter på å bli frigitt');
			expect(headers?.['content-security-policy']).toContain('img-src data:');
			const inside = (await call(address)).text;
			expect(inside).toContain('Kari Eksempel 1, 0161 Oslo');
			const [first] = await items();
			const page = await call(link(inside, first!.ref));
			expect(page.text).toContain('Page 1 of');
			expect(page.text).toMatch(/src="data:image\/png;base64,iVBOR/);
			// Addresses name nobody, and one that somebody has made up leads nowhere.
			expect(link(inside, first!.ref)).not.toContain(String(first!.dispatch_id + 900));
			expect((await call('?show=letter&which=abc')).status).toBe(410);
		});

		test('leave one out, release the others: they are handed over', async () => {
			const { runs, address } = await waiting();
			const [first] = await items();
			const out = await press(address, 'leaveOut', [['one', String(first!.dispatch_id)]]);
			expect(out.text).toContain('1 letter left out.');
			await until(() => runs.flatMap(({ second }) => second).length === 1);
			expect(runs.flatMap(({ second }) => second)).toMatchObject([
				{ letter: { state: 'leftOut', code: 'byHand' } },
			]);
			expect((await press(address, 'release')).text).toContain('The batch is released.');
			await until(() => runs.flatMap(({ first }) => first).length === 1);
			expect(await batches()).toMatchObject([{ state: 'handedOver', releasedBy: 'Steg (kari)', items: 1 }]);
			expect((await press(address, 'release')).text).not.toContain('The batch is released.');
		});

		test('cancelled, its letters are collected again and leave with the next', async () => {
			const { address } = await waiting();
			expect((await press(address, 'cancel')).text).toContain('The batch is cancelled.');
			// Not at once: that would be the same batch again.
			later(HOUR);
			await new Promise((resolve) => setTimeout(resolve, 50));
			expect(await batches()).toHaveLength(1);
			later(DAY);
			await until(async () => (await batches()).length === 2);
			expect((await batches()).map(({ state, items }) => [state, items])).toEqual([
				['ready', 2],
				['cancelled', 2],
			]);
			// A form from elsewhere, and one without its ticket, change nothing.
			const foreign = await call('', [['do', 'release']], { authorization, 'sec-fetch-site': 'cross-site' });
			expect(foreign.status).toBe(403);
			expect(
				(
					await call('', [
						['do', 'release'],
						['ticket', 'x'],
					])
				).status,
			).toBe(403);
		});
	});

	test('what is wrong in the form is named before anybody waits', async () => {
		const [kari] = await members(1);
		for (const [raw, said] of [
			[{ ...letter, senderName: '' }, /'Sender Name' is empty/],
			[{ ...letter, giro: true }, /'Account Number' is empty/],
			[{ ...letter, giro: true, account: '12345678903', amount: '1.000' }, /'Amount' is no amount/],
			[{ ...letter, giro: true, account: '12345678903', kidFrom: 'text', kid: '12' }, /'KID' is not valid/],
			[{ ...letter, qr: 'url', qrAddress: 'http://eksempel.no' }, /'QR Address'/],
			[{ ...letter, letterFrom: 'pdf', pdfPath: 'brev.pdf' }, /'PDF Path' does not begin/],
			[{ ...letter, options: { letterheadData: '<svg>' } }, /'Letterhead: Data' is not base64/],
			[{ ...letter, text: 'Hei {{ person.kallenavn }}' }, /'person.kallenavn'/],
		] as const)
			await expect(office.run(post, raw, [kari!])).rejects.toThrow(said);
		expect(await items()).toEqual([]);
	});

	test('whoever is let go by hand while the letter waits goes on without one', async () => {
		const people = await travellers(2);
		const runs = await listen(letter);
		await office.run(post, letter, people);
		const [first] = await items();
		await office.store.write(async ({ db, tell }) => {
			const now = { output: 0, due_at: office.clock.now() };
			await db.updateTable('traveller').set(now).where('enrolment_id', '=', first!.enrolment_id).execute();
			tell(`step:${first!.step_id}`);
		});
		await until(() => runs.flatMap(({ second }) => second).length === 1);
		expect(runs.flatMap(({ second }) => second)).toMatchObject([
			{ letter: { state: 'leftOut', reason: 'let go by hand before it was handed over' } },
		]);
		expect((await items()).map(({ state }) => state)).toEqual(['leftOut', 'collected']);
	});

	test('a PDF of the organisation’s own, its fields filled in for each person', async () => {
		const people = await members(2);
		const pdf = Buffer.from(await uploaded()).toString('base64');
		const raw = {
			...letter,
			letterFrom: 'pdf',
			pdfFrom: 'data',
			pdfData: `data:application/pdf;base64,${pdf}`,
			pdfFields: { field: [{ name: 'navn', value: 'Hei {{ person.givenName }}' }] },
		};
		const { first, second } = await office.run(post, raw, people, { testRun: true });
		expect(second).toEqual([]);
		expect(first).toMatchObject([{ letter: { state: 'preview', pages: 2 } }, { letter: { pages: 2 } }]);
		await office.run(post, raw, people);
		const contents = (await items()).map(({ content }) => letterContent.parse(JSON.parse(content ?? '')));
		// The same for both: kept once, beside the letters.
		expect(new Set(contents.map(({ body }) => (body.kind === 'form' ? body.file : ''))).size).toBe(1);
		expect(contents[0]?.body).toMatchObject({ values: { navn: 'Hei Kari' } });
		const bad = await office.run(
			post,
			{ ...raw, pdfFields: { field: [{ name: 'finnes ikke', value: 'x' }] } },
			people,
			{
				testRun: true,
			},
		);
		expect(bad.second).toMatchObject([
			{ letter: { code: 'fieldMissing' } },
			{ letter: { code: 'fieldMissing' } },
		]);
		await expect(office.run(post, { ...raw, pdfData: 'aGVp' }, people)).rejects.toThrow(
			/cannot be used as a letter/,
		);
	});

	test('a run by hand writes to nobody: pages, address and the letter itself', async () => {
		const people = await members(2, (place) => (place === 1 ? { postal_code: null } : {}));
		const raw = { ...letter, options: { pricePerLetter: 14.5 } };
		const { first, second, outputs } = await office.run(post, raw, people, { testRun: true });
		expect(first).toMatchObject([
			{
				letter: {
					state: 'preview',
					pages: 1,
					price: 14.5,
					address: ['Kari Eksempel 1', 'Storgata 15 A', '0161 Oslo'],
				},
			},
		]);
		expect(second).toMatchObject([{ letter: { code: 'addressIncomplete' } }]);
		expect(outputs[0]?.[0]?.files).toMatchObject([
			{ name: 'letter.pdf', mimeType: 'application/pdf' },
			{ name: 'letter.png', mimeType: 'image/png' },
		]);
		expect(await items()).toEqual([]);
		expect(await office.dispatches()).toEqual([]);
	});
});
