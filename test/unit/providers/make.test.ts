import { axiosHttp } from '../../../hosts/axiosHttp';
import { flagScanners, incomingOf, readPolled, readWebhook } from '../../../providers/make/events';
import { pollEvents } from '../../../providers/make/polling';
import { retryAfterMs, withoutPersons } from '../../../providers/answer';
import { makeCheck } from '../../../providers/make/test';
import { makeClient } from '../../../providers/make/client';
import { readMakeSettings } from '../../../providers/make/settings';
import { virtualClock } from '../../../core/journeys/clock';
import type { Http, HttpRequest } from '../../../core/ports';
import { type Sandbox, sandboxCredentials, startSandbox } from '../../../sandbox/server';

describe('events from Make', () => {
	test('a webhook and an answer to a question about the same click are one event', () => {
		const told = readWebhook(
			{
				event_type: 'click_email',
				email: 'Kari@example.org',
				time: '2026-11-22 11:00:00 +0100',
				url: 'https://example.org',
				sending_id: '7',
			},
			0,
		);
		const asked = readPolled(
			'clicks',
			{
				id: 99,
				email: 'kari@example.org',
				created_at: '2026-11-22T10:00:00.345Z',
				link: 'https://example.org',
				sending_id: 7,
			},
			0,
		);
		expect(told?.eventId).toBe(asked.eventId);
		expect(told?.at).toBe(Date.parse('2026-11-22T10:00:00Z'));
	});

	test('unknown fields are kept, names and addresses are not', () => {
		const event = readPolled(
			'bounces',
			{
				subscriber: { email: 'kari@example.org', firstname: 'Kari' },
				bounce_type: 'hard',
				ip_address: '10.0.0.1',
				diagnosis: '550',
			},
			5,
		);
		expect(event).toMatchObject({ kind: 'bounced', email: 'kari@example.org', at: 5 });
		expect(event.detail).toEqual({ bounce_type: 'hard', diagnosis: '550' });
	});

	test.each([
		['unsubscribe_email', 'unsubscribed', 'email'],
		['unsubscribe_sms', 'unsubscribed', 'sms'],
		['open_email', 'opened', 'email'],
		['click_email', 'clicked', 'email'],
		['bounce_email', 'bounced', 'email'],
		['something_new', 'other', 'email'],
	])('%s is %s by %s', (event_type, kind, channel) => {
		const event = readWebhook({ event_type, email: 'kari@example.org' }, 0)!;
		expect(event).toMatchObject({ kind, channel });
		expect(incomingOf(event, {})?.kind).toBe(kind === 'other' ? undefined : kind);
	});

	test('a form without an event is nothing', () => {
		expect(readWebhook({ email: 'kari@example.org' }, 0)).toBeUndefined();
	});

	test('three links within five seconds are a scanner’s, two are not', () => {
		const click = (url: string, second: number) =>
			readPolled('clicks', { email: 'kari@example.org', url, time: `2026-11-22T10:00:0${second}Z` }, 0);
		const machines = (events: Parameters<typeof flagScanners>[0]) =>
			flagScanners(events).map((event) => event.machine);
		expect(machines([click('a', 1), click('b', 2), click('c', 2)])).toEqual([true, true, true]);
		expect(machines([click('a', 1), click('b', 2), click('a', 2)])).toEqual([false, false, false]);
		expect(machines([click('a', 1), click('b', 4), click('c', 9)])).toEqual([false, false, false]);
	});
});

test('a further page is asked for when one is full, and not for ever when pages mean nothing', async () => {
	const asked: HttpRequest[] = [];
	const full = Array.from({ length: 1_000 }, (_, i) => ({
		email: `m${i}@example.org`,
		time: '2026-11-22T10:00:00Z',
	}));
	const http: Http = async (request) => {
		asked.push(request);
		return { status: 200, headers: {}, body: full };
	};
	const client = makeClient(http, virtualClock(0), readMakeSettings({ userId: '1', apiKey: 'k' }));
	expect(await pollEvents(client, ['opens'], '2026-11-21', 0)).toHaveLength(1_000);
	expect(asked.map(({ query }) => query)).toEqual([
		{ from_date: '2026-11-21' },
		{ from_date: '2026-11-21', page: 2, per_page: 1_000 },
	]);
});

test('lists are named as Make wants them, and no status brings anybody back', async () => {
	const asked: HttpRequest[] = [];
	const http: Http = async (request) => {
		asked.push(request);
		return { status: 200, headers: {}, body: {} };
	};
	const client = makeClient(http, virtualClock(0), readMakeSettings({ userId: '1', apiKey: 'k' }));
	await client.bulkInsert(['1', '2'], [{ email: 'kari@example.org' }]);
	expect(asked[0]).toMatchObject({
		method: 'POST',
		url: 'https://subscribers.dialogapi.no/api/public/v2/subscribers/bulkinsert',
		query: { 'subscriber_list_id[]': ['1', '2'], tag: 'merge' },
		basic: { username: '1', password: 'k' },
		json: [{ email: 'kari@example.org' }],
	});
});

describe('the credential’s test', () => {
	let box: Sandbox;
	beforeAll(async () => {
		box = await startSandbox();
	});
	afterAll(() => box.close());

	test('says which of the two addresses, or which field, is wrong', async () => {
		const check = (over: Record<string, string>) =>
			makeCheck(
				{ http: axiosHttp },
				{
					userId: sandboxCredentials.make.id,
					apiKey: sandboxCredentials.make.secret,
					subscribersUrl: `${box.url}/make/subscribers/api/public/v2`,
					newslettersUrl: `${box.url}/make/newsletters/api/public/v1`,
					...over,
				},
			);
		await expect(check({})).resolves.toBeUndefined();
		for (const [over, message] of [
			[{ apiKey: 'feil' }, /does not accept this 'User ID' with this 'API Key'/],
			[{ userId: '' }, /'User ID' of the Make Newsletter credential is empty/],
			[{ newslettersUrl: `${box.url}/nothing` }, /'Newsletters URL': Make refused it \(404\)/],
			[{ subscribersUrl: box.url }, /'Subscribers URL'/],
			[{ subscribersUrl: 'http://127.0.0.1:1' }, /Make cannot be reached at 'Subscribers URL'/],
		] as const)
			await expect(check(over as Record<string, string>)).rejects.toThrow(message);
	});
});

test('Retry-After is read in seconds and as a date', () => {
	const answer = (value: string) => ({ status: 429, headers: { 'retry-after': value }, body: '' });
	const now = Date.parse('2026-11-22T10:00:00Z');
	expect(retryAfterMs(answer('7'), now)).toBe(7_000);
	expect(retryAfterMs(answer('Sun, 22 Nov 2026 10:01:00 GMT'), now)).toBe(60_000);
	expect(retryAfterMs(answer('soon'), now)).toBeUndefined();
});

test('what providers say is passed on without persons', () => {
	expect(withoutPersons('Email kari@example.org and +4740000012 are wrong')).toBe('Email … and … are wrong');
});
