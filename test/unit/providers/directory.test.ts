import { virtualClock } from '../../../core/journeys/clock';
import { AnswerLost, type Http, type HttpAnswer, type HttpRequest, NotSent } from '../../../core/ports';
import { directoryOf, lookUp } from '../../../providers/directory/directory';
import { readDirectorySettings } from '../../../providers/directory/settings';
import { directoryCheck } from '../../../providers/directory/test';
import { onBothDatabases } from '../stores';

const clock = virtualClock(Date.UTC(2026, 10, 22, 12));
const credential = { service: 'nrop', userName: 'eksempel', password: 'hemmelig', perMinute: 6_000 };
const settings = readDirectorySettings(credential);
const PHONE = '+4740000123';

/** As nrop.no documents it. */
const kari = {
	href: '/nrop/%2B4740000123',
	customerType: 'P',
	phone: PHONE,
	firstName: 'Kari',
	middleName: 'Anne',
	lastName: 'Eksempel',
	organizationNumber: '',
	companyName: '',
	address: 'Eksempelveien 10',
	postalCode: '0001',
	city: 'OSLO',
	country: 'NO',
	phoneBook: true,
	manualQuery: true,
	electronicQuery: true,
};

function answering(answer: Partial<HttpAnswer> | Error): { http: Http; requests: HttpRequest[] } {
	const requests: HttpRequest[] = [];
	return {
		requests,
		http: async (request) => {
			requests.push(request);
			if (answer instanceof Error) throw answer;
			return { status: 200, headers: { 'content-type': 'application/json' }, body: {}, ...answer };
		},
	};
}

describe('A directory service', () => {
	it('is asked as documented, and tells who has the number, from where and when', async () => {
		const { http, requests } = answering({ body: kari });
		expect(await lookUp(settings, http, clock, PHONE)).toEqual({
			source: 'nrop.no',
			at: clock.now(),
			evidence: {
				phone: PHONE,
				name: 'Kari Anne Eksempel',
				givenName: 'Kari Anne',
				familyName: 'Eksempel',
				street: 'Eksempelveien 10',
				postalCode: '0001',
				city: 'OSLO',
				country: 'NO',
			},
		});
		expect(requests).toEqual([
			{
				method: 'GET',
				url: 'https://api.nrop.no/nrop/%2B4740000123',
				headers: { 'Accept-Version': '1.2.*' },
				basic: { username: 'eksempel', password: 'hemmelig' },
				timeoutMs: 15_000,
			},
		]);
	});

	it.each([
		'+474000012',
		'40000123',
		'1234',
		'+4780012345',
		'+4702800',
		'+475912345678',
		'+4759123456',
		'+46701234567',
		'+47400001234',
		'+4740000123/../x',
		'',
	])('is not asked about %j, which is no whole number of a Norwegian person', async (phone) => {
		const { http, requests } = answering({ body: kari });
		expect(await lookUp(settings, http, clock, phone)).toBeUndefined();
		expect(requests).toEqual([]);
	});

	it.each([
		[
			'is hidden',
			{ ...kari, firstName: '', middleName: '', lastName: '', address: '', electronicQuery: false },
		],
		['may not be looked up by machines', { ...kari, electronicQuery: false }],
		['is a business’s', { ...kari, customerType: 'B', companyName: 'Eksempel AS' }],
		['has no name', { customerType: 'P', phone: PHONE }],
	])('tells of nobody when the number %s', async (_, body) => {
		expect(await lookUp(settings, answering({ body }).http, clock, PHONE)).toBeUndefined();
	});

	it.each([404, 400])('tells of nobody when it answers %s', async (status) => {
		expect(await lookUp(settings, answering({ status }).http, clock, PHONE)).toBeUndefined();
	});

	it('is not believed when it answers about another number', async () => {
		const { http } = answering({ body: { ...kari, phone: '+4740000999' } });
		await expect(lookUp(settings, http, clock, PHONE)).rejects.toThrow(NotSent);
	});

	it.each([
		['is away', new NotSent('api.nrop.no/nrop/%2B4740000123 could not be reached')],
		['gives no answer', new AnswerLost('/nrop/%2B4740000123 gave no answer')],
		['has too much to do', { status: 429, headers: { 'retry-after': '30' } }],
		['is down', { status: 503 }],
		['answers with nothing', { body: 'ok' }],
	])('can be asked later when it %s, and nobody hears the number', async (_, answer) => {
		const said = await lookUp(settings, answering(answer).http, clock, PHONE).catch(
			(cause: unknown) => cause,
		);
		expect(said).toBeInstanceOf(NotSent);
		expect(String((said as NotSent).message)).not.toMatch(/4740000123|40000123/);
	});

	it.each([401, 403])('says which fields to look at when it answers %s', async (status) => {
		const { http } = answering({ status });
		await expect(lookUp(settings, http, clock, PHONE)).rejects.toMatchObject({
			message: `nrop.no does not accept the user name and password (${status}).`,
			details: { field: 'Password' },
		});
		await expect(directoryCheck({ http }, credential)).rejects.toThrow('does not accept');
	});

	it('is tried with a number that nobody has', async () => {
		const { http, requests } = answering({ status: 404 });
		await directoryCheck({ http }, credential);
		expect(requests.map(({ url }) => url)).toEqual(['https://api.nrop.no/nrop/%2B4700000000']);
		await expect(directoryCheck({ http: answering({ status: 302 }).http }, credential)).rejects.toMatchObject(
			{ details: { field: 'Base URL' } },
		);
		await expect(directoryCheck({ http: answering(new NotSent('away')).http }, credential)).rejects.toThrow(
			'nrop.no cannot be reached now.',
		);
		await expect(directoryCheck({ http }, { userName: 'eksempel' })).rejects.toThrow(
			"'Password' of the Directory Service credential is empty.",
		);
		await expect(directoryCheck({ http }, { ...credential, perMinute: 0 })).rejects.toThrow(
			"'Look-Ups per Minute' of the Directory Service credential is below 1.",
		);
	});
});

onBothDatabases('Look-ups of several processes', (current) => {
	it('take turns', async () => {
		const { store } = current();
		const { http, requests } = answering({ body: kari });
		const [one, other] = [
			directoryOf(settings, { http, clock }, store),
			directoryOf(settings, { http, clock }, store),
		];
		expect(one.name).toBe('nrop.no');
		await Promise.all([one.lookUp(PHONE), other.lookUp(PHONE), one.lookUp(PHONE)]);
		expect(requests).toHaveLength(3);
		const turn = await store.db.selectFrom('rate').selectAll().executeTakeFirstOrThrow();
		expect(turn.free_at).toBe(clock.now() + 30);
		expect(turn.key).not.toContain('eksempel');
		// What is not asked takes no turn.
		expect(await one.lookUp('+4780012345')).toBeUndefined();
		expect(await store.db.selectFrom('rate').select('free_at').execute()).toEqual([
			{ free_at: turn.free_at },
		]);
	});
});
