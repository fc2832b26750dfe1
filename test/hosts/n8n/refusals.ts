/** What n8n shows when something does not fit: which step, which field, which item, and how to go on. */
import type { RealN8n } from './realN8n';
import { byHand, end, items, step, workflow } from './workflow';

const kari = {
	id: 1,
	givenName: 'Kari',
	familyName: 'Eksempel',
	street: 'Vikane 1',
	postalCode: '0161',
	city: 'Oslo',
};
const letter = { text: 'Hei', senderName: 'Eksempel', returnAddress: 'Postboks 1, 0101 Oslo', purpose: '' };

const washFile = {
	resource: 'wash',
	operation: 'importFile',
	fileFrom: 'content',
	content: '={{ $json.data }}',
	washedOn: '2026-11-02',
};

interface Refusal {
	message: string | undefined;
	description: string | undefined;
	lastNode: string | undefined;
}

export function refusals(real: () => RealN8n): void {
	/** Runs `Step` by hand on these items. */
	async function run(type: string, parameters: object, given: object[] = [{}], more: object = {}) {
		const { api, credentials } = real();
		const flow = workflow(
			'Prøve',
			[
				byHand(),
				items('Items', given),
				step('Step', type, parameters, more),
				end('First'),
				end('Second'),
				end('Failed'),
			],
			{
				'By Hand': ['Items'],
				Items: ['Step'],
				Step: ['First', 'Second', 'onError' in more ? 'Failed' : undefined],
			},
		);
		const id = await api.createWorkflow(flow, credentials);
		const execution = await api.runByHand(id, 'By Hand');
		await api.waitFor(
			() => api.executions(id),
			(all) => all.some((one) => one.id === execution && ['success', 'error'].includes(one.status)),
		);
		return await api.runData(execution);
	}

	async function refusal(type: string, parameters: object, given?: object[]): Promise<Refusal> {
		const { error, lastNodeExecuted } = await run(type, parameters, given);
		return {
			message: error?.message,
			description: error?.description ?? undefined,
			lastNode: lastNodeExecuted,
		};
	}

	describe('what does not fit is told at the step, naming field and item', () => {
		test('a segment that asks for a field which the register does not know', async () => {
			const rule = [{ field: 'person.skonummer', operator: 'is', value: '42' }];
			expect(await refusal('segment', { operation: 'count', include: { rule } })).toEqual({
				message: expect.stringContaining('person.skonummer'),
				description: expect.stringMatching(/\w/),
				lastNode: 'Step',
			});
		});

		test('a wait of no length', async () => {
			expect(await refusal('waitForGoal', { wait: 'duration', amount: 0 })).toMatchObject({
				message: "'How Long' must be more than 0.",
				description: expect.stringContaining("Change 'How Long'"),
			});
		});

		test.each([
			['headings that name nobody', 'Farge;Antall\nblå;2', /heading|column/i],
			['an empty file', '', /empty/i],
			['quotes that never end', 'Medlemsnummer;Fornavn\n1;"Kari\n2;Ola', /quotation mark/i],
		])('a CSV file with %s', async (_what, data, said) => {
			const parameters = { operation: 'importCsv', csvFrom: 'content', content: '={{ $json.data }}' };
			const { message, description } = await refusal('person', parameters, [{ data }]);
			expect(message).toMatch(said);
			expect(description).toMatch(/\w/);
		});

		test('a row that cannot be read is refused with line, field and reason; the others go in', async () => {
			const data = 'Medlemsnummer;Fornavn;Fødselsdato\n201;Anne;01.02.1990\n202;Geir;31.02.1990';
			const parameters = { operation: 'importCsv', csvFrom: 'content', content: '={{ $json.data }}' };
			const { runData } = await run('person', parameters, [{ data }]);
			expect(runData.First?.[0]?.data?.main?.[0]?.[0]?.json).toMatchObject({ import: { rows: 2, added: 1 } });
			expect(runData.Second?.[0]?.data?.main?.[0]?.[0]?.json).toMatchObject({
				line: 3,
				field: 'Fødselsdato',
				reason: expect.stringMatching(/\w/),
			});
		});

		test('a text with broken Liquid', async () => {
			const parameters = { sender: 'Foreningen', text: 'Hei {{ person.givenName' };
			const given = [{ phone: '+4740000101', person: { givenName: 'Kari' } }];
			expect(await refusal('linkSms', parameters, given)).toMatchObject({
				message: expect.stringContaining("'Text'"),
				description: expect.stringMatching(/\w/),
			});
		});

		test('a variable that the second item does not have: its item is named, the first goes on', async () => {
			const parameters = { sender: 'Foreningen', text: 'Hei {{ kallenavn }}' };
			const given = [{ phone: '+4740000101', kallenavn: 'Kari' }, { phone: '+4740000102' }];
			const stopped = await refusal('linkSms', parameters, given);
			expect(stopped.message).toContain('kallenavn');
			expect(stopped.message).toContain('[Item 1]');
			const { runData } = await run('linkSms', parameters, given, { onError: 'continueErrorOutput' });
			expect(runData.Failed?.[0]?.data?.main?.[0]).toHaveLength(1);
			expect(runData.First?.[0]?.data?.main?.[0]).toHaveLength(1);
		});

		test('a number that is no phone number leaves by Not Sent, with the reason', async () => {
			const parameters = { sender: 'Foreningen', text: 'Hei' };
			const { runData } = await run('linkSms', parameters, [{ phone: 'tolv' }]);
			expect(JSON.stringify(runData.Second?.[0]?.data?.main?.[0])).toMatch(/phone number/);
		});

		test.each([
			['post', { ...letter, giro: true, account: '1234' }, "'Account Number'", { person: kari }],
			['post', { ...letter, text: 'Hei {{ person.kallenavn }}' }, 'person.kallenavn', { person: kari }],
			['callList', { hoursFrom: 'ni' }, "'Best Hours From'", { person: kari }],
			['callList', washFile, 'Nobody can be found by the columns', { data: 'Farge;Form\nrød;rund' }],
		])('%s with %j', async (type, parameters, said, given) => {
			const { message, description } = await refusal(type, parameters, [given]);
			expect(message).toContain(said);
			expect(description).toMatch(/\w/);
		});

		test('a letter that cannot be written is named; the others are looked over', async () => {
			const given = [
				{ person: kari, hilsen: 'du' },
				{ person: kari, annet: 'x' },
			];
			const parameters = { ...letter, text: 'Hei {{ item.hilsen }}' };
			const { runData } = await run('post', parameters, given, { onError: 'continueErrorOutput' });
			expect(JSON.stringify(runData.Failed?.[0]?.data?.main?.[0])).toMatch(/hilsen/);
			expect(runData.First?.[0]?.data?.main?.[0]).toHaveLength(1);
		});

		test("a person's own amount that is none leaves by Left Out", async () => {
			const given = [
				{ person: kari, sum: '250' },
				{ person: kari, sum: 'mye' },
			];
			const parameters = { ...letter, giro: true, account: '12345678903', amount: '{{ item.sum }}' };
			const { runData } = await run('post', parameters, given);
			expect(JSON.stringify(runData.Second?.[0]?.data?.main?.[0])).toMatch(/'Amount'/);
			expect(runData.First?.[0]?.data?.main?.[0]).toHaveLength(1);
		});

		test('a store that cannot be written', async () => {
			const { api } = real();
			const data = { kind: 'embedded', file: '/finnes/ikke/store.db', url: '', clockUrl: '' };
			const id = await api.createCredential('memberJourneysStoreApi', 'Borte', data);
			const more = { credentials: { memberJourneysStoreApi: { id, name: 'Borte' } } };
			const { error } = await run('segment', { operation: 'count' }, [{}], more);
			expect(error).toMatchObject({
				message: expect.stringContaining('/finnes/ikke/store.db cannot be opened'),
				description: expect.stringContaining('folder exists'),
			});
		});
	});

	describe('the test of a credential says what to change', () => {
		const tried = async (type: string, change: object) => {
			const { api, credentials } = real();
			const made = credentials[type] ?? { id: '', name: '' };
			const { data } = (await api.call('GET', `/rest/credentials/${made.id}?includeData=true`)) as {
				data: object;
			};
			return await api.testCredential(made.id, type, made.name, { ...data, ...change });
		};

		test.each([
			[
				'memberJourneysStoreApi',
				{ kind: 'postgres', url: 'postgres://x:hemmelig@127.0.0.1:1/nei' },
				/cannot be opened/,
			],
			['memberJourneysStoreApi', { kind: 'postgres', url: 'mysql://nei' }, /PostgreSQL URL/],
			['linkMyLinkApi', { clientSecret: 'feil' }, /Client (ID|Secret)|refuse|credential/i],
			['makeNewsletterApi', { apiKey: 'feil' }, /API Key|User ID|refuse|credential/i],
			['sftpApi', { password: 'feil' }, /let us in/],
			['sftpApi', { hostKey: `SHA256:${'A'.repeat(43)}` }, /another key/],
			['adversusApi', { password: 'feil' }, /Password|User Name|credential/],
			['vicidialApi', { password: 'feil' }, /Password|User|credential/],
			['pingenApi', { clientSecret: 'feil' }, /Client (ID|Secret)|credential/],
		])('%s', async (type, change, said) => {
			expect(await tried(type, {})).toMatchObject({ status: 'OK' });
			const { status, message } = await tried(type, change);
			expect(status).toBe('Error');
			expect(message).toMatch(said);
			expect(message).not.toMatch(/hemmelig|feil/);
		});
	});
}
