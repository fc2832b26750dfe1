/**
 * Make's subscribers service v2, under `/make/subscribers/api/public/v2`. Sources: apidocs.make.as (lists), the public
 * PHP client pindena/make-api-sdk (1.0.2) for the rest. What neither says is marked as our assumption.
 */
import { type Request, type Response, Router } from 'express';
import { z } from 'zod/v4';
import { ids, refuse, success, text } from './answers';
import { type MakeAccount, type Upsert, type UpsertHow, eventKinds } from './account';
import { type Subscriber, onTheWire, standardFields } from './subscriber';
import { eventTypes } from './webhooks';

const MOST_ROWS = 1_000;
const value = z.union([z.string(), z.number()]).transform(String).nullish();
const row = z
	.object({ email: value, phone: value, external_id: value, tags: z.array(z.string()).nullish() })
	.catchall(z.unknown());
const statuses = ['active', 'unsubscribed', 'bounce'] as const;

export function subscriberRoutes(account: MakeAccount): Router {
	const routes = Router();
	const wire = (subscriber: Subscriber) =>
		onTheWire(subscriber, account.customFields, (id) => account.lists.get(id)?.title ?? '');

	/** The query of every call that writes subscribers; answers by itself and gives undefined when it does not hold. */
	const how = (
		request: Request,
		response: Response,
		needs: { list: boolean; bulk: boolean },
	): UpsertHow | undefined => {
		const lists = ids(request, 'subscriber_list_id');
		const tag = text(request, 'tag') ?? 'replace';
		const status = text(request, 'status');
		const statusMobile = text(request, 'status_mobile');
		const allowed: readonly string[] = needs.bulk ? [...statuses, 'reactivate'] : statuses;
		if (!lists || (needs.list && lists.length === 0))
			return void refuse(response, 422, 'subscriber_list_id is missing');
		if (lists.some((id) => !account.lists.has(id)))
			return void refuse(response, 404, 'Subscriber list not found');
		if (tag !== 'replace' && tag !== 'merge')
			return void refuse(response, 422, 'tag must be replace or merge');
		if ((status && !allowed.includes(status)) || (statusMobile && !allowed.includes(statusMobile)))
			return void refuse(response, 422, 'status is invalid');
		return {
			lists,
			tag,
			status: status as UpsertHow['status'],
			statusMobile: statusMobile as UpsertHow['statusMobile'],
		};
	};

	const wanted = (body: unknown): Upsert | string => {
		const given = row.safeParse(body);
		if (!given.success) return 'Subscriber is invalid';
		const { email, phone, external_id, tags, ...rest } = given.data;
		const address = email?.trim().toLowerCase() || null;
		if (!address && !phone && !external_id) return 'Email is required';
		if (address && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(address)) return 'Email is invalid';
		const known = new Set<string>([...standardFields, ...account.customFields.map((field) => field.value)]);
		// A key that the account does not have is let go in silence, as Rails does: our assumption.
		const fields = Object.entries(rest).filter(([key]) => known.has(key));
		return {
			email: address,
			phone: phone?.trim() || null,
			externalId: external_id?.trim() || null,
			tags: tags ?? undefined,
			fields: Object.fromEntries(
				fields.map(([key, of]) => [key, of === null || of === undefined ? null : String(of)]),
			),
		};
	};

	/** Answers 404 by itself. */
	const byId = (request: Request, response: Response): Subscriber | undefined => {
		const subscriber = account.subscribers.get(Number(request.params.id));
		return subscriber ?? void refuse(response, 404, 'Subscriber not found');
	};

	routes.post('/subscribers', (request, response) => {
		const query = how(request, response, { list: true, bulk: false });
		if (!query) return;
		const upsert = wanted(request.body);
		if (typeof upsert === 'string') return refuse(response, 422, upsert);
		response.json({ ...success, ...wire(account.upsert(upsert, query).subscriber) });
	});

	// Through a form: what the body holds is our assumption. Every form in the sandbox puts people into its first list.
	routes.post('/signup_forms/:form/signup', (request, response) => {
		const form = account.forms.get(Number(request.params.form));
		if (!form) return refuse(response, 404, 'Signup form not found');
		const upsert = wanted(request.body);
		if (typeof upsert === 'string') return refuse(response, 422, upsert);
		account.upsert(upsert, { lists: [form.listId], tag: 'merge' });
		response.json(success);
	});

	const lookUp = (path: string, field: 'email' | 'phone') =>
		routes.post(path, (request, response) => {
			const given = row.safeParse(request.body);
			const sought = given.success ? given.data[field] : undefined;
			if (!sought) return refuse(response, 422, `${field} is missing`);
			const found = account.find({ [field]: sought });
			if (!found) return refuse(response, 404, 'Subscriber not found');
			response.json(wire(found));
		});
	lookUp('/subscribers/by_email', 'email');
	lookUp('/subscribers/by_phone', 'phone');
	routes.post('/subscribers/by_trackingtoken', (request, response) => {
		const { trackingtoken } = z
			.object({ trackingtoken: z.string() })
			.catch({ trackingtoken: '' })
			.parse(request.body);
		const found = [...account.subscribers.values()].find((one) => trackingTokenOf(one) === trackingtoken);
		if (!found) return refuse(response, 404, 'Subscriber not found');
		response.json(wire(found));
	});
	routes.get('/subscriberstatus', (request, response) => {
		const [from, to] = [text(request, 'from_date'), text(request, 'to_date')];
		const within = (at: number) =>
			(from === undefined || at >= Date.parse(from)) &&
			(to === undefined || at < Date.parse(to) + 86_400_000);
		response.json(
			[...account.subscribers.values()]
				.filter((one) => within(one.updatedAt))
				.map((one) => ({ id: one.id, email_status: one.emailStatus, phone_status: one.phoneStatus })),
		);
	});

	routes.get('/subscribers/by_list', (request, response) => {
		const list = Number(text(request, 'list_id'));
		if (!account.lists.has(list)) return refuse(response, 404, 'Subscriber list not found');
		const page = Number(text(request, 'page') ?? 1);
		const size = Math.min(Number(text(request, 'per_page') ?? MOST_ROWS), MOST_ROWS);
		const updated = text(request, 'updated_after');
		const status = text(request, 'status') ?? 'active';
		// Both are `active` by default, by the public client's documentation; that both must hold is our reading.
		const phoneStatus = text(request, 'status_mobile') ?? 'active';
		if (!(page >= 1) || !(size >= 1)) return refuse(response, 422, 'page and per_page must be positive');
		const found = account
			.inList(list)
			.filter(
				(one) =>
					one.emailStatus === status &&
					one.phoneStatus === phoneStatus &&
					(updated === undefined || one.updatedAt > Date.parse(updated)),
			);
		response.json(found.slice((page - 1) * size, page * size).map(wire));
	});

	routes.get('/subscribers/stats', (request, response) => {
		const email = text(request, 'email');
		const all = [...account.subscribers.values()].filter(
			(one) => !email || one.email === email.toLowerCase(),
		);
		response.json({
			total: all.length,
			active: all.filter((one) => one.emailStatus === 'active').length,
			unsubscribed: all.filter((one) => one.emailStatus === 'unsubscribed').length,
			bounce: all.filter((one) => one.emailStatus === 'bounce').length,
		});
	});

	/** An array of at most 1 000; answers by itself otherwise. */
	const rows = (request: Request, response: Response): unknown[] | undefined => {
		const body: unknown = request.body;
		if (!Array.isArray(body)) return void refuse(response, 422, 'The body must be an array');
		if (body.length > MOST_ROWS) return void refuse(response, 422, `At most ${MOST_ROWS} rows per call`);
		return body;
	};
	/**
	 * The answer of bulk calls is not documented: counts, and one entry for each row that was left out, are our
	 * assumption. Bulk calls fire no webhooks, as documented.
	 */
	const bulk = (
		method: 'post' | 'put',
		path: string,
		needsList: boolean,
		existing: (upsert: Upsert) => Subscriber | undefined,
		creates: boolean,
	) =>
		routes[method](path, (request, response) => {
			const query = how(request, response, { list: needsList, bulk: true });
			const all = query && rows(request, response);
			if (!query || !all) return;
			if (account.refuseRow && all.some((one) => row.safeParse(one).data?.email === account.refuseRow))
				return refuse(response, 422, 'Email is invalid');
			const done = { created: 0, updated: 0 };
			const errors: Array<{ index: number; message: string }> = [];
			all.forEach((one, index) => {
				const upsert = wanted(one);
				if (typeof upsert === 'string') return void errors.push({ index, message: upsert });
				const there = existing(upsert);
				if (!there && !creates) return void errors.push({ index, message: 'Subscriber not found' });
				done[account.upsert(upsert, query, there).created ? 'created' : 'updated'] += 1;
			});
			response.json({ ...success, ...done, errors });
		});
	const anyMatch = ({ email, phone, externalId }: Upsert) =>
		account.find({
			email: email ?? undefined,
			phone: phone ?? undefined,
			externalId: externalId ?? undefined,
		});
	bulk('post', '/subscribers/bulkinsert', true, anyMatch, true);
	bulk('put', '/subscribers/bulkupdate', true, anyMatch, false);
	bulk(
		'put',
		'/subscribers/bulkupdate_by_external_id',
		false,
		({ externalId }) => account.find({ externalId: externalId ?? undefined }),
		false,
	);
	routes.post('/subscribers/bulkremove', (request, response) => {
		const query = how(request, response, { list: true, bulk: true });
		const all = query && rows(request, response);
		if (!query || !all) return;
		let removed = 0;
		for (const one of all) {
			const upsert = wanted(one);
			const subscriber = typeof upsert === 'string' ? undefined : anyMatch(upsert);
			for (const list of query.lists) if (subscriber?.lists.delete(list)) removed += 1;
		}
		response.json({ ...success, removed });
	});

	const unsubscribe = (channel: 'email' | 'phone') => {
		routes.post(`/subscribers/unsubscribe_${channel}`, (request, response) => {
			const given = row.safeParse(request.body);
			const found = given.success ? account.find({ [channel]: given.data[channel] ?? undefined }) : undefined;
			if (!found) return refuse(response, 404, 'Subscriber not found');
			account.unsubscribe(found, channel);
			response.json({ ...success, ...wire(found) });
		});
		routes.post(`/subscribers/:id/unsubscribe_${channel}`, (request, response) => {
			const found = byId(request, response);
			if (!found) return;
			account.unsubscribe(found, channel);
			response.json({ ...success, ...wire(found) });
		});
	};
	unsubscribe('email');
	unsubscribe('phone');

	routes
		.route('/subscribers/:id')
		.get((request, response) => {
			// With an external id the number does not count: our reading of the public client, which asks for both.
			const externalId = text(request, 'external_id');
			const found = externalId ? account.find({ externalId }) : byId(request, response);
			if (found) return void response.json(wire(found));
			if (externalId) refuse(response, 404, 'Subscriber not found');
		})
		.patch((request, response) => {
			const found = byId(request, response);
			const query = found && how(request, response, { list: false, bulk: false });
			if (!found || !query) return;
			const upsert = wanted({ email: found.email, phone: found.phone, ...(request.body as object) });
			if (typeof upsert === 'string') return refuse(response, 422, upsert);
			response.json({ ...success, ...wire(account.upsert(upsert, query, found).subscriber) });
		})
		.delete((request, response) => {
			const found = byId(request, response);
			if (!found) return;
			account.remove(found);
			response.json(success);
		});

	routes.get('/subscribers/:id/subscriberlists', (request, response) => {
		const found = byId(request, response);
		if (found) response.json([...found.lists].map((id) => listOnTheWire(account, id)));
	});
	routes.post('/subscribers/:id/subscriberlists', (request, response) => {
		const found = byId(request, response);
		if (!found) return;
		const { list_id } = z.object({ list_id: z.coerce.number() }).catch({ list_id: NaN }).parse(request.body);
		if (!account.lists.has(list_id)) return refuse(response, 404, 'Subscriber list not found');
		found.lists.add(list_id);
		response.json(success);
	});
	routes.delete('/subscribers/:id/subscriberlists/:list', (request, response) => {
		const found = byId(request, response);
		if (!found) return;
		found.lists.delete(Number(request.params.list));
		response.json(success);
	});

	routes.get('/newsletters/by_subscribers_email', (request, response) => {
		mailsTo(account, response, account.find({ email: text(request, 'email') }));
	});
	routes.get('/newsletters/by_subscribers_external_id', (request, response) => {
		mailsTo(account, response, account.find({ externalId: text(request, 'external_id') }));
	});

	lists(routes, account);
	fieldsAndTags(routes, account);
	events(routes, account);
	return routes;
}

/** Any text that nobody guesses would do. */
export const trackingTokenOf = (subscriber: Subscriber) => `t${(subscriber.id * 7919).toString(36)}`;

/** What an entry holds is not documented. */
function mailsTo(account: MakeAccount, response: Response, subscriber: Subscriber | undefined): void {
	if (!subscriber) return refuse(response, 404, 'Subscriber not found');
	response.json(
		[...account.mails.values()]
			.filter((mail) => mail.subscriberId === subscriber.id)
			.map((mail) => ({
				id: mail.newsletterId,
				sending_id: mail.sendingId,
				subject: mail.subject,
				sent_at: new Date(mail.at).toISOString(),
				opens: mail.opens.length,
				clicks: mail.clicks.length,
			})),
	);
}

function listOnTheWire(account: MakeAccount, id: number): unknown {
	const list = account.lists.get(id);
	if (!list) return undefined;
	const members = account.inList(id);
	return {
		id,
		title: list.title,
		date_created: new Date(list.createdAt).toISOString(),
		date_updated: new Date(list.updatedAt).toISOString(),
		subscriber_emails: members.filter((one) => one.email && one.emailStatus === 'active').length,
		subscriber_sms: members.filter((one) => one.phone && one.phoneStatus === 'active').length,
	};
}

function lists(routes: Router, account: MakeAccount): void {
	const titled = z.object({ title: z.string().trim().min(1) });
	routes.get('/subscriberlists', (_request, response) => {
		response.json([...account.lists.keys()].map((id) => listOnTheWire(account, id)));
	});
	routes.post('/subscriberlists', (request, response) => {
		const body = titled.safeParse(request.body);
		if (!body.success) return refuse(response, 422, 'title is missing');
		response.json(listOnTheWire(account, account.addList(body.data.title).id));
	});
	routes.get('/subscriberlists/:id', (request, response) => {
		const list = listOnTheWire(account, Number(request.params.id));
		if (!list) return refuse(response, 404, 'Subscriber list not found');
		response.json(list);
	});
	const rename = (request: Request, response: Response) => {
		const list = account.lists.get(Number(request.params.id));
		const body = titled.safeParse(request.body);
		if (!list) return refuse(response, 404, 'Subscriber list not found');
		if (!body.success) return refuse(response, 422, 'title is missing');
		list.title = body.data.title;
		response.json(listOnTheWire(account, list.id));
	};
	// Make's own page says PATCH, the public client sends PUT.
	routes.patch('/subscriberlists/:id', rename);
	routes.put('/subscriberlists/:id', rename);
	routes.delete('/subscriberlists/:id', (request, response) => {
		const id = Number(request.params.id);
		if (!account.lists.has(id)) return refuse(response, 404, 'Subscriber list not found');
		account.removeList(id);
		response.json(success);
	});
}

function fieldsAndTags(routes: Router, account: MakeAccount): void {
	routes.get('/custom_fields', (_request, response) => void response.json(account.customFields));
	const fieldBody = z.object({
		label: z.string().trim().min(1),
		datatype: z.string().default('string'),
		choices: z.array(z.string()).default([]),
	});
	routes.post('/custom_fields', (request, response) => {
		const body = fieldBody.safeParse(request.body);
		if (!body.success) return refuse(response, 422, 'label is missing');
		const field = { ...body.data, id: account.newId(), value: `EXTRA${account.customFields.length + 1}` };
		account.customFields.push(field);
		response.json(field);
	});
	const fieldOf = (request: Request, response: Response) =>
		account.customFields.find((one) => one.id === Number(request.params.id)) ??
		void refuse(response, 404, 'Custom field not found');
	routes
		.route('/custom_fields/:id')
		.get((request, response) => {
			const field = fieldOf(request, response);
			if (field) response.json(field);
		})
		.put((request, response) => {
			const field = fieldOf(request, response);
			const body = fieldBody.safeParse(request.body);
			if (!field) return;
			if (!body.success) return refuse(response, 422, 'label is missing');
			response.json(Object.assign(field, body.data));
		})
		.delete((request, response) => {
			const field = fieldOf(request, response);
			if (!field) return;
			account.customFields = account.customFields.filter((one) => one !== field);
			response.json(success);
		});
	routes.get('/subscriber_tags', (_request, response) => void response.json(account.tags));
	routes.post('/subscriber_tags', (request, response) => {
		const body = z.object({ title: z.string().trim().min(1) }).safeParse(request.body);
		if (!body.success) return refuse(response, 422, 'title is missing');
		const { title } = body.data;
		let tag = account.tags.find((one) => one.title === title);
		if (!tag) account.tags.push((tag = { id: account.newId(), title }));
		response.json(tag);
	});
	const tagOf = (request: Request, response: Response) =>
		account.tags.find((one) => one.id === Number(request.params.id)) ??
		void refuse(response, 404, 'Tag not found');
	routes.get('/subscriber_tags/:id', (request, response) => {
		const tag = tagOf(request, response);
		if (tag) response.json(tag);
	});
	routes.put('/subscriber_tags/:id', (request, response) => {
		const tag = tagOf(request, response);
		const body = z.object({ title: z.string().trim().min(1) }).safeParse(request.body);
		if (!tag) return;
		if (!body.success) return refuse(response, 422, 'title is missing');
		for (const subscriber of account.subscribers.values())
			if (subscriber.tags.delete(tag.title)) subscriber.tags.add(body.data.title);
		tag.title = body.data.title;
		response.json(tag);
	});
	routes.delete('/subscriber_tags/:id', (request, response) => {
		const tag = account.tags.find((one) => one.id === Number(request.params.id));
		if (!tag) return refuse(response, 404, 'Tag not found');
		account.tags = account.tags.filter((one) => one !== tag);
		for (const subscriber of account.subscribers.values()) subscriber.tags.delete(tag.title);
		response.json(success);
	});
}

/**
 * What an event holds is not documented (only `from_date=2026-01-01` is), nor is paging: the fields below are our
 * assumption, and so is that everything comes at once unless `per_page` is given.
 */
function events(routes: Router, account: MakeAccount): void {
	for (const kind of eventKinds)
		routes.get(`/events/${kind}`, (request, response) => {
			const found = account.eventsSince(kind, text(request, 'from_date'), text(request, 'to_date'));
			if (!found) return refuse(response, 422, 'from_date is invalid');
			const page = Number(text(request, 'page') ?? 1);
			const size = Number(text(request, 'per_page') ?? Math.max(found.length, 1));
			if (!(page >= 1) || !(size >= 1)) return refuse(response, 422, 'page and per_page must be positive');
			response.json(
				found.slice((page - 1) * size, page * size).map((event) => ({
					id: event.id,
					event_type: eventTypes[kind],
					subscriber_id: event.subscriber.id,
					email: event.subscriber.email,
					phone: event.subscriber.phone,
					external_id: event.subscriber.externalId,
					newsletter_id: event.newsletterId,
					sending_id: event.sendingId,
					...(kind === 'clicks' ? { url: event.url } : {}),
					time: new Date(event.at).toISOString(),
				})),
			);
		});
}
