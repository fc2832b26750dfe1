/**
 * Adversus on the wire, under `/adversus/v1`. Documented (help.adversus.io 5692, 5699, 5705): `POST /v1/leads` with HTTP
 * Basic, `campaignId`, `pool` and `masterData`; webhooks set by GET, POST, PUT and DELETE, the event `lead_saved` with a
 * template whose merge tags are `[fieldId]`, `[status]`, `[last_called_by]`, `[lead_id]`, its result under `data`; the
 * closed statuses success, not interested, unqualified and invalid. From a public client (JohanFactory/AdversusPHP):
 * `GET`, `PUT` and `DELETE` of leads, filters, moments without parts of seconds. Everything else here is our assumption.
 */
import express, { type NextFunction, type Request, type Response, Router } from 'express';
import { z } from 'zod/v4';
import { type Credentials, basic } from '../link/tokens';
import type { ErrorShape } from '../faults';
import type { Outgoing } from '../outgoing';
import { type Agency, type Call, type Lead, type Outcome, type Teller, phoneOf } from './agency';

const USER = 4_711;

/** What a call fills in, by the number of the result field: a real account has numbers of its own. */
export const resultFields = {
	reason: 9001,
	amount: 9002,
	frequency: 9003,
	paymentForm: 9004,
	callBackAt: 9005,
	street: 9006,
	postalCode: 9007,
	city: 9008,
	note: 9009,
} as const;

/** What our docs tell to paste, with the numbers of these result fields. */
export const leadSavedTemplate = {
	status: '[status]',
	leadId: '[lead_id]',
	reason: '[9001]',
	amount: '[9002]',
	frequency: '[9003]',
	paymentForm: '[9004]',
	callBackAt: '[9005]',
	newStreet: '[9006]',
	newPostalCode: '[9007]',
	newCity: '[9008]',
};

const words: Record<Outcome, string> = {
	yes: 'success',
	no: 'notInterested',
	hangUp: 'notInterested',
	noAnswer: 'noAnswer',
	busy: 'busy',
	callBack: 'privateCallback',
	wrongNumber: 'wrongNumber',
	doNotCall: 'do not call',
	moved: 'moved',
	deceased: 'deceased',
};

export const adversusErrors: ErrorShape = (status) => ({ error: `Error ${status}` });

const webhook = z.object({
	event: z.string().min(1),
	url: z.url(),
	template: z.record(z.string(), z.unknown()).nullish(),
});
interface Hook extends z.infer<typeof webhook> {
	id: number;
}

const newLead = z.object({
	campaignId: z.number().int(),
	pool: z.number().int(),
	masterData: z
		.array(
			z.object({
				id: z.number().int(),
				value: z
					.union([z.string(), z.number(), z.boolean()])
					.nullable()
					.transform((one) => String(one ?? '')),
			}),
		)
		.min(1),
	externalId: z.union([z.string(), z.number()]).transform(String).optional(),
	status: z.string().default('new'),
	nextContactTime: z.string().nullish(),
	lastContactedBy: z.union([z.string(), z.number()]).nullish(),
});

const changed = z.looseObject({ status: z.string().optional(), active: z.boolean().optional() });

export class Adversus implements Teller {
	readonly hooks = new Map<number, Hook>();
	private nextHook = 1;

	constructor(
		private readonly agency: Agency,
		private readonly outgoing: Outgoing,
	) {
		agency.register('adversus', this);
	}

	word(outcome: Outcome): string {
		return words[outcome];
	}

	called(lead: Lead, _call: Call): void {
		for (const hook of this.hooks.values()) {
			if (hook.event !== 'lead_saved') continue;
			const json = {
				event: 'lead_saved',
				...(hook.template ? { data: merged(hook.template, lead) } : { leadId: lead.id }),
			};
			void this.outgoing.tell({
				provider: 'adversus',
				what: 'lead_saved',
				url: hook.url,
				body: { json },
			});
		}
	}

	routes(credentials: Credentials): Router {
		const routes = Router();
		const auth = (request: Request, response: Response, next: NextFunction) => {
			const given = basic(request.headers.authorization);
			if (given?.id === credentials.id && given.secret === credentials.secret) return next();
			response.status(401).json({ error: 'Unauthorized' });
		};
		routes.use('/v1', auth, express.json({ limit: '2mb' }));
		routes.post('/v1/leads', (request, response) => {
			const read = newLead.safeParse(request.body);
			if (!read.success) return refuse(response, 400, wrong(read.error));
			response.status(200).json({ id: this.take(read.data).id });
		});
		routes.get('/v1/leads', (request, response) => {
			const page = Math.max(1, Number(request.query.page) || 1);
			const size = Math.min(1_000, Number(request.query.pageSize) || 100);
			const all = this.agency.find(({ by }) => by === 'adversus').map(shown);
			const filtered = filter(all, request.query.filters);
			if (!filtered) return refuse(response, 400, 'The filters cannot be read');
			response.json({
				leads: filtered.slice((page - 1) * size, page * size),
				meta: { page, pageSize: size },
			});
		});
		routes.get('/v1/leads/:id', (request, response) => {
			const lead = this.agency.leads.get(Number(request.params.id));
			if (lead?.by !== 'adversus') return refuse(response, 404, 'Not found');
			response.json(shown(lead));
		});
		routes.put('/v1/leads/:id', (request, response) => {
			const lead = this.agency.leads.get(Number(request.params.id));
			const read = changed.safeParse(request.body);
			if (lead?.by !== 'adversus' || lead.state === 'withdrawn') return refuse(response, 404, 'Not found');
			if (!read.success) return refuse(response, 400, wrong(read.error));
			const { status = lead.status, active = true } = read.data;
			this.agency.touch(lead, { status, ...(active ? {} : { state: 'withdrawn' }) });
			response.json(shown(lead));
		});
		routes.delete('/v1/leads/:id', (request, response) => {
			const lead = this.agency.leads.get(Number(request.params.id));
			if (lead?.by !== 'adversus' || lead.state === 'withdrawn') return refuse(response, 404, 'Not found');
			this.agency.withdraw(lead, 'removed');
			response.status(204).end();
		});
		this.hookRoutes(routes);
		routes.use((_request, response) => refuse(response, 404, 'Not found'));
		routes.use((error: unknown, _request: Request, response: Response, _next: NextFunction) =>
			refuse(response, error instanceof SyntaxError ? 400 : 500, 'Not readable'),
		);
		return routes;
	}

	private hookRoutes(routes: Router): void {
		routes.get('/v1/webhooks', (_request, response) => {
			response.json({ webhooks: [...this.hooks.values()] });
		});
		routes.post('/v1/webhooks', (request, response) => {
			const read = webhook.safeParse(request.body);
			if (!read.success) return refuse(response, 400, wrong(read.error));
			response.json(this.hook(read.data));
		});
		routes.put('/v1/webhooks/:id', (request, response) => {
			const there = this.hooks.get(Number(request.params.id));
			const read = webhook.partial().safeParse(request.body);
			if (!there || !read.success) return refuse(response, there ? 400 : 404, 'Not found, or not readable');
			response.json(Object.assign(there, read.data));
		});
		routes.delete('/v1/webhooks/:id', (request, response) => {
			if (!this.hooks.delete(Number(request.params.id))) return refuse(response, 404, 'Not found');
			response.status(204).end();
		});
	}

	hook(wanted: z.infer<typeof webhook>): Hook {
		const hook = { ...wanted, id: this.nextHook };
		this.nextHook += 1;
		this.hooks.set(hook.id, hook);
		return hook;
	}

	private take({
		campaignId,
		pool,
		masterData,
		externalId,
		status,
		nextContactTime,
	}: z.infer<typeof newLead>) {
		const values = masterData.map(({ value }) => value);
		const phone = values.find(
			(value) => /^\+?[\d\s]{8,16}$/.test(value.trim()) && /^(\+|\d{8}$)/.test(value),
		);
		const at = nextContactTime ? Date.parse(nextContactTime) : NaN;
		return this.agency.add({
			by: 'adversus',
			campaign: String(campaignId),
			externalId: externalId ?? '',
			phone: phone ? phoneOf(phone) : '',
			name: values.find((value) => /^\p{L}[\p{L} .'-]+ \p{L}[\p{L} .'-]*$/u.test(value)) ?? '',
			from: Number.isNaN(at) ? null : at,
			to: null,
			hours: null,
			status,
			fields: { pool: String(pool), ...Object.fromEntries(masterData.map(({ id, value }) => [id, value])) },
		});
	}
}

function resultsOf(lead: Lead): Record<string, string> {
	const call = lead.calls.at(-1);
	if (!call) return {};
	const all: Record<keyof typeof resultFields, string | number | undefined> = {
		reason: call.reason,
		amount: call.amount,
		frequency: call.frequency,
		paymentForm: call.paymentForm,
		callBackAt: call.callBackAt === undefined ? undefined : moment(call.callBackAt),
		street: call.newAddress?.street,
		postalCode: call.newAddress?.postalCode,
		city: call.newAddress?.city,
		note: call.note,
	};
	return Object.fromEntries(
		Object.entries(all).flatMap(([name, value]) =>
			value === undefined ? [] : [[resultFields[name as keyof typeof resultFields], String(value)]],
		),
	);
}

/** The template with its merge tags filled in; a field that is not there leaves nothing. */
function merged(template: unknown, lead: Lead): unknown {
	if (Array.isArray(template)) return template.map((one) => merged(one, lead));
	if (typeof template === 'object' && template !== null)
		return Object.fromEntries(Object.entries(template).map(([key, value]) => [key, merged(value, lead)]));
	if (typeof template !== 'string') return template;
	const all: Record<string, string> = {
		...lead.fields,
		...resultsOf(lead),
		status: lead.status,
		last_called_by: lead.calls.length > 0 ? String(USER) : '',
		lead_id: String(lead.id),
	};
	return template.replace(/\[(\w+)\]/g, (_, tag: string) => all[tag] ?? '');
}

const moment = (at: number) => new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');

/** The fields that a public client (JohanFactory/AdversusPHP) reads. */
function shown(lead: Lead) {
	const { pool: _, ...master } = lead.fields;
	const pairs = (values: Record<string, string>) =>
		Object.entries(values).map(([id, value]) => ({ id: Number(id), value }));
	return {
		id: lead.id,
		campaignId: Number(lead.campaign),
		externalId: lead.externalId || null,
		contactAttempts: lead.calls.length,
		lastModifiedTime: moment(lead.changedAt),
		nextContactTime: lead.from === null || lead.state !== 'waiting' ? null : moment(lead.from),
		lastContactedBy: lead.calls.length > 0 ? USER : null,
		status: lead.status,
		active: lead.state === 'waiting',
		masterData: pairs(master),
		resultData: pairs(resultsOf(lead)),
	};
}

type Shown = ReturnType<typeof shown>;
const operators: Record<string, (a: string | number, b: string | number) => boolean> = {
	$eq: (a, b) => String(a) === String(b),
	$neq: (a, b) => String(a) !== String(b),
	$gt: (a, b) => a > b,
	$lt: (a, b) => a < b,
	$c: (a, b) => String(a).includes(String(b)),
	$nc: (a, b) => !String(a).includes(String(b)),
};
const filters = z.record(z.string(), z.record(z.string(), z.union([z.string(), z.number()])));

/** `filters={"status":{"$eq":"success"}}`, as that client writes it. */
function filter(leads: Shown[], text: unknown): Shown[] | undefined {
	if (typeof text !== 'string') return leads;
	let wanted: z.infer<typeof filters>;
	try {
		wanted = filters.parse(JSON.parse(text));
	} catch {
		return undefined;
	}
	const tests = Object.entries(wanted).flatMap(([field, conditions]) =>
		Object.entries(conditions).map(([operator, value]) => ({ field, test: operators[operator], value })),
	);
	if (tests.some(({ test }) => !test)) return undefined;
	return leads.filter((lead) =>
		tests.every(({ field, test, value }) => {
			const own: unknown = Object.entries(lead).find(([key]) => key === field)?.[1];
			return test!(typeof own === 'number' ? own : String(own ?? ''), value);
		}),
	);
}

function wrong(error: z.ZodError): string {
	const issue = error.issues[0];
	return `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim();
}

function refuse(response: Response, status: number, error: string): void {
	response.status(status).json({ error });
}
