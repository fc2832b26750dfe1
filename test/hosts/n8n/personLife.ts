/** The Person step's operations about a whole story, run by hand in a real n8n as an admin runs them. */
import { importPersons } from '../../../core/register/import/csv';
import { defaultOrganisation } from '../../../core/register/organisation';
import { placesWith } from '../../unit/register/wholeLife';
import type { RealN8n } from './realN8n';
import { byHand, end, items, step, workflow } from './workflow';

const register = [
	'Medlemsnummer;Fornavn;Etternavn;E-post;Mobil',
	'301;Berit;Eksempel;berit@example.org;+4740000301',
	'302;Berit Marie;Eksempel;berit.marie@example.org;+4740000302',
	'303;Jon;Prøve;jon@example.org;+4740000303',
].join('\n');

export function personLife(real: () => RealN8n): void {
	/** What left Person by its first and second output. */
	async function run(parameters: object, given: object[]) {
		const { api, credentials } = real();
		const flow = workflow(
			'Innsyn',
			[byHand(), items('Items', given), step('Person', 'person', parameters), end('First'), end('Second')],
			{ 'By Hand': ['Items'], Items: ['Person'], Person: ['First', 'Second'] },
		);
		const id = await api.createWorkflow(flow, credentials);
		const execution = await api.runByHand(id, 'By Hand');
		await api.waitFor(
			() => api.executions(id),
			(all) => all.some((one) => one.id === execution && ['success', 'error'].includes(one.status)),
		);
		const { runData, error } = await api.runData(execution);
		const json = (name: string) =>
			(runData[name]?.[0]?.data?.main?.[0] ?? []).map((item: { json: object }) => item.json);
		return { first: json('First'), second: json('Second'), message: error?.message };
	}

	describe('what one person may ask for', () => {
		beforeAll(async () => {
			const { store, sandbox } = real();
			const { refusedCount } = await importPersons(store, sandbox.world.clock, register, {
				organisation: defaultOrganisation,
			});
			expect(refusedCount).toBe(0);
		});

		test('merged, told, exported and erased, each by an item’s own expression', async () => {
			const { store } = real();
			const merged = await run({ operation: 'merge', otherRecord: '={{ $json.other }}' }, [
				{ memberNumber: '301', other: '302' },
			]);
			expect(merged.first).toEqual([
				expect.objectContaining({ merge: expect.objectContaining({ merged: true }) }),
			]);
			const told = await run({ operation: 'timeline' }, [{ memberNumber: '301' }]);
			expect(JSON.stringify(told.first)).toContain('"kind":"merged"');
			const exported = await run({ operation: 'export' }, [{ memberNumber: '301' }]);
			expect(JSON.stringify(exported.first)).toContain('berit.marie@example.org');

			const erase = (given: object[]) =>
				run({ operation: 'erase', confirmation: '={{ $json.again }}' }, given);
			const both = await erase([
				{ memberNumber: '301', again: '301' },
				{ memberNumber: '303', again: '303' },
			]);
			expect(both.message).toBe('2 people would be erased; ‘People at Most’ allows 1.');
			expect((await erase([{ memberNumber: '303', again: '301' }])).second).toEqual([
				expect.objectContaining({ refused: expect.objectContaining({ field: 'Member Number Again' }) }),
			]);
			expect((await erase([{ memberNumber: '301', again: '301' }])).first).toEqual([
				expect.objectContaining({ erased: expect.objectContaining({ enrolments: 0, giftsKept: 0 }) }),
			]);
			expect(await placesWith(store, 0, ['berit', '+4740000301', '+4740000302'])).toEqual([
				'change.person_id',
			]);
			const left = await store.db
				.selectFrom('person')
				.select('member_number')
				.where('member_number', 'in', ['301', '302', '303'])
				.execute();
			expect(left).toEqual([{ member_number: '303' }]);
		});
	});
}
