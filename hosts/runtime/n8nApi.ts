/** n8n's own REST API (the one its editor uses), as far as trials and tests need it. Read from n8n 2.41. */
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod/v4';
import type { RunningN8n } from './n8nProcess';

const BROWSER = 'member-journeys';

const execution = z.looseObject({
	id: z.coerce.string(),
	status: z.string(),
	mode: z.string(),
	workflowId: z.string().nullish(),
});
export type Execution = z.infer<typeof execution>;

const item = z.looseObject({ json: z.record(z.string(), z.unknown()) });
const nodeRun = z.looseObject({
	executionStatus: z.string().optional(),
	error: z.looseObject({ message: z.string().optional(), description: z.string().nullish() }).nullish(),
	data: z.looseObject({ main: z.array(z.array(item).nullable()).optional() }).nullish(),
	hints: z.array(z.looseObject({ message: z.string() })).optional(),
});
const runData = z.looseObject({
	resultData: z.looseObject({
		runData: z.record(z.string(), z.array(nodeRun)),
		error: z.looseObject({ message: z.string().optional(), description: z.string().nullish() }).nullish(),
		lastNodeExecuted: z.string().optional(),
	}),
});
export type RunData = z.infer<typeof runData>['resultData'];

const workflow = z.looseObject({ id: z.string(), versionId: z.string().optional() });

export interface WorkflowFile {
	name: string;
	nodes: Array<{ name: string; type: string; credentials?: object; [key: string]: unknown }>;
	connections: object;
	settings?: object;
}

export interface N8nApi {
	/** @throws with n8n's own message unless it answers with 2xx. */
	call(method: string, path: string, body?: unknown): Promise<unknown>;
	nodeTypes(): Promise<string[]>;
	createCredential(type: string, name: string, data: object): Promise<string>;
	testCredential(
		id: string,
		type: string,
		name: string,
		data: object,
	): Promise<{ status: string; message: string }>;
	/** Credentials by type are put into every node that has a place for them. */
	createWorkflow(
		file: WorkflowFile,
		credentials?: Record<string, { id: string; name: string }>,
	): Promise<string>;
	/** As saving in the editor does: what is published stays until {@link publish}. */
	changeWorkflow(workflowId: string, file: WorkflowFile): Promise<void>;
	publish(workflowId: string): Promise<void>;
	unpublish(workflowId: string): Promise<void>;
	/** As "Execute workflow" in the editor does, from the named trigger. */
	runByHand(workflowId: string, trigger: string): Promise<string>;
	executions(workflowId: string): Promise<Execution[]>;
	runData(executionId: string): Promise<RunData>;
	/** Asks again until `enough`. */
	waitFor<T>(ask: () => Promise<T>, enough: (found: T) => boolean, withinMs?: number): Promise<T>;
}

export async function n8nApi(n8n: RunningN8n): Promise<N8nApi> {
	const cookie = await signIn(n8n);
	const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
		const answer = await fetch(n8n.url + path, {
			method,
			headers: { cookie, 'browser-id': BROWSER, 'content-type': 'application/json', 'push-ref': BROWSER },
			body: body === undefined ? undefined : JSON.stringify(body),
		});
		const text = await answer.text();
		if (!answer.ok)
			throw new Error(`n8n answers ${method} ${path} with ${answer.status}: ${text.slice(0, 1_000)}`);
		if (!text) return undefined;
		const parsed = JSON.parse(text) as { data?: unknown };
		return typeof parsed === 'object' && 'data' in parsed ? parsed.data : parsed;
	};
	const read = async (id: string) => workflow.parse(await call('GET', `/rest/workflows/${id}`));

	/** By node type, which of these credentials such a node takes. */
	const credentialsTaken = async (given: Record<string, { id: string; name: string }>) => {
		const types = z
			.array(
				z.looseObject({
					name: z.string(),
					credentials: z.array(z.looseObject({ name: z.string() })).optional(),
				}),
			)
			.parse(await call('GET', '/types/nodes.json'));
		const taken = (names: Array<{ name: string }>) =>
			Object.fromEntries(names.flatMap(({ name }) => (given[name] ? [[name, given[name]]] : [])));
		return new Map(types.map(({ name, credentials = [] }) => [name, taken(credentials)]));
	};
	return {
		call,
		async nodeTypes() {
			const types = await call('GET', '/types/nodes.json');
			return z
				.array(z.looseObject({ name: z.string() }))
				.parse(types)
				.map(({ name }) => name);
		},
		async createCredential(type, name, data) {
			return workflow.parse(await call('POST', '/rest/credentials', { name, type, data })).id;
		},
		async testCredential(id, type, name, data) {
			const answer = await call('POST', '/rest/credentials/test', { credentials: { id, type, name, data } });
			return z.object({ status: z.string(), message: z.string() }).parse(answer);
		},
		async createWorkflow(file, credentials = {}) {
			const taken = await credentialsTaken(credentials);
			const nodes = file.nodes.map((node) => ({
				...node,
				credentials: filledIn(node.credentials ?? taken.get(node.type), credentials),
			}));
			const body = { settings: { executionOrder: 'v1' }, ...file, nodes, pinData: {} };
			return workflow.parse(await call('POST', '/rest/workflows', body)).id;
		},
		async changeWorkflow(id, file) {
			const { versionId } = await read(id);
			await call('PATCH', `/rest/workflows/${id}`, {
				settings: { executionOrder: 'v1' },
				...file,
				versionId,
				pinData: {},
			});
		},
		async publish(id) {
			const { versionId } = await read(id);
			await call('POST', `/rest/workflows/${id}/activate`, { versionId });
		},
		async unpublish(id) {
			await call('POST', `/rest/workflows/${id}/deactivate`, {});
		},
		async runByHand(id, trigger) {
			const workflowData = await read(id);
			const started = await call('POST', `/rest/workflows/${id}/run`, {
				workflowData,
				triggerToStartFrom: { name: trigger },
			});
			return z.object({ executionId: z.coerce.string() }).parse(started).executionId;
		},
		async executions(id) {
			const filter = encodeURIComponent(JSON.stringify({ workflowId: id }));
			const page = await call('GET', `/rest/executions?filter=${filter}&limit=100`);
			return z.looseObject({ results: z.array(execution) }).parse(page).results;
		},
		async runData(id) {
			const { data } = z.looseObject({ data: z.string() }).parse(await call('GET', `/rest/executions/${id}`));
			return runData.parse(unflatten(data)).resultData;
		},
		async waitFor(ask, enough, withinMs = 30_000) {
			const until = Date.now() + withinMs;
			for (;;) {
				const found = await ask();
				if (enough(found)) return found;
				if (Date.now() > until) {
					throw new Error(
						`Waited ${withinMs} ms in vain; the last answer was ${JSON.stringify(found)?.slice(0, 2_000)}\n${n8n.log().slice(-4_000)}`,
					);
				}
				await pause(100);
			}
		},
	};
}

async function signIn({ url, email, password }: RunningN8n): Promise<string> {
	const answer = await fetch(`${url}/rest/login`, {
		method: 'POST',
		headers: { 'content-type': 'application/json', 'browser-id': BROWSER },
		body: JSON.stringify({ emailOrLdapLoginId: email, password }),
	});
	const cookie = answer.headers.getSetCookie().find((one) => one.startsWith('n8n-auth='));
	if (!cookie) throw new Error(`n8n does not let ${email} in: ${answer.status} ${await answer.text()}`);
	return cookie.split(';')[0] ?? cookie;
}

/** A node that names a credential of this n8n keeps it. */
function filledIn(
	wanted: object | undefined,
	credentials: Record<string, { id: string; name: string }>,
): object | undefined {
	if (!wanted) return undefined;
	return Object.fromEntries(
		Object.entries(wanted as Record<string, { id?: string }>).map(([type, named]) => [
			type,
			named.id ? named : (credentials[type] ?? named),
		]),
	);
}

/** n8n keeps run data as `flatted`: one list of values that refer to each other by position. */
function unflatten(text: string): unknown {
	const values = JSON.parse(text) as unknown[];
	const done = new Map<number, unknown>();
	const revive = (index: number): unknown => {
		if (done.has(index)) return done.get(index);
		const value = values[index];
		if (typeof value !== 'object' || value === null) return value;
		const into: Record<string, unknown> | unknown[] = Array.isArray(value) ? [] : {};
		done.set(index, into);
		for (const [key, one] of Object.entries(value)) {
			(into as Record<string, unknown>)[key] = typeof one === 'string' ? revive(Number(one)) : one;
		}
		return into;
	};
	return revive(0);
}
