/** The page of people on journeys, served by a real n8n, in a real browser that runs no scripts. */
import type { RealN8n } from './realN8n';
import { basic, countsOf, forge, login, openPeoplePage, tryAllAgain } from '../peoplePageStory';
import { end, posted, step, workflow } from './workflow';

const PEOPLE = 6;

export function peoplePage(real: () => RealN8n): void {
	describe('the page of people on journeys, in a real n8n', () => {
		let url: string;
		let pageFlow: string;
		const right = { authorization: basic(login.username, login.password) };

		beforeAll(async () => {
			const { api, credentials, n8n, sandbox } = real();
			await fetch(`${sandbox.url}/faults`, {
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify({ provider: 'link', kind: '403', next: 1_000 }),
			});
			const journey = workflow(
				'Står fast',
				[
					...posted('Stuck', 'stuck'),
					step('Inn på reise', 'enrol', { journeyName: 'Står fast' }),
					step('Velkomst', 'linkSms', { sender: 'Eksempel', text: 'Hei', purpose: '' }),
					step('Venter lenge', 'waitForGoal', {
						goals: { goal: [{ kind: 'replied' }] },
						wait: 'duration',
						amount: 5,
						unit: 'days',
						since: 'gate',
					}),
				],
				{
					Stuck: ['Stuck Items'],
					'Stuck Items': ['Inn på reise'],
					'Inn på reise': ['Velkomst', undefined],
					Velkomst: ['Venter lenge', 'Venter lenge'],
				},
			);
			await api.publish(await api.createWorkflow(journey, credentials));

			const data = { userName: login.username, password: login.password };
			const id = await api.createCredential('memberJourneysPageApi', 'Siden', data);
			const page = workflow(
				'Personer på reise',
				[
					step(
						'Siden',
						'journeyPeoplePage',
						{ heading: 'Eksempelforeningen' },
						{
							webhookId: 'people-page',
							credentials: {
								memberJourneysStoreApi: credentials['memberJourneysStoreApi'],
								memberJourneysPageApi: { id, name: 'Siden' },
							},
						},
					),
					end('Fortalt'),
				],
				{ Siden: ['Fortalt'] },
			);
			pageFlow = await api.createWorkflow(page);
			await api.publish(pageFlow);
			url = `${n8n.url}/webhook/people-page/people`;
			await api.waitFor(
				async () => (await fetch(url, { headers: right })).status,
				(status) => status === 200,
			);
			const items = Array.from({ length: PEOPLE }, (_, i) => ({ memberNumber: String(101 + i) }));
			await api.waitFor(
				async () => {
					const answer = await fetch(`${n8n.url}/webhook/stuck`, {
						method: 'POST',
						headers: { 'content-type': 'application/json' },
						body: JSON.stringify({ items }),
					});
					return answer.status;
				},
				(status) => status === 200,
			);
		}, 120_000);

		test('only who knows the password is let in, and the page keeps its own policy', async () => {
			expect((await fetch(url)).status).toBe(401);
			expect(
				(await fetch(url, { headers: { authorization: basic(login.username, 'et annet ord her') } })).status,
			).toBe(401);
			const answer = await fetch(url, { headers: right });
			expect(answer.headers.get('content-security-policy')).toMatch(
				/^default-src 'none'; style-src 'nonce-.*sandbox allow-forms/,
			);
			expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
			expect(answer.headers.get('cache-control')).toBe('no-store');
		});

		test('the stuck are seen, no foreign page moves them, and they are tried again', async () => {
			const { api, sandbox } = real();
			const { page, complaints, close } = await openPeoplePage(url);
			try {
				const counts = async (name: string) => {
					await page.goto(url);
					return await countsOf(page, name);
				};
				await api.waitFor(
					() => counts('Inn på reise'),
					(found) => found[2] === PEOPLE,
					60_000,
				);
				await page.locator('a.stuck').first().click();
				await page.getByRole('radio', { name: /^all 6 people/ }).check();
				await page.getByRole('button', { name: 'Take out…' }).click();
				const ticket = await page.locator('form:has(button[value=agreed]) input[name=ticket]').inputValue();
				expect(await forge(url, ticket)).toBe(403);
				expect((await counts('Inn på reise'))[2]).toBe(PEOPLE);

				await fetch(`${sandbox.url}/faults`, { method: 'DELETE' });
				expect(await tryAllAgain(page, 'Inn på reise')).toContain('6 people retried.');
				await api.waitFor(
					() => counts('Venter lenge'),
					(found) => found[0] === PEOPLE,
					60_000,
				);

				// Nobody stays behind on this journey.
				await page.getByRole('link', { name: 'Venter lenge' }).click();
				await page.getByRole('radio', { name: /^all 6 people/ }).check();
				await page.getByRole('button', { name: 'Take out…' }).click();
				await page.getByLabel('Reason').fill('prøven er over');
				await page.getByRole('button', { name: 'Yes, take out' }).click();
				expect(await page.getByRole('status').innerText()).toContain('6 people taken out.');
				expect(complaints).toEqual([]);
			} finally {
				await close();
			}
		}, 180_000);

		test('what was done starts the flow, with counts and no names', async () => {
			const { api } = real();
			const runs = await api.waitFor(
				() => api.executions(pageFlow),
				(all) => all.length === 2 && all.every(({ status }) => status === 'success'),
			);
			const first = Math.min(...runs.map(({ id }) => Number(id)));
			const { runData } = await api.runData(String(first));
			const told = JSON.stringify(runData['Fortalt']?.[0]?.data?.main?.[0] ?? []);
			expect(told).toMatch(/"action":"retried".*"people":6/);
			expect(told).not.toMatch(/Eksempel|Kari/);
		});
	});
}
