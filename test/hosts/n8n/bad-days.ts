/** Days on which a provider or PostgreSQL is not well, in a real n8n: what the run says, and that it goes on after. */
import pg from 'pg';
import { type CutProxy, cutProxy } from '../../servers/cutProxy';
import type { RealN8n } from './realN8n';
import { end, posted, step, workflow } from './workflow';

export function badDays(real: () => RealN8n): void {
	/** Publishes `posted → Step → First, Second`; gives back how to post to it and read what the run said. */
	async function published(path: string, type: string, parameters: object, more: object = {}) {
		const { api, credentials, n8n } = real();
		const name = path.toUpperCase();
		const flow = workflow(
			path,
			[...posted(name, path), step('Step', type, parameters, more), end('First'), end('Second')],
			{ [name]: [`${name} Items`], [`${name} Items`]: ['Step'], Step: ['First', 'Second'] },
		);
		const id = await api.createWorkflow(flow, credentials);
		await api.publish(id);
		return async (items: object[]) => {
			const before = (await api.executions(id)).length;
			await api.waitFor(
				async () => {
					const answer = await fetch(`${n8n.url}/webhook/${path}`, {
						method: 'POST',
						headers: { 'content-type': 'application/json' },
						body: JSON.stringify({ items }),
					});
					return answer.status;
				},
				(status) => status === 200,
			);
			const runs = await api.waitFor(
				() => api.executions(id),
				(all) => all.length > before && all.every(({ status }) => status === 'success' || status === 'error'),
			);
			const newest = runs.map((run) => Number(run.id)).sort((a, b) => b - a)[0];
			const { runData, error } = await api.runData(String(newest));
			return {
				message: error?.message ?? '',
				first: JSON.stringify(runData.First?.[0]?.data?.main?.[0] ?? []),
				second: JSON.stringify(runData.Second?.[0]?.data?.main?.[0] ?? []),
			};
		};
	}

	describe('a bad day at LINK, in a real n8n', () => {
		let post: Awaited<ReturnType<typeof published>>;
		let number = 0;
		const sms = () => post([{ phone: `+4740000${300 + (number += 1)}` }]);
		const fault = async (wish: object) => {
			const answer = await fetch(`${real().sandbox.url}/faults`, {
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify({ provider: 'link', next: 1, ...wish }),
			});
			expect(answer.status).toBe(200);
		};
		beforeAll(async () => {
			post = await published('sms', 'linkSms', { sender: 'Eksempel', text: 'Hei', purpose: '' });
		}, 60_000);

		test('nothing is the matter', async () => {
			expect((await sms()).first).toContain('accepted');
		});
		test('400: the message leaves by Not Sent with what LINK said', async () => {
			await fault({ kind: '400' });
			expect((await sms()).second).toMatch(/Bad request/);
		});
		test.each(['401', '403'])('%s: the run stops, and says that it is about the account', async (kind) => {
			await fault({ kind, next: 2 });
			expect((await sms()).message).toMatch(/LINK/);
			await fetch(`${real().sandbox.url}/faults`, { method: 'DELETE' });
		});
		test('429: waits as long as LINK asks, then sends', async () => {
			await fault({ kind: '429', retryAfter: 1 });
			expect((await sms()).first).toContain('accepted');
		});
		test.each(['500', 'html'])(
			'%s: it may have gone out, so it is unknown and not sent again',
			async (kind) => {
				await fault({ kind });
				expect((await sms()).first).toContain('unknown');
			},
		);
	});

	describe('a bad day at PostgreSQL, in a real n8n', () => {
		let proxy: CutProxy;
		let post: Awaited<ReturnType<typeof published>>;
		beforeAll(async () => {
			const server = new URL(process.env.DATABASE_URL ?? '');
			const client = new pg.Client({ connectionString: server.href });
			await client.connect();
			const name = `bad_day_${process.pid}_${Date.now()}`;
			await client.query(`create database ${name}`);
			await client.end();
			proxy = await cutProxy(server.hostname, Number(server.port));
			server.port = String(proxy.port);
			server.pathname = `/${name}`;
			const data = { kind: 'postgres', file: '', url: server.href, clockUrl: '' };
			const id = await real().api.createCredential('memberJourneysStoreApi', 'PostgreSQL', data);
			const more = { credentials: { memberJourneysStoreApi: { id, name: 'PostgreSQL' } } };
			post = await published('telle', 'segment', { operation: 'count' }, more);
		}, 60_000);
		afterAll(() => proxy?.close().catch(() => undefined));

		test('down: the run says which store, without its password; back: the next run goes on, n8n still there', async () => {
			expect((await post([{}])).first).toContain('"count":0');
			await proxy.cut();
			const { message } = await post([{}]);
			expect(message).toMatch(/The Journey Store at postgres:.*cannot be opened/);
			expect(message).not.toContain('postgres:postgres@');
			await proxy.mend();
			expect((await post([{}])).first).toContain('"count":0');
		});
	});
}
