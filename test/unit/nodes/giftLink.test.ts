import { decode } from 'fast-png';
import decodeQR from 'qr/decode.js';
import { makeLinks } from '../../../core/gifts/giftLinks';
import { hearOfPayment } from '../../../core/gifts/giftPayments';
import { virtualClock } from '../../../core/journeys/clock';
import { whoMet } from '../../../core/journeys/goal';
import { AnswerLost, type HttpAnswer, type HttpRequest, NotSent } from '../../../core/ports';
import type { Json, Receipt, StepContext } from '../../../core/step';
import { type Store, openStore } from '../../../core/store/store';
import { giftLink } from '../../../nodes/GiftLink/giftLink';
import { tokenOf } from '../../../nodes/GiftLink/token';
import { onBothDatabases } from '../stores';
import { contextOn, runStep } from './stepRun';

const START = Date.UTC(2026, 10, 22, 12);
const MINUTE = 60_000;
const DAY = 86_400_000;
const ADDRESS = 'https://flyt.eksempel.no/webhook/abc/gift';

type Fate = 'lostAfter' | 'lostBefore' | 'away' | HttpAnswer;

interface Held {
	reference: string;
	amount: number;
	state: string;
	captured: number;
	cancelled: number;
	captureCalls: number;
	body: Json;
}

/** Vipps's side of the ePayment API, as far as these stories go. */
class FarEnd {
	readonly payments = new Map<string, Held>();
	readonly requests: HttpRequest[] = [];
	private readonly byKey = new Map<string, HttpAnswer>();
	/** What happens to the next request whose path ends so. */
	readonly fates: Array<{ end: RegExp; fate: Fate }> = [];

	constructor(readonly clock: { now(): number }) {}

	readonly http = async (request: HttpRequest): Promise<HttpAnswer> => {
		const path = new URL(request.url).pathname;
		this.requests.push(request);
		if (path === '/accesstoken/get') return json(200, { access_token: 't', expires_in: 3_600 });
		const place = this.fates.findIndex(({ end }) => end.test(`${request.method} ${path}`));
		const fate = place < 0 ? undefined : this.fates.splice(place, 1)[0]?.fate;
		if (fate === 'away') throw new NotSent('api could not be reached');
		if (fate === 'lostBefore') throw new AnswerLost('no answer');
		if (typeof fate === 'object') return fate;
		const answer = this.answer(request, path);
		if (fate === 'lostAfter') throw new AnswerLost('no answer');
		return answer;
	};

	count(end: RegExp): number {
		return this.requests.filter(({ method, url }) => end.test(`${method} ${new URL(url).pathname}`)).length;
	}

	private answer(request: HttpRequest, path: string): HttpAnswer {
		const key = request.headers?.['Idempotency-Key'];
		const kept = key === undefined ? undefined : this.byKey.get(`${path} ${key}`);
		if (kept) return kept;
		const answer = this.fresh(request, path);
		if (key !== undefined) this.byKey.set(`${path} ${key}`, answer);
		return answer;
	}

	private fresh({ method, json: body }: HttpRequest, path: string): HttpAnswer {
		const [, reference = '', what = ''] = /payments\/([^/]+)\/?(.*)$/.exec(path) ?? [];
		if (method === 'POST' && reference === '') {
			const wanted = body as { reference: string; amount: { value: number } };
			if (this.payments.has(wanted.reference)) return json(409, { title: 'Reference used' });
			this.payments.set(wanted.reference, {
				reference: wanted.reference,
				amount: wanted.amount.value,
				state: 'CREATED',
				captured: 0,
				cancelled: 0,
				captureCalls: 0,
				body: body as Json,
			});
			return json(201, {
				reference: wanted.reference,
				redirectUrl: `https://landing.vipps.no/?token=${wanted.reference}`,
			});
		}
		const held = this.payments.get(reference);
		if (!held) return json(404, { title: 'Not found' });
		if (what === 'capture') {
			held.captureCalls += 1;
			if (held.state !== 'AUTHORIZED' || held.captured > 0) return json(400, { title: 'Cannot capture' });
			held.captured = held.amount;
		}
		if (what === 'cancel') {
			if (held.state === 'CREATED') held.state = 'TERMINATED';
			else if (held.captured === 0) held.cancelled = held.amount;
			else return json(400, { title: 'Cannot cancel' });
		}
		if (what === 'events')
			return json(
				200,
				held.captured > 0
					? [
							{
								reference,
								pspReference: `psp-${reference}`,
								name: 'CAPTURED',
								amount: { currency: 'NOK', value: held.captured },
								timestamp: new Date(this.clock.now()).toISOString(),
								success: true,
							},
						]
					: [],
			);
		const nok = (value: number) => ({ currency: 'NOK', value });
		return json(200, {
			reference,
			pspReference: `psp-${reference}`,
			state: held.state,
			amount: nok(held.amount),
			metadata: held.body.metadata,
			aggregate: {
				authorizedAmount: nok(held.state === 'AUTHORIZED' ? held.amount : 0),
				cancelledAmount: nok(held.cancelled),
				capturedAmount: nok(held.captured),
				refundedAmount: nok(0),
			},
			...(held.state === 'CREATED' ? { redirectUrl: `https://landing.vipps.no/?token=${reference}` } : {}),
			...(held.state === 'AUTHORIZED' && held.body.profile ? { profile: { sub: 'sub-1' } } : {}),
		});
	}

	only(): Held {
		expect(this.payments.size).toBe(1);
		return [...this.payments.values()][0]!;
	}
}

const json = (status: number, body: unknown): HttpAnswer => ({
	status,
	headers: { 'content-type': 'application/json' },
	body,
});

class Shop {
	readonly clock = virtualClock(START);
	readonly vipps = new FarEnd(this.clock);
	readonly logs: string[] = [];
	private stops: Array<() => Promise<void>> = [];

	constructor(readonly store: Store) {}

	ctx(over: Partial<StepContext> = {}): StepContext & { hints: string[] } {
		return contextOn(this.store, {
			clock: this.clock,
			http: this.vipps.http,
			publicUrl: () => ADDRESS,
			credentials: async (name) =>
				name === 'vippsApi'
					? {
							environment: 'test',
							clientId: 'eksempel',
							clientSecret: 'hemmelig',
							subscriptionKey: 'nokkel',
							merchantSerialNumber: '123456',
						}
					: { timeZone: 'Europe/Oslo', countryCode: '47' },
			log: (level, text) => void this.logs.push(`${level}: ${text}`),
			...over,
		});
	}

	async person(memberNumber = '42'): Promise<number> {
		const now = this.clock.now();
		const { id } = await this.store.db
			.insertInto('person')
			.values({
				member_number: memberNumber,
				given_name: 'Kari',
				family_name: 'Eksempel',
				name_key: 'kari eksempel',
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
		return id;
	}

	run(params: Json, items: Json[], over: Partial<StepContext> = {}) {
		return runStep(giftLink, this.store, { ...payment, ...params }, items, this.ctx(over));
	}

	/** The `giftLink` of one person's item. */
	async link(params: Json, personId: number | null): Promise<Json> {
		const ran = await this.run(params, [{ person: personId === null ? null : { id: personId } }]);
		return (ran.outputs[0]?.[0]?.giftLink ?? ran.outputs[1]?.[0]?.giftLink) as Json;
	}

	async ask(
		method: 'GET' | 'POST',
		url: unknown,
		form: Record<string, string> = {},
		store = this.store,
	): Promise<Receipt> {
		const query = Object.fromEntries(new URL(String(url)).searchParams);
		const ctx = contextOn(store, this.ctx({ store: async () => store }));
		return giftLink.receive!(ctx, giftLink.parameters.parse(payment), {
			method,
			headers: { 'accept-language': 'nb-NO' },
			query,
			raw: Buffer.from(new URLSearchParams(form).toString()),
		});
	}

	async listen(): Promise<void> {
		const stop = await giftLink.listen!(this.ctx(), giftLink.parameters.parse(payment), async () => ({
			end: 'done',
		}));
		this.stops.push(stop);
	}

	/** Minutes pass until it is so. */
	async minutesUntil(holds: () => Promise<boolean>): Promise<void> {
		for (let minute = 0; !(await holds()); minute += 1) {
			if (minute > 200) throw new Error('it did not come to that');
			await this.clock.advance(MINUTE);
			await new Promise((resolve) => setTimeout(resolve, 10));
		}
	}

	payments() {
		return this.store.db.selectFrom('gift_payment').selectAll().orderBy('id').execute();
	}
	gifts() {
		return this.store.db.selectFrom('gift').selectAll().orderBy('id').execute();
	}
	incoming() {
		return this.store.db.selectFrom('incoming_gift').selectAll().orderBy('id').execute();
	}

	async close(): Promise<void> {
		for (const stop of this.stops) await stop();
	}
}

const payment = {
	operation: 'vippsPayment',
	organisation: 'Eksempelforeningen',
	amount: '250',
	mayChange: false,
	description: 'Gave til ungdomsarbeidet',
	campaign: 'Jul 2026',
	purpose: 'Ungdom',
};
const giftTerms = {
	stepId: 1,
	campaign: null,
	purpose: null,
	amountOre: 25_000,
	terms: {
		organisation: 'Eksempelforeningen',
		description: 'Gave',
		open: false,
		least: 1_000,
		most: 100_000,
		suggested: [],
		scope: '',
		book: true,
	},
};
const backOf = (url: unknown) => `${String(url)}&back=1`;

onBothDatabases('A gift link', (current) => {
	let shop: Shop;
	beforeEach(() => {
		shop = new Shop(current().store);
	});
	afterEach(() => shop.close());

	it('leads from the click to the gift in the books, of the person it was made for', async () => {
		const personId = await shop.person();
		const link = await shop.link({}, personId);
		expect(link).toMatchObject({
			amount: 250,
			expiresAt: new Date(START + 30 * DAY).toISOString(),
			kid: null,
		});
		expect(String(link.url)).toMatch(
			/^https:\/\/flyt\.eksempel\.no\/webhook\/abc\/gift\?g=[0-9a-z]+-[\w-]{16}$/,
		);

		const page = await shop.ask('GET', link.url);
		expect(page.status).toBe(200);
		expect(page.body).toContain('Gi 250 kr med Vipps');
		expect(page.body).not.toMatch(/Kari|<script/);

		const click = await shop.ask('POST', link.url);
		const held = shop.vipps.only();
		expect(click).toMatchObject({
			status: 303,
			headers: { location: `https://landing.vipps.no/?token=${held.reference}` },
		});
		expect(held.reference).toMatch(/^[a-zA-Z0-9-]{8,64}$/);
		expect(held.body).toEqual({
			amount: { currency: 'NOK', value: 25_000 },
			paymentMethod: { type: 'WALLET' },
			reference: held.reference,
			returnUrl: backOf(link.url),
			userFlow: 'WEB_REDIRECT',
			paymentDescription: 'Gave til ungdomsarbeidet',
			metadata: { campaign: 'Jul 2026', purpose: 'Ungdom' },
		});

		held.state = 'AUTHORIZED';
		expect((await shop.ask('GET', backOf(link.url))).body).toContain('Takk for gaven!');
		expect(held.captured).toBe(25_000);
		expect(await shop.gifts()).toMatchObject([
			{
				person_id: personId,
				amount_ore: 25_000,
				source: 'vippsPayment',
				source_id: `123456:${held.reference}:psp-${held.reference}`,
				campaign: 'Jul 2026',
				purpose: 'Ungdom',
				channel: 'vipps',
			},
		]);
		expect(await shop.incoming()).toMatchObject([
			{ state: 'booked', decided_by: 'key:reference', reference: held.reference },
		]);
		// And that is all: whatever is clicked afterwards.
		expect((await shop.ask('POST', link.url)).body).toContain('Takk for gaven!');
		expect((await shop.ask('GET', backOf(link.url))).body).toContain('Takk for gaven!');
		expect(shop.vipps.payments.size).toBe(1);
		expect(held.captureCalls).toBe(1);
		expect(await shop.gifts()).toHaveLength(1);
	});

	it('makes no payment when it is only opened, however often', async () => {
		const { url } = await shop.link({}, await shop.person());
		for (let i = 0; i < 5; i += 1) {
			await shop.ask('GET', url);
			await shop.ask('GET', backOf(url));
		}
		expect(shop.vipps.count(/POST .*payments$/)).toBe(0);
		expect(await shop.payments()).toEqual([]);
	});

	it('makes one payment of a double click, also when two processes answer', async () => {
		const { url } = await shop.link({}, await shop.person());
		const other = await openStore({ url: current().url });
		try {
			const answers = await Promise.all([
				shop.ask('POST', url),
				shop.ask('POST', url, {}, other),
				shop.ask('POST', url),
				shop.ask('POST', url, {}, other),
			]);
			const { reference } = shop.vipps.only();
			expect(answers.map(({ headers }) => headers?.location)).toEqual(
				Array.from({ length: 4 }, () => `https://landing.vipps.no/?token=${reference}`),
			);
			expect(await shop.payments()).toHaveLength(1);
		} finally {
			await other.close();
		}
	});

	it('captures once, whether the giver comes back, word comes, or it is asked about, all at once', async () => {
		const { url } = await shop.link({}, await shop.person());
		await shop.ask('POST', url);
		const held = shop.vipps.only();
		held.state = 'AUTHORIZED';
		await shop.listen();
		const heard = shop.store.write((writing) => hearOfPayment(writing, shop.clock.now(), held.reference));
		await Promise.all([shop.ask('GET', backOf(url)), shop.ask('GET', backOf(url)), heard]);
		await shop.minutesUntil(async () => (await shop.payments())[0]?.state === 'received');
		expect(held.captured).toBe(25_000);
		expect(await shop.gifts()).toHaveLength(1);
		expect(await shop.incoming()).toHaveLength(1);
	});

	it('sees to the payment when the giver never comes back', async () => {
		const { url } = await shop.link({}, await shop.person());
		await shop.ask('POST', url);
		await shop.listen();
		shop.vipps.only().state = 'AUTHORIZED';
		await shop.minutesUntil(async () => (await shop.gifts()).length === 1);
		expect(await shop.payments()).toMatchObject([{ state: 'received', look_at: null }]);
	});

	it('says when nothing was paid, and lets the giver try again', async () => {
		const { url } = await shop.link({}, await shop.person());
		await shop.ask('POST', url);
		expect((await shop.ask('GET', backOf(url))).body).toContain('Ikke ferdig ennå');
		shop.vipps.only().state = 'ABORTED';
		expect((await shop.ask('GET', backOf(url))).body).toContain('Ingenting er betalt');
		const again = await shop.ask('POST', url);
		expect(again.status).toBe(303);
		expect((await shop.payments()).map(({ state }) => state)).toEqual(['ended', 'open']);
		expect(await shop.gifts()).toEqual([]);
	});

	it('forgets a payment that nobody approved, and makes a new one for whoever comes later', async () => {
		const { url } = await shop.link({}, await shop.person());
		await shop.ask('POST', url);
		const [first] = [...shop.vipps.payments.values()];
		await shop.listen();
		first!.state = 'EXPIRED';
		await shop.minutesUntil(async () => (await shop.payments())[0]?.state === 'ended');
		expect((await shop.ask('POST', url)).status).toBe(303);
		expect(shop.vipps.payments.size).toBe(2);
	});

	it.each(['lostAfter', 'lostBefore'] as const)(
		'asks Vipps what it has when the answer does not come (%s), with the same reference and key',
		async (fate) => {
			const { url } = await shop.link({}, await shop.person());
			shop.vipps.fates.push({ end: /POST .*payments$/, fate });
			expect((await shop.ask('POST', url)).status).toBe(303);
			shop.vipps.only();
			const keys = shop.vipps.requests
				.filter(({ url: to, method }) => method === 'POST' && to.endsWith('/payments'))
				.map(({ headers }) => headers?.['Idempotency-Key']);
			expect(new Set(keys).size).toBe(1);
			const asked = shop.vipps.count(/GET .*payments\/gave-/);
			expect(asked).toBe(1);
		},
	);

	it('can be clicked again when Vipps is away, for the same payment', async () => {
		const { url } = await shop.link({}, await shop.person());
		for (const fate of ['away' as const, json(503, {})]) {
			shop.vipps.fates.push({ end: /POST .*payments$/, fate });
			const page = await shop.ask('POST', url);
			expect(page.status).toBe(503);
			expect(page.body).toContain('Vipps svarer ikke akkurat nå');
		}
		expect((await shop.ask('POST', url)).status).toBe(303);
		expect(await shop.payments()).toMatchObject([{ state: 'open', reference: shop.vipps.only().reference }]);
	});

	it.each<Fate>(['lostAfter', 'lostBefore', json(500, {}), json(429, {})])(
		'captures once though the answer to that is lost or refused',
		async (fate) => {
			const { url } = await shop.link({}, await shop.person());
			await shop.ask('POST', url);
			const held = shop.vipps.only();
			held.state = 'AUTHORIZED';
			shop.vipps.fates.push({ end: /POST .*capture$/, fate });
			await shop.listen();
			expect((await shop.ask('GET', backOf(url))).body).toContain('Takk for gaven!');
			await shop.minutesUntil(async () => (await shop.gifts()).length === 1);
			expect(held.captured).toBe(25_000);
			expect(await shop.gifts()).toMatchObject([{ amount_ore: 25_000 }]);
		},
	);

	it('is what a goal can be tied to: the trip that the link was made on, and no other', async () => {
		const personId = await shop.person();
		const [link] = await makeLinks(shop.store, shop.clock, [
			{ ...giftTerms, personId, key: 'e7/1/2', enrolmentId: 7, expiresAt: START + DAY },
		]);
		const url = `${ADDRESS}?g=${await tokenOf(shop.store, link!)}`;
		const met = (ownLink: boolean) =>
			whoMet(
				shop.store.db,
				shop.store,
				{ any: [{ kind: 'gift', minimumOre: 0, campaign: '', ownLink }] },
				[7, 8].map((enrolmentId) => ({ enrolmentId, personId, since: START, dispatchId: null })),
			);
		await shop.ask('POST', url);
		expect(await met(false)).toEqual(new Set());
		shop.vipps.only().state = 'AUTHORIZED';
		await shop.ask('GET', backOf(url));
		expect(await met(true)).toEqual(new Set([7]));
		expect(await met(false)).toEqual(new Set([7, 8]));
	});

	it('gives back what is approved beside a gift by the same link', async () => {
		const { url } = await shop.link({ mayChange: true }, await shop.person());
		shop.vipps.fates.push({ end: /POST .*cancel$/, fate: json(503, {}) });
		await shop.ask('POST', url, { amount: '100' });
		await shop.ask('POST', url, { amount: '300' });
		const [small, large] = [...shop.vipps.payments.values()];
		small!.state = 'AUTHORIZED';
		large!.state = 'AUTHORIZED';
		await shop.listen();
		await shop.minutesUntil(async () => (await shop.payments()).every(({ look_at: at }) => at === null));
		expect(small!.captured + large!.captured).toBe(small!.captured === 0 ? 30_000 : 10_000);
		expect(small!.cancelled + large!.cancelled).toBe(small!.captured === 0 ? 10_000 : 30_000);
		expect(await shop.gifts()).toHaveLength(1);
	});

	it('lets the giver choose within limits, and calls off what they chose before', async () => {
		const { url } = await shop.link(
			{ amount: '', suggested: '100, 250, 5, x', options: { smallest: 50, largest: 1_000 } },
			await shop.person(),
		);
		const page = String((await shop.ask('GET', url)).body);
		expect(page).toContain('Gi 100 kr med Vipps');
		expect(page).toContain('Gi 250 kr med Vipps');
		expect(page).not.toContain('Gi 5 kr');
		expect(page).toContain('Fra 50 til 1000 kroner.');
		for (const [amount, why] of [
			['49,99', 'Det minste beløpet er 50 kroner.'],
			['1000,01', 'Det største beløpet er 1000 kroner.'],
			['mange', 'Skriv beløpet i kroner'],
			['', 'Skriv beløpet i kroner'],
			['-100', 'Skriv beløpet i kroner'],
			['1e9', 'Skriv beløpet i kroner'],
		] as const) {
			const refused = await shop.ask('POST', url, { amount });
			expect([refused.status, String(refused.body).includes(why)]).toEqual([400, true]);
		}
		expect(shop.vipps.payments.size).toBe(0);
		await shop.ask('POST', url, { amount: '50' });
		await shop.ask('POST', url, { suggested: '250' });
		expect([...shop.vipps.payments.values()].map(({ amount, state }) => [amount, state])).toEqual([
			[5_000, 'TERMINATED'],
			[25_000, 'CREATED'],
		]);
	});

	it('has one amount where the giver may not change it, whatever the form says', async () => {
		const { url } = await shop.link({}, await shop.person());
		await shop.ask('POST', url, { amount: '1', suggested: '1' });
		expect(shop.vipps.only().amount).toBe(25_000);
	});

	it('is of no use when it is forged, altered, another store’s or too old', async () => {
		const personId = await shop.person();
		const { url } = await shop.link({}, personId);
		const token = new URL(String(url)).searchParams.get('g') ?? '';
		const [id = '', signature = ''] = [
			token.slice(0, token.indexOf('-')),
			token.slice(token.indexOf('-') + 1),
		];
		const flipped = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
		const other = (parseInt(id, 36) + 1).toString(36);
		for (const forged of [
			'',
			'-',
			id,
			`${id}-`,
			`${id}-${flipped}`,
			`${id}-${signature.slice(0, -1)}`,
			`${id}-${signature}A`,
			`${other}-${signature}`,
			`${id}-${'A'.repeat(16)}`,
			`<script>-${signature}`,
		]) {
			const page = await shop.ask('POST', `${ADDRESS}?${new URLSearchParams({ g: forged })}`);
			expect([forged, page.status]).toEqual([forged, 404]);
			expect(page.body).not.toContain('<script>');
		}
		await shop.store.db
			.updateTable('giver_key')
			.set({ expires_at: START + 90 * DAY })
			.where('kind', '=', 'link')
			.execute();
		expect((await shop.ask('GET', url)).status).toBe(404);
		await shop.store.db
			.updateTable('giver_key')
			.set({ expires_at: START + 30 * DAY })
			.where('kind', '=', 'link')
			.execute();
		expect((await shop.ask('GET', url)).status).toBe(200);
		await shop.clock.advance(30 * DAY);
		expect((await shop.ask('GET', url)).status).toBe(410);
		expect((await shop.ask('POST', url)).body).toContain('Lenken er gått ut');
		expect(shop.vipps.payments.size).toBe(0);
	});

	it('brings home a payment that was under way when the link ran out', async () => {
		const { url } = await shop.link({}, await shop.person());
		await shop.clock.advance(30 * DAY - MINUTE);
		await shop.ask('POST', url);
		await shop.clock.advance(3 * MINUTE);
		shop.vipps.only().state = 'AUTHORIZED';
		expect((await shop.ask('GET', backOf(url))).body).toContain('Takk for gaven!');
		expect(await shop.gifts()).toHaveLength(1);
	});

	it('is worth nothing once its person is erased, though money that is on its way is taken', async () => {
		const personId = await shop.person();
		const { url } = await shop.link({}, personId);
		await shop.ask('POST', url);
		await shop.store.db.deleteFrom('person').where('id', '=', personId).execute();
		expect((await shop.ask('POST', url)).status).toBe(404);
		await shop.listen();
		shop.vipps.only().state = 'AUTHORIZED';
		await shop.minutesUntil(async () => (await shop.incoming()).length === 1);
		expect(await shop.incoming()).toMatchObject([{ state: 'new', person_id: null }]);
		expect(await shop.gifts()).toEqual([]);
	});

	it('does not let itself be used to fill an account with payments', async () => {
		const { url } = await shop.link({ mayChange: true }, await shop.person());
		const statuses: number[] = [];
		for (let kroner = 100; kroner < 122; kroner += 1)
			statuses.push((await shop.ask('POST', url, { amount: String(kroner) })).status);
		expect(statuses.filter((status) => status === 303)).toHaveLength(20);
		expect(statuses.at(-1)).toBe(429);
	});

	it('says that it cannot be paid when Vipps refuses, and tells the admin why', async () => {
		const { url } = await shop.link({}, await shop.person());
		shop.vipps.fates.push({ end: /POST .*payments$/, fate: json(400, { title: 'Merchant blocked' }) });
		const page = await shop.ask('POST', url);
		expect(page.status).toBe(503);
		expect(page.body).toContain('Det går ikke å betale her nå');
		expect(page.body).not.toContain('Merchant');
		expect(shop.logs.join()).toContain('Merchant blocked');
		expect((await shop.ask('POST', url)).status).toBe(303);
	});

	it('leaves the booking to the flow where that is wanted, and lets the gift out by the Vipps Gift Trigger', async () => {
		const personId = await shop.person();
		const trigger = await shop.store.db
			.insertInto('step')
			.values({
				key: 'f2/t',
				type: 'vippsGiftTrigger',
				name: 'Gaver',
				settings: '{}',
				goal_kinds: 0,
				journey_id: null,
				updated_at: START,
			})
			.returning('id')
			.executeTakeFirstOrThrow();
		const { url } = await shop.link({ book: false }, personId);
		await shop.ask('POST', url);
		shop.vipps.only().state = 'AUTHORIZED';
		await shop.ask('GET', backOf(url));
		expect(await shop.gifts()).toEqual([]);
		expect(await shop.incoming()).toMatchObject([{ state: 'new', campaign: 'Jul 2026' }]);
		const lines = await shop.store.db.selectFrom('outbox').selectAll().execute();
		expect(lines).toMatchObject([{ step_id: trigger.id, output: 0, kind: 'gift' }]);
	});

	it('asks for a profile only where that is wanted, for refusing it refuses the payment', async () => {
		const { url } = await shop.link({ options: { askFor: ['name', 'phoneNumber'] } }, await shop.person());
		await shop.ask('POST', url);
		expect(shop.vipps.only().body.profile).toEqual({ scope: 'name phoneNumber' });
	});

	it('is the same for the same message, also in a run that is repeated', async () => {
		const personId = await shop.person();
		const keyed = { options: { linkKey: 'jul-42' } };
		const first = await shop.link(keyed, personId);
		await shop.clock.advance(DAY);
		expect(await shop.link(keyed, personId)).toEqual(first);
		const other = await shop.link({}, personId);
		expect(other.url).not.toBe(first.url);
	});

	it('pays for nobody in a test run', async () => {
		const personId = await shop.person();
		const ran = await shop.run({ qr: true }, [{ person: { id: personId } }], { testRun: true });
		const link = ran.outputs[0]?.[0]?.giftLink as Json;
		expect(link).toMatchObject({ state: 'preview', amount: 250, qr: 'gift-qr.png' });
		expect((await shop.ask('POST', link.url)).body).toContain('En prøvelenke');
		expect(await shop.store.db.selectFrom('giver_key').selectAll().execute()).toEqual([]);
	});

	it('keeps back only whom it cannot be made for, when the amount is the person’s own', async () => {
		const personId = await shop.person();
		const ran = await shop.run(
			{ amount: '{{ item.wish }}' },
			['250', 'mye', '5', '249,50'].map((wish) => ({ wish, person: { id: personId } })),
		);
		expect(ran.outputs[0]?.map(({ giftLink: made }) => (made as Json).amount)).toEqual([250, 249.5]);
		expect(ran.outputs[1]?.map(({ giftLink: not }) => not)).toEqual([
			{ reason: "'Amount' is no amount in kroner." },
			{ reason: "'Amount' is not between 10 and 25000 kroner." },
		]);
		for (const [params, message] of [
			[{ amount: 'mye' }, "'Amount' is no amount in kroner."],
			[{ amount: '9' }, "'Amount' is not between"],
			[{ organisation: '' }, "'Organisation' is empty."],
			[{ description: 'x' }, "'Text in Vipps' is not 3 to 100"],
			[{ options: { smallest: 100, largest: 50 } }, "'Smallest Amount (NOK)' is above"],
			[{ options: { publicAddress: 'her' } }, "'Public Address' is no web address."],
		] as const)
			await expect(shop.run(params, [{ person: { id: personId } }])).rejects.toThrow(message);
		await expect(
			shop.run({}, [{ person: { id: personId } }], { publicUrl: () => undefined }),
		).rejects.toThrow('has no address yet');
	});
});

onBothDatabases('A donation link', (current) => {
	const donation = {
		operation: 'donationLink',
		vippsNumber: '012345',
		referenceFrom: 'person',
		campaign: 'Jul 2026',
	};

	it('has a reference of the person’s own, the same each time, that the register knows', async () => {
		const shop = new Shop(current().store);
		const [kari, per] = [await shop.person('1'), await shop.person('2')];
		const first = await shop.link(donation, kari);
		expect(first.url).toBe(`https://qr.vipps.no/donations/012345?reference=${String(first.reference)}`);
		expect(first.reference).toMatch(/^[A-Z0-9]{14}$/);
		expect(await shop.link(donation, kari)).toEqual(first);
		expect((await shop.link(donation, per)).reference).not.toBe(first.reference);
		expect((await shop.link({ ...donation, campaign: 'Påske' }, kari)).reference).not.toBe(first.reference);
		const keys = await shop.store.db
			.selectFrom('giver_key')
			.selectAll()
			.where('value', '=', String(first.reference))
			.execute();
		expect(keys).toMatchObject([
			{ kind: 'reference', person_id: kari, campaign: 'Jul 2026', expires_at: null },
		]);
		expect(await shop.link(donation, null)).toEqual({ reason: 'is not in the register' });
	});

	it('carries a text, or nothing, and any host', async () => {
		const shop = new Shop(current().store);
		const kari = await shop.person();
		const text = { ...donation, referenceFrom: 'text', reference: 'jul_{{ item.n }} -A' };
		const ran = await shop.run(text, [
			{ n: '1', person: { id: kari } },
			{ n: 'æ', person: { id: kari } },
			{ n: 'x'.repeat(60), person: { id: kari } },
		]);
		expect((ran.outputs[0]?.[0]?.giftLink as Json).url).toBe(
			'https://qr.vipps.no/donations/012345?reference=jul_1%20-A',
		);
		expect(ran.outputs[1]).toHaveLength(2);
		await expect(
			shop.link({ ...donation, referenceFrom: 'text', reference: 'blåbær' }, kari),
		).rejects.toThrow("'Reference' cannot stand in a donation link.");
		const bare = await shop.link(
			{ ...donation, referenceFrom: 'none', options: { donationHost: 'https://qr.eksempel.no/' } },
			null,
		);
		expect(bare).toMatchObject({ url: 'https://qr.eksempel.no/donations/012345', reference: null });
		await expect(shop.link({ ...donation, vippsNumber: '1234567' }, kari)).rejects.toThrow(
			"'Vipps Number' is not one to six digits.",
		);
		expect(await shop.store.db.selectFrom('giver_key').selectAll().execute()).toEqual([]);
	});

	it('comes with a picture that a phone can read', async () => {
		const shop = new Shop(current().store);
		const kari = await shop.person();
		const params = giftLink.parameters.parse({ ...payment, ...donation, qr: true });
		const outputs = await giftLink.run!(shop.ctx(), params, [
			{ json: { person: { id: kari } }, params, index: 0 },
		]);
		const [out] = outputs[0] ?? [];
		const [file] = out?.files ?? [];
		expect(file).toMatchObject({ name: 'gift-qr.png', mimeType: 'image/png' });
		const { width, height, data } = decode(file!.bytes);
		const rgba = new Uint8ClampedArray(width * height * 4);
		for (let i = 0; i < width * height; i += 1) rgba.set([data[i]!, data[i]!, data[i]!, 255], i * 4);
		expect(decodeQR({ width, height, data: rgba })).toBe((out?.json.giftLink as Json).url);
	});
});

onBothDatabases('A KID of Gift Link', (current) => {
	it('is the person’s own, of the series', async () => {
		const shop = new Shop(current().store);
		const [kari, per] = [await shop.person('1'), await shop.person('2')];
		const kid = { operation: 'kid', kidSeries: 'Jul', kidPrefix: '77', kidLength: 9, amount: '250' };
		const ran = await shop.run(kid, [{ person: { id: kari } }, { person: { id: per } }, {}]);
		expect(ran.outputs[0]?.map(({ giftLink: made }) => made)).toMatchObject([
			{ kid: '770000016', amount: 250, url: null },
			{ kid: '770000024', amount: 250 },
		]);
		expect(ran.outputs[1]).toEqual([{ giftLink: { reason: 'is not in the register' } }]);
		expect((await shop.link(kid, kari)).kid).toBe('770000016');
		await expect(shop.link({ ...kid, kidSeries: '' }, kari)).rejects.toThrow("'KID Series' is empty.");
	});
});
