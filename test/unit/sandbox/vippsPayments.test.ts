import { type Running, ask, running, until } from './running';
import { type VippsCalls, vippsCalls } from './vippsCalls';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const FRIDAY = Date.parse('2026-03-06T11:00:00Z');
const kari = { name: 'Kari Eksempelsen', email: 'kari@example.org', phone: '+4740000012' };

let box: Running;
let vipps: VippsCalls;
let kariId: number;
beforeEach(async () => {
	box = await running({ clockStart: FRIDAY });
	kariId = box.world.people.know({ ...kari, place: 'Storgata 1, 0161 OSLO' })!.id;
	vipps = await vippsCalls(box);
});
afterEach(() => box.close());

const listen = async (...events: string[]) =>
	(await vipps.unit('POST', '/webhooks/v1/webhooks', { url: `${box.hears.url}/vipps`, events })).status;
const heard = () => box.hears.heard.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
let keys = 0;
const keyed = (key = `key-${(keys += 1)}`) => ({ 'Idempotency-Key': key });
const fillIn = (url: string, answers: Record<string, string>) =>
	ask('POST', url, new URLSearchParams(answers).toString(), {
		'content-type': 'application/x-www-form-urlencoded',
	});
const userinfo = (sub: string) => vipps.unit('GET', `/vipps-userinfo-api/userinfo/${sub}`);

describe('ePayment', () => {
	const wanted = (more: object = {}) => ({
		amount: { currency: 'NOK', value: 50_000 },
		paymentMethod: { type: 'WALLET' },
		reference: 'gave-2026-000123',
		returnUrl: 'https://example.org/takk?ref=gave-2026-000123',
		userFlow: 'WEB_REDIRECT',
		paymentDescription: 'Gave <til> barnearbeid',
		...more,
	});
	const create = (more: object = {}, key?: string) =>
		vipps.unit('POST', '/epayment/v1/payments', wanted(more), keyed(key));
	const payment = async () => (await vipps.unit('GET', '/epayment/v1/payments/gave-2026-000123')).data;
	const modify = (what: string, value: number, key?: string) =>
		vipps.unit(
			'POST',
			`/epayment/v1/payments/gave-2026-000123/${what}`,
			{ modificationAmount: { currency: 'NOK', value } },
			keyed(key),
		);

	test('is approved on the screen with what the payer shares, captured, and stands in the report', async () => {
		await listen(
			'epayments.payment.created.v1',
			'epayments.payment.authorized.v1',
			'epayments.payment.captured.v1',
		);
		const { status, data } = await create({
			profile: { scope: 'name phoneNumber email address nin' },
			metadata: { campaign: 'jul-2026' },
		});
		expect(status).toBe(201);
		const screen = await ask('GET', data.redirectUrl);
		expect(screen.data).toContain('Gave &lt;til&gt; barnearbeid');
		expect(screen.data).toContain('e-postadresse');
		expect(screen.data).not.toContain('fødselsnummer');
		const paid = await fillIn(data.redirectUrl, { person: String(kariId), share: 'yes', answer: 'pay' });
		expect(paid).toMatchObject({
			status: 303,
			headers: { location: 'https://example.org/takk?ref=gave-2026-000123' },
		});
		const approved = await payment();
		expect(approved).toMatchObject({
			state: 'AUTHORIZED',
			aggregate: { authorizedAmount: { value: 50_000 }, capturedAmount: { value: 0 } },
			metadata: { campaign: 'jul-2026' },
			userDetails: { email: kari.email, mobileNumber: '4740000012', lastName: 'Eksempelsen' },
		});
		expect(approved.aggregate.capturedAmount.value).toBe(0);
		expect((await modify('capture', 50_001)).status).toBe(400);
		expect((await modify('capture', 50_000, 'once')).data.aggregate.capturedAmount.value).toBe(50_000);
		expect((await modify('capture', 50_000, 'once')).status).toBe(200);
		expect((await modify('capture', 40_000, 'once')).status).toBe(409);
		await until(() => box.hears.heard.length === 3);
		const told = heard();
		expect(told.map(({ name }) => name)).toEqual(['CREATED', 'AUTHORIZED', 'CAPTURED']);
		expect(told[1]).toMatchObject({
			msn: '123456',
			success: true,
			profile: approved.profile,
			userDetails: { firstName: 'Kari' },
		});
		expect(told.every(({ pspReference }) => pspReference !== approved.pspReference)).toBe(true);

		await vipps.forward(HOUR);
		const { data: feed } = await vipps.unit(
			'GET',
			'/report/v2/ledgers/300001/funds/feed?includeGDPRSensitiveData=true',
		);
		expect(feed.items).toMatchObject([
			{ entryType: 'capture', reference: 'gave-2026-000123', amount: 50_000 },
		]);
		expect(feed.items[0]).not.toHaveProperty('name');

		const { data: profile } = await userinfo(approved.profile.sub);
		expect(profile).toMatchObject({
			name: kari.name,
			given_name: 'Kari',
			phone_number: '4740000012',
			email: kari.email,
			address: { street_address: 'Storgata 1', region: 'OSLO', postal_code: '0161' },
		});
		await vipps.forward(7 * DAY);
		expect((await userinfo(approved.profile.sub)).status).toBe(403);
		await vipps.app('POST', '/profile', { userinfoKey: 'refused' });
		expect((await userinfo(approved.profile.sub)).status).toBe(401);
	});

	test('the organisation gives money back by the API and in the portal, and both are events', async () => {
		await listen('epayments.payment.refunded.v1');
		const { data } = await create();
		await fillIn(data.redirectUrl, { person: String(kariId) });
		await modify('capture', 30_000);
		await modify('capture', 20_000);
		expect((await payment()).profile).toEqual({});
		expect((await modify('refund', 35_000)).data.aggregate.refundedAmount.value).toBe(35_000);
		const [, second] = box.world.vipps.epayments.orders.get('gave-2026-000123')!.captures;
		await vipps.app('POST', `/payments/${second!.id}/refund`);
		await until(() => box.hears.heard.length === 2);
		expect(heard().map(({ amount }) => amount)).toEqual([
			{ currency: 'NOK', value: 35_000 },
			{ currency: 'NOK', value: 15_000 },
		]);
		expect((await payment()).aggregate.refundedAmount.value).toBe(50_000);
		const log = await vipps.unit('GET', '/epayment/v1/payments/gave-2026-000123/events');
		expect(log.data.map(({ name }: { name: string }) => name)).toEqual([
			'CREATED',
			'AUTHORIZED',
			'CAPTURED',
			'CAPTURED',
			'REFUNDED',
			'REFUNDED',
		]);
	});

	test('is declined, not shared, left to expire or withdrawn: nothing is paid', async () => {
		const states: string[] = [];
		const see = async (reference: string) =>
			states.push((await vipps.unit('GET', `/epayment/v1/payments/${reference}`)).data.state);
		const order = async (reference: string) =>
			(await create({ reference, profile: { scope: 'name' } })).data.redirectUrl as string;
		await fillIn(await order('declined-1'), { person: String(kariId), share: 'yes', answer: 'decline' });
		await see('declined-1');
		await fillIn(await order('unshared-1'), { person: String(kariId), answer: 'pay' });
		await see('unshared-1');
		const screen = await order('expired-1');
		await order('withdrawn-1');
		await vipps.unit('POST', '/epayment/v1/payments/withdrawn-1/cancel', undefined, keyed());
		await see('withdrawn-1');
		await vipps.forward(11 * MINUTE);
		await until(() => box.world.vipps.epayments.orders.get('expired-1')?.state === 'EXPIRED');
		await fillIn(screen, { person: String(kariId), share: 'yes', answer: 'pay' });
		await see('expired-1');
		expect(states).toEqual(['ABORTED', 'ABORTED', 'TERMINATED', 'EXPIRED']);
		expect(box.world.vipps.money.payments.size).toBe(0);
	});

	test('is refused when it is not as documented', async () => {
		expect((await vipps.unit('POST', '/epayment/v1/payments', wanted())).status).toBe(400);
		expect((await create({ amount: { currency: 'NOK', value: 99 } })).data.extraDetails).toMatchObject([
			{ name: 'amount.value' },
		]);
		expect((await create({ reference: 'short' })).status).toBe(400);
		expect((await create({ returnUrl: undefined })).status).toBe(400);
		expect((await create()).status).toBe(201);
		expect((await create()).status).toBe(409);
		const early = await modify('capture', 100);
		expect(early.headers['content-type']).toContain('application/problem+json');
		expect(early.data.extraDetails).toEqual([{ name: 'ErrorCode', reason: '6080' }]);
	});

	test('is force approved, and somebody whom nobody knows pays on the screen', async () => {
		await create({ reference: 'forced-01', profile: { scope: 'name' } });
		await vipps.unit('POST', '/epayment/v1/test/payments/forced-01/approve', {
			customer: { phoneNumber: '4740000012' },
		});
		expect((await vipps.unit('GET', '/epayment/v1/payments/forced-01')).data.userDetails).toMatchObject({
			firstName: 'Kari',
		});
		const { data } = await create({ reference: 'stranger-1' });
		await fillIn(data.redirectUrl, { person: '', name: 'Petra Oppdiktet', phone: '400 00 099' });
		expect(box.world.vipps.epayments.orders.get('stranger-1')?.payer).toMatchObject({
			name: 'Petra Oppdiktet',
			msisdn: '4740000099',
		});
	});
});

describe('a donation link', () => {
	test('carries its reference; amount, message and how often are the payer’s', async () => {
		await vipps.app('POST', '/profile', { donationsLagMs: 0 });
		const link = `${box.url}/donations/0123?reference=jul%202026`;
		expect((await ask('GET', link)).data).toContain('Referanse: jul 2026');
		expect((await ask('GET', `${box.url}/donations/123`)).status).toBe(404);
		await fillIn(link, { person: String(kariId), amount: '200', other: '150,50', message: 'Fra Kari' });
		await fillIn(link, { person: String(kariId), amount: '200', often: 'monthly' });
		expect((await fillIn(link, { person: String(kariId), other: '0,5' })).status).toBe(400);
		const { data } = await vipps.merchant(
			'GET',
			'/donations/v1/reports/payments?from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z&includeGDPRSensitiveData=true',
		);
		expect(data.payments).toMatchObject([
			{ externalReference: 'jul 2026', amount: '15050', message: 'Fra Kari' },
			{ externalReference: 'jul 2026', amount: '20000', agreementId: expect.any(String) },
		]);
	});
});

describe('Recurring', () => {
	const draft = (more: object = {}) =>
		vipps.unit(
			'POST',
			'/recurring/v3/agreements',
			{
				pricing: { type: 'LEGACY', amount: 30_000, currency: 'NOK' },
				interval: { unit: 'MONTH', count: 1 },
				merchantRedirectUrl: 'https://example.org/takk',
				merchantAgreementUrl: 'https://example.org/min-side',
				productName: 'Fast giver',
				scope: 'name phoneNumber',
				externalId: 'giver-4711',
				...more,
			},
			keyed(),
		);
	const charge = (agreement: string, more: object = {}) =>
		vipps.unit(
			'POST',
			`/recurring/v3/agreements/${agreement}/charges`,
			{
				amount: 30_000,
				transactionType: 'DIRECT_CAPTURE',
				description: 'Gave april',
				due: '2026-04-01',
				retryDays: 2,
				orderId: 'giver-4711-2026-04',
				...more,
			},
			keyed(),
		);
	const shown = async (path: string) => (await vipps.unit('GET', `/recurring/v3${path}`)).data;
	const accept = async (more: object = {}) => {
		const { data } = await draft(more);
		await fillIn(data.vippsConfirmationUrl, { person: String(kariId), share: 'yes', max: '400' });
		return data.agreementId as string;
	};

	test('an agreement is accepted on the screen, charged on the day it is due, and stopped in the app', async () => {
		await listen(
			'recurring.agreement-activated.v1',
			'recurring.agreement-stopped.v1',
			'recurring.charge-captured.v1',
			'recurring.charge-refunded.v1',
			'recurring.charge-canceled.v1',
		);
		const id = await accept({
			initialCharge: { amount: 10_000, description: 'Første', transactionType: 'DIRECT_CAPTURE' },
		});
		const agreement = await shown(`/agreements/${id}`);
		expect(agreement).toMatchObject({ status: 'ACTIVE', externalId: 'giver-4711', stop: null });
		expect(agreement).not.toHaveProperty('name');
		expect((await userinfo(agreement.sub)).data).toMatchObject({ name: kari.name });
		expect((await charge(id, { due: '2026-03-06' })).status).toBe(400);
		expect((await charge(id, { amount: 150_001 })).status).toBe(400);
		expect((await charge(id)).data).toEqual({ chargeId: 'giver-4711-2026-04' });
		expect(await shown(`/agreements/${id}/charges/giver-4711-2026-04`)).toMatchObject({ status: 'PENDING' });
		await vipps.forward(26 * DAY);
		await until(() => box.world.vipps.money.payments.size === 2);
		const charged = await shown(`/charges/giver-4711-2026-04`);
		expect(charged).toMatchObject({
			status: 'CHARGED',
			due: '2026-04-01T00:00:00Z',
			summary: { captured: 30_000, refunded: 0 },
		});
		const refund = `/recurring/v3/agreements/${id}/charges/giver-4711-2026-04/refund`;
		expect((await vipps.unit('POST', refund, { amount: 30_000, description: 'Feil' }, keyed())).status).toBe(
			204,
		);
		expect((await shown(`/charges/giver-4711-2026-04`)).status).toBe('REFUNDED');
		await charge(id, { orderId: 'may', due: '2026-05-01' });
		await vipps.app('POST', `/recurring/${id}/stop`);
		expect((await shown(`/charges/may`)).status).toBe('CANCELLED');
		expect((await charge(id, { orderId: 'june', due: '2026-06-01' })).status).toBe(400);
		await until(() => box.hears.heard.length === 6);
		const told = heard();
		expect(told.map(({ eventType }) => String(eventType).split('.')[1]).sort()).toEqual([
			'agreement-activated',
			'agreement-stopped',
			'charge-canceled',
			'charge-captured',
			'charge-captured',
			'charge-refunded',
		]);
		expect(told.find(({ eventType }) => eventType === 'recurring.agreement-stopped.v1')).toMatchObject({
			agreementId: id,
			agreementExternalId: 'giver-4711',
			actor: 'USER',
			msn: '123456',
		});
		expect(told.find(({ chargeId }) => chargeId === 'giver-4711-2026-04')).toMatchObject({
			amount: 30_000,
			currency: 'NOK',
			amountCaptured: 30_000,
			chargeType: 'RECURRING',
		});
	});

	test('the payer sets the most where the price varies; what does not go through is tried for some days', async () => {
		const id = await accept({ pricing: { type: 'VARIABLE', suggestedMaxAmount: 50_000, currency: 'NOK' } });
		expect((await shown(`/agreements/${id}`)).pricing).toMatchObject({ maxAmount: 40_000 });
		await charge(id, { amount: 45_000, orderId: 'too-much' });
		await charge(id, { amount: 151, orderId: 'no-funds' });
		await vipps.forward(26 * DAY);
		await until(
			() => box.world.vipps.recurring.agreements.get(id)!.charges.get('no-funds')!.failureReason !== null,
		);
		expect(await shown('/charges/no-funds')).toMatchObject({ failureReason: 'user_action_required' });
		expect((await shown('/charges/no-funds')).status).not.toBe('FAILED');
		await vipps.forward(3 * DAY);
		await until(
			() => box.world.vipps.recurring.agreements.get(id)!.charges.get('no-funds')!.status === 'FAILED',
		);
		expect(await shown('/charges/too-much')).toMatchObject({
			status: 'FAILED',
			failureReason: 'charge_amount_too_high',
		});
		expect(box.world.vipps.money.payments.size).toBe(0);
	});

	test('what is declined or left alone never starts; lists show one state at a time', async () => {
		const { data: declined } = await draft();
		await fillIn(declined.vippsConfirmationUrl, { person: String(kariId), answer: 'decline' });
		const { data: left } = await draft();
		const { data: forced } = await draft();
		const path = `/recurring/v3/agreements/${forced.agreementId}/accept`;
		expect((await vipps.unit('PATCH', path, { phoneNumber: '4740000012' })).status).toBe(204);
		await vipps.forward(11 * MINUTE);
		await until(() => box.world.vipps.recurring.agreements.get(left.agreementId)?.status === 'EXPIRED');
		expect(await shown('/agreements')).toMatchObject([{ id: forced.agreementId }]);
		expect(await shown('/agreements?status=STOPPED')).toMatchObject([{ id: declined.agreementId }]);
		const stop = (body: object) =>
			vipps.unit('PATCH', `/recurring/v3/agreements/${forced.agreementId}`, body, keyed());
		expect((await stop({ status: 'STOPPED', productName: 'x' })).status).toBe(400);
		expect((await stop({ status: 'STOPPED' })).status).toBe(204);
		expect(await shown('/agreements')).toEqual([]);
	});
});
