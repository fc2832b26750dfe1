import { saveContactRules, contactRules as rulesShape } from '../../../core/dispatch/contactRules';
import { dryRun } from '../../../core/dispatch/dryRun';
import { upsertPersons } from '../../../core/register/upsert';
import { saveSegment } from '../../../core/segments/saved';
import { recommended } from '../../../nodes/ContactRules/form';
import { contactRules } from '../../../nodes/ContactRules/contactRules';
import { onBothDatabases } from '../stores';
import { NOW, runStep } from './stepRun';

onBothDatabases('Contact Rules', (current) => {
	const run = (params: Record<string, unknown>, items: Array<Record<string, unknown>> = [{}]) =>
		runStep(contactRules, current().store, params, items);
	const register = (count = 6) =>
		current().store.write(async (writing) => {
			const { ids } = await upsertPersons(
				writing,
				current().store,
				NOW,
				Array.from({ length: count }, (_, i) => ({
					memberNumber: `${i + 1}`,
					givenName: 'Kari',
					familyName: `Eksempel ${i + 1}`,
					...(i === 1 ? {} : { phones: [`+47400000${String(i + 10)}`] }),
					...(i === 2 ? { protected: true } : {}),
					...(i === 3 ? {} : { consents: [{ channel: 'sms', purpose: '*', granted: true }] }),
					...(i === 4 ? { reservations: [{ channel: 'sms', reserved: true }] } : {}),
				})),
				'import',
			);
			await saveSegment(writing, NOW, 'alle', {
				include: { any: [] },
				exclude: { any: [] },
				conditions: { all: [] },
			});
			return ids;
		});
	const saved = { operation: 'dryRun', people: 'segment', source: 'saved', savedSegment: 'alle' };

	test('Change saves what the form recommends, and Show says it in words', async () => {
		const shown = await run({ operation: 'show' });
		expect(shown.hints.join()).toContain('No rules are set');
		const { outputs } = await run({ operation: 'change', ...recommended, whenFull: 'hold' });
		expect(outputs[0]![0]!.inWords).toEqual([
			'SMS: quiet from 21:00 to 09:00 where the person is, and all day on Norwegian holidays.',
			'SMS: at most 2 in 7 days (then held back).',
			'Phone: quiet from 21:00 to 09:00 where the person is, and all day on weekends and Norwegian holidays.',
			'All channels together: at most 8 in 30 days (then held back).',
			'At least 60 minutes between two messages to one person.',
		]);
		expect((await run({ operation: 'show' })).outputs).toEqual(outputs);
	});

	test('Change puts caps of channels without other rules, and of classes, where they belong', async () => {
		const { outputs } = await run({
			operation: 'change',
			channelRules: { rule: [] },
			caps: {
				cap: [
					{ counts: 'email', messages: 4, days: 30 },
					{ counts: 'class', journeyClass: 'verving', messages: 1, days: 14 },
				],
			},
			relation: { memberships: 'Aktiv, Prøve', gaveWithinMonths: 12 },
		});
		expect(outputs[0]![0]!.rules).toMatchObject({
			channels: { email: { caps: [{ messages: 4, days: 30 }] } },
			classes: { verving: { caps: [{ messages: 1, days: 14 }] } },
			existingRelation: { memberships: ['Aktiv', 'Prøve'], gaveWithinMonths: 12 },
		});
	});

	test('a channel twice, a class without a name and a time that is none are refused by the field’s name', async () => {
		const rule = { channel: 'sms' };
		await expect(run({ operation: 'change', channelRules: { rule: [rule, rule] } })).rejects.toThrow(
			"'Rules per Channel' has two rules for sms",
		);
		await expect(run({ operation: 'change', caps: { cap: [{ counts: 'class' }] } })).rejects.toMatchObject({
			details: { field: 'Journey Class' },
		});
		await expect(
			run({ operation: 'change', channelRules: { rule: [{ ...rule, quietFrom: 'ni' }] } }),
		).rejects.toThrow(/such as 08:00/);
		const caps = Array.from({ length: 6 }, () => ({ counts: '*', messages: 1, days: 1 }));
		await expect(run({ operation: 'change', caps: { cap: caps } })).rejects.toMatchObject({
			details: { field: 'Caps' },
		});
	});

	test('Dry Run counts by reason, and writes nothing', async () => {
		await register();
		const { outputs, hints } = await run({ ...saved, purpose: 'nytt' });
		expect(outputs[0]![0]).toMatchObject({
			people: 6,
			now: 2,
			later: 0,
			never: 4,
			inWords:
				'Of 6 people 2 would get it now; 1 nothing to write to, or nothing to write, 1 under address protection, 1 no consent, 1 reserved.',
		});
		expect(hints).toEqual([outputs[0]![0]!.inWords]);
		expect(await current().store.db.selectFrom('dispatch').select('id').execute()).toEqual([]);
	});

	test('Dry Run tells who would wait, and how long', async () => {
		await register();
		const quiet = { from: '00:00', to: '23:00', weekends: false, holidays: false };
		await saveContactRules(
			current().store,
			rulesShape.parse({ channels: { sms: { quiet } }, spreadMinutes: 0 }),
		);
		const { outputs } = await run({ ...saved, purpose: 'nytt' });
		expect(outputs[0]![0]).toMatchObject({ now: 0, later: 2, lastAt: '2026-03-15T23:00:00.000+01:00' });
	});

	test('Dry Run takes incoming people, each once, and says how many it does not know', async () => {
		await register();
		const params = { operation: 'dryRun', people: 'incoming', purpose: 'nytt' };
		const { outputs } = await run(params, [
			{ memberNumber: '1' },
			{ memberNumber: '1' },
			{ memberNumber: '4' },
			{ memberNumber: '404' },
		]);
		expect(outputs[0]![0]).toMatchObject({ people: 2, now: 1, never: 1, notFound: 1 });
	});

	test('Why Not goes through the channels of each person', async () => {
		await register();
		const { outputs, hints } = await run({ operation: 'whyNot', purpose: 'nytt' }, [{ memberNumber: '5' }]);
		expect(outputs[0]![0]!.contact).toMatchObject([
			{ channel: 'sms', may: 'no', code: 'reserved' },
			{ channel: 'email', may: 'no', code: 'noConsent' },
			{ channel: 'phone', may: 'no', code: 'noConsent' },
			{ channel: 'letter', may: 'no', code: 'noConsent' },
			{ channel: 'chat', may: 'no', code: 'noConsent' },
		]);
		expect(hints.join()).toContain('SMS: no (is reserved against sms)');
		const unknown = await run({ operation: 'whyNot' }, [{ memberNumber: '404' }, { memberNumber: '1' }]);
		expect(unknown.outputs[0]!.map(({ refused }) => refused)).toEqual(['is not in the register', undefined]);
	});

	test('what was not sent is counted by step and reason', async () => {
		const [id] = await register();
		const row = (key: string, code: string, at: number) => ({
			key,
			enrolment_id: null,
			step_id: null,
			person_id: id!,
			channel: 'sms',
			provider: 'link',
			provider_ref: null,
			mailing_id: null,
			address: null,
			state: 'skipped' as const,
			reason: 'x',
			code,
			reserved_at: at,
			lease_until: null,
			settled_at: at,
		});
		await current()
			.store.db.insertInto('dispatch')
			.values([
				row('a', 'noConsent', NOW - 1_000),
				row('b', 'noConsent', NOW - 2_000),
				row('c', 'cap', NOW - 3_000),
				row('d', 'cap', NOW - 40 * 86_400_000),
			])
			.execute();
		const { outputs } = await run({ operation: 'notSent' });
		expect(outputs[0]).toMatchObject([
			{ channel: 'sms', words: 'no consent', messages: 2 },
			{ channel: 'sms', words: 'had enough messages', messages: 1 },
		]);
	});

	test('twenty thousand are judged in parts: no more of them are held at a time', async () => {
		const ids = await register(20);
		let largest = 0;
		let told = 0;
		const rules = rulesShape.parse({ caps: [{ messages: 1, days: 7 }] });
		const result = await dryRun(
			current().store,
			{ channel: 'sms', purpose: 'nytt', class: '', now: NOW, zone: 'Europe/Oslo', rules },
			async (each) => {
				for (let i = 0; i < 20; i += 1) {
					const part = Array.from({ length: 1_000 }, (_, k) =>
						k < 20 ? ids[k]! : 1_000_000 + i * 1_000 + k,
					);
					largest = Math.max(largest, part.length);
					await each(part);
				}
			},
			(people) => (told = people),
		);
		expect(result).toMatchObject({ people: 20_000, now: 16 * 20 });
		expect(result.reasons[0]).toMatchObject({ code: 'gone', people: 20_000 - 400 });
		expect(told).toBe(20_000);
		expect(largest).toBe(1_000);
	});
});
