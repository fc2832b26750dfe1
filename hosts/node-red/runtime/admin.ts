/** What the editor's dialogs ask: choices for dropdowns, a test of a credential, and the start button. */
import type { Request, RequestHandler, Response } from 'express';
import { StepProblem } from '../../../core/ports';
import type { CredentialName, StepContext } from '../../../core/step';
import { z } from 'zod/v4';
import { axiosHttp } from '../../axiosHttp';
import { type Borrowed, borrowStore, clockAt, readStoreSettings } from '../../sharedStores';
import { resolved } from '../form/dynamic';
import { configNodeTypes } from '../form/form';
import { type Values, complete } from '../form/values';
import { type ConfigNode, type Host, addressOf } from './host';
import { type StepNode, spoken } from './stepNode';

const values = z.record(z.string(), z.unknown());
/** A config node as the editor has it: perhaps never deployed, secrets only where they were typed in anew. */
const entered = z.object({ id: z.string(), values });
const choicesAsked = z.object({
	params: values,
	row: values.default({}),
	configs: z.record(z.string(), entered),
});

export function serveDialogs(host: Host): void {
	const { RED } = host;
	const allowed = RED.auth.needsPermission('member-journeys.write') as RequestHandler;
	// Node-RED's admin app has parsed the JSON body.
	const route = (path: string, answer: (request: Request) => Promise<unknown>) =>
		RED.httpAdmin.post(
			`/member-journeys/${path}`,
			allowed,
			(request, response) => void reply(request, response, answer),
		);

	route('choices/:type/:method', async (request) => {
		const { type, method } = request.params;
		const registered = host.steps.get(String(type));
		const choices = registered?.step.choices?.[String(method)];
		if (!registered || !choices)
			throw new StepProblem(`There is no list “${String(method)}” for ${String(type)}.`);
		const { params, row, configs } = choicesAsked.parse(request.body);
		const dialog = await dialogContext(host, configs, registered.form.title);
		try {
			// In a row of a list, the row's own fields stand on top.
			const entered = { ...complete(registered.form.fields, params), ...row };
			const current = await resolved(entered, async () => undefined);
			return await choices(dialog.context, current as Values);
		} finally {
			dialog.release();
		}
	});

	route('test/:type/:id', async (request) => {
		const { type, id } = request.params;
		const config = host.configs.get(String(type));
		if (!config) throw new StepProblem(`There is no ${String(type)}.`);
		const merged = await allValues(host, String(type), {
			id: String(id),
			values: values.parse(request.body),
		});
		if (config.form.type === 'mj-store') await tryStore(host, merged);
		else await config.check?.({ http: axiosHttp }, merged);
		return {};
	});

	route('start/:id', async (request) => {
		const node = RED.nodes.getNode(String(request.params['id'])) as StepNode | null;
		if (!node?.startNow) throw new StepProblem('Deploy the flow first, then start.');
		return { started: await node.startNow() };
	});
}

async function reply(
	request: Request,
	response: Response,
	answer: (request: Request) => Promise<unknown>,
): Promise<void> {
	try {
		response.json(await answer(request));
	} catch (cause) {
		// 422: the dialog shows the text; it is about what was entered, or about what cannot be reached.
		response.status(422).json({ message: spoken(cause).message });
	}
}

async function allValues(
	host: Host,
	type: string,
	{ id, values: typed }: z.infer<typeof entered>,
): Promise<Values> {
	const form = host.configs.get(type)?.form;
	const kept = (host.RED.nodes.getCredentials(id) ?? {}) as Values;
	const deployed = (host.RED.nodes.getNode(id) as ConfigNode | null)?.values ?? {};
	// A password field that was not touched is not sent: what is kept stands.
	const touched = Object.fromEntries(
		Object.entries(typed).filter(([, value]) => value !== undefined && value !== '__PWRD__'),
	);
	return complete(form?.fields ?? [], { ...deployed, ...kept, ...touched });
}

async function dialogContext(host: Host, configs: Record<string, z.infer<typeof entered>>, title: string) {
	let borrowed: Promise<Borrowed> | undefined;
	const credentials = async (name: CredentialName): Promise<Values> => {
		const { type } = configNodeTypes[name];
		const config = configs[type];
		const shown = host.configs.get(type)?.form.title ?? type;
		if (!config) throw new StepProblem(`Choose a ${shown} first.`, { field: shown });
		return await allValues(host, type, config);
	};
	const store = configs['mj-store'];
	const clockUrl = store ? readStoreSettings(await allValues(host, 'mj-store', store)).clockUrl : '';
	const context: StepContext = {
		store: async () => {
			borrowed ??= credentials('memberJourneysStoreApi').then((found) => borrowStore(addressOf(host, found)));
			return (await borrowed).store;
		},
		credentials,
		clock: await clockAt(clockUrl),
		http: axiosHttp,
		place: { host: 'node-red', flow: '', flowName: '', step: '', name: title },
		testRun: true,
		continueOnFail: false,
		progress: () => undefined,
		hint: () => undefined,
		log: () => undefined,
	};
	return { context, release: () => void borrowed?.then(({ release }) => release()).catch(() => undefined) };
}

async function tryStore(host: Host, settings: Values): Promise<void> {
	await clockAt(readStoreSettings(settings).clockUrl);
	const { release } = await borrowStore(addressOf(host, settings));
	release();
}
