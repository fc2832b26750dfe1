/** The calling agency on the page: who is on the list, and what is said when their phone rings. */
import express, { type Response, Router } from 'express';
import { z } from 'zod/v4';
import type { Adversus } from './adversus';
import { type Agency, outcomes } from './agency';
import type { CallFiles } from './callFiles';
import type { Vicidial } from './vicidial';

const said = z.strictObject({
	outcome: z.enum(outcomes),
	amount: z.number().positive().max(1_000_000).optional(),
	frequency: z.string().max(40).optional(),
	paymentForm: z.string().max(40).optional(),
	reason: z.string().max(200).optional(),
	/** Sandbox time, epoch ms. */
	callBackAt: z.int().positive().optional(),
	newAddress: z.strictObject({ street: z.string(), postalCode: z.string(), city: z.string() }).optional(),
	note: z.string().max(1_000).optional(),
});

const url = z.url().nullable();
const settings = z.strictObject({
	dispoCallUrl: url.optional(),
	noAgentCallUrl: url.optional(),
	/** Adversus: in the place of a call to `/adversus/v1/webhooks`. */
	leadSaved: z
		.strictObject({ url: z.url(), template: z.record(z.string(), z.unknown()).nullish() })
		.nullable()
		.optional(),
});

export function agencyRoutes(
	agency: Agency,
	{ adversus, vicidial, files }: { adversus: Adversus; vicidial: Vicidial; files: CallFiles },
): Router {
	const routes = Router();
	const json = express.json();
	/** Those who wait first, by when they may be rung; then the latest. */
	routes.get('/leads', (request, response) => {
		const limit = Math.min(Number(request.query.limit ?? 200) || 200, 5_000);
		const all = agency.find(() => true);
		const waiting = all.filter(({ state }) => state === 'waiting');
		const others = all.filter(({ state }) => state !== 'waiting').sort((a, b) => b.changedAt - a.changedAt);
		response.json({
			total: all.length,
			waiting: waiting.length,
			leads: [...waiting.reverse(), ...others].slice(0, limit),
			lists: files.lists,
		});
	});
	routes.get('/leads/:id', (request, response) => {
		const lead = agency.leads.get(Number(request.params.id));
		if (lead) response.json(lead);
		else refuse(response, 404, 'No such lead');
	});
	/** `rung: false`: they may not be rung now; `why` and `from` say when. */
	routes.post('/leads/:id/ring', json, (request, response) => {
		const lead = agency.leads.get(Number(request.params.id));
		const read = said.safeParse(request.body);
		if (!lead || !read.success) return refuse(response, lead ? 400 : 404, 'No such lead, or no such outcome');
		response.json(agency.ring(lead, read.data));
	});
	const urls = () => ({ ...vicidial.urls, leadSaved: [...adversus.hooks.values()].at(-1) ?? null });
	routes.get('/dialer/urls', (_request, response) => void response.json(urls()));
	routes.post('/dialer/urls', json, (request, response) => {
		const read = settings.safeParse(request.body);
		if (!read.success) return refuse(response, 400, 'Give {dispoCallUrl, noAgentCallUrl, leadSaved}');
		const { leadSaved, ...given } = read.data;
		Object.assign(vicidial.urls, given);
		if (leadSaved !== undefined) adversus.hooks.clear();
		if (leadSaved) adversus.hook({ event: 'lead_saved', ...leadSaved });
		response.json(urls());
	});
	return routes;
}

function refuse(response: Response, status: number, message: string): void {
	response.status(status).json({ message });
}
