import fc from 'fast-check';
import { type Happening, judge, judgeAll, machineDefaults } from '../../../core/responses/machine';

const sentAt = Date.UTC(2026, 3, 7, 8);
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const GMAIL_PROXY =
	'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)';
const click = (afterMs: number, more: Partial<Happening> = {}): Happening => ({
	kind: 'clicked',
	at: sentAt + afterMs,
	sentAt,
	method: 'GET',
	agent: FIREFOX,
	link: 'https://example.org/gave',
	...more,
});
const open = (afterMs: number, more: Partial<Happening> = {}): Happening => ({
	...click(afterMs, more),
	kind: 'opened',
	link: undefined,
});

describe('telling people from machines', () => {
	test('somebody who opens a mail, reads, and follows a link is a person', () => {
		expect(judge(open(60_000))).toEqual({ machine: false });
		expect(judge(click(75_000), [open(60_000), click(75_000)])).toEqual({ machine: false });
	});

	test.each<[string, Happening, string]>([
		['Apple Mail Privacy Protection, by its bare name', open(60_000, { agent: 'Mozilla/5.0' }), 'apple'],
		['a gateway that names itself', click(60_000, { agent: 'Barracuda Sentinel (EE)' }), 'scanner'],
		['a search robot', click(60_000, { agent: 'Mozilla/5.0 (compatible; bingbot/2.0)' }), 'scanner'],
		['a program library', click(60_000, { agent: 'python-requests/2.32' }), 'scanner'],
		['asking only whether the link is there', click(60_000, { method: 'HEAD' }), 'head'],
		['sooner than anybody reads', click(1_999), 'swift'],
		['a link that no person sees', click(60_000, { honeypot: true }), 'honeypot'],
		['what the provider says itself', click(60_000, { told: true }), 'told'],
	])('%s', (_, event, reason) => {
		expect(judge(event)).toEqual({ machine: true, reason });
	});

	test("Gmail's picture proxy loads when somebody looks: a person, and noted", () => {
		expect(judge(open(60_000, { agent: GMAIL_PROXY }))).toEqual({ machine: false, proxy: 'gmail' });
	});

	test('a response that seems earlier than its message tells of clocks, not of a machine', () => {
		expect(judge(click(-30_000))).toEqual({ machine: false });
	});

	test('three links of one mail within seconds: all of them, the first as well', () => {
		const burst = ['a', 'b', 'c'].map((link, index) => click(60_000 + index * 1_500, { link }));
		for (const event of burst) expect(judge(event, burst)).toEqual({ machine: true, reason: 'burst' });
		const later = click(180_000, { link: 'd' });
		expect(judge(later, [...burst, later])).toEqual({ machine: false });
	});

	test('one link thrice, or two links, is an impatient person', () => {
		const same = [0, 900, 1_800].map((ms) => click(60_000 + ms));
		for (const event of same) expect(judge(event, same).machine).toBe(false);
		const two = ['a', 'b'].map((link, index) => click(60_000 + index * 900, { link }));
		for (const event of two) expect(judge(event, two).machine).toBe(false);
	});

	test('who follows the hidden link followed the others around it as a machine too, and opened as one', () => {
		const around = [open(58_000), click(60_000), click(61_000, { honeypot: true })];
		expect(around.map((event) => judge(event, around).reason)).toEqual(['burst', 'burst', 'honeypot']);
	});

	test('messages are judged apart from each other', () => {
		const events = ['a', 'b', 'c'].map((link, index) => ({
			...click(60_000 + index * 100, { link }),
			to: index,
		}));
		const apart = judgeAll(events, ({ to }) => String(to));
		expect([...apart.values()].every(({ machine }) => !machine)).toBe(true);
		const together = judgeAll(events, () => 'one mail');
		expect([...together.values()].every(({ reason }) => reason === 'burst')).toBe(true);
	});

	test('in whatever order they are told, and whatever the thresholds: the same judgement', () => {
		const happening = fc.record({
			ms: fc.integer({ min: 3_000, max: 20_000 }),
			link: fc.constantFrom('a', 'b', 'c', 'd'),
		});
		fc.assert(
			fc.property(
				fc.array(happening, { minLength: 1, maxLength: 12 }),
				fc.integer({ min: 2, max: 4 }),
				(given, burstLinks) => {
					const settings = { ...machineDefaults, burstLinks };
					const events = given.map(({ ms, link }) => click(ms, { link }));
					const forth = events.map((event) => judge(event, events, settings).machine);
					const back = events.map((event) => judge(event, [...events].reverse(), settings).machine);
					expect(back).toEqual(forth);
					// Flagged exactly when some stretch that it lies in holds so many links.
					events.forEach((event, index) => {
						const stretches = events.map((first) =>
							events.filter(({ at }) => at >= first.at && at <= first.at + settings.burstMs),
						);
						const flagged = stretches.some(
							(stretch) =>
								stretch.includes(event) && new Set(stretch.map(({ link }) => link)).size >= burstLinks,
						);
						expect(forth[index]).toBe(flagged);
					});
				},
			),
		);
	});
});
